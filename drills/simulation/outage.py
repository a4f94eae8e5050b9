"""An attack on several processes while the ledger that they share stops answering."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from drills.simulation.world import Clock, Numbers, World
from tracking_site.guard.ledger import Ask, Reservation
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.networks import parse_network
from tracking_site.guard.policy import Policy
from tracking_site.guard.resilient import ResilientLedger
from tracking_site.guard.rules import Decision
from tracking_site.redis.client import RedisDown


class MortalLedger(MemoryLedger):
    """A shared ledger that can be taken away."""

    dead = False

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        if self.dead:
            raise RedisDown("gone")
        return super().reserve(ask)

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        if self.dead:
            raise RedisDown("gone")
        super().settle(reservation, found, now)


@dataclass
class Outage:
    """What the attacker got of its attempts, and how many honest people were turned away."""

    answers: int = 0
    learned: int = 0
    people_refused: int = 0


def served_during_outage(
    policy: Policy,
    fallback: Callable[[int], Policy],
    seed: int,
    processes: int = 4,
    attempts: int = 300,
    dies_after: int = 30,
) -> Outage:
    """One address with a list of 60 %, paying all work, while the ledger dies under it."""
    draw = random.Random(seed)
    clock = Clock()
    shared = MortalLedger(policy)
    worlds = [
        World(
            policy=policy,
            clock=clock,
            ledger=ResilientLedger(shared, MemoryLedger(fallback(processes))),
        )
        for _ in range(processes)
    ]
    outage = Outage()
    numbers = Numbers(draw)
    attacker = parse_network("203.0.113.5")
    for attempt in range(attempts):
        shared.dead = attempt >= dies_after
        clock.now += 0.5
        world = draw.choice(worlds)
        _, reservation, _ = world.ask(attacker, numbers.new())
        if reservation is not None:
            found = draw.random() < 0.6
            outage.answers += 1
            outage.learned += found
            world.guard.settle(reservation, found)
    for person in range(10):
        world = draw.choice(worlds)
        decision, reservation, _ = world.ask(
            parse_network(f"192.0.2.{person}"), numbers.new(), pays=False
        )
        outage.people_refused += reservation is None and decision.kind != "repeat"
        world.guard.settle(reservation, True)
    return outage
