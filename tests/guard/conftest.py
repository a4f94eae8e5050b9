"""A real Redis for the ledgers, and the small things that every test of the guard needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness import servers as stage
from tests.clock import START, Clock
from tests.guard.asking import Desk, Number
from tests.needs import needed
from tracking_site.guard.ledger import Ledger
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.policy import Policy
from tracking_site.guard.redis_ledger import RedisLedger
from tracking_site.redis.client import PATIENT, BriefRedis, Patience, brief_redis

__all__ = ["START", "Clock", "Number", "RedisServer"]


class RedisServer(stage.RedisServer):
    """A Redis that also gives the site's own client, with as little patience."""

    def brief(self, seconds: float = PATIENT.answer) -> BriefRedis:
        """The client of production; `seconds` for whoever must not be in a hurry."""
        return brief_redis(self.url, Patience(seconds, seconds))


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    yield from _running_redis()


@pytest.fixture
def own_redis_server() -> Iterator[RedisServer]:
    """A server that the test may kill."""
    yield from _running_redis()


def _running_redis() -> Iterator[RedisServer]:
    needed("redis")
    with RedisServer() as server:
        yield server


@pytest.fixture
def redis_client(redis_server: RedisServer) -> BriefRedis:
    """An empty database, with time enough for a busy machine."""
    client = redis_server.brief(seconds=5)
    client.flushall()
    return client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """Each kind of ledger, empty."""
    if request.param == "memory":
        return MemoryLedger(Policy())
    return RedisLedger(request.getfixturevalue("redis_client"), Policy())


@pytest.fixture
def operated(redis_client: BriefRedis) -> RedisLedger:
    """The one that an operator reaches."""
    return RedisLedger(redis_client, Policy())


@pytest.fixture
def desk(ledger: Ledger, clock: Clock) -> Desk:
    return Desk(ledger, clock)
