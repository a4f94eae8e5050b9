"""Whether everything that the site needs is in order; asked often, looked up now and then.

What comes from outside is tried for real each time, within a bounded time.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from secrets import token_hex
from threading import Lock

from redis import Redis, RedisError
from redis.exceptions import OutOfMemoryError, ResponseError, TimeoutError

from ..claims_api.client import ClaimsClient
from ..claims_api.errors import CoreError, advice_on
from ..redis.client import WHEN_FULL
from .redis_advice import redis_advice_on

Look = Callable[[], str | None]
"""Looks at one thing; returns what is wrong with it in a sentence, or None. Never raises."""


class Shortage(str):
    """What an operator should end soon, and what the site serves everybody without."""


KEPT_SECONDS = 5.0
"""How long an answer is given again: pollers cost the core and the store no more than this."""

ILL_KEPT_SECONDS = 1.0
"""The same while something is not in order, so that its end is known soon."""


class Readiness:
    """`looks` by what they look at; `clock` is monotonic, in seconds.

    `on_look` is told which things were in order, each time they were looked at.
    """

    def __init__(
        self,
        looks: Mapping[str, Look],
        clock: Callable[[], float],
        on_look: Callable[[Mapping[str, bool]], None] = lambda works: None,
    ) -> None:
        self._looks = looks
        self._clock = clock
        self._on_look = on_look
        self._lock = Lock()
        self._known: Mapping[str, str | None] | None = None
        self._look_again_at = float("-inf")

    def now(self) -> Mapping[str, str | None]:
        """Look at everything, one thing after the other."""
        found = {name: look() for name, look in self._looks.items()}
        kept = ILL_KEPT_SECONDS if any(found.values()) else KEPT_SECONDS
        self._known, self._look_again_at = found, self._clock() + kept
        self._on_look({name: problem is None for name, problem in found.items()})
        return found

    def is_ready(self) -> bool:
        """Return whether nothing that the site needs was wrong a few seconds ago.

        Nobody waits for the first look but who takes it; until it is through, nothing is ready.
        """
        if self._known is None and self._lock.locked():
            return False
        problems = self.lately().values()
        return not any(each and not isinstance(each, Shortage) for each in problems)

    def lately(self) -> Mapping[str, str | None]:
        """Return what was found a few seconds ago; only one caller at a time looks anew."""
        known = self._known
        if known is not None and self._clock() < self._look_again_at:
            return known
        if not self._lock.acquire(blocking=known is None):
            return known or {}
        try:
            fresh = self._known if self._clock() < self._look_again_at else None
            return fresh or self.now()
        finally:
            self._lock.release()


CORE_SECONDS = 2.0

LATE_LOOKS = 3
"""A quarter of a second is long for Redis and short for a busy machine: once late is not away."""

MAX_SKEW = 30.0
"""Seconds; times on the page come from the core, and tickets of one node open on another."""

_SET_WHEN_FULL = WHEN_FULL.decode() + "redis.call('SET', KEYS[1], ARGV[1], 'PX', 5000)"

MIN_KEY_BITS = 100
"""Bits of a key, counted by its own letters; 32 random characters of base64 have 150 or more."""


def look_at_core(client: ClaimsClient, clock: Callable[[], float]) -> Look:
    """Ask the core for its health; `clock` gives epoch seconds."""

    def look() -> str | None:
        try:
            its_time = client.health(CORE_SECONDS)
        except CoreError as error:
            return advice_on(error.kind)
        return _skew("The core", its_time, clock())

    return look


def look_at_redis(redis: Redis, clock: Callable[[], float], setting: str = "REDIS_URL") -> Look:
    """Write, read and drop a key of no meaning; `clock` gives epoch seconds.

    `setting` is the one that leads there. A full server that lets the guard and what forgets write
    on (Redis 7) is a Shortage. One that answers late is looked at LATE_LOOKS times.
    """

    def look() -> str | None:
        late: Exception | None = None
        for _ in range(LATE_LOOKS):
            try:
                return tried()
            except TimeoutError as error:
                late = error
            except (RedisError, OSError) as error:
                return redis_advice_on(error, setting)
        return redis_advice_on(late, setting) if late else None

    def tried() -> str | None:
        key, value = f"check:{token_hex(8)}", token_hex(8)
        has_room = _is_written_with_room(redis, key, value)
        # Two keys of different places, which no cluster lets a command have.
        redis.mget(key, f"check:{value}")
        redis.eval("return redis.call('TTL', KEYS[1])", 1, key)
        if redis.getdel(key) != value.encode():
            return f"Redis does not keep what is written. Check {setting}: is it a replica?"
        seconds, microseconds = redis.time()
        policy = _policy_of(redis)
        if policy not in ("noeviction", ""):
            return (
                f"Redis drops keys when it is full (maxmemory-policy {policy}). Set it to "
                f"noeviction where {setting} leads: an evicted row is a budget given back."
            )
        if not has_room:
            return Shortage(
                "Redis is full: no answer that comes now is shared, and no feed keeps what is new. "
                f"Give it more memory (maxmemory) where {setting} leads."
            )
        return _skew("Redis", seconds + microseconds / 1e6, clock())

    return look


def _is_written_with_room(redis: Redis, key: str, value: str) -> bool:
    try:
        redis.set(key, value, px=5000)
    except OutOfMemoryError:
        try:
            redis.eval(_SET_WHEN_FULL, 1, key, value)
        except ResponseError as error:
            # Redis 6 reads no such script: the site does without it then.
            raise OutOfMemoryError from error
        return False
    return True


def look_at_keys(keys: Sequence[bytes]) -> Look:
    """Judge keys by what can be seen of them; a strong one may not look weak."""

    def look() -> str | None:
        for place, key in enumerate(keys, start=1):
            if _bits(key) < MIN_KEY_BITS:
                return (
                    f"Key {place} of SECRET_KEYS can be guessed. Make one with: "
                    "python -c 'import secrets; print(secrets.token_urlsafe(32))'"
                )
        if len(set(keys)) < len(keys):
            return "SECRET_KEYS holds the same key twice."
        return None

    return look


def _policy_of(redis: Redis) -> str:
    try:
        return str(redis.config_get("maxmemory-policy").get("maxmemory-policy", ""))
    except RedisError:
        # Managed servers forbid CONFIG; their owner answers for the policy.
        return ""


def _skew(who: str, its_time: float | None, ours: float) -> str | None:
    if its_time is None or abs(its_time - ours) <= MAX_SKEW:
        return None
    return (
        f"{who} and this machine are {abs(its_time - ours):.0f} seconds apart. Check that both "
        "keep their clocks by NTP."
    )


def _bits(key: bytes) -> float:
    """Shannon entropy of the shortest part that repeats to the whole key, times its length."""
    for length in range(1, len(key) // 2 + 1):
        if (key[:length] * (len(key) // length + 1))[: len(key)] == key:
            key = key[:length]
            break
    counts = Counter(key)
    return -sum(count * math.log2(count / len(key)) for count in counts.values())
