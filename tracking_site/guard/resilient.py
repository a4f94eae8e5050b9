"""The shared ledger, and a private one with small budgets while the shared one cannot be asked."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .ledger import (
    Ask,
    Ledger,
    LedgerError,
    LedgerForeignError,
    LedgerStatus,
    Peek,
    Reservation,
)
from .novelty import Places, Recent
from .rules import REPEAT, Decision

RETRY_SECONDS = 1.0
"""After a failure the shared ledger is left alone for this long; then one request tries it."""

MOST_REPEATS = 8192
"""Pairs of network and number that a process knows to be repeats; some 2 MB."""


class ResilientLedger:
    """A `Ledger` that answers whatever happens to the shared one, and returns to it by itself.

    At most one request in `RETRY_SECONDS` waits for a broken ledger; the others are answered by
    the private one, whose rows stay for the next time. What was reserved there is settled there.
    A number that the shared ledger let the same network have today is not asked of it again:
    that would be a repeat for the rest of the day, and a repeat changes nothing.
    `on_failure` is told the name of each error, for a counter and an alert.
    """

    def __init__(
        self,
        shared: Ledger,
        private: Ledger,
        clock: Callable[[], float],
        on_failure: Callable[[str], None] = lambda _: None,
    ):
        self._shared = shared
        self._private = private
        self._clock = clock
        self._on_failure = on_failure
        self._let_through = Recent(MOST_REPEATS)
        self._lock = threading.Lock()
        self._broken = False
        self._retry_at = 0.0

    @property
    def is_degraded(self) -> bool:
        """Whether the last request that tried the shared ledger failed."""
        return self._broken

    def knows(self, day: int, novelty: Places) -> bool:
        return self._let_through.holds(day, novelty)

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        if self.knows(ask.day, ask.novelty):
            return REPEAT, None
        if self._may_try():
            try:
                answer = self._shared.reserve(ask)
            except LedgerError as error:
                self._failed(error)
            else:
                self._worked()
                if answer[0].kind in ("ok", REPEAT.kind):
                    self._let_through.add(ask.day, ask.novelty)
                return answer
        decision, reservation = self._private.reserve(ask)
        if reservation is not None:
            reservation = reservation._replace(degraded=True)
        return decision, reservation

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        if reservation.degraded:
            self._private.settle(reservation, found, now)
        elif not self._broken:
            try:
                self._shared.settle(reservation, found, now)
            except LedgerError as error:
                self._failed(error)

    def peek(self, ask: Ask) -> Peek:
        return self._shared.peek(ask)

    def forgive(self, ask: Ask) -> None:
        self._private.forgive(ask)
        self._shared.forgive(ask)

    def siege(self, on: bool) -> None:
        self._private.siege(on)
        self._shared.siege(on)

    def status(self, now: float, day: int, top: int = 10) -> LedgerStatus:
        try:
            return self._shared.status(now, day, top)
        except LedgerError as error:
            self._on_failure(type(error).__name__)
            private = self._private.status(now, day, top)
            return private._replace(store=f"private, without the shared one ({error})")

    def _may_try(self) -> bool:
        if not self._broken:
            return True
        with self._lock:
            now = self._clock()
            # A clock that moved back must not keep the shared ledger away for long.
            if self._retry_at - RETRY_SECONDS <= now < self._retry_at:
                return False
            self._retry_at = now + RETRY_SECONDS
            return True

    def _failed(self, error: LedgerError) -> None:
        self._on_failure(type(error).__name__)
        # One strange row says nothing about the others.
        if not isinstance(error, LedgerForeignError):
            with self._lock:
                self._broken = True
                self._retry_at = self._clock() + RETRY_SECONDS

    def _worked(self) -> None:
        self._broken = False
