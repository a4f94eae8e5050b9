"""What one Redis does for a lookup: processor time, commands, bytes on the wire, memory.

    python -m bench.redis_share [--lookups 2000]

The site with two processes, the guard on and a core without a wait; every visitor has a network
of its own. Redis counts its own processor time, so that a busy machine changes little.
"""

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from harness.servers import CoreServer, RedisServer, gunicorn_server
from sandbox import Sandbox

SETTINGS = {"WEB_CONCURRENCY": "2", "TRUSTED_PROXIES": "1", "LOG_LEVEL": "error"}
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
ASKERS = 8
PAUSE_SECONDS = 0.06
"""Between two lookups of one asker: all of them together stay below what the site takes at once."""
_WHAT = ("processor, µs", "commands", "bytes in", "bytes out", "memory, bytes")


def spent(redis: RedisServer) -> tuple[float, ...]:
    """Return what Redis has used so far, in the order of the table."""
    with redis.client() as client:
        told: dict[str, Any] = client.info("everything")
    return (
        1e6 * (told["used_cpu_user"] + told["used_cpu_sys"]),
        told["total_commands_processed"],
        told["total_net_input_bytes"],
        told["total_net_output_bytes"],
        told["used_memory"],
    )


def addresses(first: int) -> Iterator[str]:
    """Yield addresses, each of a /16 of its own while there are 45,000 of them."""
    for place in range(first, 1 << 22):
        yield f"{20 + place % 180}.{place // 180 % 250}.{place // 45_000 % 250}.7"


def looked_up(url: str, numbers: list[str], first: int) -> None:
    """Look each number up from a network that never asked before."""
    sessions = [requests.Session() for _ in range(ASKERS)]

    def ask(which: int) -> None:
        for number, address in list(zip(numbers, addresses(first), strict=False))[which::ASKERS]:
            time.sleep(PAUSE_SECONDS)
            told = sessions[which].post(
                f"{url}/lacak",
                data={"nomor": number},
                headers={**HTMX, "X-Forwarded-For": address},
                timeout=30,
            )
            if told.status_code not in (200, 404):
                raise RuntimeError(f"a lookup answered {told.status_code}")

    with ThreadPoolExecutor(ASKERS) as pool:
        list(pool.map(ask, range(ASKERS)))


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    reader.add_argument("--lookups", type=int, default=2000)
    count = reader.parse_args().lookups
    population = Sandbox(participants=2 * count).directory.population
    numbers = [population.member(place).nik for place in range(count + 50)]
    with CoreServer(participants=2 * count) as core, RedisServer() as redis:
        settings = SETTINGS | {"REDIS_URL": redis.url}
        with gunicorn_server(core, settings) as site:
            looked_up(site.url, numbers[-50:], 30_000)
            print(f"| a lookup | {' | '.join(_WHAT)} |\n|{' --- |' * (1 + len(_WHAT))}")
            for name, first in (("nobody asked before", 0), ("of a kept number", count)):
                before = spent(redis)
                looked_up(site.url, numbers[:count], first)
                each = [(b - a) / count for a, b in zip(before, spent(redis), strict=True)]
                print(f"| {name} | {' | '.join(f'{value:,.1f}' for value in each)} |", flush=True)


if __name__ == "__main__":
    main()
