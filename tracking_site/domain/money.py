"""What holds for the money of a claim, from the days that the core tells; never how much."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from .claims import FINAL_STATES, STATES, Claim, ClaimState
from .processes import pays
from .working_days import ClockState, LegalClock, WorkingCalendar

BANK_WORKING_DAYS = 2
"""Working days in which a bank usually books money that was sent to it."""

_A_DAY = timedelta(days=1)
_COUNTING = (ClockState.RUNNING, ClockState.LAST_DAY, ClockState.OVERDUE)


class MoneyState(StrEnum):
    NONE = "none"
    SCHEDULED = "scheduled"
    HELD = "held"
    """It was planned, and the claim has stopped: the day may not hold."""

    PASSED = "passed"
    """The planned day is over, and nobody tells that money was sent."""

    SENT = "sent"
    RETURNED = "returned"
    UNTOLD = "untold"
    """The claim is completed and should have brought money; the core tells no day."""


@dataclass(frozen=True, slots=True)
class Money:
    """`day` is when it is planned, was sent or came back; None where the core does not say.

    By `check_on` banks usually have booked it; None where holidays are not known. `is_past_limit`
    where the plan lies after the last day that the law gives, `late_by` by how many working
    days, None where holidays are not settled.
    """

    state: MoneyState = MoneyState.NONE
    day: date | None = None
    check_on: date | None = None
    is_past_limit: bool = False
    late_by: int | None = None

    @classmethod
    def of(
        cls,
        claim: Claim,
        today: date,
        zone: ZoneInfo,
        is_stopped: bool,
        clock: LegalClock | None,
        calendar: WorkingCalendar,
    ) -> "Money":
        """Decide from the payment and the state of a claim."""
        payment = claim.payment
        planned = payment.scheduled_on if payment else None
        if payment and payment.returned_at:
            back_on = min(payment.returned_at.astimezone(zone).date(), today)
            is_planned_anew = (
                claim.state == ClaimState.IN_PROGRESS and payment.scheduled_on > back_on
            )
            if not is_planned_anew:
                return cls(MoneyState.RETURNED, back_on)
        elif claim.state == ClaimState.PAYMENT_RETURNED:
            return cls(MoneyState.RETURNED)
        elif payment and payment.sent_at:
            sent_on = payment.sent_at.astimezone(zone).date()
            if sent_on <= today + _A_DAY:
                return _sent(min(sent_on, today), calendar)
            planned = sent_on
        if claim.state == ClaimState.COMPLETED and pays(claim.service):
            return cls(MoneyState.UNTOLD)
        if planned is None or claim.state in FINAL_STATES or claim.state not in STATES:
            return cls()
        if is_stopped:
            return cls(MoneyState.HELD, planned)
        if planned < today:
            return cls(MoneyState.PASSED, planned)
        return _scheduled(planned, today, clock, calendar)


def _scheduled(
    planned: date, today: date, clock: LegalClock | None, calendar: WorkingCalendar
) -> Money:
    counts = clock is not None and clock.state in _COUNTING
    due = clock.due_on if clock and counts else None
    if clock is None or due is None or planned <= due:
        return Money(MoneyState.SCHEDULED, planned)
    is_settled = calendar.certain_until(due, planned) is None and clock.is_settled
    # Late days so far leave out those that waited; the coming ones all count.
    still = calendar.between(max(due, today), planned)
    late_by = clock.over_by + still if is_settled else None
    return Money(MoneyState.SCHEDULED, planned, is_past_limit=True, late_by=late_by)


def _sent(sent_on: date, calendar: WorkingCalendar) -> Money:
    check_on = calendar.add(sent_on, BANK_WORKING_DAYS)
    known = check_on if calendar.certain_until(sent_on, check_on) is None else None
    return Money(MoneyState.SENT, sent_on, check_on=known)
