"""The whole of this room put together, for the composition root."""

import random
from collections.abc import Callable, Sequence
from pathlib import Path

from ..redis.client import BriefRedis
from .challenge import Challenges
from .guard import Guard, OnDecision
from .kept import Kept
from .keys import Days
from .ledger import Ledger
from .memory_ledger import KEPT_DAY_BYTES, ROW, MemoryLedger, weigh
from .networks import Carriers
from .policy import Policy
from .redis_ledger import RedisLedger
from .resilient import ResilientLedger
from .tickets import WaitTickets


def kept_in(path: Path, key: bytes) -> Kept:
    """Map the file in which rows outlive a worker; raises ValueError where it cannot be one."""
    return Kept(path, key, ROW.size, KEPT_DAY_BYTES, weigh)


def build_guard(
    keys: Sequence[bytes],
    carriers: Carriers,
    *,
    redis: BriefRedis | None = None,
    kept: Kept | None = None,
    processes: int = 1,
    pow_scale: float = 1.0,
    policy: Policy | None = None,
    clock: Callable[[], float],
    on_decision: OnDecision = lambda kind, rule, level: None,
    on_failure: Callable[[str], None] = lambda _: None,
) -> Guard:
    """Build the guard; with `redis` its ledger is shared by all processes and nodes.

    `keys`: the first signs and names, all verify. `clock` gives epoch seconds. Without `redis`
    rows outlive the process in `kept`.
    """
    policy = policy or Policy()
    ledger: Ledger = MemoryLedger(policy, kept=kept)
    if redis is not None:
        shared = RedisLedger(redis, policy)
        private = MemoryLedger(policy.degraded(processes))
        ledger = ResilientLedger(shared, private, on_failure)
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
