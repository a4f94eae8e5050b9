"""What holds for a claim and its money now; every sentence about it follows from this one value.

It knows no words. What the core does not tell is None here, and codes that we do not know are
named in `unknown`: nothing falls through to "there is nothing to do" (situation.py). How much
money it is, it never knows.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from .claims import (
    FINAL_STATES,
    STATES,
    STOPPED_STATES,
    WANTED,
    Appointment,
    Claim,
    ClaimState,
    Document,
    DocumentState,
    NextStep,
    OutcomeCause,
    Service,
    Stage,
    zone_of,
)
from .timeline import Timeline, process_of
from .working_days import ClockState, LegalClock, WorkingCalendar

A_MONTH = 31
"""Days, of the longest: after so many the month that leaving work asks for is over."""

BANK_WORKING_DAYS = 2
"""Working days in which a bank usually books money that was sent to it."""


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
    days, None where holidays are not settled or the core does not tell every wait.
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
        is_back = claim.state == ClaimState.PAYMENT_RETURNED
        if payment and not is_back and (sent_on := payment.sent_on(zone, today)):
            return _sent(sent_on, calendar)
        if payment and payment.returned_at:
            back_on = min(payment.returned_at.astimezone(zone).date(), today)
            is_planned_anew = (
                claim.state == ClaimState.IN_PROGRESS and payment.scheduled_on > back_on
            )
            if not is_planned_anew:
                return cls(MoneyState.RETURNED, back_on)
        elif is_back:
            return cls(MoneyState.RETURNED)
        elif payment and payment.sent_at:
            planned = payment.sent_at.astimezone(zone).date()
        if claim.state == ClaimState.COMPLETED and process_of(claim.service).pays:
            return cls(MoneyState.UNTOLD)
        if planned is None or claim.state in FINAL_STATES or claim.state not in STATES:
            return cls()
        if planned < today:
            return cls(MoneyState.PASSED, planned)
        if is_stopped:
            return cls(MoneyState.HELD, planned)
        return _scheduled(planned, today, clock, calendar)


def _scheduled(
    planned: date, today: date, clock: LegalClock | None, calendar: WorkingCalendar
) -> Money:
    due = clock.due_on if clock else None
    if clock is None or due is None or planned <= due:
        return Money(MoneyState.SCHEDULED, planned)
    is_told = clock.knows_pauses and not clock.unsure
    may_move = clock.uncertain_after or calendar.certain_until(due, planned)
    # Late days so far leave out those that waited; the coming ones all count.
    still = calendar.between(max(due, today), planned)
    late_by = clock.over_by + still if is_told and not may_move else None
    return Money(MoneyState.SCHEDULED, planned, is_past_limit=True, late_by=late_by)


def _sent(sent_on: date, calendar: WorkingCalendar) -> Money:
    check_on = calendar.add(sent_on, BANK_WORKING_DAYS)
    known = check_on if calendar.certain_until(sent_on, check_on) is None else None
    return Money(MoneyState.SENT, sent_on, check_on=known)


NOT_THE_PERSONS_TURN = frozenset({NextStep.NONE, NextStep.WAIT, NextStep.WAIT_UNTIL_PERIOD_ENDS})
_MEETING = frozenset({Stage.INTERVIEW, Stage.SCHEDULED})
_SERVICES, _STAGES = frozenset(Service), frozenset(Stage)
_CAUSES, _STEPS = frozenset(OutcomeCause), frozenset(NextStep)
_DOCUMENT_STATES = frozenset(DocumentState)


class PromiseState(StrEnum):
    """The day that the institution itself named."""

    NONE = ""
    """It named none, or money was sent, or the claim has ended."""

    AHEAD = "ahead"
    PASSED = "passed"
    HELD = "held"
    """The claim has stopped since, so that the day may not hold."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A claim at a moment, by the clock of its branch.

    `today` is the one today of the claim. `is_stopped` while it waits for the participant or is
    held. `unknown` is the family and the code of the core that we do not know and on which the
    answer to "must I do anything?" hangs. `step` is the institution's next step, empty where
    nothing can follow. `wanted` are documents that the participant has to send, `action_due` the
    first day by which, of those to come if there is one, and `is_due_on_day_off` where that is one
    for certain; `asked` those of them that wait for that day, all where none has a day. `since` is
    the day on which the claim entered the stage where it stands, `ended_on` when it ended and
    `held_since` when it stopped, None where the core does not say. `days_here` counts working days
    in the stage, None where holidays are not known; `is_working_day` whether today is one, the last
    of them, and `is_day_off` whether it is none for certain.
    `is_moving` while the institution works on it, as far as we understand what it says;
    `is_overdue` once the days that the law gives are over.
    """

    claim: Claim
    clock: LegalClock | None
    now: datetime
    zone: ZoneInfo
    today: date
    stage: str
    is_stopped: bool
    unknown: tuple[str, str] | None
    step: str
    wanted: tuple[Document, ...]
    asked: tuple[Document, ...]
    appointment: Appointment | None
    past_appointment: Appointment | None
    money: Money
    promise: PromiseState
    is_check_past: bool
    since: date
    ended_on: date | None
    held_since: date | None
    days_here: int | None
    is_working_day: bool
    is_day_off: bool
    knows_state: bool
    knows_step: bool
    is_final: bool
    is_moving: bool
    is_overdue: bool
    action_due: date | None
    is_due_on_day_off: bool

    @property
    def awaits_nothing(self) -> bool:
        """Whether the claim moves, and nothing that the person was to do is still to come."""
        is_moving = self.claim.state == ClaimState.IN_PROGRESS and self.is_moving
        return is_moving and not self.wanted and self.appointment is None

    @property
    def is_month_over(self) -> bool:
        """Whether it waits for the month after leaving work, longer than since it was submitted."""
        outcome, submitted_at = self.claim.outcome, self.claim.submitted_at
        waits = outcome is not None and outcome.cause == OutcomeCause.WAITING_PERIOD
        return waits and (self.today - submitted_at.astimezone(self.zone).date()).days > A_MONTH

    @classmethod
    def of(
        cls,
        claim: Claim,
        timeline: Timeline,
        clock: LegalClock | None,
        calendar: WorkingCalendar,
        now: datetime,
    ) -> "Standing":
        zone = zone_of(claim.branch.timezone)
        today = now.astimezone(zone).date()
        stage = timeline.current.stage if timeline.current else ""
        is_stopped = _is_stopped(claim, now)
        money = Money.of(claim, today, zone, is_stopped, clock, calendar)
        since = _day(now - timeline.waiting_for, zone, today)
        process = process_of(claim.service)
        unknown, wanted, is_final = _unknown(claim, stage), _wanted(claim), claim.is_final
        due = _first_due(wanted, today)
        asked = tuple(each for each in wanted if each.due_on == due) if due else wanted
        return cls(
            claim=claim,
            clock=clock,
            now=now,
            zone=zone,
            today=today,
            stage=stage,
            is_stopped=is_stopped,
            unknown=unknown,
            step=_step(claim),
            wanted=wanted,
            asked=asked,
            appointment=_appointment(claim, now),
            past_appointment=_past_appointment(claim, stage, now),
            money=money,
            promise=_promise(claim, money, is_stopped, today),
            is_check_past=is_final or process.is_past(stage, process.checking),
            since=since,
            ended_on=_ended_on(claim, zone, today),
            held_since=_held_since(claim, clock, zone, now) if is_stopped else None,
            days_here=calendar.between(since, today) if calendar.knows(today) else None,
            is_working_day=calendar.is_working_day(today),
            is_day_off=calendar.is_day_off(today),
            knows_state=claim.state in STATES,
            knows_step=claim.outcome is None or claim.outcome.next_step in _STEPS,
            is_final=is_final,
            is_moving=not (is_final or is_stopped or unknown),
            is_overdue=clock is not None and clock.state is ClockState.OVERDUE,
            action_due=due,
            is_due_on_day_off=due is not None and calendar.is_day_off(due),
        )


def _day(moment: datetime, zone: ZoneInfo, today: date) -> date:
    """Return the branch's date of what has happened, at most today: a clock may run ahead."""
    return min(moment.astimezone(zone).date(), today)


