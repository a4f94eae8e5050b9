"""What a whole lookup costs over Redis, by its client: `python -m bench.ways_to_redis`.

The site's whole application in this process, a core without a wire, a Redis of its own. What
is told is processor time of this process for a lookup, and the median, over interleaved rounds,
of its ratio to the same with redis-py alone.
"""

import argparse
import gc
import itertools
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bench.load.whole_site import BODY, USUAL_MISS, ask, environ_of
from harness.servers import SECRET, RedisServer
from harness.written import table
from tracking_site.app import create_app
from tracking_site.claims_api import own_source
from tracking_site.claims_api.exchange import Reply
from tracking_site.observing.logs import Lines, configure_logs
from tracking_site.redis.client import BriefRedis, RedisClients
from tracking_site.redis.connections import connections_to
from tracking_site.settings import Settings
from tracking_site.web.templates import load_templates

NOTHING = b'{"as_of":"2026-11-22T14:05:00+07:00","claims":[]}'
BATCH = 60
SECONDS = 5.0
"""A busy machine must not look like a broken Redis; the times that are measured stay the same."""

COLD = "cold"
NEW = "warm, first time from its network"
AGAIN = "warm, asked again"

Application = Callable[..., Any]


class _Core:
    """Stands where the exchange with the core does, and answers at once.

    Every so manyth number finds nothing; with none the guard would see a list that was bought.
    """

    def __init__(self, *_: Any, **__: Any) -> None:
        self._asked = 0

    def ask(self, path: str, body: bytes | None = None, **_: Any) -> Reply:
        if body is None:
            return Reply(b'{"window_days":90,"items":[]}', None)
        self._asked += 1
        return Reply(BODY if self._asked % USUAL_MISS else NOTHING, None)


class _Library(redis.Redis):
    """redis-py's commands, under the name by which the site registers scripts."""

    def register_script_when_full(self, script: str) -> Any:
        return self.register_script(script)


def _library_pool(url: str) -> Any:
    return redis.ConnectionPool.from_url(
        url,
        socket_connect_timeout=SECONDS,
        socket_timeout=SECONDS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        driver_info=None,
    )


def _own_pool(url: str) -> Any:
    return connections_to(url, connect=SECONDS, answer=SECONDS)


WAYS: dict[str, Callable[[str], Any]] = {
    "redis-py 8, retries off, hiredis": lambda url: _Library(connection_pool=_library_pool(url)),
    "our commands, its pool": lambda url: BriefRedis(_library_pool(url)),
    "its commands, our connections": lambda url: _Library(connection_pool=_own_pool(url)),
    "the site's: our commands, our connections": lambda url: BriefRedis(_own_pool(url)),
}


def application(way: Callable[[str], Any], url: str) -> Application:
    """Build the site over this client."""
    settings = Settings.from_env(
        {
            "CLAIMS_API_URL": "http://127.0.0.1:1",
            "SECRET_KEYS": SECRET,
            "REDIS_URL": url,
            "TRUSTED_PROXIES": "1",
            "REQUESTS_PER_MINUTE": "1000000",
        }
    )
    with patch.object(own_source, "Exchange", _Core):
        app = create_app(settings, redis=RedisClients(way(url), way(url)))
    load_templates(app)
    built: Application = app.wsgi_app
    return built


def look_up(app: Application, place: int, address: str) -> None:
    # Spread over birth dates and districts, so that no crowd around one raises the guard.
    body = b"nomor=3174%02d%02d%02d%02d%04d" % (
        1 + place // 20_160 % 30,
        1 + place % 28,
        1 + place // 28 % 12,
        40 + place // 336 % 60,
        1 + place // 604_800,
    )
    status = ask(
        app,
        {
            **environ_of("POST", "/lacak", body),
            "HTTP_HX_REQUEST": "true",
            "HTTP_X_FORWARDED_FOR": address,
        },
    )
    if status not in ("200 OK", "404 NOT FOUND"):
        raise RuntimeError(status)


def costs(app: Application, places: Iterator[int], draw: random.Random) -> Iterator[float]:
    """Yield microseconds of processor time for each kind of lookup, in the order of the table."""
    cold = list(itertools.islice(places, BATCH))
    networks = [".".join(str(draw.randrange(1, 224)) for _ in range(4)) for _ in range(2 * BATCH)]
    gc.collect()
    for asked in (
        list(zip(cold, networks[:BATCH], strict=True)),
        [(cold[0], network) for network in networks[BATCH:]],
        [(cold[0], networks[-1])] * BATCH,
    ):
        begun = time.process_time()
        for place, network in asked:
            look_up(app, place, network)
        yield (time.process_time() - begun) / BATCH * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    configure_logs("info", Lines(os.open(os.devnull, os.O_WRONLY)))
    # What goes wrong here is for whoever measures, not for a log.
    sys.excepthook = sys.__excepthook__
    draw, places = random.Random(1), itertools.count()
    with RedisServer() as server:
        apps = {
            name: application(way, f"redis://127.0.0.1:{server.port}/{place}")
            for place, (name, way) in enumerate(WAYS.items())
        }
        measured: dict[str, list[list[float]]] = {name: [] for name in apps}
        for each in range(rounds + 1):
            for name in draw.sample(list(apps), len(apps)):
                found = list(costs(apps[name], places, draw))
                # The first round warms up.
                if each:
                    measured[name].append(found)
    base = measured[next(iter(WAYS))]
    rows = []
    for name, found in measured.items():
        row = [name]
        for kind in range(3):
            best = min(each[kind] for each in found)
            ratios = [one[kind] / other[kind] for one, other in zip(found, base, strict=True)]
            row.append(f"**{statistics.median(ratios):.2f}** ({best:.0f} µs)")
        rows.append(row)
    print(table(["÷ redis-py (the best)", COLD, NEW, AGAIN], rows))
    # Threads of the cached clients need not be waited for.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
