"""The plain request limit: only against cheap abuse, long before anything is looked up.

Flask-Limiter's own storage counts parsed items; its decorators cost a request twelve times as much
(docs/decisions). While its storage cannot be asked, a limit of this process's own stands in, so
that nobody gets an error and nothing becomes unlimited.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import structlog
from flask import Flask
from flask_limiter import Limiter
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.storage import RedisStorage, Storage

from ..redis.client import BriefRedis, RedisClients, RedisDown
from ..sealing import derive
from ..settings import Settings
from .keys import Followed
from .networks import Carriers, Network

_log = structlog.get_logger()

MAX_KEYS = 100_000
"""Networks counted at once; beyond it the windows that began longest ago are forgotten."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The guard's refusal; `retry_after` in seconds. How large the budget is stays unsaid."""

    name = "refused"
    retry_after: float


KEYS_OF_BOTH, KEYS_OF_NUMBER, KEYS_OF_NETWORK = 3, 6, 6
"""Private addresses a day: of a number asked by one network, of a number beside the first of each
network, of a network."""

NUMBERS_A_KEY = 3
"""Each so many distinct numbers of a network allow it one address more."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests that are let through."""

    per_network: int = 120
    """A minute, from one network: a fast reader with a family sends a tenth."""

    per_carrier: int = 3000
    """A minute, from one address of a listed carrier, which thousands share."""

    per_address: int = 60
    """A minute, for one private address, whoever asks for it."""


class Window(NamedTuple):
    """A limit of the library's, and the library's own key of whom it counts.

    The library asks its storage once for each limit, which over Redis is most of what they cost.
    What is written there is its own form, so that both can count together.
    """

    limit: RateLimitItem
    key: str

    @classmethod
    def of(cls, limit: RateLimitItem, kind: str, whose: str) -> "Window":
        return cls(limit, limit.key_for(kind, whose))


_OF_BOTH = RateLimitItemPerDay(KEYS_OF_BOTH)
_OF_NUMBER = RateLimitItemPerDay(KEYS_OF_NUMBER)
_OF_NETWORK = RateLimitItemPerDay(KEYS_OF_NETWORK)


