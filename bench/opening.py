"""What somebody opens who has the site's keys and its Redis: the reckoning of docs/privacy.md.

    python -m bench.opening            # what one try costs here
    python -m bench.opening --write    # the table in the document

Numbers and networks are few, so he takes them one after the other and looks whether the name of
each stands in Redis. The command measures what one costs here, in Python; a test holds what can
be opened, and the table in the document to `reckoned`.
"""

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from harness.written import DOCS, table, write_between_marks
from tracking_site.cache.copies import DayNames
from tracking_site.cache.stores import Keyring
from tracking_site.domain.identifiers import Identifier, Nik
from tracking_site.following.sightings import rows_by
from tracking_site.guard.keys import DaySecret
from tracking_site.guard.networks import Network, parse_network
from tracking_site.redis.day_secrets import SharedSecrets

NIKS = 7_300 * 25_000 * 2 * 10
"""Districts, birth days of people between 17 and 85, sexes, serials that are given out."""

NETWORKS = 1 << 24
"""The /24 of IPv4."""


class Thing(NamedTuple):
    """What is sought, how many there are to try, and the microseconds of one try."""

    what: str
    candidates: int
    microseconds: float


THINGS = (
    Thing("which numbers have a cached answer", NIKS, 6.0),
    Thing("which /24 asked anything", NETWORKS, 2.4),
    Thing("which /24 asked for one known number", NETWORKS, 3.4),
    Thing("which numbers are followed", NIKS, 2.8),
)
"""Measured by this command, processor time, on the machine of docs/performance.md."""

HEAD = [
    "Sought",
    "to try",
    "µs a try",
    "one core",
    "once the secrets of its day are gone",
]
GONE = ("none", "none", "none", "the same: these names outlive days")


def reckoned() -> str:
    """Return the table: what is sought, and the time of one processor core for all of it."""
    rows = []
    for thing, gone in zip(THINGS, GONE, strict=True):
        took = _time(thing.candidates * thing.microseconds / 1e6)
        rows.append([thing.what, f"{thing.candidates:,}", f"{thing.microseconds:g}", took, gone])
    return table(HEAD, rows)


def cached(
    client: Any, keys: Sequence[bytes], candidates: Iterable[Identifier], clock: Callable[[], float]
) -> set[str]:
    """Return the numbers whose answers stand in Redis; of an emptied day, none.

    `client` must be the site's own: it reads the secrets of the days.
    """
    ring = Keyring(keys)
    names = DayNames(SharedSecrets(client, b"claims:1:day:"), clock)
    stand = {key.rpartition(b":v:")[2] for key in client.scan_iter(match=b"claims:1:v:*")}
    return {each.canonical for each in candidates if stand & set(names.of(ring.key_of(each)).every)}


def asking(
    client: Any, key: bytes, day: int, random: bytes, candidates: Iterable[Network]
) -> set[str]:
    """Return the second-level networks that asked anything on a day."""
    stand = {name[-12:] for name in client.scan_iter(match=b"g2:%ds*" % (day % 10))}
    secret = DaySecret(key, day, random)
    return {str(each) for each in candidates if secret.network(each).second in stand}


def followed(client: Any, keys: Sequence[bytes], candidates: Iterable[Identifier]) -> set[str]:
    """Return the numbers that are followed; these names outlive every day."""
    row = rows_by(keys)
    stand = {key.rpartition(b":")[2].decode() for key in client.scan_iter(match=b"seen:2:*")}
    return {each.canonical for each in candidates if stand & set(row(each.canonical))}


def main() -> None:
    if "--write" in sys.argv:
        write_between_marks("opening", reckoned(), DOCS / "privacy.md")
        return
    print(table(["", "µs a try"], [[what, f"{each:.2f}"] for what, each in measured().items()]))


def measured(count: int = 20_000) -> dict[str, float]:
    """Return the microseconds of one try for each thing."""
    key = b"a key of the site, of thirty-two characters"
    ring, secret, row = Keyring([key]), DaySecret(key, 1, b"r" * 32), rows_by([key])
    numbers = [Nik(f"3173{place:012}") for place in range(count)]
    networks = [parse_network(f"10.{place >> 8 & 255}.{place & 255}.1") for place in range(count)]
    names = DayNames(_Known(), lambda: 0.0)
    tries: dict[str, Callable[[], object]] = {
        THINGS[0].what: lambda: [names.of(ring.key_of(each)) for each in numbers],
        THINGS[1].what: lambda: [secret.network(each) for each in networks],
        THINGS[2].what: lambda: [secret.pair(each, numbers[0]) for each in networks],
        THINGS[3].what: lambda: [row(each.canonical) for each in numbers],
    }
    return {what: _seconds(run) / count * 1e6 for what, run in tries.items()}


class _Known(SharedSecrets):
    """Secrets of days that are known already."""

    def __init__(self) -> None:
        pass

    def read(self, day: int, proposed: bytes) -> tuple[bytes, bytes | None]:
        return proposed, proposed[::-1]


def _seconds(run: Callable[[], object]) -> float:
    took = []
    for _ in range(5):
        began = time.process_time()
        run()
        took.append(time.process_time() - began)
    return min(took)


def _time(seconds: float) -> str:
    if seconds < 3_600:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3_600:.0f} h"


if __name__ == "__main__":
    main()
