"""Who runs the site: name, contacts, logo and colours, read from one file."""

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """What an operator may set in SITE_FILE; the defaults claim to be nobody."""

    name: str = "Lacak Klaim"
    operator: str | None = None
    address: str | None = None
    phone: str = "175"
    email: str | None = None
    security_contact: str = "https://example.invalid/security"
    logo: str | None = None
    accent: str | None = None
    accent_dark: str | None = None

    @classmethod
    def read(cls, path: Path | None) -> "Identity":
        """Read the file; without one, the defaults.

        Raises ValueError naming the entry that is wrong.
        """
        if path is None:
            return cls()
        try:
            entries = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"SITE_FILE is not TOML: {error}") from None
        known = {each.name for each in fields(cls)}
        for name, value in entries.items():
            if name not in known:
                raise ValueError(f"SITE_FILE: {name} is not known; known are {sorted(known)}")
            if not isinstance(value, str) or not value.strip():
                raise ValueError(f"SITE_FILE: {name} must be a text that is not empty")
            if name.startswith("accent") and not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
                raise ValueError(f"SITE_FILE: {name} must be a colour such as #0a5c66")
        return cls(**entries)
