"""Threads at the gate: who is let to the core, who is held a moment, who waits outside.

A request keeps its room until the exchange has really ended, which can be later than the moment
at which the person who asked was answered.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from os import getpid, urandom
from threading import Event, Lock
from time import monotonic

from .errors import CoreNotAsked, Trouble
from .gate import Gate, Place
from .source import do_nothing

CALL_SECONDS = 0.1
"""How often a process asks which of those that it holds may go."""

MAX_CALL_SECONDS = 0.5
"""Where many are held they ask by turns: each so seldom at most, and it says then that it lives
(a lead in Redis lapses after 1.5 s)."""

COME_BACK_SECONDS = 2.0
"""What a person is told who found no room and keeps no place."""

Leave = Callable[[bool | None], None]
"""Gives a room back; says whether the core failed (None: it was not really asked)."""

BEHIND = Place(b"behind")
"""Asks for what gives way to all for whom somebody waits."""

UNBOUNDED = Place(b"unbounded")
"""Passes: what it asks decides whether anybody is to ask."""

_asks_as: ContextVar[Place | None] = ContextVar("place", default=None)


@contextmanager
def asking_as(place: Place) -> Iterator[None]:
    """Let what this thread asks count as this place in the line."""
    token = _asks_as.set(place)
    try:
        yield
    finally:
        _asks_as.reset(token)


class Rooms:
    """The requests of one process at the core: at most `most`, and at most `most_held` held."""

    def __init__(self, gate: Gate, most: int, most_held: int) -> None:
        self._gate = gate
        self._most = most
        self._most_held = most_held
        self._begun_as = urandom(8)
        self._inside: set[bytes] = set()
        self._held: dict[bytes, Event] = {}
        self._calling = Lock()
        self._called_at = 0.0

    @property
    def _node(self) -> bytes:
        # Of each process another, though all are forks of the one that made this.
        return self._begun_as + getpid().to_bytes(4)

    def enter(self, hold_seconds: float, while_held: Callable[[], None] = do_nothing) -> Leave:
        """Return how to leave, once; raises CoreNotAsked when there was no room in time."""
        place = _asks_as.get() or Place(urandom(16))
        if place is UNBOUNDED:
            return do_nothing
        if len(self._inside) >= self._most or place.name in self._held:
            raise CoreNotAsked(Trouble.NO_ROOM, COME_BACK_SECONDS)
        if place is BEHIND:
            place = Place(urandom(16))
            is_let = self._gate.enter_behind(place.name)
        else:
            is_let = self._entered(place, hold_seconds, while_held)
        if not is_let:
            raise CoreNotAsked(Trouble.NO_ROOM, COME_BACK_SECONDS)
        self._inside.add(place.name)

        def leave(has_failed: bool | None) -> None:
            self._inside.discard(place.name)
            self._let_go(self._gate.leave(self._node, place.name, has_failed))

        return leave

    def _entered(self, place: Place, hold_seconds: float, while_held: Callable[[], None]) -> bool:
        if len(self._held) >= self._most_held:
            hold_seconds = 0.0
        # Before it is asked, so that no call is missed; who is called is taken out.
        called = self._held[place.name] = Event()
        verdict = None
        try:
            verdict = self._gate.enter(self._node, place, hold_seconds)
            if verdict == "hold":
                self._wait(called, hold_seconds, while_held)
        finally:
            is_called = self._held.pop(place.name, None) is None
        return verdict == "go" or is_called

    def _wait(self, called: Event, seconds: float, while_held: Callable[[], None]) -> None:
        until = monotonic() + seconds
        while not called.wait(max(min(until - monotonic(), self._turn_seconds), 0.0)):
            if monotonic() >= until:
                return
            while_held()
            self._call()

    @property
    def _turn_seconds(self) -> float:
        return min(CALL_SECONDS * max(len(self._held), 1), MAX_CALL_SECONDS)

    def _call(self) -> None:
        if not self._calling.acquire(blocking=False):
            return
        try:
            if monotonic() - self._called_at > CALL_SECONDS / 2:
                self._called_at = monotonic()
                self._let_go(self._gate.call(self._node))
        finally:
            self._calling.release()

    def _let_go(self, names: Iterable[bytes]) -> None:
        for name in names:
            called = self._held.pop(name, None)
            if called is not None:
                called.set()
            else:
                # Its time was over in this very moment.
                self._let_go(self._gate.leave(self._node, name, None))
