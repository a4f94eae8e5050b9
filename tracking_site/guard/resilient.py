"""The shared ledger, and a private one with small budgets while the shared one cannot be asked."""

from collections import deque
from collections.abc import Callable

from ..cache.stores import BoundedLru
from ..redis.client import RedisDown, RedisForeign, RedisFull
from .keys import Pair, Places
from .ledger import Ask, Ledger, OtherSecret, Reservation
from .memory_ledger import MemoryLedger
from .rules import CHARGED, REPEAT, Decision, Weighed

LABELS = {
    RedisDown: "LedgerUnreachableError",
    RedisFull: "LedgerFullError",
    RedisForeign: "LedgerForeignError",
}
"""Of the figure, by the error; every other one is told as the first."""

MAX_REPEATS = 2048
"""Pairs of network and number that a process knows to be repeats; some 1.3 MB."""

AWAY_SECONDS = 300
"""When whom the private ledger refuses may ask again: the shared one may be back by then."""

MAX_LATE = 1024
"""Answers that a process keeps to book them when the shared ledger is back."""

NO_WINDOW = -2
"""Of a reservation that is under way no more."""

LATE_AT_ONCE = 8
"""Of these, those that one request books on its way: a round trip each."""


class ResilientLedger:
    """A `Ledger` that answers whatever happens to the shared one, and returns to it by itself.

    While the shared one is left alone (redis/client.py) nobody waits for it: the private one
    answers, whose rows stay for the next time. What was reserved there is settled there; what
    the shared one reserved and could not book is booked when it is back, which is the same
    however often it is done; so is what the private one answered, which the shared one is then
    asked for like everything else. Misses around one person that this process booked in the
    shared one count in the private one too: nobody gets new guesses by a Redis that is slow.
    A number that the same network asked and was answered today is not asked of the shared one
    again: that would be a repeat for the rest of the day, and a repeat changes nothing.
    `on_failure` is told the name of each error, for a counter and an alert.
    """

    def __init__(
        self,
        shared: Ledger,
        private: MemoryLedger,
        on_failure: Callable[[str], None] = lambda _: None,
    ):
        self._shared = shared
        self._private = private
        self._on_failure = on_failure
        self._answered: BoundedLru[tuple[int, Places], bool] = BoundedLru(MAX_REPEATS, MAX_REPEATS)
        self._late: deque[tuple[Reservation, bool]] = deque(maxlen=MAX_LATE)

    def knows(self, day: int, pair: Pair) -> bool:
        return self._answered.get((day, pair.asked)) is not None

    def was_answered(self, day: int, pair: Pair) -> bool:
        if self.knows(day, pair):
            return True
        try:
            return self._shared.was_answered(day, pair)
        except RedisDown as error:
            self._failed(error)
            return self._private.was_answered(day, pair)

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        if self.knows(ask.day, ask.pair):
            return REPEAT, None
        try:
            self._book_late(ask.now)
            answer = self._shared.reserve(ask)
        except RedisDown as error:
            self._failed(error)
        else:
            if answer[0] == REPEAT:
                self._answered.put((ask.day, ask.pair.asked), True, 1)
            return answer
        decision, reservation = self._private.reserve(ask)
        if decision.kind == "refuse":
            left = decision.retry_after or AWAY_SECONDS
            decision = decision._replace(retry_after=min(left, AWAY_SECONDS))
        if reservation is not None:
            reservation = reservation._replace(degraded=True)
        return decision, reservation

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        if reservation.degraded:
            self._private.settle(reservation, found, now)
            if found is not None:
                self._late.append((reservation, found))
            return
        if found is False:
            self._private.note_miss(reservation.ask)
        try:
            self._settle_shared(reservation, found, now)
        except RedisDown as error:
            if found is not None:
                # It may have been booked already: by then it must not free another's place.
                self._late.append((reservation._replace(window=NO_WINDOW), found))
            self._failed(error)

    def peek(self, ask: Ask) -> Weighed:
        return self._shared.peek(ask)

    def _settle_shared(self, reservation: Reservation, found: bool | None, now: float) -> None:
        self._shared.settle(reservation, found, now)
        if found is not None:
            self._answered.put((reservation.ask.day, reservation.ask.pair.asked), True, 1)

    def _settle_late(self, reservation: Reservation, found: bool, now: float) -> None:
        if reservation.degraded:
            # It was let through and answered there.
            ask = reservation.ask._replace(now=now, paid=CHARGED, by_ticket=False)
            _, shared = self._shared.reserve(ask)
            if shared is None:
                return
            reservation = shared
        self._settle_shared(reservation, found, now)

    def _book_late(self, now: float) -> None:
        """Book answers that the shared ledger missed; raises RedisDown, and keeps the rest.

        As answers of now: others went on, and what came hours ago would set their circuit back.
        """
        for _ in range(min(LATE_AT_ONCE, len(self._late))):
            try:
                late = self._late.popleft()
            except IndexError:  # Another thread took the last.
                return
            try:
                self._settle_late(*late, now)
            except (RedisForeign, OtherSecret):
                # That row will never be read (OtherSecret: this process began while the shared
                # ledger was away, and drew bytes of its own); the others must not wait for it.
                continue
            except RedisDown:
                self._late.appendleft(late)
                raise

    def _failed(self, error: RedisDown) -> None:
        self._on_failure(LABELS.get(type(error), LABELS[RedisDown]))
