"""The languages of the site. One more is its catalogues and an entry here."""

from collections.abc import Mapping
from types import MappingProxyType

LANGUAGES: Mapping[str, str] = MappingProxyType({"id": "Indonesia", "en": "English"})
"""What each calls itself, by its code. The first is the source of all running text."""

SOURCE_LANGUAGE = next(iter(LANGUAGES))


def prefix_of(language: str) -> str:
    """Return what addresses in a language begin with: `/en`, and nothing for the source."""
    return "" if language == SOURCE_LANGUAGE else f"/{language}"


def language_of_path(path: str) -> str:
    """Return the language in which an address is served."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in LANGUAGES and first != SOURCE_LANGUAGE else SOURCE_LANGUAGE


def in_all(*paths: str) -> tuple[str, ...]:
    """Return the addresses in every language, in the order given."""
    return tuple(prefix_of(language) + path for path in paths for language in LANGUAGES)
