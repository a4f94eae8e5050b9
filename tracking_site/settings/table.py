"""The table of settings that the README prints."""

from dataclasses import fields
from typing import Any

from .declaring import REQUIRED
from .settings import Settings


def readme_table() -> str:
    """Return the settings as the Markdown table that the README prints."""
    rows = [
        f"| `{each.name.upper()}` | {_in_words(each.metadata['default'])} "
        f"| {each.metadata['sentence']} |"
        for each in fields(Settings)
    ]
    return "\n".join(["| Name | Default | |", "|---|---|---|", *rows])


def _in_words(default: Any) -> str:
    if default is REQUIRED:
        return "none, required"
    if default in (None, "", (), frozenset()):
        return "none"
    return str(int(default)) if isinstance(default, bool) else f"{default}"
