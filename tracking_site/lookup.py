"""One lookup, from typed text to an outcome; knows no Flask.

The outcomes are values, matched once, where they are told (web/outcomes.py).
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import Any

from .claims_api.errors import CoreError
from .claims_api.source import ClaimsSource
from .domain.claims import Claim, Snapshot, StageDuration
from .domain.identifiers import (
    Identifier,
    InvalidIdentifier,
    InvalidReason,
    parse_identifier,
)
from .domain.outlook import Outlook
from .domain.standing import Standing
from .domain.timeline import Timeline
from .domain.working_days import LegalClock, WorkingCalendar

A_MINUTE = timedelta(minutes=1)

MOST_RECENT = 200
"""Outcomes kept for their minute, some 30 kB each with the pages made of them."""

COME_BACK_AFTER = 30.0
"""Seconds to wait after a failure for which the core named no time."""


@dataclass(frozen=True, slots=True)
class Journey:
    """A claim with what is computed of it at `now`.

    `usual` maps stages to their observed durations; `standing` is what holds, and `outlook` how
    long the rest usually takes where no day is known.
    """

    claim: Claim
    timeline: Timeline
    clock: LegalClock | None
    usual: Mapping[str, StageDuration]
    standing: Standing
    outlook: Outlook | None


@dataclass(frozen=True)
class Found:
    """Claims, the newest first. Their journeys are computed once somebody reads them.

    Whoever only asks whether anything changed does not pay for calendars.
    """

    name = "found"
    identifier: Identifier
    as_of: datetime
    checked_at: datetime
    is_stale: bool
    claims: tuple[Claim, ...]
    journey_of: Callable[[Claim], Journey] = field(repr=False, compare=False)
    made: dict[Hashable, Any] = field(default_factory=dict, repr=False, compare=False)
    """What others made of this outcome, under names of their own; it lives as long as it."""

    @cached_property
    def journeys(self) -> tuple[Journey, ...]:
        return tuple(self.journey_of(claim) for claim in self.claims)

    @property
    def age_seconds(self) -> float:
        return max((self.checked_at - self.as_of).total_seconds(), 0.0)

    @property
    def is_live(self) -> bool:
        """True while any claim may still move."""
        return any(not claim.is_final for claim in self.claims)


@dataclass(frozen=True, slots=True)
class NotFound:
    name = "not_found"
    identifier: Identifier


@dataclass(frozen=True, slots=True)
class Invalid:
    name = "invalid"
    reason: InvalidReason
    length: int


@dataclass(frozen=True, slots=True)
class Unavailable:
    name = "unavailable"
    retry_after: float


Outcome = Found | NotFound | Invalid | Unavailable
Durations = Callable[[], Mapping[tuple[str, str], StageDuration]]


def no_durations() -> Mapping[tuple[str, str], StageDuration]:
    """Stand for a core that reports no observed durations."""
    return {}


class Recent:
    """Outcomes of this minute: the same copy of the core's answer is not worked out twice.

    Nothing on a page is told more finely than by the minute.
    """

    def __init__(self, most: int = MOST_RECENT) -> None:
        self._most = most
        self._lock = Lock()
        self._kept: dict[tuple[int, bool], tuple[object, object, Found]] = {}

    def find(self, snapshot: Snapshot, durations: object, now: datetime) -> Found | None:
        claims, same_durations, found = self._kept.get(
            (id(snapshot.claims), snapshot.is_stale), (None, None, None)
        )
        # An id can come again once its object is gone; the object itself cannot.
        if claims is not snapshot.claims or same_durations is not durations or found is None:
            return None
        then = found.checked_at
        is_this_minute = now.minute == then.minute and abs(now - then) < A_MINUTE
        return found if is_this_minute and found.as_of == snapshot.as_of else None

    def keep(self, snapshot: Snapshot, durations: object, found: Found) -> Found:
        with self._lock:
            while len(self._kept) >= self._most:
                del self._kept[next(iter(self._kept))]
            self._kept[id(snapshot.claims), snapshot.is_stale] = snapshot.claims, durations, found
        return found


class LookupService:
    """Looks a number up and computes what the page tells of its claims.

    `clock` returns an aware datetime; `durations` the observed durations by service and
    stage, without waiting for anything.
    """

    def __init__(
        self,
        source: ClaimsSource,
        calendar: WorkingCalendar,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        durations: Durations = no_durations,
    ) -> None:
        self._source = source
        self._calendar = calendar
        self._clock = clock
        self._durations = durations
        self._recent = Recent()

    def look_up(self, text: str) -> Outcome:
        """Return the outcome for a typed text; an impossible number asks nobody."""
        match parse_identifier(text):
            case InvalidIdentifier(reason, length):
                return Invalid(reason, length)
            case identifier:
                return self.look_up_identifier(identifier)

    def look_up_identifier(self, identifier: Identifier) -> Found | NotFound | Unavailable:
        """Return the outcome for a number that was already read."""
        try:
            snapshot = self._source.claims_of(identifier)
        except CoreError as error:
            return Unavailable(error.retry_after or COME_BACK_AFTER)
        if not snapshot.claims:
            return NotFound(identifier)
        now, durations = self._clock(), self._durations()
        return self._recent.find(snapshot, durations, now) or self._recent.keep(
            snapshot, durations, self._found(identifier, snapshot, now)
        )

    def _found(self, identifier: Identifier, snapshot: Snapshot, now: datetime) -> Found:
        newest_first = sorted(snapshot.claims, key=lambda claim: claim.submitted_at, reverse=True)
        return Found(
            identifier=identifier,
            as_of=snapshot.as_of,
            checked_at=now,
            is_stale=snapshot.is_stale,
            claims=tuple(newest_first),
            journey_of=lambda claim: self._journey(claim, now),
        )

    def _journey(self, claim: Claim, now: datetime) -> Journey:
        durations = self._durations()
        usual = {
            milestone.stage: durations[claim.service, milestone.stage]
            for milestone in claim.milestones
            if (claim.service, milestone.stage) in durations
        }
        timeline = Timeline.of(claim, now)
        clock = LegalClock.of(claim, now, self._calendar)
        standing = Standing.of(claim, timeline, clock, self._calendar, now)
        return Journey(
            claim=claim,
            timeline=timeline,
            clock=clock,
            usual=usual,
            standing=standing,
            outlook=Outlook.of(standing, durations),
        )
