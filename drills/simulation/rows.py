"""The rows of "what it must reach" that can be simulated, each also against a known hole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from drills.holes import LEDGERS, naive_policies
from drills.simulation.attackers import Attack, Loot, among_others, serials, strike
from drills.simulation.bystanders import around_attackers, crowd_in_a_hurry, shared_addresses
from drills.simulation.origins import (
    believed,
    carrier_slash_24,
    forty_addresses,
    full_addresses,
    hundred_addresses,
    one_address,
    one_slash_24,
    one_slash_48,
    one_slash_56,
    one_slash_64,
    spoofer,
)
from drills.simulation.outage import served_during_outage
from drills.simulation.world import World
from tracking_site.guard.networks import parse_network
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
    """An attack by addresses and lists. `share` is the quantile that the limit is about.

    `hole` names a policy or a ledger of `drills/holes.py`; without it the naive attack is the
    hole. `some` is the part of the trials that is enough where one takes long.
    """

    name: str
    limit: int
    attack: Attack
    hole: str
    naive_attack: Attack | None = None
    counts: Callable[[Loot], int] = lambda loot: loot.answers
    share: float = 1.0
    some: float = 1.0


def cases() -> list[Case]:
    """Every attack by addresses and lists."""
    guess = Attack(one_address, GUESS_HITS, 200)
    buyer = replace(guess, numbers=1_500)
    many = Attack(hundred_addresses, GUESS_HITS, 5_000, known=300)
    listed = Attack(one_address, LIST_HITS, 1_000)
    in_64 = Attack(one_slash_64, LIST_HITS, 1_000, per_network=3)
    in_56 = Attack(one_slash_56, LIST_HITS, 1_000, per_network=1)
    in_48 = Attack(one_slash_48, LIST_HITS, 1_500, per_network=3)
    in_24 = Attack(one_slash_24, LIST_HITS, 1_500, per_network=6)
    target = Attack(
        forty_addresses, 0.02, 120, per_network=3, parallel=3, pays=False, list_of=serials
    )
    spoofed = Attack(spoofer, LIST_HITS, 1_000, per_network=3)
    asked, again = "repeats_what_was_asked", "credits_again"
    return [
        Case("one address guessing, paying all work", 16, guess, "no_suspicion", share=0.999),
        Case(
            "the same, 64 guesses at a time",
            16,
            replace(guess, parallel=64),
            "no_in_flight",
            share=0.999,
        ),
        Case(
            "the same, through an outage",
            16,
            replace(guess, unanswered=140),
            asked,
            share=0.999,
            some=0.5,
        ),
        Case(
            "the same, workers killed",
            16,
            replace(guess, unanswered=40, killed=True),
            asked,
            share=0.999,
        ),
        Case(
            "the same, 30 numbers known",
            34,
            replace(buyer, known=30),
            "no_suspicion",
            counts=_bought,
        ),
        Case(
            "the same, 300 numbers known",
            124,
            replace(buyer, known=300),
            "no_suspicion",
            counts=_bought,
            some=0.2,
        ),
        Case(
            "the same, 300 known, 64 at a time",
            124,
            replace(buyer, known=300, parallel=64),
            "no_in_flight",
            counts=_bought,
            some=0.2,
        ),
        Case(
            "a hundred addresses, 300 known among them",
            1_200,
            many,
            again,
            replace(many, reuses=True),
            some=0.02,
        ),
        Case("one address, list with 60 % hits", 140, listed, "no_suspicion"),
        Case("… learned", 90, listed, "no_suspicion", counts=lambda loot: loot.learned),
        Case("the same, 64 at a time", 140, replace(listed, parallel=64), "no_suspicion"),
        Case("the same, through an outage", 140, replace(listed, unanswered=200), asked, some=0.5),
        Case("one IPv6 /64, such a list", 140, in_64, "", replace(in_64, networks=full_addresses)),
        Case("one IPv6 /56, such a list", 145, in_56, "no_slash_56"),
        Case("one IPv6 /48, such a list", 300, in_48, "no_second_level", some=0.5),
        Case("one IPv4 /24, such a list", 300, in_24, "no_second_level", some=0.5),
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
        Case(
            "the same, through an outage",
            6,
            replace(target, unanswered=120),
            asked,
            counts=lambda loot: loot.free,
            share=0.999,
        ),
        Case(
            "a hundred addresses of a carrier's /24, free guesses",
            20,
            Attack(carrier_slash_24, 0, 400, per_network=3, pays=False),
            "no_carrier_around",
            counts=lambda loot: loot.free,
        ),
    ]


def run(case: Case, policy: Policy, seed: int, trials: int) -> Reached:
    """One row: `trials` days of the attacker, and a few against the hole."""
    trials = max(3, round(case.some * trials))
    loots = [strike(case.attack, policy, seed + n) for n in range(trials)]
    counted = sorted(case.counts(loot) for loot in loots)
    attack = case.naive_attack or case.attack
    naive = [strike(attack, policy, seed + n, _world(case.hole, policy)) for n in range(2)]
    return Reached(
        case.name,
        case.limit,
        sum(counted) / trials,
        counted[min(trials - 1, int(case.share * trials))],
        sum(loot.learned for loot in loots) / trials,
        max(case.counts(loot) for loot in naive),
    )


def _bought(loot: Loot) -> int:
    """Guesses that found nothing: whatever a guess finds is a known number more."""
    return loot.answers - loot.learned


def _world(hole: str, policy: Policy) -> World:
    """A guard with the hole of this name."""
    policy = among_others(naive_policies().get(hole, policy))
    ledger = LEDGERS[hole](policy) if hole in LEDGERS else None
    return World(policy=policy, ledger=ledger)


def reach(policy: Policy, seed: int, trials: int) -> Iterator[Reached]:
    """All rows, one after the other."""
    for case in cases():
        yield run(case, policy, seed, trials)
    yield from people_served(policy, seed, max(3, trials // 10))


def people_served(policy: Policy, seed: int, few: int) -> Iterator[Reached]:
    """The rows about people: in an outage of the ledger, in crowds, beside attackers."""
    naive = naive_policies()
    outages = [served_during_outage(policy, policy.degraded, seed + n) for n in range(few)]
    yield Reached(
        "the shared ledger dies during an attack of 300, 4 processes",
        60,
        sum(outage.answers for outage in outages) / few,
        max(outage.answers for outage in outages),
        sum(outage.learned for outage in outages) / few,
        served_during_outage(policy, lambda processes: naive["no_ledger"], seed).answers,
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
    yield _refused(
        "300 honest people behind one carrier address, refused",
        lambda n: crowd_in_a_hurry(policy, seed + n, carrier),
        few,
        crowd_in_a_hurry(naive["small_crowds"], seed, other),
    )
    for guessers, words in ((7, "seven guessers, paying nothing"), (100, "100 guessers, paying")):
        for around in ("203.0.113.{}", "2001:db8:7:{:x}00::1"):
            width = "/24" if "." in around else "/48"
            yield _refused(
                f"30 neighbours of {words}, in a {width}, turned away",
                lambda n, guessers=guessers, around=around: around_attackers(  # type: ignore[misc]
                    policy, seed + n, around, guessers, pays=guessers > 7
                ),
                min(few, 10),
                around_attackers(
                    naive["refuses_neighbours"], seed, around, guessers, pays=guessers > 7
                ),
            )


def crowds_served(policy: Policy, seed: int, sizes: tuple[int, ...]) -> Iterator[Reached]:
    """The rows about a day of crowds behind addresses that nobody listed."""
    naive = naive_policies()
    for people in sizes:
        for guesser in (False, True):
            hole = naive["until_midnight"] if guesser else naive["small_crowds"]
            crowd = shared_addresses(policy, seed, people, guesser)
            after = ", one of them guesses: " if guesser else ": "
            yield Reached(
                f"{people:,} people behind each of four unlisted addresses{after}refused, in 1,000",
                30 if guesser else 0,
                crowd.refused_in_1000,
                round(crowd.refused_in_1000 + 0.4999),
                0,
                round(shared_addresses(hole, seed, people, guesser).refused_in_1000),
            )


def _refused(name: str, refused: Callable[[int], int], few: int, naive: int) -> Reached:
    counts = [refused(n) for n in range(few)]
    return Reached(name, 0, sum(counts) / few, max(counts), 0, naive)


SHUT = replace(Policy(), refuse_distinct=0)
"""A fallback that refuses everybody."""
