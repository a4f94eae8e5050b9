"""An honest day during which many residential addresses work through a list together."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from drills.simulation.attackers import Loot
from drills.simulation.origins import botnet
from drills.simulation.people import Model, Tally, crowds, day, live, meet
from drills.simulation.world import Numbers, World
from tracking_site.guard.policy import Policy


@dataclass
class Siege:
    """What the attackers and the people got on the day of the attack."""

    loot: Loot = field(default_factory=Loot)
    people: Tally = field(default_factory=Tally)
    alarm_most: int = 0


def besiege(
    model: Model,
    policy: Policy,
    seed: int,
    addresses: int,
    numbers_each: int = 3,
    hits: float = 0.6,
    pays: bool = False,
) -> Siege:
    """A calm day, so that the circuit knows what is usual, and then the attack."""
    draw = random.Random(seed)
    world = World(policy=policy)
    made = crowds(model, draw)
    midnight = world.clock.now
    live(world, made, day(model, made, draw, midnight))
    midnight += 86_400
    siege = Siege()
    numbers = Numbers(draw)
    networks = botnet(addresses)(draw)
    strikes = sorted(
        (midnight + draw.random() * 86_400, n % addresses) for n in range(addresses * numbers_each)
    )
    place = 0
    for lookup in day(model, made, draw, midnight):
        while place < len(strikes) and strikes[place][0] <= lookup.at:
            at, address = strikes[place]
            place += 1
            world.clock.now = max(world.clock.now, at)
            siege.loot.asked += 1
            _, reservation, paid = world.ask(networks[address], numbers.new(), pays)
            if reservation is not None:
                found = draw.random() < hits
                siege.loot.answers += 1
                siege.loot.learned += found
                siege.loot.levels[paid] += 1
                world.guard.settle(reservation, found)
        meet(world, made[lookup.crowd], lookup, siege.people)
        if place % 512 == 0:
            siege.alarm_most = max(siege.alarm_most, world.guard.alarm() or 0)
    return siege
