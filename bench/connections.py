"""What dead connections cost, to the core and to Redis: `python -m bench.connections`.

To the core: each of its places is given a connection by a lookup; then the way to it forgets
them, swallows what comes, resets or hangs up, and so many new numbers are asked at once.
To Redis: threads write all the time, over one address that from some moment on leads to the
promoted replica, while the old master goes in one way or another.
"""

import argparse
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bench.cache_stage import Core
from harness.servers import RedisServer
from harness.way import Way
from harness.written import table
from sandbox import Sandbox
from tracking_site.cache.claims import Claims, build_claims
from tracking_site.cache.config import ClaimsConfig
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.errors import CoreError
from tracking_site.domain.identifiers import Kpj
from tracking_site.redis.client import RedisDown, brief_redis

PLACES = ClientConfig("").in_flight
TROUBLES = {
    "forget": "packets dropped, as by a NAT that forgot",
    "swallow": "acknowledged, never answered",
    "reset": "reset at the next bytes",
    "hang_up": "closed after the request",
}


class _Scene:
    def __init__(self, core: Core, way: Way) -> None:
        self._core = core
        self._way = way
        self._place = 0

    def row(self, trouble: str) -> list[str]:
        """Let two parties come one after the other: one for each dead connection, then the rest."""
        config = ClaimsConfig(ClientConfig(f"http://127.0.0.1:{self._way.port}"))
        claims = build_claims(config, secrets=[b"s" * 32])
        self._core.behaves("slow")
        self._look_up(claims, PLACES)
        self._core.behaves("none")
        getattr(self._way, trouble)()
        first, second = self._look_up(claims, PLACES), self._look_up(claims, PLACES)
        asked = self._core.lookups
        claims.close()
        slowest = max(seconds for _, seconds in first)
        return [
            TROUBLES[trouble],
            *(f"{sum(well for well, _ in party)} of {PLACES}" for party in (first, second)),
            f"{slowest:.2f}",
            str(asked),
        ]

    def _look_up(self, claims: Claims, people: int) -> list[tuple[bool, float]]:
        numbers = [Kpj(f"{self._place + n:011d}") for n in range(people)]
        self._place += people

        def look_up(number: Kpj) -> tuple[bool, float]:
            begun = time.monotonic()
            try:
                claims.source.claims_of(number)
            except CoreError:
                return False, time.monotonic() - begun
            return True, time.monotonic() - begun

        with ThreadPoolExecutor(people) as threads:
            return list(threads.map(look_up, numbers))


THREADS = 8
WATCHED_SECONDS = 8.0

Fails = Callable[[Way, RedisServer, RedisServer], None]
FAILOVERS: dict[str, Fails] = {
    "demoted to a replica": lambda way, old, new: old.client().replicaof("127.0.0.1", new.port),
    "killed": lambda way, old, new: old.kill(),
    "cut off, packets dropped": lambda way, old, new: way.forget(),
    "hangs, acknowledged and silent": lambda way, old, new: way.swallow(),
}


def failover(fails: Fails) -> tuple[int, float]:
    """Return how many writes failed after the promotion, and when the last of them did."""
    with RedisServer() as old, RedisServer() as new, Way(old.port) as way:
        new.client().replicaof("127.0.0.1", old.port)
        while new.client().info("replication")["master_link_status"] != "up":
            time.sleep(0.05)
        client = brief_redis(f"redis://127.0.0.1:{way.port}")
        failed: list[float] = []
        over = threading.Event()

        def write() -> None:
            while not over.wait(0.01):
                try:
                    client.set("colour", "green")
                except RedisDown:
                    failed.append(time.monotonic())

        threads = [threading.Thread(target=write) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        time.sleep(1)
        new.client().replicaof("no", "one")
        way.lead_to(new.port)
        promoted = time.monotonic()
        fails(way, old, new)
        time.sleep(WATCHED_SECONDS)
        over.set()
        for thread in threads:
            thread.join()
        after = [moment - promoted for moment in failed if moment >= promoted]
        return len(after), max(after, default=0.0)


def to_the_core() -> str:
    with Sandbox() as sandbox, Way(int(sandbox.url.rpartition(":")[2])) as way:
        scene = _Scene(Core(sandbox), way)
        head = ["", "answered", "the next", "slowest of the first, s", "requests to the core"]
        return table(head, [scene.row(trouble) for trouble in TROUBLES])


def to_redis() -> str:
    rows = []
    for name, fails in FAILOVERS.items():
        count, last = failover(fails)
        rows.append([name, str(count), f"{last:.2f}"])
    return table(["the old master", "writes that failed", "the last, s after"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["core", "redis"], help="core, redis")
    parts = parser.parse_args().parts
    logging.disable(logging.CRITICAL)
    if "core" in parts:
        print(to_the_core(), end="\n\n")
    if "redis" in parts:
        print(to_redis())


if __name__ == "__main__":
    main()
