"""Claims for tests of the domain, each made from what the test is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tracking_site.domain.claims import Branch, Claim, Milestone

MONDAY = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)
BRANCH = Branch("Contoh", "Kota Contoh", timezone="Asia/Jakarta")


def at(day: int, hour: int = 2) -> datetime:
    """Return a moment `day` days after the Monday on which test claims begin."""
    return MONDAY + timedelta(days=day, hours=hour - 2)


def claim(*stages: str | tuple[str, str], **changes: Any) -> Claim:
    """Make a claim that entered a stage a day; a pair is a stage and its note."""
    pairs = [stage if isinstance(stage, tuple) else (stage, None) for stage in stages]
    milestones = tuple(Milestone(stage, at(n), note) for n, (stage, note) in enumerate(pairs))
    values: dict[str, Any] = {
        "reference": "JHT-0000-000000",
        "service": "jht",
        "channel": "collective",
        "branch": BRANCH,
        "state": "in_progress",
        "submitted_at": MONDAY,
        "milestones": milestones,
    }
    return Claim(**(values | changes))
