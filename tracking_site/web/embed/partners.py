"""The sites that may embed, as data: one TOML file, read again when it changes.

From this list come `frame-ancestors`, the sizing meta, the look of the frame and the guard's
budget (deploy/partners.example.toml shows every entry).
"""

import re
import threading
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

import structlog

from ...settings import Settings, refusing_as
from ...telling.languages import LANGUAGES
from .theme import parse_colour

LOOK_AGAIN_SECONDS = 1.0
"""How often the file is looked at; a partner that is switched off is off that much later."""

KINDS = ("kpj", "nik")

NOBODY = "none"
"""How frames of nobody on the list are counted; no slug of a partner."""

_ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?(?::\d{1,5})?")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_NAME = re.compile(r"[^\x00-\x1f]{1,60}")
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Partner:
    """A site that embeds. `daily_lookups` 0 means no quota; `radius` is in pixels."""

    slug: str
    name: str
    origins: tuple[str, ...]
    accent: str | None = None
    radius: int | None = None
    appearance: str = "auto"
    compact: bool = False
    language: str | None = None
    accepts: tuple[str, ...] = KINDS
    daily_lookups: int = 0
    disabled: bool = False


class Partners:
    """The partners of now. `look_up` is called for every frame, so it costs a dict and a clock.

    A file that became wrong keeps the last good list and is logged; a file that is wrong at the
    start raises ValueError that names the entry.
    """

    def __init__(self, path: Path | None, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._look_again_at = clock() + LOOK_AGAIN_SECONDS
        self._stamp = _stamp(path)
        self._by_slug = {} if path is None else _read(path)

    def look_up(self, slug: str) -> Partner | None:
        """Return the partner of this slug; None when there is none or it is switched off."""
        if self._path is not None and self._clock() >= self._look_again_at:
            self._look_again(self._path)
        partner = self._by_slug.get(slug)
        return None if partner is None or partner.disabled else partner

    def label_of(self, slug: str) -> str:
        """Return the slug by which a partner is counted, switched off or not; "none" for others."""
        return slug if slug in self._by_slug else NOBODY

    def _look_again(self, path: Path) -> None:
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._look_again_at = self._clock() + LOOK_AGAIN_SECONDS
            stamp = _stamp(path)
            if stamp != self._stamp:
                self._stamp = stamp
                self._by_slug = _read(path)
        except (ValueError, OSError) as error:
            _log.error("the partners file is wrong; the last good list stays", error=str(error))
        finally:
            self._lock.release()


def read_option(name: str, value: Any) -> Any:
    """Return a value as the file's entry of this name would be read; None when it is wrong."""
    try:
        return _RULES[name].read(value)
    except (ValueError, TypeError):
        return None


def _stamp(path: Path | None) -> tuple[int, int, int] | None:
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _read(path: Path) -> Mapping[str, Partner]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"it is not TOML: {error}") from None
    unknown = set(document) - {"partner"}
    if unknown:
        raise ValueError(f"only [[partner]] entries are known, not {sorted(unknown)}")
    by_slug: dict[str, Partner] = {}
    for place, entry in enumerate(document.get("partner", ()), start=1):
        partner = _partner(entry, f"partner {place}")
        if partner.slug == NOBODY:
            raise ValueError(
                f"partner {place}: the slug {NOBODY} stands for those who are not listed"
            )
        if partner.slug in by_slug:
            raise ValueError(f"partner {place}: the slug {partner.slug} stands twice")
        by_slug[partner.slug] = partner
    return by_slug


def _partner(entry: object, place: str) -> Partner:
    if not isinstance(entry, dict):
        raise ValueError(f"{place}: write it as [[partner]]")
    known = {each.name: each for each in fields(Partner)}
    unknown = set(entry) - set(known)
    if unknown:
        raise ValueError(f"{place}: {sorted(unknown)} is not known; known are {sorted(known)}")
    missing = [
        name for name, each in known.items() if each.default is MISSING and name not in entry
    ]
    if missing:
        raise ValueError(f"{place}: {missing} is missing")
    values: dict[str, Any] = {}
    for name, value in entry.items():
        try:
            values[name] = _RULES[name].read(value)
        except (ValueError, TypeError):
            raise ValueError(f"{place}: {name} must be {_RULES[name].form}") from None
    return Partner(**values)


@dataclass(frozen=True, slots=True)
class _Rule:
    form: str
    read: Callable[[Any], Any] = field(repr=False)


def _text(form: re.Pattern[str]) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str) or not form.fullmatch(value):
            raise ValueError
        return value

    return read


def _one_of(*choices: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in choices:
            raise ValueError
        return str(value)

    return read


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise ValueError
        return value

    return read


def _yes_or_no(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def _some_of(read_one: Callable[[Any], str]) -> Callable[[Any], tuple[str, ...]]:
    def read(value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not value:
            raise ValueError
        return tuple(read_one(each) for each in value)

    return read


def _accent(value: Any) -> str:
    parse_colour(value)
    return str(value)


_RULES: Mapping[str, _Rule] = {
    "slug": _Rule("lower-case letters, digits and dashes", _text(_SLUG)),
    "name": _Rule("a text of at most 60 characters", _text(_NAME)),
    "origins": _Rule('a list such as ["https://news.example"]', _some_of(_text(_ORIGIN))),
    "accent": _Rule("a colour such as #0a5c66", _accent),
    "radius": _Rule("a whole number from 0 to 24", _whole(0, 24)),
    "appearance": _Rule("light, dark or auto", _one_of("light", "dark", "auto")),
    "compact": _Rule("true or false", _yes_or_no),
    "language": _Rule("one of: " + ", ".join(LANGUAGES), _one_of(*LANGUAGES)),
    "accepts": _Rule('a list of "kpj" and "nik"', _some_of(_one_of(*KINDS))),
    "daily_lookups": _Rule("a whole number, 0 for no quota", _whole(0, 100_000_000)),
    "disabled": _Rule("true or false", _yes_or_no),
}


OPTIONS = ("mitra", "pratinjau", "aksen", "sudut", "tampilan", "ringkas", "amp")
"""Query parameters that the addresses of a frame carry on."""


def previewed(asked: Mapping[str, str]) -> Partner | None:
    """Return a partner of these looks that nobody but this site may frame; None without one.

    What cannot be read is left at its default, so that a half-typed colour breaks nothing.
    """
    if asked.get("pratinjau") != "1":
        return None
    options = {
        "accent": read_option("accent", asked.get("aksen")),
        "radius": read_option("radius", _number_in(asked.get("sudut", ""))),
        "appearance": read_option("appearance", asked.get("tampilan")) or "auto",
        "compact": asked.get("ringkas") == "1",
    }
    return Partner("", "", (), **options)


def _number_in(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None


def partners_of(settings: Settings, clock: Callable[[], float] = time.monotonic) -> Partners:
    """Read the sites that may embed. Raises SettingsError."""
    with refusing_as("PARTNERS_FILE: "):
        return Partners(settings.partners_file, clock)
