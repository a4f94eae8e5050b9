"""The bulkhead: how many requests may be on their way to the core at once.

A request holds its place until the exchange has really ended, which can be later than the
moment at which the person who asked was answered.
"""

from collections.abc import Callable
from threading import BoundedSemaphore
from time import monotonic
from typing import Protocol

from .errors import CoreNotAsked, Trouble

COME_BACK_SECONDS = 2.0
"""What a person is told who found no room: about the time in which a full house empties."""

Leave = Callable[[], None]


class Rooms(Protocol):
    def enter(self, until: float) -> Leave:
        """Wait for a place until a monotonic moment; return how to leave it, once.

        Raises CoreNotAsked when there was none.
        """
        ...


class ProcessRooms:
    """The places of one process."""

    def __init__(self, places: int) -> None:
        self._places = BoundedSemaphore(places)

    def enter(self, until: float) -> Leave:
        if not self._places.acquire(timeout=max(until - monotonic(), 0)):
            raise CoreNotAsked(Trouble.NO_ROOM, COME_BACK_SECONDS)
        return self._places.release
