"""A day of honest lookups: who asks from where, how often, and how often there is nothing.

Three kinds of network: homes, places that a few dozen people share (shops, offices, internet
cafés), and carrier addresses with up to 5,000 people. A mistyped number is a number of its own.
The harder day also has phones with an IPv6 /64 each, families on two networks, browsers without
JavaScript, carriers that nobody listed, and a minute in which the core is down.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from drills.simulation.world import PHONE_SECONDS, Number, Numbers, World
from tracking_site.guard.networks import Network, parse_network

HOUR_WEIGHTS = (2, 1, 1, 1, 1, 2, 4, 6, 9, 10, 10, 9, 8, 9, 9, 8, 7, 6, 6, 7, 7, 6, 5, 3)
"""How a day of people in Indonesia spreads over its hours."""


@dataclass(frozen=True)
class Model:
    """Everything about the honest day that can be another number."""

    homes: int = 104_000
    home_people: tuple[float, ...] = (0.80, 0.16, 0.03, 0.01)
    places: int = 2_400
    place_median: float = 9.0
    place_spread: float = 0.6
    place_most: int = 60
    carrier_addresses: int = 4_960
    carrier_least: int = 16
    carrier_most: int = 5_000
    carrier_shape: float = 1.2
    listed: float = 1.0
    numbers_a_person: tuple[float, ...] = (0.82, 0.15, 0.03)
    miss_rate: float = 0.109
    typos_of_misses: float = 0.45
    lookups_a_number: float = 1.61
    ipv6_homes: float = 0.2
    phones: int = 0
    phones_in_a_48: int = 200
    second_network: float = 0.0
    without_script: float = 0.0
    outage_at: float = 36_000.0
    outage_seconds: float = 0.0

    def scaled(self, scale: float) -> Model:
        """Fewer networks of each kind, each as large as before."""
        return Model(
            **{
                **vars(self),
                "homes": max(1, round(self.homes * scale)),
                "places": max(1, round(self.places * scale)),
                "carrier_addresses": max(1, round(self.carrier_addresses * scale)),
                "phones": round(self.phones * scale),
            }
        )


HARDER = Model(
    homes=88_000,
    carrier_addresses=3_860,
    listed=0.9,
    numbers_a_person=(0.74, 0.17, 0.06, 0.02, 0.01),
    miss_rate=0.11,
    phones=24_000,
    second_network=0.1,
    without_script=0.02,
    outage_seconds=60.0,
)
"""A day with more of everything that strains the rules."""


class Crowd(NamedTuple):
    network: Network
    people: int
    kind: str


class Lookup(NamedTuple):
    at: float
    crowd: int
    number: Number
    found: bool | None
    has_script: bool = True


def crowds(model: Model, draw: random.Random) -> list[Crowd]:
    """All networks of the model, with the people behind each."""
    made = []
    for n in range(model.homes):
        people = 1 + draw.choices(range(4), model.home_people)[0]
        if draw.random() < model.ipv6_homes:
            network = parse_network(f"2001:db8:{n % 0x7FFF:x}:{n // 0x7FFF:x}::1")
        else:
            # Three or four homes of the model in each /24.
            block, host = divmod(n, 4)
            network = parse_network(f"20.{block >> 8}.{block & 255}.{host * 60 + 1}")
        made.append(Crowd(network, people, "home"))
    for n in range(model.places):
        people = round(draw.lognormvariate(0, model.place_spread) * model.place_median)
        network = parse_network(f"30.{n >> 8}.{n & 255}.7")
        made.append(Crowd(network, min(max(people, 4), model.place_most), "place"))
    # Quantiles instead of draws: a few large crowds would make every small model another one.
    count = model.carrier_addresses
    sizes = [_pareto(model, (n + 0.5) / count) for n in range(count)]
    if count >= 1_000:
        sizes[-1] = model.carrier_most
    for n, people in enumerate(sizes):
        listed = draw.random() < model.listed
        prefix = "100.64" if listed else "40.0"
        network = parse_network(f"{prefix}.{n >> 8}.{n & 255}")
        made.append(Crowd(network, people, "carrier" if listed else "unlisted"))
    for n in range(model.phones):
        block, phone = divmod(n, model.phones_in_a_48)
        network = parse_network(f"2400:{block >> 8:x}:{block & 255:x}:{phone * 5:x}::1")
        made.append(Crowd(network, 1, "phone"))
    return made


def day(model: Model, made: list[Crowd], draw: random.Random, midnight: float) -> list[Lookup]:
    """The lookups of one day, in the order in which they come."""
    numbers = Numbers(draw)
    typo_rate = model.miss_rate * model.typos_of_misses
    nothing_rate = model.miss_rate - typo_rate
    choices = range(len(model.numbers_a_person))
    mobile = [n for n, crowd in enumerate(made) if crowd.kind in ("carrier", "unlisted", "phone")]
    sizes = list(accumulate(made[n].people for n in mobile))
    lookups: list[Lookup] = []

    def ask(at: float, place: int, number: Number, found: bool, has_script: bool) -> None:
        at = min(at, midnight + 86_399)
        if 0 <= at - midnight - model.outage_at < model.outage_seconds:
            lookups.append(Lookup(at, place, number, None, has_script))
            at += model.outage_seconds + draw.uniform(5, 600)
        lookups.append(Lookup(at, place, number, found, has_script))

    for place, crowd in enumerate(made):
        for _ in range(crowd.people):
            at = midnight + _moment(draw)
            has_script = not model.without_script or draw.random() >= model.without_script
            for _ in range(1 + draw.choices(choices, model.numbers_a_person)[0]):
                if draw.random() < typo_rate / (1 - typo_rate):
                    ask(at, place, numbers.new(), False, has_script)
                    at += draw.uniform(10, 60)
                number = numbers.new()
                found = draw.random() >= nothing_rate / (1 - typo_rate)
                ask(at, place, number, found, has_script)
                while draw.random() < 1 - 1 / model.lookups_a_number:
                    ask(at + draw.uniform(20, 20_000), place, number, found, has_script)
                if model.second_network and draw.random() < model.second_network:
                    other = draw.choices(mobile, cum_weights=sizes)[0]
                    ask(at + draw.uniform(20, 20_000), other, number, found, has_script)
                at += draw.uniform(20, 300)
    lookups.sort(key=lambda lookup: lookup[:3])
    return [lookup for lookup in lookups if lookup.at < midnight + 86_400]


@dataclass
class Tally:
    """What honest people met."""

    lookups: int = 0
    numbers: int = 0
    misses: int = 0
    challenged: int = 0
    refused: int = 0
    shared: int = 0
    shared_challenged: int = 0
    seconds: float = 0.0
    longest: float = 0.0
    waited: int = 0
    without_ticket: int = 0

    @property
    def mean_wait(self) -> float:
        """Seconds of work for those who were challenged."""
        return self.seconds / self.challenged if self.challenged else 0.0


def live(world: World, made: list[Crowd], lookups: list[Lookup]) -> Tally:
    """Puts a day of lookups through the guard."""
    tally = Tally()
    for lookup in lookups:
        meet(world, made[lookup.crowd], lookup, tally)
    return tally


def meet(world: World, crowd: Crowd, lookup: Lookup, tally: Tally) -> None:
    """One honest lookup: pays when asked, and goes away when refused."""
    world.clock.now = max(world.clock.now, lookup.at)
    waits = not lookup.has_script
    decision, reservation, paid = world.ask(crowd.network, lookup.number, waits=waits)
    world.guard.settle(reservation, lookup.found)
    shared = crowd.kind != "home"
    tally.lookups += 1
    tally.shared += shared
    if reservation is not None:
        tally.numbers += 1
        tally.misses += not lookup.found
    if waits and paid:
        tally.waited += 1
        tally.without_ticket += decision.kind == "challenge"
    elif paid:
        tally.challenged += 1
        tally.shared_challenged += shared
        tally.seconds += PHONE_SECONDS[paid]
        tally.longest = max(tally.longest, PHONE_SECONDS[paid])
    tally.refused += decision.kind == "refuse"


def days(
    model: Model, seed: int, count: int, world: World
) -> Iterator[tuple[int, list[Crowd], Tally]]:
    """Lives through several days with the same networks and ever new people."""
    draw = random.Random(seed)
    made = crowds(model, draw)
    first = world.clock.now
    for number in range(count):
        midnight = first + number * 86_400
        yield number + 1, made, live(world, made, day(model, made, draw, midnight))


def _pareto(model: Model, quantile: float) -> int:
    low, high, shape = model.carrier_least, model.carrier_most, model.carrier_shape
    share = 1 - (low / high) ** shape
    return round(low / (1 - quantile * share) ** (1 / shape))


def _moment(draw: random.Random) -> float:
    hour = draw.choices(range(24), HOUR_WEIGHTS)[0]
    return hour * 3_600 + draw.random() * 3_600
