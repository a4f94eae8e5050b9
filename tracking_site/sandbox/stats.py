"""How many lookups came, how many are under way, how many at most were."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Stats:
    """Counts lookups from the request read to the answer sent, faults included."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lookups = self._in_flight = self._most = 0

    @contextmanager
    def lookup(self) -> Iterator[None]:
        with self._lock:
            self._lookups += 1
            self._in_flight += 1
            self._most = max(self._most, self._in_flight)
        try:
            yield
        finally:
            with self._lock:
                self._in_flight -= 1

    def as_json(self) -> dict[str, int]:
        with self._lock:
            return {
                "lookups": self._lookups,
                "in_flight": self._in_flight,
                "max_in_flight": self._most,
            }

    def reset(self) -> None:
        """Starts counting anew; what is under way stays counted as in flight."""
        with self._lock:
            self._lookups = 0
            self._most = self._in_flight
