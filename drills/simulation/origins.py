"""The networks that attackers have, and what they write into headers."""

from __future__ import annotations

import random
from collections.abc import Callable
from ipaddress import ip_address

from tracking_site.guard.networks import Network, network_of, parse_network


def one_address(draw: random.Random) -> list[Network]:
    """An ordinary fixed line."""
    return [parse_network(f"203.0.{draw.randrange(256)}.{draw.randrange(1, 255)}")]


def one_carrier_address(draw: random.Random) -> list[Network]:
    """A SIM card: an address that thousands share."""
    return [parse_network(f"100.64.{draw.randrange(256)}.{draw.randrange(1, 255)}")]


def full_address(text: str) -> Network:
    """Return an IPv6 address as a site counts it that takes each for somebody else."""
    return Network(6, int(ip_address(text)), 128, 128)


def one_slash_64(
    draw: random.Random, read: Callable[[str], Network] = parse_network
) -> list[Network]:
    """A thousand addresses of one IPv6 /64, as any fixed line has."""
    hosts = [draw.randrange(1, 1 << 16) for _ in range(1_000)]
    return [read(f"2001:db8:1:1::{host:x}") for host in hosts]


def full_addresses(draw: random.Random) -> list[Network]:
    """The same, to a site that takes every full address for somebody else."""
    return one_slash_64(draw, full_address)


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
    return [
        network_of("127.0.0.1", ",".join([*_forged(draw, n), "203.0.113.77"]), 1)
        for n in range(1_000)
    ]


def believed(draw: random.Random) -> list[Network]:
    """The same, to a site that believes the first address of the list."""
    return [network_of(_forged(draw, 6 * n)[0], "", 0) for n in range(1_000)]


def _forged(draw: random.Random, n: int) -> list[str]:
    return [line.format(draw.randrange(1, 223)) for line in BAD_FORMS[n % len(BAD_FORMS)]]


def one_slash_56(draw: random.Random) -> list[Network]:
    """All /64 of one /56, which is what a customer gets."""
    return [parse_network(f"2001:db8:3:4{n:02x}::1") for n in draw.sample(range(256), 256)]


def hundred_addresses(draw: random.Random) -> list[Network]:
    """A hundred addresses that have nothing in common."""
    return [parse_network(f"198.{18 + (n & 1)}.{n}.{draw.randrange(1, 255)}") for n in range(100)]


def carrier_slash_24(draw: random.Random) -> list[Network]:
    """A hundred addresses of one /24 of a listed carrier."""
    return [parse_network(f"100.64.7.{n}") for n in draw.sample(range(256), 100)]


def one_sim(draw: random.Random) -> list[Network]:
    """One SIM that is given another address two hundred times, all over its carrier."""
    return [
        parse_network(f"100.{64 + draw.randrange(64)}.{draw.randrange(256)}.{n}")
        for n in range(200)
    ]
