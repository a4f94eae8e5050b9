"""What the site needs from outside, each tried for real and within a bounded time."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from secrets import token_hex

from redis import Redis, RedisError
from redis.exceptions import OutOfMemoryError, ResponseError

from ..claims_api.advice import advice_on
from ..claims_api.client import ClaimsClient
from ..claims_api.errors import CoreError
from ..redis.client import WHEN_FULL
from .readiness import Look, Shortage
from .redis_advice import redis_advice_on

CORE_SECONDS = 2.0

LARGEST_SKEW = 30.0
"""Seconds; times on the page come from the core, and tickets of one node open on another."""

_SET_WHEN_FULL = WHEN_FULL.decode() + "redis.call('SET', KEYS[1], ARGV[1], 'PX', 5000)"

LEAST_KEY_BITS = 100
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
    on (Redis 7) is a Shortage.
    """

    def look() -> str | None:
        key, value = f"check:{token_hex(8)}", token_hex(8)
        try:
            has_room = _is_written_with_room(redis, key, value)
            # Two keys of different places, which no cluster lets a command have.
            redis.mget(key, f"check:{value}")
            redis.eval("return redis.call('TTL', KEYS[1])", 1, key)
            if redis.getdel(key) != value.encode():
                return f"Redis does not keep what is written. Check {setting}: is it a replica?"
            seconds, microseconds = redis.time()
            policy = _policy_of(redis)
        except (RedisError, OSError) as error:
            return redis_advice_on(error, setting)
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
            if _bits(key) < LEAST_KEY_BITS:
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
    if its_time is None or abs(its_time - ours) <= LARGEST_SKEW:
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
