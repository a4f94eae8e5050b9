"""Working days, and the legal clock that counts them (docs/architecture.md, "Working days")."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice, takewhile
from typing import Any
from zoneinfo import ZoneInfo

from .claims import REFUSED_STATES, STATES, STOPPED_STATES, Claim, ClaimState, Stage, zone_of
from .timeline import TimeLimit, process_of

_ONE_DAY = timedelta(days=1)
NOTES_OF_WAITING = frozenset(
    {"documents_returned", "resubmitted", "interview_missed", "data_corrected", "payment_retried"}
)
"""Notes of milestones that show that a claim has waited for the participant, or may have."""

_STOPPING_NOTES = frozenset({"documents_returned", "interview_missed"})
_COUNTED_FROM = Stage.ASSESSMENT
"""A claim is there once its documents were found complete and correct."""


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Days off beside weekends; `until` is the last date for which they are known.

    `days_off` maps dates to codes of their names; `estimates` are those that may still move.
    """

    days_off: Mapping[date, str]
    until: date
    estimates: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        return day.weekday() < 5 and day not in self.days_off

    def is_day_off(self, day: date) -> bool:
        """Return whether it is one for certain: the date of some holidays is only estimated."""
        return not self.is_working_day(day) and (day.weekday() > 4 or day not in self.estimates)

    def after(self, day: date) -> Iterator[date]:
        """Yield the working days that follow a date, for ever."""
        while True:
            day += _ONE_DAY
            if self.is_working_day(day):
                yield day

    def add(self, day: date, count: int) -> date:
        """Return the `count`-th working day after a date; count 1 or more."""
        return next(islice(self.after(day), count - 1, None))

    def between(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and including `end`, which is no earlier."""
        weekdays = _weekdays_until(end) - _weekdays_until(start)
        return weekdays - sum(start < day <= end and day.weekday() < 5 for day in self.days_off)

    def knows(self, day: date) -> bool:
        """Return whether the days off up to a date are known."""
        return day <= self.until

    def is_no_longer(self, start: date, end: date) -> bool:
        """Return whether none can move onto a working day: beside those that may, all are off."""
        beside = (_ONE_DAY, -_ONE_DAY)
        moving = [day for day in self.estimates if start <= day <= end]
        return not any(self.is_working_day(day + one) for day in moving for one in beside)

    def certain_until(self, start: date, end: date) -> date | None:
        """Return the last day of a span up to which days off are settled; None when all are."""
        moving = min((day for day in self.estimates if start <= day <= end), default=None)
        if moving is not None:
            return moving - _ONE_DAY
        return self.until if end > self.until else None


@dataclass(frozen=True, slots=True)
class Pauses:
    """The days that do not count.

    `spans` are those that are over, first and last day both left out; `is_stopped` while one
    lasts, `since` the day on which it began, None where the core does not say.
    `is_told` where the core tells every wait; where it does not, `is_vague` says that there was
    one, of which nobody tells how long it was. `is_open` where the core tells one that lasts.
    """

    spans: tuple[tuple[date, date], ...] = ()
    is_stopped: bool = False
    since: date | None = None
    is_told: bool = True
    is_vague: bool = False
    is_open: bool = False

    @classmethod
    def of(cls, claim: Claim, zone: ZoneInfo, now: datetime) -> "Pauses":
        """Read them from what the core tells: pauses, and else milestones, state and payment."""
        open_since, today = claim.waits_since(now), now.astimezone(zone).date()
        return cls(
            spans=tuple(_spans(claim, zone, now)),
            is_stopped=bool(open_since) or _is_stopped(claim),
            since=_since(claim, zone, today, open_since),
            is_told=claim.pauses is not None,
            is_vague=claim.pauses is None and _shows_a_wait(claim),
            is_open=bool(open_since),
        )

    def hold(self, day: date) -> bool:
        """Return whether a day belongs to a wait that is over."""
        return any(first <= day <= last for first, last in self.spans)


def _spans(claim: Claim, zone: ZoneInfo, now: datetime) -> Iterator[tuple[date, date]]:
    for pause in claim.pauses or ():
        if pause.until is not None and not pause.lasts(now):
            yield pause.since.astimezone(zone).date(), pause.until.astimezone(zone).date()
    payment = claim.payment
    if payment and payment.sent_at and payment.returned_at:
        # Money that was on its way to a bank that refused it: nobody at the branch was late.
        yield payment.sent_at.astimezone(zone).date(), payment.returned_at.astimezone(zone).date()


def _is_stopped(claim: Claim) -> bool:
    # Where the core tells every wait and none lasts, the branch itself holds the claim.
    is_held_there = claim.state == ClaimState.ON_HOLD and claim.pauses is not None
    return claim.state in STOPPED_STATES and not is_held_there


def _since(claim: Claim, zone: ZoneInfo, today: date, told: tuple[datetime, ...]) -> date | None:
    began = list(told)
    if claim.state == ClaimState.PAYMENT_RETURNED:
        # The branch had done its part when the money left, whatever the bank did with it.
        left = (claim.payment.sent_at or claim.payment.returned_at) if claim.payment else None
        began += [left] if left else []
    elif not began and claim.milestones and _is_stopped(claim):
        last = claim.milestones[-1]
        # A stage that was entered says nothing of when it stopped, unless its note does.
        began = [last.entered_at] if last.note in _STOPPING_NOTES else []
    return min(min(began).astimezone(zone).date(), today) if began else None


def _shows_a_wait(claim: Claim) -> bool:
    start = claim.documents_complete_at or claim.submitted_at
    later = [each for each in claim.milestones if each.entered_at > start]
    if later and later[-1].note in _STOPPING_NOTES and _is_stopped(claim):
        later.pop()
    was_returned = claim.payment is not None and claim.payment.returned_at is not None
    is_paid_again = was_returned and claim.state != ClaimState.PAYMENT_RETURNED
    return is_paid_again or any(each.note in NOTES_OF_WAITING for each in later)


class ClockState(StrEnum):
    NOT_STARTED = "not_started"
    RUNNING = "running"
    LAST_DAY = "last_day"
    PAUSED = "paused"
    OVERDUE = "overdue"
    KEPT = "kept"
    LATE = "late"
    UNSURE = "unsure"


COUNTING = (ClockState.RUNNING, ClockState.LAST_DAY, ClockState.OVERDUE)


class Unsure(StrEnum):
    """Why nobody here can count: what the core or the calendar does not tell."""

    START = "start"
    WAITS = "waits"
    HOLIDAYS = "holidays"


@dataclass(frozen=True)
class LegalClock:
    """Where a claim stands in the time that the law gives.

    `days` are the working days that count, in order; while the clock stands still they are
    those that were used, because nobody knows the next ones. `elapsed` of them lie fully
    behind; `over_by` counts working days past the last one; `stopped_on` is when a pause or the
    end stopped it, None where the core does not say. `left_out` are holidays among the days, with
    the codes of their names; `uncertain_after` is the last settled day where later ones may move.
    `unsure` says why a clock cannot be read, or why its used days (while it stands still) or its
    late days are not known. `waited_days` counts working days that were left out because the claim
    had stopped; `knows_pauses` is False where the core does not tell every wait.
    """

    state: ClockState
    legal_days: int
    days: tuple[date, ...] = ()
    today: date | None = None
    elapsed: int = 0
    over_by: int = 0
    stopped_on: date | None = None
    left_out: tuple[tuple[date, str], ...] = ()
    uncertain_after: date | None = None
    waited_days: int = 0
    knows_pauses: bool = True
    unsure: Unsure | None = None

    due_on: date | None = field(init=False, repr=False, compare=False)
    day_number: int | None = field(init=False, repr=False, compare=False)
    is_settled: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compute what follows: last day, the day running today, and whether both can move.

        `due_on` is None while the clock stands still; `day_number` is 1 for the first day, None
        when none runs; `is_settled` when no holiday can move what is counted.
        """
        runs = self.state in (ClockState.RUNNING, ClockState.LAST_DAY)
        whole = len(self.days) == self.legal_days and self.state is not ClockState.PAUSED
        number = self.days.index(self.today) + 1 if runs and self.today in self.days else None
        object.__setattr__(self, "due_on", self.days[-1] if whole else None)
        object.__setattr__(self, "day_number", number)
        object.__setattr__(self, "is_settled", self.uncertain_after is None)

    @classmethod
    def of(cls, claim: Claim, now: datetime, calendar: WorkingCalendar) -> "LegalClock | None":
        """Compute the clock of a claim.

        None where no rule gives one, the claim was refused or its state is one that we do not
        know, and where it has ended in a way that leaves nothing to count.
        Dates are those of the branch's time zone.
        """
        limit = process_of(claim.service).time_limit
        if limit is None or claim.state in REFUSED_STATES or claim.state not in STATES:
            return None
        zone = zone_of(claim.branch.timezone)
        today = now.astimezone(zone).date()
        sent_on = claim.payment.sent_on(zone, today) if claim.payment else None
        if claim.documents_complete_at is None:
            has_ended = claim.state == ClaimState.COMPLETED or sent_on is not None
            return None if has_ended else _before_the_start(claim, limit, today)
        start = claim.documents_complete_at.astimezone(zone).date()
        pauses = Pauses.of(claim, zone, now)
        count = _Count(limit.working_days, start, today, calendar, pauses)
        if sent_on is not None and claim.state != ClaimState.PAYMENT_RETURNED:
            was_back = claim.payment is not None and claim.payment.returned_at is not None
            # Of money that was sent twice nobody tells when it was first.
            return None if was_back else count.ended(sent_on)
        if claim.state == ClaimState.COMPLETED:
            return None
        return count.stopped() if pauses.is_stopped else count.running()


@dataclass(frozen=True, slots=True)
class _Count:
    """Counts working days from a start, those of waits left out."""

    legal_days: int
    start: date
    today: date
    calendar: WorkingCalendar
    pauses: Pauses

    def running(self) -> LegalClock:
        if self.pauses.is_vague:
            return self._undated(ClockState.UNSURE, unsure=Unsure.WAITS)
        days, calendar, unknown = self._first_days(), self.calendar, Unsure.HOLIDAYS
        due = days[-1]
        is_late = self.today > due
        if not calendar.knows(due) or (is_late and not calendar.is_no_longer(self.start, due)):
            until = calendar.certain_until(self.start, due)
            return self._undated(ClockState.UNSURE, unsure=unknown, uncertain_after=until)
        clock = self._clock(days, max(self.today, due))
        if not is_late:
            state = ClockState.LAST_DAY if self.today == due else ClockState.RUNNING
            return replace(clock, state=state, elapsed=sum(day < self.today for day in days))
        late = replace(clock, state=ClockState.OVERDUE, elapsed=self.legal_days)
        if not clock.is_settled:
            # A holiday that may move changes how late it is, and not that it is.
            return replace(late, uncertain_after=None, unsure=unknown)
        return replace(late, over_by=self._counted_after(due, self.today))

    def stopped(self) -> LegalClock:
        stop = self.pauses.since
        clock = self._undated(ClockState.PAUSED, stopped_on=stop)
        if stop is None or self.pauses.is_vague:
            return replace(clock, unsure=Unsure.WAITS)
        before = stop - _ONE_DAY
        days = tuple(day for day in self._first_days() if day <= before)
        over_by = self._counted_after(days[-1], before) if len(days) == self.legal_days else 0
        counted = self._clock(days, before)
        if not self.calendar.knows(before) or (over_by and not counted.is_settled):
            return replace(clock, unsure=Unsure.HOLIDAYS)
        return replace(
            counted, state=ClockState.PAUSED, stopped_on=stop, elapsed=len(days), over_by=over_by
        )

    def ended(self, sent_on: date) -> LegalClock | None:
        days = self._first_days()
        end = max(sent_on, days[-1])
        clock = self._clock(days, end)
        if self.pauses.is_vague or self.pauses.is_open or not clock.is_settled:
            return None
        return replace(
            clock,
            state=ClockState.LATE if sent_on > days[-1] else ClockState.KEPT,
            elapsed=sum(day < sent_on for day in days),
            over_by=self._counted_after(days[-1], sent_on),
            stopped_on=sent_on,
        )

    def _first_days(self) -> tuple[date, ...]:
        counted = (day for day in self.calendar.after(self.start) if not self.pauses.hold(day))
        return tuple(islice(counted, self.legal_days))

    def _counted_after(self, due: date, end: date) -> int:
        after = takewhile(lambda day: day <= end, self.calendar.after(due))
        return sum(not self.pauses.hold(day) for day in after)

    def _clock(self, days: tuple[date, ...], end: date) -> LegalClock:
        last = days[-1] if days else self.start
        return LegalClock(
            ClockState.RUNNING,
            self.legal_days,
            days,
            self.today,
            left_out=tuple(
                (day, name)
                for day, name in sorted(self.calendar.days_off.items())
                if self.start < day < last and day.weekday() < 5 and not self.pauses.hold(day)
            ),
            uncertain_after=self.calendar.certain_until(self.start, end),
            waited_days=self._waited_until(max(last, end)),
            knows_pauses=self.pauses.is_told,
        )

    def _waited_until(self, end: date) -> int:
        spans, start = self.pauses.spans, self.start
        return self.calendar.between(start, end) - self._counted_after(start, end) if spans else 0

    def _undated(self, state: ClockState, **facts: Any) -> LegalClock:
        told = self.pauses.is_told
        return LegalClock(state, self.legal_days, today=self.today, knows_pauses=told, **facts)


def _before_the_start(claim: Claim, limit: TimeLimit, today: date) -> LegalClock:
    clock = LegalClock(ClockState.NOT_STARTED, limit.working_days, today=today)
    stage = claim.milestones[-1].stage if claim.milestones else ""
    is_counted = stage == _COUNTED_FROM or process_of(claim.service).is_past(stage, _COUNTED_FROM)
    return replace(clock, state=ClockState.UNSURE, unsure=Unsure.START) if is_counted else clock


def _weekdays_until(day: date) -> int:
    """Count the days from Monday to Friday since the calendar began, the given one included."""
    weeks, rest = divmod(day.toordinal(), 7)
    return 5 * weeks + min(rest, 5)
