"""What the cached client costs and spares, beside dogpile.cache and requests-cache.

    pip install --require-hashes -r requirements-bench.txt
    python -m bench.cache [hits] [stampede] [trouble] [entries] [--most 1000000]

Times are the best of interleaved rounds, because what a busy machine adds is not the code's;
ratios hold better than absolute figures.
"""

import argparse
import gc
import socket
import statistics
import time
import timeit
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

import redis

from bench import cache_peers as peers
from bench.cache_stage import FRESH_SECONDS, Core, Crowd
from harness.servers import RedisServer
from harness.written import table
from sandbox import Sandbox
from tracking_site.cache.claims import Claims
from tracking_site.cache.config import LifetimeConfig, MemoryConfig, RedisConfig
from tracking_site.cache.copies import DayNames, EntrySealer
from tracking_site.cache.redis_store import RedisStore
from tracking_site.cache.stores import ENTRY_BYTES, OBJECT_BYTES, Entry, Keyring, MemoryStore
from tracking_site.claims_api.contract import decode_snapshot
from tracking_site.domain.identifiers import Kpj
from tracking_site.redis.client import QUICK, BriefRedis, brief_redis
from tracking_site.redis.day_secrets import SharedSecrets

LONG = 36_000.0
GET = "one Redis GET of the same value, redis-py"
ROUNDS = 41
EMPTY = b'{"as_of":"2026-11-22T14:05:00+07:00","claims":[]}'


def microseconds(works: dict[str, Callable[[], object]], number: int) -> dict[str, float]:
    """Return the best time of each, the rounds interleaved so that noise meets all alike."""
    rounds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            rounds[name].append(timeit.timeit(work, number=number) / number * 1e6)
    return {name: min(times) for name, times in rounds.items()}


def tell(title: str, head: list[str], rows: list[list[str]]) -> None:
    print(f"\n### {title}\n\n{table(head, rows)}")


def hits(core: Core, redis_url: str) -> None:
    """One number, kept and fresh: what a visitor costs who needs no core."""
    core.behaves("none")
    one = core.numbers[0]
    memory, shared = peers.ours(core.url, None, LONG), peers.ours(core.url, redis_url, LONG)
    asked_each_time = peers.ours(core.url, redis_url, LONG)
    asked_each_time.source._store._near_seconds = 0  # type: ignore[attr-defined]
    fetches = {
        "ours, memory": memory.source.claims_of,
        "ours, Redis behind 2 s of memory": shared.source.claims_of,
        "ours, Redis asked each time": asked_each_time.source.claims_of,
        "dogpile.cache, memory": peers.dogpile_in_memory(core.url, redis_url, LONG),
        "dogpile.cache, Redis": peers.dogpile_over_redis(core.url, redis_url, LONG),
        "requests-cache, memory": peers.requests_cache_in_memory(core.url, redis_url, LONG),
        "requests-cache, Redis": peers.requests_cache_over_redis(core.url, redis_url, LONG),
    }
    for fetch in fetches.values():
        fetch(one)
    works: dict[str, Callable[[], object]] = {
        name: (lambda fetch=fetch: fetch(one)) for name, fetch in fetches.items()
    }
    client = brief_redis(redis_url, peers.PATIENT)
    prefix = RedisConfig().prefix.encode()
    name = prefix + b"v:" + _names(client).of(Keyring(peers.SECRETS).key_of(one)).written
    size = len(client.get(name) or b"")
    library = redis.Redis.from_url(redis_url)
    works["one Redis GET of the same value, the site's client"] = lambda: client.get(name)
    works[GET] = lambda: library.get(name)
    # Apart, so that what takes microseconds does not meet caches emptied by what takes thousands.
    quick = {name for name in works if name.endswith("memory") and "requests" not in name}
    took = microseconds({name: works[name] for name in works if name in quick}, 1000)
    took |= microseconds({name: works[name] for name in works if name not in quick}, 50)
    get = took[GET]
    tell(
        f"Hit path (one number, fresh; value of {size} bytes in Redis)",
        ["", "µs", "× one GET"],
        [[name, f"{each:.1f}", f"{each / get:.2f}"] for name, each in took.items()],
    )
    for claims in (memory, shared, asked_each_time):
        claims.close()


def stampede(core: Core, redis_url: str) -> None:
    """100 and 500 visitors of one number at once, on 2 processes; the core takes 200 ms."""
    rows = []
    for name, make in {
        "ours, Redis": peers.ours_over_redis,
        "ours, memory (a cache for each process)": peers.ours_in_memory,
        "dogpile.cache, Redis, distributed lock": peers.dogpile_over_redis,
        "dogpile.cache, memory": peers.dogpile_in_memory,
        "requests-cache, Redis, stale_if_error": peers.requests_cache_over_redis,
    }.items():
        rows.append([name, *_stampede_of(core, redis_url, make, 50)])
    wide = _stampede_of(core, redis_url, peers.ours_over_redis, 250)
    rows.append(["ours, Redis, 500 visitors", *wide])
    tell(
        "Stampede (100 visitors of one number on 2 processes, core answering in 200 ms): "
        "requests to the core, answered, slowest",
        ["", "cold", "expired, core 503", "cold, core 503"],
        rows,
    )


