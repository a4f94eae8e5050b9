"""What people ask most, and from where each question is linked; read from questions.toml.

Codes are those of the catalogue's families `help_group`, `help_question`, `help_answer`,
`help_point` and `help_asked`; an anchor is a question's address on the help page and never
changes, for links to it stand elsewhere.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Annotated

import msgspec

from ..domain.claims import Claim, ClaimState, DocumentState

DateOfSource = Annotated[str, msgspec.Meta(pattern=r"^(\d{4}(-\d{2}){0,2}|undated)$")]
Anchor = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+(-[a-z]+)*$")]

MAX_LINKS = 2
"""Questions that a page links to: more would be a list to read."""

MONEY_IS_ASKED_FOR = timedelta(days=60)
"""How long after money was sent people ask where it is."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody else said: `as_of` is the date of the source, as exactly as it is known."""

    source: Annotated[str, msgspec.Meta(min_length=3)]
    as_of: DateOfSource


class Point(Fact, frozen=True, kw_only=True):
    """One line below a short answer; `see` leads on to another question."""

    code: str
    see: str | None = None
    is_message: bool = False


class Question(Fact, frozen=True, kw_only=True):
    """A question with its short answer; `says` is a sentence met elsewhere, word for word."""

    code: str
    anchor: Anchor
    says: str | None = None
    points: tuple[Point, ...]


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: str
    anchor: Anchor
    questions: tuple[Question, ...]


Links = Mapping[str, tuple[str, ...]]


class AskedAt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Codes of questions by what a page shows: a claim's codes, a situation, a page."""

    cause: Links
    document: Links
    state: Links
    situation: Links
    stage: Mapping[str, Links]
    page: Links

    def codes(self) -> Iterator[str]:
        """Yield every code of a question that something links to."""
        tables = (self.cause, self.document, self.state, self.situation, self.page)
        for table in (*tables, *self.stage.values()):
            for codes in table.values():
                yield from codes

    def of_claim(self, claim: Claim, now: datetime, *, is_late: bool) -> tuple[str, ...]:
        """Return the questions that arise at a claim, the nearest first; at most two."""
        return tuple(islice(dict.fromkeys(self._near(claim, now, is_late)), MAX_LINKS))

    def _near(self, claim: Claim, now: datetime, is_late: bool) -> Iterator[str]:
        if claim.outcome and claim.outcome.cause:
            yield from self.cause.get(claim.outcome.cause, ())
        wanted = [
            each.type
            for each in claim.documents
            if each.state in (DocumentState.MISSING, DocumentState.REJECTED)
        ]
        if wanted and not claim.is_final:
            for each in wanted:
                yield from self.document.get(each, ())
        yield from self.state.get(claim.state, ())
        if is_late:
            yield from self.situation["late"]
        if claim.state == ClaimState.COMPLETED and _is_asked_for(claim, now):
            yield from self.situation["paid"]
        if claim.state == ClaimState.IN_PROGRESS and claim.milestones:
            stages = self.stage.get(claim.service, {})
            yield from stages.get(claim.milestones[-1].stage, ())


def _is_asked_for(claim: Claim, now: datetime) -> bool:
    sent_at = claim.payment.arrived_at if claim.payment else None
    return sent_at is not None and now - sent_at < MONEY_IS_ASKED_FOR
