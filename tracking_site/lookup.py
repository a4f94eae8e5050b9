"""One lookup, from typed text to an outcome; knows no Flask.

The outcomes are values, matched once, where they are told (web/outcomes.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from .claims_api.errors import CoreError, Trouble
from .claims_api.source import ClaimsSource
from .domain.claims import Claim, Snapshot, StageDuration, digest_of
from .domain.identifiers import (
    Identifier,
    InvalidIdentifier,
    InvalidReason,
    Kpj,
    Nik,
    OneCard,
    parse_identifier,
)
from .domain.outlook import Outlook
from .domain.standing import Standing
from .domain.timeline import Timeline
from .domain.working_days import LegalClock, WorkingCalendar
from .records import timed

A_MINUTE = timedelta(minutes=1)

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

    Whoever only asks whether anything changed does not pay for calendars. `checked_at` is a full
    minute: nothing is told more finely, so all who ask within it are told the same. `as_of` is
    rounded down to five, so that it says less of when somebody else had asked. `digest`
    stands for the claims, the moment of the core and the usual waits.
    """

    name = "found"
    identifier: Nik | Kpj
    as_of: datetime
    checked_at: datetime
    is_stale: bool
    claims: tuple[Claim, ...]
    digest: bytes = field(repr=False)
    journey_of: Callable[[Claim], Journey] = field(repr=False, compare=False)

    @cached_property
    def journeys(self) -> tuple[Journey, ...]:
        return tuple(self.journey_of(claim) for claim in self.claims)

    @property
    def age_seconds(self) -> float:
        """Between the minutes that are shown of the two: who subtracts them gets the same."""
        since = self.checked_at - self.as_of.replace(second=0, microsecond=0)
        return max(since.total_seconds(), 0.0)

    @property
    def is_live(self) -> bool:
        """True while any claim may still move."""
        return any(not claim.is_final for claim in self.claims)


@dataclass(frozen=True, slots=True)
class NotFound:
    name = "not_found"
    identifier: Nik | Kpj


@dataclass(frozen=True, slots=True)
class Invalid:
    name = "invalid"
    reason: InvalidReason
    length: int


@dataclass(frozen=True, slots=True)
class Unavailable:
    name = "unavailable"
    retry_after: float


@dataclass(frozen=True, slots=True)
class NoRoom:
    """The core has no room at the moment: the number may wait in the line."""

    name = "no_room"


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
Durations = Callable[[], Mapping[tuple[str, str], StageDuration]]


def _rounded(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 5 * 5, second=0, microsecond=0)


def no_durations() -> Mapping[tuple[str, str], StageDuration]:
    """Stand for a core that reports no observed durations."""
    return {}


@dataclass(frozen=True, slots=True)
class UsualWaits:
    """Observed durations by service and stage, and a digest that stands for them."""

    by_stage: Mapping[tuple[str, str], StageDuration]
    digest: bytes

    @classmethod
    def of(cls, by_stage: Mapping[tuple[str, str], StageDuration]) -> "UsualWaits":
        return cls(by_stage, digest_of(repr(sorted(by_stage.items())).encode()))


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
        self._usual = UsualWaits.of({})
        self._minute = (datetime.min.replace(tzinfo=UTC),) * 2

    def look_up(self, text: str) -> Outcome:
        """Return the outcome for a typed text; an impossible number asks nobody, and no number
        waits in the line."""
        match parse_identifier(text):
            case InvalidIdentifier(reason, length):
                return Invalid(reason, length)
            case identifier:
                outcome = self.look_up_identifier(identifier)
                return Unavailable(COME_BACK_AFTER) if isinstance(outcome, NoRoom) else outcome

    def look_up_identifier(self, identifier: Identifier) -> Found | NotFound | Unavailable | NoRoom:
        """Return the outcome for a number that was already read, or for one card of a person."""
        with timed("looked_up"):
            try:
                with timed("source"):
                    snapshot = self._source.claims_of(identifier)
            except CoreError as error:
                if error.kind is Trouble.NO_ROOM:
                    return NoRoom()
                return Unavailable(error.retry_after or COME_BACK_AFTER)
            if isinstance(identifier, OneCard):
                return self._outcome(identifier.nik, snapshot.of_card(identifier.end))
            return self._outcome(identifier, snapshot)

    def _outcome(self, number: Nik | Kpj, snapshot: Snapshot) -> Found | NotFound:
        if not snapshot.claims:
            return NotFound(number)
        now, usual = self._this_minute(), self._usual_waits()
        newest_first = sorted(snapshot.claims, key=lambda claim: claim.submitted_at, reverse=True)
        return Found(
            identifier=number,
            as_of=_rounded(snapshot.as_of),
            checked_at=now,
            is_stale=snapshot.is_stale,
            claims=tuple(newest_first),
            digest=snapshot.digest + usual.digest,
            journey_of=lambda claim: self._journey(claim, now, usual),
        )

    def _this_minute(self) -> datetime:
        now, (begins, ends) = self._clock(), self._minute
        # One object for a minute: to compare and to hash it costs nothing then.
        if not begins <= now < ends:
            begins = now.replace(second=0, microsecond=0)
            self._minute = (begins, begins + A_MINUTE)
        return begins

    def _usual_waits(self) -> UsualWaits:
        by_stage, usual = self._durations(), self._usual
        if by_stage is not usual.by_stage:
            usual = self._usual = UsualWaits.of(by_stage)
        return usual

    def _journey(self, claim: Claim, now: datetime, usual: UsualWaits) -> Journey:
        timeline = Timeline.of(claim, now)
        clock = LegalClock.of(claim, now, self._calendar)
        standing = Standing.of(claim, timeline, clock, self._calendar, now)
        return Journey(
            claim=claim,
            timeline=timeline,
            clock=clock,
            usual={
                milestone.stage: usual.by_stage[claim.service, milestone.stage]
                for milestone in claim.milestones
                if (claim.service, milestone.stage) in usual.by_stage
            },
            standing=standing,
            outlook=Outlook.of(standing, usual.by_stage),
        )
