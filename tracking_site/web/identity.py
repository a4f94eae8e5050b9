"""Who runs the site: name, contacts, logo and colours, read from one file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..settings import Settings, content_of, refusing_as, toml_in
from .embed.theme import COLOUR

_PICTURES = (".svg", ".png", ".webp")
_MAX_LOGO = 20_000
"""Bytes; the whole first view has to stay within as much."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What an operator may set in SITE_FILE; the defaults claim to be nobody.

    `logo` names a picture beside the file; `files` then holds it under that name.
    """

    name: str = "Lacak Klaim"
    operator: str | None = None
    address: str | None = None
    phone: str = "175"
    email: str | None = None
    security_contact: str = "https://example.invalid/security"
    logo: str | None = None
    accent: str | None = None
    accent_dark: str | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, path: Path | None) -> "Identity":
        """Read the file; without one, the defaults.

        Raises ValueError naming the entry that is wrong.
        """
        if path is None:
            return cls()
        entries = toml_in(path, "SITE_FILE")
        known = {each.name for each in fields(cls)} - {"files"}
        for name, value in entries.items():
            if name not in known:
                raise ValueError(f"SITE_FILE: {name} is not known; known are {sorted(known)}")
            if not isinstance(value, str) or not value.strip():
                raise ValueError(f"SITE_FILE: {name} must be a text that is not empty")
            if name.startswith("accent") and not re.search(COLOUR, value):
                raise ValueError(f"SITE_FILE: {name} must be a colour such as #0a5c66")
        return cls(**_with_logo(entries, path.parent))


def _with_logo(entries: dict[str, Any], folder: Path) -> dict[str, Any]:
    if "logo" not in entries:
        return entries
    path = folder / entries["logo"]
    try:
        picture = content_of(path) if path.suffix in _PICTURES else None
    except (OSError, ValueError):
        picture = None
    if picture is None:
        raise ValueError(f"SITE_FILE: logo must be a file that exists, one of {_PICTURES}")
    if len(picture) > _MAX_LOGO:
        raise ValueError(f"SITE_FILE: logo must be at most {_MAX_LOGO} bytes")
    name = f"img/operator{path.suffix}"
    return entries | {"logo": name, "files": {name: picture}}


def identity_of(settings: Settings) -> Identity:
    """Read whose site this is. Raises SettingsError."""
    with refusing_as(""):
        return Identity.read(settings.site_file)
