"""A ledger in memory, filled with as many networks as an attacker can bring; prints what it took.

`python -m drills.attack.filling --networks 1000000 --cap 200000`
"""

import argparse
import json
import os
import random
import time

from harness.servers import resident_bytes
from tracking_site.domain.identifiers import Kpj
from tracking_site.guard.challenge import Paid
from tracking_site.guard.guard import Guard
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.networks import Carriers, Network, network_of
from tracking_site.guard.policy import Policy

HEAVY = 200
"""Networks that guessed until they were refused, before the flood."""

KEY = b"a ledger that is filled has a key of its own"
NOON = 1_800_003_600.0
ALL_WORK = Paid(4)


def main() -> None:
    """Fills the ledger and prints one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--networks", type=int, default=1_000_000)
    parser.add_argument("--cap", type=int, default=200_000)
    options = parser.parse_args()
    draw = random.Random(1)
    ledger = MemoryLedger(Policy(), options.cap)
    guard = _guard(ledger)
    heavy = [network_of(f"11.0.{n}.1", "", 0) for n in range(HEAVY)]
    for network in heavy:
        while _guess(guard, network, draw):
            pass
    before, begun = resident_bytes(os.getpid()), time.perf_counter()
    most = 0
    for place in range(options.networks):
        _guess(guard, _anywhere(draw, place), draw)
        if place % 10_000 == 0:
            most = max(most, resident_bytes(os.getpid()))
    seconds = time.perf_counter() - begun
    told = {
        "grown": max(most, resident_bytes(os.getpid())) - before,
        "rows": ledger.rows,
        "heavy": HEAVY,
        "refused": sum(not _guess(guard, network, draw) for network in heavy),
        "microseconds": seconds * 1e6 / options.networks,
    }
    print(json.dumps(told))


def _guard(ledger: MemoryLedger) -> Guard:
    return Guard(ledger, [KEY], Carriers(), lambda: NOON)


def _guess(guard: Guard, network: Network, draw: random.Random) -> bool:
    """Ask for a number that does not exist, with all work done; False when refused."""
    decision, reservation = guard.reserve(network, Kpj(f"{draw.randrange(10**11):011}"), ALL_WORK)
    guard.settle(reservation, found=False)
    return decision.kind == "ok"


def _anywhere(draw: random.Random, place: int) -> Network:
    if place % 2:
        return network_of(f"2a00:{draw.randrange(65536):x}:{draw.randrange(65536):x}::1", "", 0)
    octets = (draw.randrange(20, 39), *(draw.randrange(256) for _ in range(3)))
    return network_of(".".join(map(str, octets)), "", 0)


if __name__ == "__main__":
    main()
