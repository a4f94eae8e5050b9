"""What stands between these settings and a site that works; one line for each problem."""

from .app import create_app
from .settings import Settings, SettingsError


def problems_of(settings: Settings) -> list[str]:
    """Build the site and look at what it needs, for real: what `/-/readyz` tells, and as much."""
    try:
        site = create_app(settings)
    except SettingsError as error:
        return error.problems
    except FileNotFoundError as error:
        return [f"A file of the site is missing: {error.filename or error}."]
    found = site.extensions["readiness"].now()
    return [problem for problem in found.values() if problem]
