"""The days of a claim that belong in a calendar, as values; pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from .claims import WANTED, Claim, ClaimState
from .money import MoneyState
from .standing import PromiseState, Standing
from .working_days import ClockState

_COUNTING = frozenset({ClockState.RUNNING, ClockState.LAST_DAY, ClockState.OVERDUE})


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """`kind`: appointment, document, payment or promise; `code` says which of them.

    `starts` and `ends` are moments, or the same date for a whole day. `may_change` where the day
    may not hold: the claim has stopped, or a holiday may still move.
    """

    kind: str
    code: str
    starts: datetime | date
    ends: datetime | date
    is_called_off: bool = False
    may_change: bool = field(default=False, repr=False)


def days_of(standing: Standing) -> Iterator[CalendarDay]:
    """Yield interview or visit, days for documents, of payment, and of the promise.

    The promise is the institution's own, or else the last day that the law gives while its
    clock runs. What a claim that has ended had before it is called off.
    """
    claim, clock = standing.claim, standing.clock
    if claim.appointment:
        it = claim.appointment
        is_off = claim.is_final and (it.ends_at > standing.now or _is_refused(claim))
        yield CalendarDay("appointment", it.kind, it.starts_at, it.ends_at, is_off)
    for document in claim.documents:
        if document.due_on and document.state in WANTED:
            yield _whole_day("document", document.type, document.due_on, claim.is_final)
    yield from _payment(standing)
    if claim.due_on:
        ahead = claim.due_on >= standing.today
        is_over = standing.promise is PromiseState.NONE and ahead
        yield _whole_day(
            "promise",
            "promised",
            claim.due_on,
            is_over or _is_refused(claim),
            may_change=standing.promise is PromiseState.HELD,
        )
    elif clock and clock.due_on and clock.state in _COUNTING:
        yield _whole_day("promise", "legal", clock.due_on, may_change=not clock.is_settled)


def _payment(standing: Standing) -> Iterator[CalendarDay]:
    claim, money = standing.claim, standing.money
    if money.state is MoneyState.SENT and money.day:
        yield _whole_day("payment", "sent", money.day)
    elif claim.payment:
        is_back = money.state is MoneyState.RETURNED
        is_off = is_back or claim.is_final or not standing.knows_state
        yield _whole_day(
            "payment",
            "scheduled",
            claim.payment.scheduled_on,
            is_off,
            may_change=money.state is MoneyState.HELD,
        )


def _is_refused(claim: Claim) -> bool:
    return claim.is_final and claim.state != ClaimState.COMPLETED


def _whole_day(
    kind: str, code: str, day: date, is_called_off: bool = False, *, may_change: bool = False
) -> CalendarDay:
    return CalendarDay(kind, code, day, day, is_called_off, may_change)
