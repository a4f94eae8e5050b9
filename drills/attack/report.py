"""The table of what attackers learned, in Markdown."""

from collections.abc import Sequence
from pathlib import Path

from drills.attack.battle import Fought
from harness.written import write_between_marks

HEAD = ("Attack", "Copy", "Learned", "Bound", "Verdict", "What the site asked")
MARK = "attack"


def line(fought: Fought) -> str:
    """One attack on one copy, as a row of the table."""
    measures = fought.finding.measures
    told = "; ".join(str(measure) for measure in measures)
    bound = "; ".join(measure.bound for measure in measures if measure.bound) or "none"
    if fought.hole is None:
        verdict = "holds" if fought.finding.holds else "**BROKEN**"
        copy, attack = str(fought.build), fought.row.words
        if bound == "none":
            verdict = "told only"
    else:
        verdict = "hole not found" if fought.finding.holds else "hole found"
        verdict = f"**{verdict}**" if fought.finding.holds else verdict
        copy, attack, bound = f"{fought.build}, {fought.hole.words}", "– with a hole", "the same"
    return _row(attack, copy, told, bound, verdict, fought.finding.asked)


def table(all_fought: Sequence[Fought]) -> str:
    """All of it."""
    return "\n".join([_row(*HEAD), "|" + "---|" * len(HEAD), *map(line, all_fought)])


def write_into(path: Path, all_fought: Sequence[Fought]) -> None:
    """Put the table between its two marks in a document. Raises ValueError where they are not."""
    write_between_marks(MARK, table(all_fought), path)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"