def _stampede_of(
    core: Core, redis_url: str, make: Callable[..., peers.Fetch], threads: int
) -> Iterator[str]:
    redis.Redis.from_url(redis_url).flushall()
    crowd = Crowd(make, core.url, redis_url, 2)
    try:
        for mode, number in (("none", 0), ("error", 0), ("error", 1)):
            core.behaves(mode)
            results = crowd.look_up(core.numbers[number], threads)
            # What goes on behind the answers is counted as well.
            time.sleep(FRESH_SECONDS / 2)
            asked = core.lookups
            answered = sum(is_answered for is_answered, _ in results)
            slowest = max(seconds for _, seconds in results)
            yield f"{asked}, {answered} of {len(results)}, {slowest:.2f} s"
            time.sleep(FRESH_SECONDS)
    finally:
        crowd.leave()


def entries(core: Core, redis_url: str, most: int) -> None:
    """What a hit costs while more and more numbers are kept."""
    counts = [count for power in range(3, 8) if (count := 10**power) <= most]
    tell(
        "Cost against the number of entries (a random one each time)",
        ["entries", "memory look, µs", "memory put, µs", "Redis look, µs", "Redis bytes an entry"],
        [_cost_among(count, redis_url) for count in counts],
    )
    core.behaves("none")
    weigh(core)


def _cost_among(count: int, redis_url: str) -> list[str]:
    with filled_memory(count) as (store, keys), filled_redis(redis_url, count) as far:
        chance = Random(count)

        def any_key() -> tuple[bytes, ...]:
            return keys[chance.randrange(count)]

        took = microseconds(
            {
                "choice": any_key,
                "look": lambda: store.get(any_key()),
                "put": lambda: store.put(any_key(), _entry()),
                "redis": lambda: far.get(any_key()),
            },
            200,
        )
        used = redis.Redis.from_url(redis_url).info("memory")["used_memory"]
    spent = (took[name] - took["choice"] for name in ("look", "put", "redis"))
    return [f"{count:,}", *(f"{each:.1f}" for each in spent), f"{used / count:,.0f}"]


def trouble(core: Core) -> None:
    """What a visitor loses to a Redis that is down or hangs; the core takes 200 ms."""
    core.behaves("slow")
    rows = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for name, where in (("down", 9), ("accepts and says nothing", port)):
            claims = peers.ours(core.url, f"redis://127.0.0.1:{where}/0", LONG, QUICK)
            times = []
            for number in (core.numbers[0], core.numbers[1], core.numbers[1]):
                began = time.monotonic()
                claims.source.claims_of(number)
                times.append(f"{(time.monotonic() - began) * 1000:.0f}")
            rows.append([name, *times])
            claims.close()
    tell(
        "Redis in trouble (core answering in 200 ms), ms",
        ["Redis", "first number, cold", "second number, cold", "second number again"],
        rows,
    )


def _entry() -> Entry:
    return Entry(SNAPSHOT, time.time() + LONG, time.time() + LONG, len(EMPTY))


SNAPSHOT = decode_snapshot(EMPTY)
RING = Keyring(peers.SECRETS)


@contextmanager
def filled_memory(count: int) -> Iterator[tuple[MemoryStore, list[tuple[bytes, ...]]]]:
    store = MemoryStore(MemoryConfig(most_entries=count, most_bytes=1 << 40), time.time)
    keys = [RING.key_of(Kpj(f"{n:011d}")) for n in range(count)]
    for key in keys:
        store.put(key, _entry())
    yield store, keys


@contextmanager
def filled_redis(redis_url: str, count: int) -> Iterator[RedisStore]:
    client = redis.Redis.from_url(redis_url)
    client.flushall()
    sealer = EntrySealer(peers.SECRETS, lambda event, **labels: None)
    prefix = RedisConfig().prefix.encode() + b"v:"
    with (
        brief_redis(redis_url, peers.PATIENT) as ours,
        client.pipeline(transaction=False) as pipe,
    ):
        names = _names(ours)
        for n in range(count):
            name = prefix + names.of(RING.key_of(Kpj(f"{n:011d}"))).written
            pipe.set(name, sealer.seal_entry(name, _entry(), EMPTY), px=10_000_000)
            if n % 1000 == 999:
                pipe.execute()
        pipe.execute()
    with brief_redis(redis_url, peers.PATIENT) as ours:
        yield RedisStore(ours, sealer, RedisConfig(), LifetimeConfig(), time.time)


def _names(client: BriefRedis) -> DayNames:
    return DayNames(SharedSecrets(client, RedisConfig().prefix.encode() + b"day:"), time.time)


def weigh(core: Core) -> None:
    """What the decoded samples of the sandbox take in memory, beside what we reckon."""
    claims: Claims = peers.ours(core.url, None, LONG)
    bodies = [claims.client.answer_for(number).body for number in core.numbers]
    claims.close()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [decode_snapshot(body) for body in bodies for _ in range(100)]
    taken = (tracemalloc.get_traced_memory()[0] - before) / len(kept)
    tracemalloc.stop()
    size = statistics.mean(map(len, bodies))
    print(
        f"\nA sample is {size:,.0f} bytes of JSON on average and {taken:,.0f} bytes decoded "
        f"({taken / size:.1f} ×); reckoned with {ENTRY_BYTES} + {OBJECT_BYTES} × JSON."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["hits", "stampede", "trouble", "entries"])
    parser.add_argument("--most", type=int, default=1_000_000, help="entries at most")
    chosen = parser.parse_args()
    with Sandbox() as sandbox, RedisServer() as server:
        core, redis_url = Core(sandbox), server.url
        if "hits" in chosen.parts:
            hits(core, redis_url)
        if "stampede" in chosen.parts:
            stampede(core, redis_url)
        if "trouble" in chosen.parts:
            trouble(core)
        if "entries" in chosen.parts:
            entries(core, redis_url, chosen.most)


if __name__ == "__main__":
    main()
