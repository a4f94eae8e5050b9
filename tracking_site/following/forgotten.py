"""What was taken back, of private addresses and of results: in memory, or in Redis for all.

What is kept of an address is a digest of its text, which is random, so that neither the address nor
the number can be had from it.
"""

from collections.abc import Callable
from contextlib import suppress
from heapq import heappop, heappush
from threading import Lock
from typing import Protocol

from ..redis.client import BriefRedis, RedisDown

MAX_IN_MEMORY = 100_000
"""Digests that one process keeps; past that the one that would have ended first leaves."""

MAX_LATE = 10_000
"""Digests that a process keeps until they can be written down; some 2 MB."""

LATE_AT_ONCE = 8
"""Of these, those that one request writes on its way."""

_PREFIX = "gone:1:"

# Seconds from now: by a server whose clock is ahead a moment is past, and nothing would be kept.
_ADD = "return redis.call('SET', KEYS[1], '', 'EX', ARGV[1])"


class Forgotten(Protocol):
    def add(self, digest: str, until: int) -> None:
        """Keep a digest until an epoch second; raises RedisDown (redis/client.py)."""

    def holds(self, *digests: str) -> bool:
        """Return whether one of the digests is kept; raises RedisDown."""


class MemoryForgotten:
    """Of one process, for as long as it runs. `clock` gives epoch seconds."""

    def __init__(self, clock: Callable[[], float], most: int = MAX_IN_MEMORY) -> None:
        self._clock = clock
        self._most = most
        self._until: dict[str, int] = {}
        self._by_end: list[tuple[int, str]] = []
        self._lock = Lock()

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
    """Of all processes and nodes. `clock` gives epoch seconds."""

    def __init__(self, client: BriefRedis, clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        # Whoever takes an address back is not to wait until a full server has room.
        self._add = client.register_script_when_full(_ADD)

    def add(self, digest: str, until: int) -> None:
        self._add([_PREFIX + digest], [max(int(until - self._clock()), 0) + 1])

    def holds(self, *digests: str) -> bool:
        return bool(self._client.exists(*(_PREFIX + digest for digest in digests)))


class LateForgotten:
    """Over the store of all processes: what it could not write down this process knows meanwhile,
    and writes when it is back. `clock` gives epoch seconds."""

    def __init__(self, store: Forgotten, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._late: dict[str, int] = {}

    def add(self, digest: str, until: int) -> None:
        try:
            self._store.add(digest, until)
        except RedisDown:
            if len(self._late) < MAX_LATE:
                self._late[digest] = until
            raise

    def holds(self, *digests: str) -> bool:
        is_late = any(digest in self._late for digest in digests)
        is_kept = is_late or self._store.holds(*digests)
        if self._late:
            self._write_late()
        return is_kept

    def _write_late(self) -> None:
        with suppress(RedisDown):
            for digest in [*self._late][:LATE_AT_ONCE]:
                until = self._late.get(digest, 0)
                if self._clock() < until:
                    self._store.add(digest, until)
                self._late.pop(digest, None)
