"""The days of a claim that belong in a calendar, as values; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ..domain.claims import Claim, ClaimState, DocumentState
from ..domain.working_days import ClockState, LegalClock

_CALLED_OFF = frozenset({ClaimState.REJECTED, ClaimState.CANCELLED})
_COUNTING = frozenset({ClockState.RUNNING, ClockState.LAST_DAY, ClockState.OVERDUE})


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """`kind`: appointment, document, payment or promise; `code` says which of them.

    `starts` and `ends` are moments, or the same date for a whole day.
    """

    kind: str
    code: str
    starts: datetime | date
    ends: datetime | date
    is_called_off: bool = False


def days_of(claim: Claim, clock: LegalClock | None) -> Iterator[CalendarDay]:
    """Yield interview or visit, days for documents, of payment, and of the promise.

    The promise is the institution's own, or else the last day that the law gives while its
    clock runs.
    """
    is_off = claim.state in _CALLED_OFF
    if claim.appointment:
        it = claim.appointment
        yield CalendarDay("appointment", it.kind, it.starts_at, it.ends_at, is_off)
    for document in claim.documents:
        is_wanted = document.state in (DocumentState.MISSING, DocumentState.REJECTED)
        if document.due_on and is_wanted:
            yield _whole_day("document", document.type, document.due_on, is_off)
    if claim.payment:
        is_back = claim.state == ClaimState.PAYMENT_RETURNED
        yield _whole_day("payment", "scheduled", claim.payment.scheduled_on, is_off or is_back)
    if claim.due_on:
        yield _whole_day("promise", "promised", claim.due_on, is_off)
    elif clock and clock.due_on and clock.state in _COUNTING:
        yield _whole_day("promise", "legal", clock.due_on, is_off)


def _whole_day(kind: str, code: str, day: date, is_called_off: bool) -> CalendarDay:
    return CalendarDay(kind, code, day, day, is_called_off)
