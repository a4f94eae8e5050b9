"""A real Redis for the ledgers, and the small things that every test of the guard needs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from bench import stage
from tests.needs import needed
from tracking_site.redis.client import PATIENT, BriefRedis, Patience, brief_redis

START = 4_000_000_000.0
"""A virtual clock begins far ahead, where the machine's own clock expires nothing."""


@dataclass
class Clock:
    """A clock that stands until it is told to move."""

    now: float = START

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True)
class Number:
    """An identifier as the guard sees it; the characters mean nothing here."""

    canonical: str
    kind: str = "nik"


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
