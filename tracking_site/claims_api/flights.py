"""One flight for a number among the threads of a process: one asks, the others wait for it."""

from concurrent.futures import Future
from threading import Lock

from ..domain.claims import Snapshot
from .entries import Key

Flight = Future[Snapshot]


class Flights:
    def __init__(self) -> None:
        self._under_way: dict[Key, Flight] = {}
        self._lock = Lock()

    def join(self, key: Key) -> tuple[Flight, bool]:
        """Return the flight of a number, and whether the caller is the one who must fly it."""
        with self._lock:
            flight = self._under_way.get(key)
            if flight is not None:
                return flight, False
            flight = self._under_way[key] = Future()
            return flight, True

    def land(self, key: Key, flight: Flight) -> None:
        """Let the next one who asks begin a new flight."""
        with self._lock:
            if self._under_way.get(key) is flight:
                del self._under_way[key]

    def forget(self, key: Key) -> None:
        """Nobody joins the flight that is under way, which began before now."""
        with self._lock:
            self._under_way.pop(key, None)

    def forget_all(self) -> None:
        with self._lock:
            self._under_way.clear()
