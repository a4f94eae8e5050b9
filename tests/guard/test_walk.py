"""No order of lookups, outages, kills and midnights gives adversaries more than the bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from bench.holes import CreditingLedger, CreditingRedis, RepeatingLedger, RepeatingRedis
from tests.guard.walk import Site, Walk
from tracking_site.guard.ledger import Ledger
from tracking_site.guard.memory_ledger import MemoryLedger, kept_in
from tracking_site.guard.policy import NEVER, Policy
from tracking_site.guard.redis_ledger import RedisLedger

KEY = b"a key of the site, of thirty-two characters"
POLICY = replace(Policy(), first_memory=1 << 40, bin_least=NEVER)
"""The usual one; so few lookups move neither the usual miss rate nor the alarm."""

WALKS = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
HUNT = settings(WALKS, max_examples=120, derandomize=True, database=None)


class InMemory:
    """A process whose rows outlive it in a file."""

    def __init__(self, file: Path, kind: type[MemoryLedger]) -> None:
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
        self._file, self._kind = file, kind
        self.kill()

    def kill(self) -> None:
        self.ledger: Ledger = self._kind(POLICY, kept=kept_in(self._file, KEY))


class OverRedis:
    """A process that keeps nothing itself."""

    def __init__(self, client: redis.Redis, kind: type[RedisLedger]) -> None:
        client.flushall()
        self._client, self._kind = client, kind
        self.kill()

    def kill(self) -> None:
        self.ledger: Ledger = self._kind(self._client, POLICY)


def walk(site_of: Callable[[], Site], how: settings) -> None:
    machine = type("Adversaries", (Walk,), {"site_of": staticmethod(site_of)})
    run_state_machine_as_test(machine, settings=how)  # type: ignore[no-untyped-call]


def test_the_bounds_hold_in_memory(tmp_path: Path) -> None:
    walk(lambda: InMemory(tmp_path / "guard", MemoryLedger), WALKS)


@pytest.mark.redis
def test_the_bounds_hold_over_redis(redis_client: redis.Redis) -> None:
    walk(lambda: OverRedis(redis_client, RedisLedger), WALKS)


@pytest.mark.parametrize("hole", [RepeatingLedger, CreditingLedger])
def test_a_hole_is_found_in_memory(tmp_path: Path, hole: type[MemoryLedger]) -> None:
    with pytest.raises(AssertionError):
        walk(lambda: InMemory(tmp_path / "guard", hole), HUNT)


@pytest.mark.redis
@pytest.mark.parametrize("hole", [RepeatingRedis, CreditingRedis])
def test_a_hole_is_found_over_redis(redis_client: redis.Redis, hole: type[RedisLedger]) -> None:
    with pytest.raises(AssertionError):
        walk(lambda: OverRedis(redis_client, hole), HUNT)
