"""What becomes of a lookup, as values; they are matched once, where they are presented.

Found           claims, and what is computed of each
NotFound        the core knows none under this number
Invalid         what was typed is no number
Unavailable     the core does not answer
NoRoom          it has no room; nobody but the door sees this
Waiting         a place in the line before it
LineClosed      the line is full
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property, partial

from .claims import Claim, Snapshot, StageDuration, zone_of
from .identifiers import Invalid, Kpj, Nik
from .situation import (
    CalendarDay,
    Need,
    Outlook,
    Situation,
    days_of,
    is_far_longer,
    need_of,
    settled_limit,
    situation_of,
)
from .standing import Standing
from .timeline import Timeline, UsualWaits
from .working_days import LegalClock, WorkingCalendar

YOUNG = timedelta(minutes=15)
"""A copy past its time but younger than this is being fetched anew while it is shown, which
says nothing about the core; a page that shows the same facts need not be told of it. Ten minutes,
and five by which the time of the data is rounded down."""


@dataclass(frozen=True, slots=True)
class Journey:
    """A claim with what is computed of it at `now`, once; who presents it asks nothing more.

    `usual` maps stages to their observed durations; `standing` is what holds, `situation` what
    matters most of it and `need` what there is to do. `limit` is the last day that the law gives,
    where it lies ahead and no holiday can move it; `days` belong in a calendar; `outlook` is how
    long the rest usually takes where no day is known, `is_far_longer` whether it stands too long.
    """

    claim: Claim
    timeline: Timeline
    usual: Mapping[str, StageDuration]
    standing: Standing
    situation: Situation
    need: Need
    limit: date | None
    days: tuple[CalendarDay, ...]
    outlook: Outlook | None
    is_far_longer: bool

    @classmethod
    def of(
        cls, claim: Claim, now: datetime, calendar: WorkingCalendar, usual: UsualWaits
    ) -> "Journey":
        timeline = Timeline.of(claim, now)
        clock = LegalClock.of(claim, now, calendar)
        standing = Standing.of(claim, timeline, clock, calendar, now)
        return cls(
            claim=claim,
            timeline=timeline,
            usual=usual.of_claim(claim, timeline),
            standing=standing,
            situation=situation_of(standing),
            need=need_of(standing),
            limit=settled_limit(standing),
            days=tuple(days_of(standing)),
            outlook=Outlook.of(standing, usual.by_stage),
            is_far_longer=is_far_longer(standing, usual.by_stage),
        )


@dataclass(frozen=True)
class Found:
    """Claims, the newest first. Their journeys are computed once somebody reads them.

    Whoever only asks whether anything changed does not pay for calendars. `checked_at` is a full
    minute: nothing is told more finely, so all who ask within it are told the same. `digest`
    stands for the claims, the moment of the core and the usual waits. `is_live` while any claim
    may still move; `turns` says of each since when the passing of time alone has not changed what
    is told of it.
    """

    name = "found"
    identifier: Nik | Kpj
    as_of: datetime
    checked_at: datetime
    is_stale: bool
    claims: tuple[Claim, ...]
    digest: bytes = field(repr=False)
    journey_of: Callable[[Claim], Journey] = field(repr=False, compare=False)
    age_seconds: float = field(init=False, repr=False, compare=False)
    is_live: bool = field(init=False, repr=False, compare=False)
    turns: tuple[datetime, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Between the minutes that are shown of the two: who subtracts them gets the same.
        since = self.checked_at - self.as_of.replace(second=0, microsecond=0)
        object.__setattr__(self, "age_seconds", max(since.total_seconds(), 0.0))
        object.__setattr__(self, "is_live", any(not claim.is_final for claim in self.claims))
        turns = tuple(_turned_at(claim, self.checked_at) for claim in self.claims)
        object.__setattr__(self, "turns", turns)

    @classmethod
    def of(
        cls,
        identifier: Nik | Kpj,
        snapshot: Snapshot,
        now: datetime,
        calendar: WorkingCalendar,
        usual: UsualWaits,
    ) -> "Found":
        """Return what was found in a full minute `now`."""
        # The core's clock may run ahead.
        as_of = min(snapshot.as_of, now)
        by_arrival = sorted(snapshot.claims, key=lambda claim: claim.submitted_at, reverse=True)
        return cls(
            identifier=identifier,
            as_of=as_of.replace(minute=as_of.minute // 5 * 5, second=0, microsecond=0),
            checked_at=now,
            is_stale=snapshot.is_stale,
            claims=tuple(by_arrival),
            digest=snapshot.digest + usual.digest,
            journey_of=partial(Journey.of, now=now, calendar=calendar, usual=usual),
        )

    @cached_property
    def journeys(self) -> tuple[Journey, ...]:
        return tuple(self.journey_of(claim) for claim in self.claims)


def _turned_at(claim: Claim, now: datetime) -> datetime:
    zone = zone_of(claim.branch.timezone)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    turns = [claim.appointment.over_at] if claim.appointment else []
    for pause in claim.pauses or ():
        turns += [pause.since, pause.until] if pause.until else []
    return max([midnight, *(each for each in turns if each <= now)])


@dataclass(frozen=True, slots=True)
class NotFound:
    name = "not_found"
    identifier: Nik | Kpj


@dataclass(frozen=True, slots=True)
class Unavailable:
    name = "unavailable"
    retry_after: float


@dataclass(frozen=True, slots=True)
class NoRoom:
    """The core has no room at the moment: the number may wait in the line.

    Where it `is_asked` the core answers it already, to others: it needs no room.
    """

    name = "no_room"
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place in the line before the core, as the address that it is asked for by.

    In about `seconds` it is its turn; it asks again in `pause`, or at once where it `is_near`.
    `waited` is how long it has stood; `is_down` says that nobody is served at the moment.
    """

    name = "waiting"
    place: str
    seconds: float
    pause: float
    waited: float
    is_near: bool = False
    is_down: bool = False


@dataclass(frozen=True, slots=True)
class LineClosed:
    """The line is so long that nobody is let into it for a while."""

    name = "closed"
    retry_after: float


Outcome = Found | NotFound | Invalid | Unavailable | Waiting | LineClosed
