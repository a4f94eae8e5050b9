"""Honest people where an attacker is near: behind one address with it, or beside it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from drills.simulation.people import Crowd, Model, Tally, day, meet
from drills.simulation.world import Numbers, World
from tracking_site.guard.networks import Network, parse_network
from tracking_site.guard.policy import Policy

MISSES = 0.11
NOON = 43_200.0


def crowd_in_a_hurry(
    policy: Policy, seed: int, network: Network, people: int = 300, at_once: int = 16
) -> int:
    """Honest people behind one address, several at a time: how many are refused."""
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
            world.guard.settle(reservation, draw.random() >= MISSES)
    return refused


@dataclass
class Shared:
    """What a day was like behind shared addresses. After a guesser only the rest of it counts."""

    tally: Tally
    guesses: int = 0

    @property
    def refused_in_1000(self) -> float:
        return 1_000 * self.tally.refused / self.tally.lookups


def shared_addresses(
    policy: Policy, seed: int, people: int, guesser: bool, addresses: int = 4
) -> Shared:
    """A day of crowds behind unlisted addresses of one /24, with one guesser at noon."""
    draw = random.Random(seed)
    world = World(policy=policy)
    made = [Crowd(parse_network(f"40.0.7.{n}"), people, "unlisted") for n in range(addresses)]
    midnight = world.clock.now
    shared = Shared(Tally())
    numbers = Numbers(random.Random(seed + 1))
    has_come = not guesser
    for lookup in day(Model(), made, draw, midnight):
        if not has_come and lookup.at >= midnight + NOON:
            has_come = True
            shared = Shared(Tally(), _guess(world, made[0].network, numbers))
        # Only those behind the guesser's address are asked how they fared.
        tally = shared.tally if not guesser or lookup.crowd == 0 else Tally()
        meet(world, made[lookup.crowd], lookup, tally)
    return shared


def around_attackers(policy: Policy, seed: int, around: str, attackers: int, pays: bool) -> int:
    """Attackers guess from a whole network until they are refused, then 30 neighbours ask.

    Ten had found their claims before, ten are fresh, ten mistype first. How many get no answer.
    """
    draw = random.Random(seed)
    world = World(policy=policy)
    numbers = Numbers(draw)
    places = draw.sample(range(1, 255), attackers + 30)
    neighbours, guessers = places[:30], places[30:]
    for place in neighbours[:10]:
        _, reservation, _ = world.ask(parse_network(around.format(place)), numbers.new())
        world.guard.settle(reservation, True)
    for place in guessers:
        _guess(world, parse_network(around.format(place)), numbers, pays)
    turned_away = 0
    for turn, place in enumerate(neighbours):
        network = parse_network(around.format(place))
        for found in (False, True) if turn >= 20 else (True,):
            _, reservation, _ = world.ask(network, numbers.new())
            world.guard.settle(reservation, found)
        turned_away += reservation is None
    return turned_away


def _guess(world: World, network: Network, numbers: Numbers, pays: bool = True) -> int:
    """Guess until refused, or until work is asked where none is done."""
    guesses = 0
    while True:
        _, reservation, _ = world.ask(network, numbers.new(), pays)
        if reservation is None:
            return guesses
        guesses += 1
        world.guard.settle(reservation, False)
