"""Storages for the limits library: in memory, without threads and within bounds, and in Redis.

The library's own memory starts a thread every ten milliseconds that walks over all keys, and
two threads can lose a count between its reads and writes. Its Redis makes a client of its own.
"""

import time
from collections.abc import Callable
from threading import Lock
from typing import Any

from limits.storage import RedisStorage, Storage

from ..redis.client import BriefRedis

MOST_KEYS = 100_000
"""Networks counted at once; beyond it the windows that began longest ago are forgotten."""


class Counters(Storage):
    """Fixed windows alone; `counters://` in the library's addresses. `clock`: epoch seconds."""

    STORAGE_SCHEME = ["counters"]  # noqa: RUF012 - the library's own form

    def __init__(
        self,
        uri: str | None = None,
        wrap_exceptions: bool = False,
        clock: Callable[[], float] = time.time,
        most_keys: int = MOST_KEYS,
        **_: Any,
    ) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._clock = clock
        self._most_keys = most_keys
        self._windows: dict[str, tuple[int, float]] = {}
        self._lock = Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = self._clock()
        with self._lock:
            count, ends_at = self._windows.get(key, (0, 0.0))
            if now >= ends_at:
                self._windows.pop(key, None)
                self._make_room(now)
                count, ends_at = 0, now + expiry
            self._windows[key] = count + amount, ends_at
            return count + amount

    def get(self, key: str) -> int:
        count, ends_at = self._windows.get(key, (0, 0.0))
        return count if self._clock() < ends_at else 0

    def get_expiry(self, key: str) -> float:
        now = self._clock()
        _, ends_at = self._windows.get(key, (0, 0.0))
        return ends_at if now < ends_at else now

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        with self._lock:
            count = len(self._windows)
            self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        with self._lock:
            self._windows.pop(key, None)

    def __len__(self) -> int:
        return len(self._windows)

    def _make_room(self, now: float) -> None:
        if len(self._windows) < self._most_keys:
            return
        self._windows = {key: each for key, each in self._windows.items() if each[1] > now}
        # Windows stand in the order in which they began.
        for key in list(self._windows)[: max(0, len(self._windows) - self._most_keys // 2)]:
            del self._windows[key]


class SharedCounters(RedisStorage):
    """The library's own counting over the site's client; `shared://` in its addresses.

    Raises RedisDown.
    """

    STORAGE_SCHEME = ["shared"]  # noqa: RUF012 - the library's own form

    def __init__(self, uri: str, client: BriefRedis, key_prefix: str, **_: Any) -> None:
        self._client = client
        super().__init__("redis://", connection_pool=client.connection_pool, key_prefix=key_prefix)

    def initialize_storage(self, _uri: str) -> None:
        self.storage = self._client
        super().initialize_storage(_uri)
