"""Real servers that tests start for themselves, each on a free port of the loopback address."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.stage import RedisServer
from tests.needs import needed


@contextmanager
def running_redis(configuration: Path | None = None) -> Iterator[RedisServer]:
    """Run a Redis, by this file if one is given.

    Skips the test that asks where none is installed (tests/needs.py).
    """
    needed("redis")
    with RedisServer(configuration) as server:
        yield server
