"""Digests of addresses that were taken back, each kept for as long as it could have been used."""

from collections.abc import Callable
from heapq import heappop, heappush
from threading import Lock
from typing import Protocol

from ..redis.client import BriefRedis

MOST_IN_MEMORY = 100_000
"""Digests that one process keeps; past that the one that would have ended first leaves."""

_PREFIX = "gone:1:"

_ADD = "return redis.call('SET', KEYS[1], '', 'EXAT', ARGV[1])"


class Forgotten(Protocol):
    def add(self, digest: str, until: int) -> None:
        """Keep a digest until an epoch second; raises RedisDown (redis/client.py)."""
        ...

    def holds(self, *digests: str) -> bool:
        """Return whether one of the digests is kept; raises RedisDown."""
        ...


class MemoryForgotten:
    """Of one process, for as long as it runs. `clock` gives epoch seconds."""

    def __init__(self, clock: Callable[[], float], most: int = MOST_IN_MEMORY) -> None:
        self._clock = clock
        self._most = most
        self._until: dict[str, int] = {}
        self._by_end: list[tuple[int, str]] = []
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._until)

    def add(self, digest: str, until: int) -> None:
        with self._lock:
            if digest not in self._until:
                self._until[digest] = until
                heappush(self._by_end, (until, digest))
            now = self._clock()
            while self._by_end and (self._by_end[0][0] <= now or len(self._by_end) > self._most):
                del self._until[heappop(self._by_end)[1]]

    def holds(self, *digests: str) -> bool:
        return any(digest in self._until for digest in digests)


class RedisForgotten:
    """Of all processes and nodes."""

    def __init__(self, client: BriefRedis) -> None:
        self._client = client
        # Whoever takes an address back is not to wait until a full server has room.
        self._add = client.register_script_when_full(_ADD)

    def add(self, digest: str, until: int) -> None:
        self._add([_PREFIX + digest], [until])

    def holds(self, *digests: str) -> bool:
        return bool(self._client.exists(*(_PREFIX + digest for digest in digests)))
