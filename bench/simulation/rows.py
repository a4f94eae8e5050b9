"""The rows of "what it must reach" that can be simulated, each also against a known hole."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bench.holes import naive_policies
from bench.simulation.attackers import (
    Attack,
    Loot,
    believed,
    forty_addresses,
    full_addresses,
    one_address,
    one_slash_24,
    one_slash_48,
    one_slash_64,
    serials,
    spoofer,
    strike,
)
from bench.simulation.outage import served_during_outage
from bench.simulation.world import Numbers, World
from tracking_site.guard.networks import Network, parse_network
from tracking_site.guard.policy import Policy

GUESS_HITS = 0.01
LIST_HITS = 0.6


@dataclass(frozen=True)
class Reached:
    """A row: the most that an attacker may get, what it got, and what a hole would give it."""

    name: str
    limit: int
    mean: float
    most: int
    learned: float
    naive: int

    @property
    def holds(self) -> bool:
        return self.most <= self.limit

    @property
    def detects(self) -> bool:
        """Whether the same attack shows that the hole is one."""
        return self.naive > self.limit


@dataclass(frozen=True)
class Case:
    name: str
    limit: int
    attack: Attack
    hole: str
    naive_attack: Attack | None = None
    counts: Callable[[Loot], int] = lambda loot: loot.answers
    share: float = 1.0


def cases() -> list[Case]:
    """Every attack by addresses and lists. `share` is the quantile that the limit is about."""
    guess = Attack(one_address, GUESS_HITS, 200)
    listed = Attack(one_address, LIST_HITS, 1_000)
    in_64 = Attack(one_slash_64, LIST_HITS, 1_000, per_network=3)
    in_48 = Attack(one_slash_48, LIST_HITS, 1_500, per_network=3)
    in_24 = Attack(one_slash_24, LIST_HITS, 1_500, per_network=6)
    target = Attack(
        forty_addresses, 0.02, 120, per_network=3, parallel=3, pays=False, list_of=serials
    )
    spoofed = Attack(spoofer, LIST_HITS, 1_000, per_network=3)
    return [
        Case("one address guessing, paying all work", 9, guess, "no_suspicion", share=0.999),
        Case(
            "the same, 64 guesses at a time",
            9,
            replace(guess, parallel=64),
            "no_in_flight",
            share=0.999,
        ),
        Case("one address, list with 60 % hits", 140, listed, "no_suspicion"),
        Case("the same, 64 at a time", 140, replace(listed, parallel=64), "no_suspicion"),
        Case(
            "one IPv6 /64, such a list",
            140,
            in_64,
            "",
            replace(in_64, networks=full_addresses),
        ),
        Case("one IPv6 /48, such a list", 300, in_48, "no_second_level"),
        Case("one IPv4 /24, such a list", 300, in_24, "no_second_level"),
        Case(
            "64 new numbers at once, paying nothing",
            3,
            Attack(one_address, LIST_HITS, 64, parallel=64, pays=False),
            "no_free_limit",
        ),
        Case(
            "forged X-Forwarded-For, such a list",
            140,
            spoofed,
            "",
            replace(spoofed, networks=believed),
        ),
        Case(
            "serials of one birth date from 40 addresses, free answers",
            6,
            target,
            "no_cells",
            counts=lambda loot: loot.free,
            share=0.999,
        ),
    ]


def run(case: Case, policy: Policy, seed: int, trials: int) -> Reached:
    """One row: `trials` days of the attacker, and a few against the hole."""
    loots = [strike(case.attack, policy, seed + n) for n in range(trials)]
    counted = sorted(case.counts(loot) for loot in loots)
    hole = naive_policies()[case.hole] if case.hole else policy
    naive = [strike(case.naive_attack or case.attack, hole, seed + n) for n in range(3)]
    return Reached(
        case.name,
        case.limit,
        sum(counted) / trials,
        counted[min(trials - 1, int(case.share * trials))],
        sum(loot.learned for loot in loots) / trials,
        max(case.counts(loot) for loot in naive),
    )


def crowd_refused(
    policy: Policy, seed: int, network: Network, people: int = 300, at_once: int = 16
) -> int:
    """Honest people behind one address, several at a time, 11 % misses: how many are refused."""
    draw = random.Random(seed)
    world = World(policy=policy)
    numbers = Numbers(draw)
    waiting = [numbers.new() for _ in range(people)]
    refused = 0
    while waiting:
        open_numbers, later = [], []
        for number in waiting[:at_once]:
            decision, reservation, _ = world.ask(network, number)
            if decision.rule == "in_flight":
                later.append(number)
            elif reservation is None:
                refused += decision.kind == "refuse"
            else:
                open_numbers.append(reservation)
        waiting = later + waiting[at_once:]
        world.clock.now += 2
        for reservation in open_numbers:
            world.guard.settle(reservation, draw.random() >= 0.11)
    return refused


def reach(policy: Policy, seed: int, trials: int) -> Iterator[Reached]:
    """All rows, one after the other."""
    for case in cases():
        yield run(case, policy, seed, trials)
    yield from people_served(policy, seed, max(3, trials // 10))


def people_served(policy: Policy, seed: int, few: int) -> Iterator[Reached]:
    """The rows about an outage of the shared ledger, and about a crowd behind one address."""
    no_ledger = naive_policies()["no_ledger"]
    outages = [served_during_outage(policy, policy.degraded, seed + n) for n in range(few)]
    yield Reached(
        "the shared ledger dies during an attack of 300, 4 processes",
        60,
        sum(outage.answers for outage in outages) / few,
        max(outage.answers for outage in outages),
        sum(outage.learned for outage in outages) / few,
        served_during_outage(policy, lambda processes: no_ledger, seed).answers,
    )
    yield Reached(
        "ten fresh people during that outage, turned away",
        0,
        0,
        max(outage.people_refused for outage in outages),
        0,
        served_during_outage(policy, lambda processes: SHUT, seed).people_refused,
    )
    carrier, other = parse_network("100.64.9.9"), parse_network("203.0.113.9")
    refused = [crowd_refused(policy, seed + n, carrier) for n in range(few)]
    yield Reached(
        "300 honest people behind one carrier address, refused",
        0,
        sum(refused) / few,
        max(refused),
        0,
        crowd_refused(SMALL, seed, other),
    )


SHUT = replace(Policy(), refuse_suspicion=-10)
"""A fallback that refuses everybody."""

SMALL = replace(Policy(), refuse_distinct=100)
"""A hundred numbers a day for each address, as a plain limit has it."""
