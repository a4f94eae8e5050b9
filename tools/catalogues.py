"""Keep the catalogues whole: `python -m tools.catalogues` after every change.

Takes the running text of the templates into the `messages` catalogues, keeps what is already
translated, drops what no template says any more, and compiles every `.po` to its `.mo`.
Needs Babel.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "tracking_site" / "locale"
TEMPLATES = ROOT / "templates"

_NO_DATE = datetime(2000, 1, 1, tzinfo=UTC)
_METHODS = [("**.html", "jinja2")]
# The same settings as the site's environment, or the strings would not be found again.
_OPTIONS = {"**.html": {"silent": "false", "trim_blocks": "true", "lstrip_blocks": "true"}}


def catalogues() -> list[Path]:
    return sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))


def read(path: Path) -> Catalog:
    """Read a `.po` file; raises PoFileError where it is malformed."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, abort_invalid=True)


def compiled(path: Path) -> bytes:
    """Return the `.mo` bytes that belong to a `.po` file; the same for the same text."""
    catalogue = read(path)
    catalogue.creation_date = catalogue.revision_date = _NO_DATE
    into = BytesIO()
    write_mo(into, catalogue)
    return into.getvalue()


def running_text(templates: Path = TEMPLATES) -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Yield the file and the text of everything that templates mark for translation."""
    found = extract_from_dir(templates, _METHODS, _OPTIONS)
    for name, _line, text, _comments, _context in found:
        yield name, text


def update(path: Path, templates: Path = TEMPLATES) -> None:
    """Write the templates' text into a `messages` catalogue; what is translated stays."""
    old = read(path)
    new = Catalog(locale=old.locale, fuzzy=False)
    for name, text in sorted(running_text(templates), key=lambda each: each[0]):
        known = old.get(text if isinstance(text, str) else text[0])
        new.add(text, known.string if known else None, locations=[(name, 0)])
    into = BytesIO()
    write_po(into, new, width=0, omit_header=True, include_lineno=False)
    # Its own comment and header entry, which hold no date to differ by.
    head, _, _ = path.read_bytes().partition(b"\n\n")
    path.write_bytes(head + b"\n\n" + into.getvalue().lstrip(b"\n"))


def main() -> None:
    for path in catalogues():
        if path.stem == "messages":
            update(path)
        path.with_suffix(".mo").write_bytes(compiled(path))


if __name__ == "__main__":
    main()
