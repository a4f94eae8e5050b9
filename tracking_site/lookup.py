"""One lookup, from typed text to an outcome (domain/outcomes.py); knows no Flask."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from .claims_api.errors import CoreError, Trouble
from .claims_api.source import ClaimsSource
from .domain.claims import Snapshot, StageDuration
from .domain.identifiers import (
    Identifier,
    InvalidIdentifier,
    Kpj,
    Nik,
    OneCard,
    parse_identifier,
)
from .domain.outcomes import (
    Found,
    Invalid,
    NoRoom,
    NotFound,
    Outcome,
    Unavailable,
    UsualWaits,
)
from .domain.working_days import WorkingCalendar
from .records import timed

A_MINUTE = timedelta(minutes=1)

COME_BACK_AFTER = 30.0
"""Seconds to wait after a failure for which the core named no time."""

Durations = Callable[[], Mapping[tuple[str, str], StageDuration]]


def no_durations() -> Mapping[tuple[str, str], StageDuration]:
    """Stand for a core that reports no observed durations."""
    return {}


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
        now = self._this_minute()
        return Found.of(number, snapshot, now, self._calendar, self._usual_waits())

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
