"""The shared ledger, and a private one with small budgets while the shared one cannot be asked."""

from __future__ import annotations

from collections.abc import Callable

from ..redis.client import RedisDown, RedisForeign, RedisFull
from .ledger import Ask, Ledger, LedgerStatus, Peek, Reservation
from .novelty import Places, Recent
from .rules import REPEAT, Decision

_LABELS = {RedisFull: "LedgerFullError", RedisForeign: "LedgerForeignError"}
"""Of the figure, whose labels are older than the errors' names."""

MOST_REPEATS = 8192
"""Pairs of network and number that a process knows to be repeats; some 2 MB."""


class ResilientLedger:
    """A `Ledger` that answers whatever happens to the shared one, and returns to it by itself.

    While the shared one is left alone (redis/client.py) nobody waits for it: the private one
    answers, whose rows stay for the next time. What was reserved there is settled there.
    A number that the shared ledger let the same network have today is not asked of it again:
    that would be a repeat for the rest of the day, and a repeat changes nothing.
    `on_failure` is told the name of each error, for a counter and an alert.
    """

    def __init__(
        self,
        shared: Ledger,
        private: Ledger,
        on_failure: Callable[[str], None] = lambda _: None,
    ):
        self._shared = shared
        self._private = private
        self._on_failure = on_failure
        self._let_through = Recent(MOST_REPEATS)
        self._is_degraded = False

    @property
    def is_degraded(self) -> bool:
        """Whether the last request that tried the shared ledger failed."""
        return self._is_degraded

    def knows(self, day: int, novelty: Places) -> bool:
        return self._let_through.holds(day, novelty)

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        if self.knows(ask.day, ask.novelty):
            return REPEAT, None
        try:
            answer = self._shared.reserve(ask)
        except RedisDown as error:
            self._failed(error)
        else:
            self._is_degraded = False
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
            return
        try:
            self._shared.settle(reservation, found, now)
        except RedisDown as error:
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
        except RedisDown as error:
            self._failed(error)
            private = self._private.status(now, day, top)
            return private._replace(store=f"private, without the shared one ({error})")

    def _failed(self, error: RedisDown) -> None:
        self._is_degraded = True
        self._on_failure(_LABELS.get(type(error), "LedgerUnreachableError"))
