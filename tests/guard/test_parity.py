"""Memory and Redis decide alike: the rules are written twice, so both are held together here."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import redis

from tests.guard.asking import ask_of
from tests.guard.conftest import START, Number
from tracking_site.guard.keys import DAY_SECONDS, Days
from tracking_site.guard.ledger import Ask, Ledger, Reservation
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.networks import parse_network
from tracking_site.guard.partners import PartnerQuota
from tracking_site.guard.policy import Policy
from tracking_site.guard.redis_ledger import RedisLedger
from tracking_site.guard.rules import CHARGED, SENTENCES

pytestmark = [pytest.mark.redis, pytest.mark.proofs]

EAGER = replace(
    Policy(),
    bin_least=20,
    sigmas=1.0,
    ceiling_least=20,
    refuse_unproven_distinct=30,
    second_unproven_work=15,
    second_refuse_unproven=60,
    second_unproven_more=3,
    refuse_distinct=26,
    carrier_refuse_distinct=25,
    work_despite_credit=(15, 20, 28),
    second_refuse_distinct=70,
    second_work_by_suspicion=(12, 24),
    second_refuse_suspicion=24,
    third_refuse_suspicion=12,
    third_work_suspicion=7,
    third_refuse_unproven=30,
    carrier_second_suspicion=15,
    crowd_numbers=12,
    crowd_suspicion=-12,
    in_flight_points=6,
    refuse_seconds=900,
    crowd_refuse_seconds=100,
    partner_least=5,
    first_memory=200,
)
"""Thresholds so near that random operations reach every rule."""

STRICT = replace(
    EAGER,
    tickets_a_day=1,
    carrier_tickets_a_day=2,
    refuse_unproven_distinct=10,
    second_refuse_unproven=18,
    alarm_refuse_unproven=(12, 12),
    second_refuse_distinct=500,
)
"""The same for the networks that do not prove themselves, and for those that wait."""

RARE = {"unproven", "second_unproven", "tickets"}

MAX_ANSWER = 15
"""Seconds after which a request is over, so that its number is never settled."""


class Walk:
    """Random operations with a virtual clock that jumps, creeps and now and then goes back."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.now = START
        self.days = Days(b"a key of sixteen bytes and more")
        self.networks = [parse_network(f"198.51.{n % 4}.{n}") for n in range(24)]
        self.networks += [parse_network(f"2001:db8:{n % 3}:{n}::1") for n in range(16)]
        # Some ask as people do, some from a list, some at random.
        self.hit_rates = [self.random.choice((0.95, 0.9, 0.6, 0.05)) for _ in self.networks]
        self.partners = [None, None, PartnerQuota("koran"), PartnerQuota("radio", 40)]

    def tick(self) -> None:
        kind = self.random.random()
        if kind < 0.0006:
            self.now += self.random.uniform(0.2, 2) * DAY_SECONDS
        elif kind < 0.003:
            self.now += self.random.uniform(300, 9_000)
        elif kind < 0.006:
            self.now -= self.random.uniform(0, 9_000)
        else:
            self.now += self.random.expovariate(1 / 4)

    def ask(self) -> tuple[Ask, float]:
        place = self.random.randrange(len(self.networks))
        network = self.networks[place]
        district = self.random.choice(("000000010190", f"{self.random.randrange(10**12):012}"))
        number = Number(f"{district}{self.random.randrange(1, 400):04}")
        return (
            ask_of(
                self.days,
                self.now,
                network,
                number,
                carrier=place % 8 == 0,
                paid=self.random.choice((0, 1, 2, 3, 4, 4, CHARGED)),
                by_ticket=self.random.random() < 0.1,
                partner=self.random.choice(self.partners),
            ),
            self.hit_rates[place],
        )


def _forgive(memory: MemoryLedger, ask: Ask) -> None:
    """Do what an operator can do in Redis alone."""
    of_carrier = 2 if ask.carrier else 3
    for day, network in ((ask.day, ask.network), (ask.day - 1, ask.before())):
        for key in network[:of_carrier] if day in memory._days else ():
            memory._days[day].rows.pop(key, None)


@pytest.mark.parametrize(
    ("policy", "operations", "seed", "expected"),
    [
        (EAGER, 20_000, 2, set(SENTENCES) - RARE),
        (STRICT, 8_000, 3, RARE),
        (Policy(), 8_000, 3, {"repeat", "repeat_near", "suspicion", "work_cell"}),
        (Policy().degraded(2), 4_000, 4, {"repeat", "unproven"}),
    ],
)
def test_memory_and_redis_decide_alike(
    redis_client: redis.Redis, policy: Policy, operations: int, seed: int, expected: set[str]
) -> None:
    walk = Walk(seed)
    memory, shared = MemoryLedger(policy), RedisLedger(redis_client, policy)
    ledgers: tuple[Ledger, Ledger] = (memory, shared)
    open_numbers: list[tuple[Reservation, float, float]] = []
    rules = set()
    for _ in range(operations):
        walk.tick()
        choice = walk.random.random()
        if choice < 0.62 or (choice < 0.995 and not open_numbers):
            ask, hit_rate = walk.ask()
            mine, theirs = (ledger.reserve(ask) for ledger in ledgers)
            assert mine == theirs
            rules.add(mine[0].rule)
            if mine[1] is not None:
                open_numbers.append((mine[1], hit_rate, walk.now))
        elif choice < 0.995:
            place = walk.random.randrange(max(0, len(open_numbers) - 6), len(open_numbers))
            reservation, hit_rate, asked_at = open_numbers.pop(place)
            if abs(walk.now - asked_at) > MAX_ANSWER:
                continue
            answer = walk.random.random()
            found = None if answer > 0.94 else answer < hit_rate * 0.94
            for ledger in ledgers * (2 if answer < 0.05 else 1):
                ledger.settle(reservation, found, walk.now)
        else:
            ask, _ = walk.ask()
            assert memory.peek(ask) == shared.peek(ask)
            if choice > 0.9985:
                _forgive(memory, ask)
                shared.forgive(ask)
    assert memory._circuit.advanced(walk.now, policy) == shared._seen(walk.now)[1]
    assert not expected - rules, expected - rules
