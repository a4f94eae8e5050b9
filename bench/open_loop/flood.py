"""Many requests from few networks, sent at their own pace while honest visitors go on.

python -m bench.open_loop.flood < task.json > noted.json
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from bench.open_loop.crowd import written
from bench.open_loop.plan import SCATTERED, address
from bench.open_loop.wire import Connection, Loop, Reply, allow_many_connections

MAX_CONNECTIONS = 4_000
IMPOSSIBLE = "1234567890123"
"""Thirteen digits are no number; it costs the guard nothing."""

PATIENCE_SECONDS = 10.0


def _one_48(place: int) -> str:
    return f"2001:db8:77:{place * 40_503 % 65_536:x}::{1 + place % 9}"


def _one_16(place: int) -> str:
    return f"120.77.{place % 200}.{1 + place // 200 % 250}"


def _scattered(place: int) -> str:
    return address(place % 2_000, SCATTERED)


class Width(NamedTuple):
    """From where a flood comes: the address of each request by its place."""

    says: str
    address_of: Callable[[int], str]


WIDTHS = {
    "48": Width("one /48", _one_48),
    "16": Width("200 /24s of one /16", _one_16),
    "2000": Width("2,000 addresses", _scattered),
}

KINDS = {"impossible": ("POST", "/lacak", f"nomor={IMPOSSIBLE}"), "form": ("GET", "/", "")}


@dataclass(frozen=True)
class Flood:
    """So many requests a second of a kind (KINDS) from networks of a width (WIDTHS)."""

    rate: float
    width: str
    kind: str = "impossible"


@dataclass
class Flooded:
    """What came of it: statuses of answers (0 cut off, -1 none), how many were not even sent."""

    statuses: Counter[int] = field(default_factory=Counter)
    unsent: int = 0
    worst_lag: float = 0.0


def flood(port: int, what: Flood, seconds: float) -> Flooded:
    """Send for so long, on whatever connection is free, or else on a new one."""
    allow_many_connections()
    loop, noted = Loop(), Flooded()
    free: list[Connection] = []
    made = 0
    begun = loop.now() + 0.1
    method, path, body = KINDS[what.kind]
    address_of = WIDTHS[what.width].address_of

    def send(place: int) -> None:
        nonlocal made
        due = begun + place / what.rate
        noted.worst_lag = max(noted.worst_lag, loop.now() - due)
        if free:
            connection = free.pop()
        elif made < MAX_CONNECTIONS:
            connection = Connection(loop, port)
            made += 1
        else:
            noted.unsent += 1
            return

        def hear(reply: Reply) -> None:
            noted.statuses[reply.status] += 1
            free.append(connection)

        request = written(method, path, address_of(place), is_htmx=False, body=body)
        connection.ask(request, hear, due + PATIENCE_SECONDS)

    def go_on(places: Iterator[int]) -> None:
        """Send the next one, and set the alarm for the one after it."""
        place = next(places, None)
        if place is not None:
            send(place)
            loop.at(begun + (place + 1) / what.rate, lambda: go_on(places))

    places = iter(range(round(what.rate * seconds)))
    loop.at(begun, lambda: go_on(places))
    loop.run(lambda: loop.now() > begun + seconds + 1)
    return noted


def main() -> None:
    task = json.load(sys.stdin)
    noted = flood(task["port"], Flood(**task["flood"]), task["seconds"])
    json.dump(vars(noted), sys.stdout)


if __name__ == "__main__":
    main()