class Counters(Storage):
    """Fixed windows in memory; `counters://` in the library's addresses. `clock`: epoch seconds.

    The library's own starts a thread every ten milliseconds that walks over all keys, and two
    threads can lose a count between its reads and writes.
    """

    STORAGE_SCHEME = ["counters"]  # noqa: RUF012 - the library's own form

    def __init__(
        self,
        uri: str | None = None,
        wrap_exceptions: bool = False,
        clock: Callable[[], float] = time.time,
        most_keys: int = MAX_KEYS,
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
            # One that ends later than a new one would began before the clock was set back.
            if not now < ends_at <= now + expiry:
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

    def _make_room(self, now: float) -> None:
        if len(self._windows) < self._most_keys:
            return
        self._windows = {key: each for key, each in self._windows.items() if each[1] > now}
        # Windows stand in the order in which they began.
        for key in list(self._windows)[: max(0, len(self._windows) - self._most_keys // 2)]:
            del self._windows[key]


_HIT = Path(__file__).with_name("lua") / "requests.lua"


class SharedCounters(RedisStorage):
    """The library's own counting over the site's client, where it would make one of its own.

    `shared://` in its addresses. Raises RedisDown.
    """

    STORAGE_SCHEME = ["shared"]  # noqa: RUF012 - the library's own form

    def __init__(self, uri: str, client: BriefRedis, key_prefix: str, **_: Any) -> None:
        self._client = client
        self._hit = client.register_script_when_full(_HIT.read_text(encoding="utf-8"))
        super().__init__("redis://", connection_pool=client.connection_pool, key_prefix=key_prefix)

    def initialize_storage(self, _uri: str) -> None:
        self.storage = self._client
        super().initialize_storage(_uri)

    def first_over(self, windows: Sequence[Window], spared: int = 0) -> Window | None:
        """Do in one step what the function of this name does."""
        keys = [self.prefixed_key(each.key) for each in windows]
        limits = [each.limit for each in windows]
        of_each = (part for each in limits for part in (each.get_expiry(), each.amount))
        over = self._hit(keys, [spared, *of_each])
        return windows[over - 1] if over else None


class RequestLimit:
    """Counts requests by network, and by private address.

    `shared` is Flask-Limiter's storage; `digest_of` names a network without its address;
    `processes` share the limits while the shared storage cannot be asked.
    """

    def __init__(
        self,
        shared: Storage,
        rates: Rates,
        carriers: Carriers,
        digest_of: Callable[[Network], str],
        processes: int = 1,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._shared = shared
        self._private = Counters(clock=clock)
        self._rates = rates
        self._carriers = carriers
        self._digest_of = digest_of
        self._processes = processes
        self._clock = clock

    def take(self, network: Network, address: str | None = None) -> Refused | None:
        """Count a request of this network; return the refusal when there were too many.

        With the digest of a private `address` the request counts for that too.
        """
        now = self._clock()
        try:
            return _refused(self._shared, self._windows(network, address, 1), now)
        except RedisDown as error:
            if not error.is_resting:
                _log.warning("the request limit counts alone: its storage does not answer")
        return _refused(self._private, self._windows(network, address, self._processes), now)

    def take_key(self, followed: Followed) -> Refused | None:
        """Count a private address that is to be made; return the refusal when there are many."""
        try:
            over = _hit_key(self._shared, followed)
        except RedisDown:
            over = _hit_key(self._private, followed)
        return None if over is None else Refused(followed.seconds_left)

    def take_place(self, name: bytes) -> Refused | None:
        """Count a question of a place in the line, in this process alone; it has no network."""
        return _refused(self._private, [self._of_address(name.hex())], self._clock())

    def may_take_place(self, name: bytes) -> bool:
        """Return whether `take_place` would let a question pass; nothing is counted."""
        limit, key = self._of_address(name.hex())
        return self._private.get(key) < limit.amount

    def _of_address(self, address: str) -> Window:
        # Few ask for one address, and mostly of the same process: a share would turn them away.
        return Window.of(_a_minute(self._rates.per_address), "watch", address)

    def _windows(self, network: Network, address: str | None, share: int) -> Sequence[Window]:
        rates = self._rates
        most = rates.per_carrier if network in self._carriers else rates.per_network
        of_this = Window.of(_a_minute(max(1, most // share)), "lookup", self._digest_of(network))
        return (of_this,) if address is None else (of_this, self._of_address(address))


def _hit_key(storage: Storage, followed: Followed) -> Window | None:
    allowed = KEYS_OF_NETWORK + followed.distinct // NUMBERS_A_KEY
    of_both = Window.of(_OF_BOTH, "keys-both", followed.network + followed.number)
    # One key, however much is allowed: what was counted by then counts on.
    of_network = Window.of(_OF_NETWORK, "keys-network", followed.network)
    of_network = of_network._replace(limit=RateLimitItemPerDay(allowed))
    # Nobody who knows a number keeps others, or its owner, from making one of it.
    of_number = Window.of(_OF_NUMBER, "keys-number", followed.number)
    return first_over(storage, (of_both, of_network, of_number), spared=1)


def _refused(storage: Storage, windows: Sequence[Window], now: float) -> Refused | None:
    over = first_over(storage, windows)
    return None if over is None else Refused(max(storage.get_expiry(over.key) - now, 1.0))


_a_minute = lru_cache(16)(RateLimitItemPerMinute)


def first_over(storage: Storage, windows: Sequence[Window], spared: int = 0) -> Window | None:
    """Count a request in each window in turn and return the first that is over, or None.

    Those after it count nothing; nor do so many `spared` at the end for whoever is the first in
    the first window. Raises RedisDown.
    """
    if isinstance(storage, SharedCounters):
        return storage.first_over(windows, spared)
    counted = len(windows)
    for place, window in enumerate(windows):
        if place >= counted:
            break
        count = storage.incr(window.key, window.limit.get_expiry())
        if count > window.limit.amount:
            return window
        if place == 0 and count == 1:
            counted -= spared
    return None


def request_limit_of(
    settings: Settings,
    carriers: Carriers,
    redis: RedisClients | None,
    clock: Callable[[], float] = time.time,
) -> RequestLimit:
    """Build the limit against floods; it counts in Redis, or in this process."""
    options: dict[str, Any] = {"clock": clock}
    if redis is not None:
        options = {"client": redis.patient, "key_prefix": "limit1"}
    limiter = Limiter(
        lambda: "unused: only the storage is asked",
        # An application of its own: the hooks cost every request more than the counting.
        app=Flask("request_limit"),
        storage_uri="shared://" if redis else "counters://",
        storage_options=options,
        strategy="fixed-window",
    )
    rates = Rates(
        settings.requests_per_minute,
        settings.carrier_requests_per_minute,
        settings.watch_requests_per_minute,
    )
    key = derive(settings.secret_keys[0], "request limit")
    named = lru_cache(2048)(
        lambda network: blake2b(network.first, digest_size=12, key=key).hexdigest()
    )
    return RequestLimit(limiter.storage, rates, carriers, named, settings.web_concurrency, clock)
