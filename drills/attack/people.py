"""Numbers and addresses that attackers have: lists, guesses, and networks to ask from."""

import ipaddress
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]

CARRIER_ADDRESS = "114.120.7.7"
"""Within a prefix of `tracking_site/data/carriers.txt`: thousands share such an address."""

_REGIONS = ("11", "12", "13", "31", "32", "33", "34", "35", "36", "51", "61", "64", "73", "91")


Listing = list[dict[str, str | None]]


def listing(participants: int, seed: int, members: int) -> Listing:
    """What `sandbox --list` tells of a core with this many participants."""
    listed = subprocess.run(
        [
            *(sys.executable, "-m", "tracking_site", "sandbox", "--list"),
            *("--participants", str(participants), "--seed", str(seed)),
            *("--limit", str(members)),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [json.loads(line) for line in listed.stdout.splitlines()]


class People:
    """Who is in the core, and who is not. Nobody is given twice."""

    def __init__(self, known: Listing, seed: int) -> None:
        self.random = random.Random(seed)
        self._niks = [
            str(row["nik"]) for row in known if row["situation"] == "population" and row["state"]
        ]
        self._taken = {row["nik"] for row in known}
        self._rows = {row["nik"]: row for row in known}
        self.random.shuffle(self._niks)

    def member(self) -> str:
        """The NIK of a participant with something to show."""
        return self._niks.pop()

    def members(self, count: int) -> list[str]:
        return [self.member() for _ in range(count)]

    def card_of(self, nik: str) -> str:
        """The KPJ of somebody in the core."""
        return str(self._rows[nik]["kpj"])

    def sample(self, situation: str) -> dict[str, str | None]:
        """What is listed of the sample participant in a situation."""
        return next(row for row in self._rows.values() if row["situation"] == situation)

    def guess(self) -> str:
        """A NIK that can exist; that a participant has it is as good as impossible."""
        draw = self.random
        born = date(1960, 1, 1) + timedelta(days=draw.randrange(16_000))
        day = born.day + draw.choice((0, 40))
        region = f"{draw.choice(_REGIONS)}{draw.randrange(1, 30):02}{draw.randrange(1, 40):02}"
        nik = f"{region}{day:02}{born:%m%y}{draw.randrange(100, 9_000):04}"
        if nik in self._taken:
            return self.guess()
        self._taken.add(nik)
        return nik

    def guesses(self, count: int) -> list[str]:
        return [self.guess() for _ in range(count)]

    def listed(self, count: int, share: float = 0.6) -> list[str]:
        """A bought or leaked list: this share of its numbers exists, in random order."""
        hits = round(count * share)
        numbers = self.members(hits) + self.guesses(count - hits)
        self.random.shuffle(numbers)
        return numbers


class Addresses:
    """Networks that are used once each, so that every attack begins with a fresh one."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._v4 = iter(ipaddress.ip_network("198.18.0.0/15").subnets(new_prefix=24))
        self._v6 = iter(ipaddress.ip_network("2001:db8::/32").subnets(new_prefix=48))

    def lone(self) -> str:
        """One address in a /24 that nobody else uses."""
        return str(next(self._v4)[7])

    def of_24(self) -> Iterator[str]:
        """A /24, one address after the other, over and over."""
        hosts = [str(host) for host in next(self._v4).hosts()]
        while True:
            yield from hosts

    def of_48(self) -> Iterator[str]:
        """An IPv6 /48, another /64 each time."""
        base = int(next(self._v6).network_address)
        while True:
            yield str(ipaddress.IPv6Address(base | self.random.getrandbits(80)))

    def of_32(self) -> Iterator[str]:
        """An IPv6 /32, another /48 each time."""
        base = int(ipaddress.IPv6Address("2001:db9::"))
        while True:
            yield str(ipaddress.IPv6Address(base | self.random.getrandbits(96)))

    def of_64(self) -> Iterator[str]:
        """An IPv6 /64, another address each time."""
        base = int(next(self._v6).network_address) | 0x77 << 64
        while True:
            yield str(ipaddress.IPv6Address(base | self.random.getrandbits(64)))

    def anywhere(self) -> Iterator[str]:
        """Any address of the world, IPv4 or IPv6, never the same /24 or /48 on purpose."""
        while True:
            yield str(ipaddress.IPv4Address(self.random.randrange(0x0B000000, 0x26000000)))
            yield str(ipaddress.IPv6Address(0x2A << 120 | self.random.getrandbits(120)))
