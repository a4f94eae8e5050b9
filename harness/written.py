"""Tables in Markdown, and their place in a document between two marks."""

from collections.abc import Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"
PERFORMANCE = DOCS / "performance.md"
SECURITY = DOCS / "security.md"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *([str(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def marks(name: str) -> tuple[str, str]:
    return f"<!-- {name} -->", f"<!-- /{name} -->"


def write_between_marks(name: str, text: str, document: Path = PERFORMANCE) -> None:
    """Put a text between `<!-- name -->` and `<!-- /name -->`. Raises ValueError without them."""
    opening, closing = marks(name)
    before, found, rest = document.read_text(encoding="utf-8").partition(opening)
    _, closed, after = rest.partition(closing)
    if not found or not closed:
        raise ValueError(f"{document.name} has no marks named {name}")
    whole = f"{before}{opening}\n\n{text.strip()}\n\n{closing}{after}"
    document.write_text(whole, encoding="utf-8")


def rows_between_marks(name: str, document: Path = PERFORMANCE) -> list[list[str]]:
    """Return the rows of the table that stands between `<!-- name -->` and `<!-- /name -->`."""
    opening, closing = marks(name)
    inside = document.read_text(encoding="utf-8").partition(opening)[2].partition(closing)[0]
    lines = [line for line in inside.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