def _is_stopped(claim: Claim, now: datetime) -> bool:
    return not claim.is_final and (bool(claim.waits_since(now)) or claim.state in STOPPED_STATES)


def _unknown(claim: Claim, stage: str) -> tuple[str, str] | None:
    outcome = claim.outcome
    if claim.state not in STATES:
        return "state", claim.state
    if outcome and outcome.next_step not in _STEPS:
        return "step", outcome.next_step
    has_own_turn = outcome is not None and outcome.next_step not in NOT_THE_PERSONS_TURN
    if outcome and outcome.cause and outcome.cause not in _CAUSES and not has_own_turn:
        return "cause", outcome.cause
    if claim.is_final:
        return None
    if claim.service not in _SERVICES:
        return "service", claim.service
    if stage and stage not in _STAGES:
        return "stage", stage
    strange = [each.state for each in claim.documents if each.state not in _DOCUMENT_STATES]
    return ("document_state", strange[0]) if strange else None


def _step(claim: Claim) -> str:
    step = claim.outcome.next_step if claim.outcome else NextStep.NONE
    if step not in _STEPS or step == NextStep.NONE:
        return ""
    return "" if claim.is_final and step == NextStep.WAIT else step


def _wanted(claim: Claim) -> tuple[Document, ...]:
    if claim.is_final or claim.state not in STATES:
        return ()
    return tuple(each for each in claim.documents if each.state in WANTED)


