"""The sites that may embed, as data: one TOML file, read again when it changes.

From this list come `frame-ancestors`, the sizing meta, the look of the frame and the guard's
budget (deploy/partners.example.toml shows every entry).
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta

from ...settings import Rotating, Settings, as_browsers_say, refusing_as, toml_in
from ...telling.languages import LANGUAGES
from .theme import COLOUR

KINDS: tuple[Literal["kpj", "nik"], ...] = ("kpj", "nik")

NOBODY = "none"
"""How frames of nobody on the list are counted; no slug of a partner."""

_Origin = Annotated[
    str, Meta(pattern=r"^https?://[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?(?::\d{1,5})?\Z")
]


@dataclass(frozen=True, slots=True)
class Partner:
    """A site that embeds. `daily_lookups` 0 means no quota; `radius` is in pixels."""

    slug: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,39}\Z")]
    name: Annotated[str, Meta(pattern=r"^[^\x00-\x1f]{1,60}\Z")]
    origins: Annotated[tuple[_Origin, ...], Meta(min_length=1)]
    accent: Annotated[str, Meta(pattern=COLOUR)] | None = None
    radius: Annotated[int, Meta(ge=0, le=24)] | None = None
    appearance: Literal["light", "dark", "auto"] = "auto"
    compact: bool = False
    language: Annotated[str, Meta(pattern=rf"^(?:{'|'.join(LANGUAGES)})\Z")] | None = None
    accepts: Annotated[tuple[Literal["kpj", "nik"], ...], Meta(min_length=1)] = KINDS
    daily_lookups: Annotated[int, Meta(ge=0, le=100_000_000)] = 0
    disabled: bool = False


class Partners:
    """The partners of now; at the start a wrong file raises ValueError that names the entry."""

    def __init__(self, path: Path | None) -> None:
        self._listed: Callable[[], Mapping[str, Partner]] = dict
        if path is not None:
            self._listed = Rotating("the partners file", (path,), partial(_read, path)).now

    def look_up(self, slug: str) -> Partner | None:
        """Return the partner of this slug; None when there is none or it is switched off."""
        partner = self._listed().get(slug)
        return None if partner is None or partner.disabled else partner

    def label_of(self, slug: str) -> str:
        """Return the slug by which a partner is counted, switched off or not; "none" for others."""
        return slug if slug in self._listed() else NOBODY


def read_option(name: str, value: Any) -> Any:
    """Return a value as the file's entry of this name would be read; None when it is wrong."""
    try:
        return msgspec.convert(value, _TYPES[name])
    except msgspec.ValidationError:
        return None


def _read(path: Path) -> Mapping[str, Partner]:
    document = toml_in(path, "it")
    unknown = set(document) - {"partner"}
    if unknown:
        raise ValueError(f"only [[partner]] entries are known, not {sorted(unknown)}")
    if not isinstance(document.get("partner", []), list):
        raise ValueError("write each partner as [[partner]]")
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
            values[name] = msgspec.convert(value, _TYPES[name])
        except msgspec.ValidationError:
            raise ValueError(f"{place}: {name} must be {_FORMS[name]}") from None
    return Partner(**values | {"origins": tuple(map(as_browsers_say, values["origins"]))})


_TYPES = get_type_hints(Partner, include_extras=True)
_FORMS: Mapping[str, str] = {
    "slug": "lower-case letters, digits and dashes",
    "name": "a text of at most 60 characters",
    "origins": 'a list such as ["https://news.example"]',
    "accent": "a colour such as #0a5c66",
    "radius": "a whole number from 0 to 24",
    "appearance": "light, dark or auto",
    "compact": "true or false",
    "language": "one of: " + ", ".join(LANGUAGES),
    "accepts": 'a list of "kpj" and "nik"',
    "daily_lookups": "a whole number, 0 for no quota",
    "disabled": "true or false",
}


OPTIONS = ("mitra", "pratinjau", "aksen", "sudut", "tampilan", "ringkas", "amp")
"""Query parameters that the addresses of a frame carry on."""


def previewed(asked: Mapping[str, str]) -> Partner | None:
    """Return whom a preview is framed by; None where none is asked for."""
    return looks_in(asked) if asked.get("pratinjau") == "1" else None


def looks_in(asked: Mapping[str, str]) -> Partner:
    """Return a partner of these looks that nobody but this site may frame.

    What cannot be read is left at its default, so that a half-typed colour breaks nothing.
    """
    options = {
        "accent": read_option("accent", asked.get("aksen")),
        "radius": read_option("radius", _number_in(asked.get("sudut", ""))),
        "appearance": read_option("appearance", asked.get("tampilan")) or "auto",
        "compact": asked.get("ringkas") == "1",
    }
    return Partner("", "", (), **options)


def _number_in(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None


def partners_of(settings: Settings) -> Partners:
    """Read the sites that may embed. Raises SettingsError."""
    with refusing_as("PARTNERS_FILE: "):
        return Partners(settings.partners_file)
