"""The words that get a claim moving: said to who answers the phone, or sent to the employer."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from ..domain.claims import NextStep, OutcomeCause
from ..domain.standing import MoneyState, Standing
from .languages import SOURCE_LANGUAGE
from .story import Todo, knows_pauses
from .words import Words

_MESSAGES: Mapping[str, str] = {
    OutcomeCause.MEMBERSHIP_ACTIVE: "active",
    OutcomeCause.EMPLOYER_REPORT_MISSING: "report",
}
_LATE: Mapping[MoneyState, str] = {
    MoneyState.SCHEDULED: "late_scheduled",
    MoneyState.PASSED: "late_schedule_passed",
}


@dataclass(frozen=True, slots=True)
class Message:
    """Words to say or to send, always in Indonesian: whom they reach reads that."""

    heading: str
    text: str


def message_of(standing: Standing, todo: Todo, words: Words) -> Message | None:
    """Return the sentence that gets it moving: for the employer, or for who answers the phone."""
    claim, money = standing.claim, standing.money
    none = {"reference": "", "limit": "", "day": ""}
    if todo.is_late and standing.is_overdue and knows_pauses(standing) and standing.clock:
        key = _LATE.get(money.state, "late")
        limit = _source().working_days(standing.clock.legal_days)
        day = _source().day(money.day, standing.today) if money.day else ""
        text = words.code("message", key, reference=claim.reference, limit=limit, day=day)
        return Message(words.code("message", "say", **none), text)
    cause = claim.outcome.cause if claim.outcome else None
    if standing.step != NextStep.ASK_EMPLOYER or cause is None or cause not in _MESSAGES:
        return None
    text = words.code("message", _MESSAGES[cause], **none)
    return Message(words.code("message", "write", **none), text)


@cache
def _source() -> Words:
    """Return what writes the days of messages, which are in the source language on every page."""
    return Words.load(SOURCE_LANGUAGE)