def _first_due(wanted: tuple[Document, ...], today: date) -> date | None:
    """Return the first day that can still be kept, or the first of all where every one passed."""
    days = sorted(each.due_on for each in wanted if each.due_on)
    return next((day for day in days if day >= today), days[0] if days else None)


def _appointment(claim: Claim, now: datetime) -> Appointment | None:
    it = claim.appointment
    is_ahead = it is not None and it.over_at > now
    return it if is_ahead and claim.state in STATES and not claim.is_final else None


def _past_appointment(claim: Claim, stage: str, now: datetime) -> Appointment | None:
    it = claim.appointment
    is_over = it is not None and it.over_at <= now
    still_there = stage in _MEETING and claim.state == ClaimState.IN_PROGRESS
    return it if is_over and still_there else None


def _promise(claim: Claim, money: Money, is_stopped: bool, today: date) -> PromiseState:
    is_over = claim.is_final or money.state is MoneyState.SENT
    if claim.due_on is None or is_over or claim.state not in STATES:
        return PromiseState.NONE
    if claim.due_on < today:
        return PromiseState.PASSED
    return PromiseState.HELD if is_stopped else PromiseState.AHEAD


def _ended_on(claim: Claim, zone: ZoneInfo, today: date) -> date | None:
    if claim.state == ClaimState.COMPLETED:
        last = claim.milestones[-1] if claim.milestones else None
        is_end = last is not None and last.stage == Stage.COMPLETED
        return _day(last.entered_at, zone, today) if last and is_end else None
    # The stage in which a claim was refused was entered earlier; only the message says when.
    decided = [each.sent_at for each in claim.notices if each.about == "decision"]
    return _day(max(decided), zone, today) if decided and claim.is_final else None


def _held_since(
    claim: Claim, clock: LegalClock | None, zone: ZoneInfo, now: datetime
) -> date | None:
    if began := claim.waits_since(now):
        return _day(min(began), zone, now.astimezone(zone).date())
    return clock.stopped_on if clock and clock.state is ClockState.PAUSED else None
