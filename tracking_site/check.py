"""What stands between these settings and a site that works; one line for each problem."""

from collections.abc import Callable, Iterator

from .app import create_app
from .parts import (
    carriers_of,
    core_of,
    guard_redis_of,
    identity_of,
    kept_of,
    partners_of,
    redis_of,
)
from .settings import Settings, SettingsError


def problems_of(settings: Settings) -> list[str]:
    """Build the site and look at what it needs, for real: what `/-/readyz` tells, and as much."""
    wrong_files = list(_problems_of_files(settings))
    if wrong_files:
        return wrong_files
    try:
        site = create_app(settings)
    except FileNotFoundError as error:
        return [f"A file of the site is missing: {error.filename or error}."]
    found = site.extensions["readiness"].now()
    return [problem for problem in found.values() if problem]


def warnings_of(settings: Settings) -> list[str]:
    """Return what works and should still not stay so; nothing where a banner says it is a demo.

    Raises SettingsError when a file is wrong.
    """
    if settings.site_notice is None and identity_of(settings).operator is None:
        return [
            "SITE_FILE names no operator: people must know to whom they give a number "
            "(deploy/site.example.toml)."
        ]
    return []


def _problems_of_files(settings: Settings) -> Iterator[str]:
    readers: tuple[Callable[[Settings], object], ...] = (
        identity_of,
        partners_of,
        carriers_of,
        redis_of,
        guard_redis_of,
        kept_of,
        core_of,
    )
    for read in readers:
        try:
            read(settings)
        except SettingsError as error:
            yield from error.problems
