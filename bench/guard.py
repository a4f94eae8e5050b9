"""What the guard costs: processor time and round trips of a lookup, and memory of its rows.

    python -m bench.guard              everything; starts a redis-server of its own if there is one
    python -m bench.guard --rows 1000000

Time is processor time of this process, the median of several rounds; ratios hold better than
absolute figures on a shared machine.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import redis

from drills.simulation.world import KEY, Clock, Numbers, World
from harness.servers import REDIS, RedisServer, found
from tracking_site.guard.challenge import Challenges
from tracking_site.guard.kept import Kept
from tracking_site.guard.keys import Days
from tracking_site.guard.memory_ledger import (
    ANSWERED_BITS,
    ASKED_BITS,
    DEFAULT_CAP,
    KEPT_DAY_BYTES,
    MemoryLedger,
)
from tracking_site.guard.networks import Network, network_of, parse_network
from tracking_site.guard.policy import Policy
from tracking_site.guard.redis_ledger import RedisLedger
from tracking_site.redis.client import brief_redis

MEMORY = Path("/dev/shm")
FILTERS = (ASKED_BITS + ANSWERED_BITS) // 8 + KEPT_DAY_BYTES
"""Bytes that a day takes beside its rows."""

ROUND = 2_000
ROUNDS = 9


def microseconds(work: Callable[[], object], clock: Callable[[], float]) -> float:
    """The median cost of one of `ROUND` calls, over several rounds."""
    costs = []
    for _ in range(ROUNDS):
        began = clock()
        for _ in range(ROUND):
            work()
        costs.append((clock() - began) / ROUND * 1e6)
    return statistics.median(costs)


def networks(draw: random.Random) -> Iterator[Network]:
    """Ever new IPv4 addresses, so that most lookups make a row."""
    while True:
        yield parse_network(".".join(str(draw.randrange(1, 224)) for _ in range(4)))


def lookups(world: World, seed: int, found: bool = True) -> Callable[[], object]:
    """A function that looks one new number up: reserve, then settle."""
    draw = random.Random(seed)
    numbers, source = Numbers(draw), networks(draw)
    prepared = iter([(next(source), numbers.new()) for _ in range(ROUND * (ROUNDS + 1))])

    def work() -> None:
        network, number = next(prepared)
        _, reservation = world.guard.reserve(network, number)
        world.guard.settle(reservation, found)

    return work


def in_redis(server: RedisServer) -> None:
    client = redis.Redis(port=server.port)
    client.set("x", "y" * 200)
    world = World(policy=Policy(), ledger=RedisLedger(brief_redis(server.url), Policy()))
    work = lookups(world, 2)
    work()
    get = microseconds(lambda: client.get("x"), time.perf_counter)
    empty = client.register_script("return 1")
    script = microseconds(lambda: empty(keys=["x"]), time.perf_counter)
    client.config_resetstat()
    both = microseconds(work, time.perf_counter)
    stats = client.info("commandstats")
    calls = stats["cmdstat_evalsha"]
    count = ROUND * ROUNDS
    print(f"| reserve + settle, Redis, wall clock | {both:.0f} µs |")
    print(f"| … round trips for each lookup | {calls['calls'] / count:.2f} |")
    print(f"| … inside Redis, each script | {calls['usec_per_call']:.0f} µs |")
    print(f"| one GET / one empty script, redis-py, wall clock | {get:.0f} / {script:.0f} µs |")
    print(f"| … reserve + settle in GETs (two round trips) | {both / get:.2f} |")
    rows = client.keys("g2:?[nst]*")
    sample = random.Random(1).sample(rows, min(2_000, len(rows)))
    usage = statistics.mean(client.memory_usage(key, samples=0) or 0 for key in sample)
    print(f"| a row in Redis (MEMORY USAGE) | {usage:.0f} bytes |")


def memory_of_rows(rows: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ledger = MemoryLedger(Policy())
    world = World(policy=Policy(), ledger=ledger)
    draw = random.Random(3)
    numbers, source = Numbers(draw), networks(draw)
    marks = {min(rows, DEFAULT_CAP // 2): "at half the cap", rows: f"after {rows:,} addresses"}
    for n in range(1, rows + 1):
        _, reservation = world.guard.reserve(next(source), numbers.new())
        world.guard.settle(reservation, True)
        if n in marks:
            kept = ledger.rows
            used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
            print(
                f"| rows in memory {marks[n]} | {kept:,} rows, {used / 2**20:.0f} MiB more at "
                f"most, {(used - FILTERS) / kept:.0f} bytes a row |"
            )


def kept_for_the_next_worker() -> None:
    with tempfile.NamedTemporaryFile(dir=MEMORY if MEMORY.is_dir() else None) as file:
        kept = Kept(Path(file.name), KEY, KEPT_DAY_BYTES)
        world = World(policy=Policy(), ledger=MemoryLedger(Policy(), kept=kept))
        costs = [
            microseconds(lookups(world, seed, found), time.process_time)
            for seed, found in ((1, True), (5, False))
        ]
        told = " / ".join(f"{cost:.0f}" for cost in costs)
        print(f"| … found / missed, with the file that outlives a worker | {told} µs |")
        began = time.process_time()
        rows = len(kept.rows(Days(KEY).day_of(world.clock())))
        print(f"| reading {rows:,} rows of it | {(time.process_time() - began) * 1e3:.0f} ms |")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    options = parser.parse_args()
    print("| Measured | |\n|---|---|")
    memory_of_rows(options.rows)
    world = World(policy=Policy())
    both = microseconds(lookups(world, 1), time.process_time)
    print(f"| reserve + settle, memory, processor time | {both:.0f} µs |")
    kept_for_the_next_worker()
    hops = "203.0.113.9, 198.51.100.7"
    read = microseconds(lambda: network_of("127.0.0.1", hops, 1), time.process_time)
    print(f"| reading the network of a request | {read:.1f} µs |")
    challenges = Challenges([KEY], Clock(time.time()), random.Random(1))
    number = Numbers(random.Random(4)).new()
    began = time.process_time()
    for _ in range(200):
        challenges.issue(number, 2)
    print(f"| issuing a challenge | {(time.process_time() - began) / 200 * 1e3:.2f} ms |")
    if found(*REDIS) is None:
        print("| Redis | no redis-server here |")
    else:
        with RedisServer() as server:
            in_redis(server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
