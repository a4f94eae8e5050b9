"""Working days over the holiday calendar, and the legal clock that counts them.

The clock of 5 working days (JHT, Permenaker 4/2022) starts when documents are complete and
correct, not at submission; day 1 is the first working day after that date.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from .claims import Claim, ClaimState
from .processes import legal_working_days_of

_ONE_DAY = timedelta(days=1)
_WAITING = (ClaimState.ACTION_NEEDED, ClaimState.ON_HOLD, ClaimState.PAYMENT_RETURNED)


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

    def after(self, day: date) -> Iterator[date]:
        """Yield the working days that follow a date, for ever."""
        while True:
            day += _ONE_DAY
            if self.is_working_day(day):
                yield day

    def add(self, day: date, count: int) -> date:
        """Return the `count`-th working day after a date; count 1 or more."""
        days = self.after(day)
        for _ in range(count - 1):
            next(days)
        return next(days)

    def between(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and including `end`; never negative."""
        span = (end - start).days
        return sum(self.is_working_day(start + timedelta(days=n)) for n in range(1, span + 1))

    def certain_until(self, start: date, end: date) -> date | None:
        """Return the last day of a span up to which days off are settled; None when all are."""
        moving = min((day for day in self.estimates if start <= day <= end), default=None)
        if moving is not None:
            return moving - _ONE_DAY
        return self.until if end > self.until else None


class ClockState(StrEnum):
    NOT_STARTED = "not_started"
    RUNNING = "running"
    LAST_DAY = "last_day"
    PAUSED = "paused"
    OVERDUE = "overdue"
    KEPT = "kept"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class LegalClock:
    """Where a claim stands in the time that the law gives.

    `days` are the working days that count, in order; `elapsed` of them lie fully behind;
    `over_by` counts working days past the last one; `stopped_on` is when a pause or the end
    stopped it. `left_out` are the holidays among them, with the codes of their names;
    `uncertain_after` is the last settled day where later holidays may still move.
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

    @property
    def due_on(self) -> date | None:
        return self.days[-1] if self.days else None

    @property
    def day_number(self) -> int:
        """The working day that is running now, 1 for the first; never past the last."""
        return min(self.elapsed + 1, self.legal_days)

    @classmethod
    def of(cls, claim: Claim, now: datetime, calendar: WorkingCalendar) -> "LegalClock | None":
        """Compute the clock of a claim; None where no rule gives one, or the claim was refused.

        Dates are those of the branch's time zone.
        """
        legal_days = legal_working_days_of(claim.service)
        if legal_days is None or claim.state in (ClaimState.REJECTED, ClaimState.CANCELLED):
            return None
        zone = zone_of(claim.branch.timezone)
        today = now.astimezone(zone).date()
        if claim.documents_complete_at is None:
            return cls(ClockState.NOT_STARTED, legal_days, today=today)
        start = claim.documents_complete_at.astimezone(zone).date()
        days = tuple(calendar.add(start, n) for n in range(1, legal_days + 1))
        stopped_on = _stopped_on(claim, zone)
        reached = stopped_on or today
        over_by = calendar.between(days[-1], reached)
        return cls(
            state=_state(claim, days, reached, over_by),
            legal_days=legal_days,
            days=days,
            today=today,
            elapsed=sum(day < reached for day in days),
            over_by=over_by,
            stopped_on=stopped_on,
            left_out=tuple(
                (day, name)
                for day, name in sorted(calendar.days_off.items())
                if start < day < days[-1] and day.weekday() < 5
            ),
            uncertain_after=calendar.certain_until(start, days[-1]),
        )


def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of a branch; Jakarta's where the name is unknown."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return ZoneInfo("Asia/Jakarta")


def _stopped_on(claim: Claim, zone: ZoneInfo) -> date | None:
    if claim.payment and claim.payment.arrived_at:
        return claim.payment.arrived_at.astimezone(zone).date()
    if claim.payment and claim.payment.returned_at:
        return claim.payment.returned_at.astimezone(zone).date()
    if (claim.state in _WAITING or claim.state == ClaimState.COMPLETED) and claim.milestones:
        return claim.milestones[-1].entered_at.astimezone(zone).date()
    return None


def _state(claim: Claim, days: tuple[date, ...], reached: date, over_by: int) -> ClockState:
    paid = claim.payment is not None and claim.payment.arrived_at is not None
    if paid or claim.state == ClaimState.COMPLETED:
        return ClockState.LATE if over_by else ClockState.KEPT
    if claim.state in _WAITING:
        return ClockState.PAUSED
    if over_by:
        return ClockState.OVERDUE
    return ClockState.LAST_DAY if reached == days[-1] else ClockState.RUNNING
