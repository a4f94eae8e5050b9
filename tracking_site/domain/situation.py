"""What matters most of a claim now, what there is to do, which days belong in a calendar, and how
long the rest usually takes where no day is known.

Decided here and nowhere else, as values; pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from .claims import REFUSED_STATES, WANTED, ClaimState, NextStep, Stage, StageDuration
from .outlook import remaining
from .standing import NOT_THE_PERSONS_TURN, MoneyState, PromiseState, Standing
from .timeline import process_of
from .working_days import COUNTING, ClockState

MONEY_IS_NEW_FOR = 14
"""Days after which nobody is asked any more to look whether money has come."""

FAR_LONGER = 2
FAR_LONGER_DAYS = 3
"""A stay is far longer than usual beyond so many times what three in four need, and so many days;
one in four is longer than that, and nobody need ask for it."""

MIN_CLAIMS = 50
"""Below this many claims in any stage there is no outlook."""


class Situation(StrEnum):
    """What matters most; of those that hold the first, in this order."""

    UNKNOWN = "unknown"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    ACTION_LATE = "action_late"
    ACTION_DUE = "action_due"
    ACTION = "action"
    RETURNED = "returned"
    ON_HOLD = "on_hold"
    SENT = "sent"
    COMPLETED = "completed"
    STOPPED = "stopped"
    """The core says that it waits for the participant, and nothing more."""

    SCHEDULED = "scheduled"
    APPOINTMENT = "appointment"
    OVERDUE = "overdue"
    SCHEDULE_PASSED = "schedule_passed"
    PROMISE_PASSED = "promise_passed"
    APPOINTMENT_PASSED = "appointment_passed"
    PROMISED = "promised"
    LIMIT = "limit"
    RUNNING = "running"


class Need(StrEnum):
    UNKNOWN = "unknown"
    """Nobody here knows: ask what a code means."""

    DOCUMENTS = "documents"
    STEP = "step"
    """The institution's next step, which is the person's turn."""

    ASK_WHAT = "ask_what"
    """The claim waits, and the core does not say for what."""

    ATTEND = "attend"
    ASK_LATE = "ask_late"
    """Something that was to happen has not happened in time."""

    ASK_MEETING = "ask_meeting"
    """An appointment is over and nothing followed yet."""

    CHECK = "check"
    """Money was sent: look whether it has come."""

    WAIT = "wait"
    """The institution itself says to wait."""

    NOTHING = "nothing"
    AGAIN = "again"
    """It has ended, and the institution names what can be done next."""

    ASK_WHY = "ask_why"
    """It was refused or cancelled, and the core names nothing that can be done."""

    DONE = "done"


_FOR_THE_PERSON = frozenset(
    {Need.DOCUMENTS, Need.STEP, Need.ASK_WHAT, Need.ATTEND, Need.ASK_LATE, Need.ASK_MEETING}
)


def situation_of(standing: Standing) -> Situation:
    state = standing.claim.state
    if not standing.knows_state:
        return Situation.UNKNOWN
    if state in REFUSED_STATES:
        return Situation(state)
    if standing.wanted or state == ClaimState.ACTION_NEEDED:
        due = standing.action_due
        if due is None:
            return Situation.ACTION
        return Situation.ACTION_LATE if due < standing.today else Situation.ACTION_DUE
    if standing.money.state is MoneyState.RETURNED:
        return Situation.RETURNED
    if state == ClaimState.ON_HOLD:
        return Situation.ON_HOLD
    if standing.money.state is MoneyState.SENT:
        return Situation.SENT
    if standing.is_final:
        return Situation.COMPLETED
    return Situation.STOPPED if standing.is_stopped else _ahead(standing)


def need_of(standing: Standing) -> Need:
    if standing.is_final:
        return _after_the_end(standing)
    if standing.wanted:
        return Need.DOCUMENTS
    if standing.unknown:
        return Need.UNKNOWN
    if standing.step and standing.step not in NOT_THE_PERSONS_TURN:
        return Need.STEP
    waits_for_what = standing.claim.state in (ClaimState.ACTION_NEEDED, ClaimState.PAYMENT_RETURNED)
    if waits_for_what or standing.money.state is MoneyState.RETURNED:
        return Need.ASK_WHAT
    if standing.appointment:
        return Need.ATTEND
    if standing.money.state is MoneyState.SENT:
        return Need.CHECK
    if is_late(standing):
        return Need.ASK_LATE
    if standing.past_appointment:
        return Need.ASK_MEETING
    if standing.step and not standing.is_month_over:
        return Need.WAIT
    return Need.ASK_WHAT if standing.is_stopped else Need.NOTHING


IS_NEEDED = {need: need in _FOR_THE_PERSON for need in Need} | {Need.UNKNOWN: None}
"""Whether something waits for the person; None where nobody here knows."""


def is_late(standing: Standing) -> bool:
    """Return whether something that was to happen by now has not happened, for certain.

    While a claim has stopped nothing is late but what the law gives.
    """
    has_passed = (
        standing.promise is PromiseState.PASSED or standing.money.state is MoneyState.PASSED
    )
    return standing.is_overdue or (has_passed and not standing.is_stopped)


def is_far_longer(standing: Standing, durations: Mapping[tuple[str, str], StageDuration]) -> bool:
    """Return whether a claim that moves has stood far longer at its step than others do.

    Never of what was answered: there nobody is waited for.
    """
    usual = durations.get((standing.claim.service, standing.stage))
    here = standing.days_here
    if usual is None or here is None or not standing.is_moving or standing.stage == Stage.ANSWERED:
        return False
    return usual.claims >= MIN_CLAIMS and here > FAR_LONGER * usual.p75 + FAR_LONGER_DAYS


def settled_limit(standing: Standing) -> date | None:
    """Return the last day that the law gives, where it lies ahead and no holiday can move it."""
    clock = standing.clock
    if clock is None or clock.state not in (ClockState.RUNNING, ClockState.LAST_DAY):
        return None
    return clock.due_on if clock.is_settled else None


def _ahead(standing: Standing) -> Situation:
    """Return what is to come, or was to come, of a claim under way."""
    if standing.money.state is MoneyState.SCHEDULED:
        return Situation.SCHEDULED
    if standing.appointment:
        return Situation.APPOINTMENT
    if standing.is_overdue:
        return Situation.OVERDUE
    if standing.money.state is MoneyState.PASSED:
        return Situation.SCHEDULE_PASSED
    if standing.promise is PromiseState.PASSED:
        return Situation.PROMISE_PASSED
    if standing.past_appointment:
        return Situation.APPOINTMENT_PASSED
    limit = settled_limit(standing)
    promised = standing.claim.due_on if standing.promise is PromiseState.AHEAD else None
    if promised and (limit is None or promised <= limit):
        return Situation.PROMISED
    return Situation.LIMIT if limit else Situation.RUNNING


def _after_the_end(standing: Standing) -> Need:
    if standing.claim.state != ClaimState.COMPLETED:
        return _after_a_bad_end(standing)
    if standing.money.state is MoneyState.RETURNED or not standing.knows_step:
        return Need.ASK_WHAT
    since = standing.money.day or standing.ended_on
    is_new = since is None or (standing.today - since).days < MONEY_IS_NEW_FOR
    has_money = standing.money.state in (MoneyState.SENT, MoneyState.UNTOLD)
    return Need.CHECK if has_money and is_new else Need.DONE


def _after_a_bad_end(standing: Standing) -> Need:
    if standing.unknown or standing.claim.outcome is None:
        return Need.ASK_WHY
    if standing.step:
        return Need.AGAIN
    # Whoever was refused may object; a claim that was taken back has nothing to object to.
    is_taken_back = standing.claim.state == ClaimState.CANCELLED
    has_said_so = standing.claim.outcome.next_step == NextStep.NONE
    return Need.DONE if is_taken_back and has_said_so else Need.ASK_WHY


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """`kind`: appointment, document, payment or promise; `code` says which of them.

    `starts` and `ends` are moments, or the same date for a whole day. `may_change` where the day
    may not hold: the claim has stopped, its state is unknown, or a holiday may still move.
    """

    kind: str
    code: str
    starts: datetime | date
    ends: datetime | date
    is_called_off: bool = False
    may_change: bool = False


def days_of(standing: Standing) -> Iterator[CalendarDay]:
    """Yield interview or visit, days for documents, of payment, and of the promise.

    The promise is the institution's own, or else the last day that the law gives while its
    clock runs. What a claim that has ended had before it is called off.
    """
    claim, clock, money = standing.claim, standing.clock, standing.money
    is_refused = claim.state in REFUSED_STATES
    # What lay ahead at the end stays called off once its day has come.
    is_dated = claim.state == ClaimState.COMPLETED and standing.ended_on is not None
    ended_at = claim.milestones[-1].entered_at if is_dated else standing.now
    is_vague = not standing.knows_state
    may_change = standing.is_stopped or is_vague
    if claim.appointment:
        it = claim.appointment
        is_off = is_refused or (claim.is_final and it.starts_at > ended_at)
        yield CalendarDay("appointment", it.kind, it.starts_at, it.ends_at, is_off, is_vague)
    for each in claim.documents:
        if each.due_on and each.state in WANTED:
            is_off = claim.is_final
            yield _whole_day("document", each.type, each.due_on, is_off, may_change=is_vague)
    is_sent = money.state is MoneyState.SENT
    if is_sent and money.day:
        yield _whole_day("payment", "sent", money.day)
    elif claim.payment:
        is_off = claim.is_final or money.state is MoneyState.RETURNED
        day = claim.payment.scheduled_on
        yield _whole_day("payment", "scheduled", day, is_off, may_change=may_change)
    if claim.due_on:
        over_on = (money.day if is_sent else standing.ended_on) or standing.today
        is_over = (claim.is_final or is_sent) and claim.due_on >= over_on
        is_off = is_refused or is_over
        yield _whole_day("promise", "promised", claim.due_on, is_off, may_change=may_change)
    elif clock and clock.due_on and clock.state in COUNTING:
        yield _whole_day("promise", "legal", clock.due_on, may_change=not clock.is_settled)


def _whole_day(
    kind: str, code: str, day: date, is_called_off: bool = False, *, may_change: bool = False
) -> CalendarDay:
    return CalendarDay(kind, code, day, day, is_called_off, may_change)


@dataclass(frozen=True, slots=True)
class Outlook:
    """From `first` to `last` working days more, as about half of `claims` claims needed.

    They lead to money, or to the end of a service that brings none (`is_money`), and are counted
    from the appointment that lies ahead where there is one (`is_after_appointment`).
    """

    first: int
    last: int
    claims: int
    is_money: bool
    is_after_appointment: bool

    @classmethod
    def of(
        cls, standing: Standing, durations: Mapping[tuple[str, str], StageDuration]
    ) -> "Outlook | None":
        """Return the outlook.

        None where a day is known already, too few claims were seen, or nobody knows how many
        working days the claim has stood here.
        """
        if not _is_open(standing):
            return None
        claim = standing.claim
        process = process_of(claim.service)
        stages = process.stages_for(claim.channel)
        if standing.stage not in stages:
            return None
        here = stages.index(Stage(standing.stage))
        is_after = standing.appointment is not None
        ahead = stages[here + 1 if is_after else here : -1]
        usual = [durations.get((claim.service, stage)) for stage in ahead]
        known = [each for each in usual if each is not None and each.claims >= MIN_CLAIMS]
        if not known or len(known) < len(usual):
            return None
        elapsed = 0 if is_after else standing.days_here
        if elapsed is None:
            return None
        span = remaining(tuple((each.p25, each.p50, each.p75) for each in known), elapsed)
        if span is None or span[1] < 1:
            return None
        seen = min(each.claims for each in known)
        return cls(*span, seen, process.pays, is_after)


def _is_open(standing: Standing) -> bool:
    """Return whether a claim moves, and no day of what is to come is known."""
    clock = standing.clock
    return (
        standing.is_moving
        and standing.claim.state == ClaimState.IN_PROGRESS
        and not standing.wanted
        and standing.money.state is MoneyState.NONE
        and standing.promise is PromiseState.NONE
        and (clock is None or clock.state not in COUNTING)
    )
