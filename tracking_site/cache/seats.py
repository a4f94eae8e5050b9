"""Who waits for an answer that others asked for: each has a thread, and a crowd would take all."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from ..claims_api.errors import CoreError, Trouble


class Seats:
    """At most `most` in one process, and no more than are free of those that it shares `of_all`."""

    def __init__(self, most: int, of_all: BoundedSemaphore | None = None) -> None:
        self._own = BoundedSemaphore(most)
        self._of_all = of_all or BoundedSemaphore(most)

    @property
    def are_taken(self) -> bool:
        try:
            with self.one():
                return False
        except CoreError:
            return True

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take a seat meanwhile; raises CoreError where none is free."""
        with _taken(self._own), _taken(self._of_all):
            yield


@contextmanager
def _taken(seats: BoundedSemaphore) -> Iterator[None]:
    if not seats.acquire(blocking=False):
        raise CoreError(Trouble.CROWDED)
    try:
        yield
    finally:
        seats.release()
