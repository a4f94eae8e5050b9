"""No order of lookups, outages, kills and midnights gives adversaries more than the bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from drills.holes import CreditingLedger, CreditingRedis, RepeatingLedger, RepeatingRedis
from tests.guard.walk import Site, Walk
from tracking_site.guard.kept import Kept
from tracking_site.guard.keys import DAY_SECONDS, JAKARTA_OFFSET
from tracking_site.guard.ledger import Ask, Ledger, Reservation
from tracking_site.guard.memory_ledger import KEPT_DAY_BYTES, MemoryLedger
from tracking_site.guard.policy import NEVER, POINT, Policy
from tracking_site.guard.redis_ledger import RedisLedger
from tracking_site.guard.resilient import ResilientLedger
from tracking_site.guard.rules import Decision
from tracking_site.redis.client import RedisDown

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
HUNT = settings(
    WALKS, max_examples=120, derandomize=True, database=None, report_multiple_bugs=False
)
"""The first hole ends the hunt, which would otherwise look for as long again for further ones."""


class InMemory:
    """A process whose rows outlive it in a file."""

    is_away = has_private = False

    def __init__(self, file: Path, kind: type[MemoryLedger]) -> None:
        file.unlink(missing_ok=True)
        file.touch(mode=0o600)
        self._file, self._kind = file, kind
        self.kill()

    def kill(self) -> None:
        self.ledger: Ledger = self._kind(POLICY, kept=Kept(self._file, KEY, KEPT_DAY_BYTES))

    def switch(self) -> None:
        """There is none."""


class OverRedis:
    """A process that keeps nothing itself."""

    is_away = has_private = False

    def __init__(self, client: redis.Redis, kind: type[RedisLedger]) -> None:
        client.flushall()
        self._client, self._kind = client, kind
        self.kill()

    def kill(self) -> None:
        self.ledger: Ledger = self._kind(self._client, POLICY)

    def switch(self) -> None:
        """It stays."""


class Leaving(RedisLedger):
    """Redis, which can be asked nothing while it is away."""

    is_away = False

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        self._fail()
        return super().reserve(ask)

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        self._fail()
        super().settle(reservation, found, now)

    def _fail(self) -> None:
        if self.is_away:
            raise RedisDown("switched off")


class WithPrivate:
    """A process that goes on alone while Redis is away.

    It is not killed: what it answered alone dies with it (docs/security.md).
    """

    has_private = True

    def __init__(self, client: redis.Redis, private: type[MemoryLedger] = MemoryLedger) -> None:
        client.flushall()
        self._shared = Leaving(client, POLICY)
        self.ledger: Ledger = ResilientLedger(self._shared, private(POLICY.degraded()))

    @property
    def is_away(self) -> bool:
        return self._shared.is_away

    def switch(self) -> None:
        self._shared.is_away = not self._shared.is_away

    def kill(self) -> None:
        """It lives on."""


def walk(site_of: Callable[[], Site], how: settings) -> None:
    machine = type("Adversaries", (Walk,), {"site_of": staticmethod(site_of)})
    run_state_machine_as_test(machine, settings=how)  # type: ignore[no-untyped-call]


@pytest.mark.proofs
def test_the_bounds_hold_in_memory(tmp_path: Path) -> None:
    walk(lambda: InMemory(tmp_path / "guard", MemoryLedger), WALKS)


def test_half_a_point_of_credit_is_within_the_bounds(tmp_path: Path) -> None:
    machine = type("Carrying", (Walk,), {"site_of": lambda: InMemory(tmp_path / "g", MemoryLedger)})
    state = machine()
    state.begin()
    state.ask_known_numbers(place=0, begin=0, count=7)
    state.sleep()
    assert (-state._peek(0).suspicion / POINT, state.carried[0]) == (3.5, 4)
    for _ in range(3):
        state.guess(place=0, count=4)
    assert state.guesses[0] == 8
    state.no_address_guesses_more_than_its_bound()
    state.known_numbers_buy_guesses_once_for_the_whole_site()


def test_a_midnight_that_passes_while_somebody_asks_begins_a_new_day(tmp_path: Path) -> None:
    machine = type("Late", (Walk,), {"site_of": lambda: InMemory(tmp_path / "g", MemoryLedger)})
    state = machine()
    state.begin()
    state.buy_guesses(place=0)
    before_midnight = (state.day + 1) * DAY_SECONDS - JAKARTA_OFFSET - 10
    state.clock.now = before_midnight
    state.ask_in_vain(place=2, count=1, dies=False)
    assert state.clock.now > before_midnight + 10
    assert not state.guesses
    state.buy_guesses(place=3)
    state.known_numbers_buy_guesses_once_for_the_whole_site()


@pytest.mark.proofs
@pytest.mark.redis
def test_the_bounds_hold_over_redis(redis_client: redis.Redis) -> None:
    walk(lambda: OverRedis(redis_client, RedisLedger), WALKS)


@pytest.mark.proofs
@pytest.mark.redis
def test_the_bounds_hold_while_redis_comes_and_goes(redis_client: redis.Redis) -> None:
    walk(lambda: WithPrivate(redis_client), WALKS)


@pytest.mark.proofs
@pytest.mark.redis
def test_a_hole_of_the_private_ledger_is_found(redis_client: redis.Redis) -> None:
    with pytest.raises(AssertionError):
        walk(lambda: WithPrivate(redis_client, RepeatingLedger), HUNT)


@pytest.mark.proofs
@pytest.mark.parametrize("hole", [RepeatingLedger, CreditingLedger])
def test_a_hole_is_found_in_memory(tmp_path: Path, hole: type[MemoryLedger]) -> None:
    with pytest.raises(AssertionError):
        walk(lambda: InMemory(tmp_path / "guard", hole), HUNT)


@pytest.mark.proofs
@pytest.mark.redis
@pytest.mark.parametrize("hole", [RepeatingRedis, CreditingRedis])
def test_a_hole_is_found_over_redis(redis_client: redis.Redis, hole: type[RedisLedger]) -> None:
    with pytest.raises(AssertionError):
        walk(lambda: OverRedis(redis_client, hole), HUNT)
