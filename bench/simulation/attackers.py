"""The attackers: each learns what it can from a fresh guard and pays what it is asked for."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.simulation.world import Number, Numbers, World
from tracking_site.guard.networks import Network, Widths, network_of, parse_network
from tracking_site.guard.policy import Policy

ANSWER_SECONDS = 0.2
"""How long the core takes; an attacker's parallel numbers are open for as long."""


@dataclass
class Loot:
    """What one attacker got in a day, and what it paid."""

    asked: int = 0
    answers: int = 0
    learned: int = 0
    free: int = 0
    refused: int = 0
    levels: list[int] = field(default_factory=lambda: [0] * 5)

    @property
    def iterations(self) -> float:
        """Million iterations of PBKDF2 that the work took on average."""
        return sum(n * cost for n, cost in zip(self.levels, (0, 0.65, 1.6, 4, 16), strict=True))


@dataclass(frozen=True)
class Attack:
    """An attacker: its networks in the order of use, its list, and its habits.

    `hits` is the share of its numbers for which there is something to learn. It leaves a network
    after `per_network` numbers or a refusal, and keeps `parallel` numbers open at a time.
    """

    networks: Callable[[random.Random], Sequence[Network]]
    hits: float
    numbers: int
    per_network: int = 1 << 30
    parallel: int = 1
    pays: bool = True
    list_of: Callable[[random.Random, int], list[Number]] | None = None


def fresh_numbers(draw: random.Random, count: int) -> list[Number]:
    """A list of numbers that have nothing in common."""
    numbers = Numbers(draw)
    return [numbers.new() for _ in range(count)]


def strike(attack: Attack, policy: Policy, seed: int, world: World | None = None) -> Loot:
    """One day of one attacker against a guard with fresh rows (or against `world`)."""
    draw = random.Random(seed)
    world = world or World(policy=policy)
    loot = Loot()
    networks = list(attack.networks(draw))
    numbers = (attack.list_of or fresh_numbers)(draw, attack.numbers)
    place = used = 0
    while numbers and place < len(networks):
        open_numbers = []
        batch = min(attack.parallel, attack.per_network - used, len(numbers))
        refused = False
        for number in [numbers.pop() for _ in range(batch)]:
            loot.asked += 1
            decision, reservation, paid = world.ask(networks[place], number, attack.pays)
            if reservation is None:
                refused = refused or decision.kind in ("refuse", "challenge")
                continue
            used += 1
            loot.free += not paid
            loot.levels[paid] += 1
            open_numbers.append(reservation)
        world.clock.now += ANSWER_SECONDS
        for reservation in open_numbers:
            found = draw.random() < attack.hits
            loot.answers += 1
            loot.learned += found
            world.guard.settle(reservation, found)
        if (refused and not open_numbers) or used >= attack.per_network:
            loot.refused += refused
            place, used = place + 1, 0
    return loot


def one_address(draw: random.Random) -> list[Network]:
    """An ordinary fixed line."""
    return [parse_network(f"203.0.{draw.randrange(256)}.{draw.randrange(1, 255)}")]


def one_carrier_address(draw: random.Random) -> list[Network]:
    """A SIM card: an address that thousands share."""
    return [parse_network(f"100.64.{draw.randrange(256)}.{draw.randrange(1, 255)}")]


def one_slash_64(draw: random.Random, widths: Widths = Widths()) -> list[Network]:  # noqa: B008
    """A thousand addresses of one IPv6 /64, as any fixed line has."""
    hosts = [draw.randrange(1, 1 << 16) for _ in range(1_000)]
    return [parse_network(f"2001:db8:1:1::{host:x}", widths) for host in hosts]


def full_addresses(draw: random.Random) -> list[Network]:
    """The same, to a site that takes every full address for somebody else."""
    return one_slash_64(draw, Widths(first_v6=128, second_v6=128))


def one_slash_48(draw: random.Random) -> list[Network]:
    """Addresses from a thousand /64 of one /48."""
    return [parse_network(f"2001:db8:2:{n:x}::{draw.randrange(1, 99):x}") for n in range(1_000)]


def one_slash_24(draw: random.Random) -> list[Network]:
    """All addresses of a small hoster's /24."""
    return [parse_network(f"203.0.113.{n}") for n in draw.sample(range(256), 256)]


def forty_addresses(draw: random.Random) -> list[Network]:
    """Forty addresses that have nothing in common."""
    return [parse_network(f"198.{18 + n}.{draw.randrange(256)}.1") for n in range(40)]


def botnet(size: int) -> Callable[[random.Random], list[Network]]:
    """Residential addresses, four of them in each of many /24."""

    def networks(draw: random.Random) -> list[Network]:
        made = []
        for n in range(size):
            block, host = divmod(n, 4)
            made.append(
                parse_network(f"{60 + (block >> 16)}.{(block >> 8) & 255}.{block & 255}.{host + 9}")
            )
        draw.shuffle(made)
        return made

    return networks


BAD_FORMS: tuple[tuple[str, ...], ...] = (
    ("{0}.1.2.3",),
    ("{0}.5.6.7, 5.6.7.{0}", "9.{0}.9.9"),
    ("::ffff:8.8.{0}.8",),
    ("fe80::{0}%eth0",),
    ("unknown", "_hidden{0}", '"[2001:db8::{0}]:443"'),
    ("", ",,,", "127.0.0.{0}"),
)


def spoofer(draw: random.Random) -> list[Network]:
    """One address that sends another `X-Forwarded-For` each time, read through one proxy."""
    # The proxy appends the peer that it saw; what the attacker wrote stands to the left of it.
    return [network_of("127.0.0.1", [*_forged(draw, n), "203.0.113.77"], 1) for n in range(1_000)]


def believed(draw: random.Random) -> list[Network]:
    """The same, to a site that believes the first address of the list."""
    return [network_of(_forged(draw, 6 * n)[0], [], 0) for n in range(1_000)]


def _forged(draw: random.Random, n: int) -> list[str]:
    return [line.format(draw.randrange(1, 223)) for line in BAD_FORMS[n % len(BAD_FORMS)]]


def serials(draw: random.Random, count: int) -> list[Number]:
    """The last four digits of a NIK whose district and birth date are known."""
    person = f"000005{draw.randrange(1, 29):02}0190"
    return [Number(f"{person}{n:04}") for n in range(count, 0, -1)]
