"""One lookup, from typed text to an outcome (domain/outcomes.py); knows no Flask."""

import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

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
from .domain.outcomes import Found, Invalid, NoRoom, NotFound, Outcome, Unavailable
from .domain.timeline import UsualWaits
from .domain.working_days import WorkingCalendar
from .records import timed

COME_BACK_AFTER = 30.0
"""Seconds to wait after a failure for which the core named no time."""

MIN_CLAIMS = 30
"""Below this many claims a range says more about chance than about the stage."""

FIRST_WAIT_SECONDS = 0.5
"""How long the first lookups of a process may wait for them, all together."""

REFRESH_SECONDS = 3600.0
"""They describe 90 days; an hour more or less does not change them."""

RETRY_SECONDS = 60.0
"""How soon the core is asked again after it had no answer."""

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
        now = self._clock().replace(second=0, microsecond=0)
        return Found.of(number, snapshot, now, self._calendar, self._usual_waits())

    def _usual_waits(self) -> UsualWaits:
        by_stage, usual = self._durations(), self._usual
        if by_stage is not usual.by_stage:
            usual = self._usual = UsualWaits.of(by_stage)
        return usual


class ObservedDurations:
    """Calling it returns the durations by service and stage.

    The first call asks the core, in a thread of its own, and waits for the answer; so do those
    that come meanwhile, until FIRST_WAIT_SECONDS after the first. From then on it returns at once
    what is known, and refreshes behind. No thread is started before the first call.

    `fetch` asks the core and raises CoreError; `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        fetch: Callable[[], tuple[StageDuration, ...]],
        clock: Callable[[], float],
        first_wait: float = FIRST_WAIT_SECONDS,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._first_wait = first_wait
        self._lock = threading.Lock()
        self._known: Mapping[tuple[str, str], StageDuration] = {}
        self._ask_again_at = float("-inf")
        self._is_settled = threading.Event()
        self._wait_until = float("inf")

    def __call__(self) -> Mapping[tuple[str, str], StageDuration]:
        if self._clock() >= self._ask_again_at and self._lock.acquire(blocking=False):
            # The lock is given back by the thread: one refresh at a time.
            now = self._clock()
            self._ask_again_at = now + RETRY_SECONDS
            self._wait_until = min(self._wait_until, now + self._first_wait)
            threading.Thread(target=self._refresh, name="durations", daemon=True).start()
        if not self._is_settled.is_set():
            left = min(max(self._wait_until - self._clock(), 0.0), self._first_wait)
            if not self._is_settled.wait(left):
                # The core is slow: nobody who comes later waits for it either.
                self._is_settled.set()
        return self._known

    def _refresh(self) -> None:
        try:
            self._known = {
                (each.service, each.stage): each
                for each in self._fetch()
                if each.claims >= MIN_CLAIMS
            }
            self._ask_again_at = self._clock() + REFRESH_SECONDS
        except CoreError:
            return
        finally:
            self._is_settled.set()
            self._lock.release()
