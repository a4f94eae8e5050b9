"""What is new in claims since a version that a page showed of them (outcomes.py)."""

from collections.abc import Sequence
from dataclasses import dataclass

from .claims import Claim
from .outcomes import Mark, Version, mark_of, name_of, parts_of

_COMPARED = ("standing", "particulars", "documents", "appointment", "promise", "payment")


@dataclass(frozen=True, slots=True)
class News:
    """What is new in a claim: the places of its new milestones, and the parts that differ."""

    is_new_claim: bool = False
    milestones: frozenset[int] = frozenset()
    parts: frozenset[str] = frozenset()


NO_NEWS = News()


def news_since(text: str, claims: Sequence[Claim]) -> tuple[News, ...]:
    """Return what is new in each claim since a version; nothing where that cannot be read."""
    before = Version.parse(text)
    if before is None:
        return (NO_NEWS,) * len(claims)
    known = {mark.reference: mark for mark in before.marks}
    marks = [mark_of(claim, parts_of(claim)) for claim in claims]
    return tuple(
        _news(known.get(mark.reference), mark, claim)
        for mark, claim in zip(marks, claims, strict=True)
    )


def gone_since(text: str, claims: Sequence[Claim]) -> int:
    """Return how many claims of a version are there no more; none where it cannot be read."""
    before = Version.parse(text)
    known = {mark.reference for mark in before.marks} if before else set()
    return len(known - {name_of(claim) for claim in claims})


def _news(before: Mark | None, now: Mark, claim: Claim) -> News:
    if before is None:
        return News(is_new_claim=True)
    new = frozenset(range(before.milestones, now.milestones))
    parts = {name for name in _COMPARED if getattr(before, name) != getattr(now, name)}
    if now.notices > before.notices:
        parts.add("notices")
    if before.journey != now.journey and not new:
        parts.add("journey")
    if claim.is_final:
        # What was to come of a claim is told of it no more.
        parts.discard("promise")
    return News(milestones=new, parts=frozenset(parts))
