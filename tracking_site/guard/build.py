"""The whole of this room put together, for the composition root."""

import random
from collections.abc import Callable, Sequence

import redis

from ..redis_client import brief_redis
from .challenge import Challenges
from .guard import Guard, OnDecision
from .keys import Days
from .ledger import Ledger
from .memory_ledger import MemoryLedger
from .networks import Carriers
from .policy import Policy
from .redis_ledger import RedisLedger
from .resilient import ResilientLedger
from .tickets import WaitTickets

REDIS_SECONDS = 0.25
"""Longest wait for the shared ledger; then the private one decides."""


def redis_client(url: str) -> redis.Redis:
    """Return the client of the guard and of whoever else may wait as long for Redis."""
    return brief_redis(url, connect_seconds=REDIS_SECONDS, answer_seconds=REDIS_SECONDS)


def build_guard(
    keys: Sequence[bytes],
    carriers: Carriers,
    *,
    redis_url: str | None = None,
    processes: int = 1,
    pow_scale: float = 1.0,
    policy: Policy | None = None,
    clock: Callable[[], float],
    on_decision: OnDecision = lambda kind, rule, level: None,
    on_failure: Callable[[str], None] = lambda _: None,
) -> Guard:
    """Build the guard; with `redis_url` its ledger is shared by all processes and nodes.

    `keys`: the first signs and names, all verify. `clock` gives epoch seconds.
    """
    policy = policy or Policy()
    ledger: Ledger = MemoryLedger(policy)
    if redis_url is not None:
        shared = RedisLedger(redis_client(redis_url), policy)
        private = MemoryLedger(policy.degraded(processes))
        ledger = ResilientLedger(shared, private, clock, on_failure)
    return Guard(
        ledger,
        Days(keys[0]),
        clock,
        policy,
        carriers,
        Challenges(keys, clock, random.SystemRandom(), pow_scale),
        WaitTickets(keys, clock, pow_scale),
        on_decision,
    )
