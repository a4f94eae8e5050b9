"""Both kinds of stores, each fresh for its test."""

from collections.abc import Iterator

import pytest

from harness.servers import RedisServer
from tests.claims_api.conftest import PATIENT
from tests.clock import Clock
from tests.services import running_redis
from tracking_site.following.forgotten import Forgotten, MemoryForgotten, RedisForgotten
from tracking_site.following.sightings import MemorySightings, RedisSightings, Sightings
from tracking_site.redis.client import BriefRedis, brief_redis

STORES = ["memory", pytest.param("redis", marks=pytest.mark.redis)]
NOW = 2_000_000_000.0
"""Redis forgets by its own clock, so that the clock of these tests lies ahead of it."""


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture(scope="package")
def redis_server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.fixture
def redis(redis_server: RedisServer) -> Iterator[BriefRedis]:
    with redis_server.client() as client:
        client.flushall()
    with brief_redis(redis_server.url, PATIENT) as redis:
        yield redis


@pytest.fixture(params=STORES)
def forgotten(request: pytest.FixtureRequest, clock: Clock) -> Forgotten:
    if request.param == "memory":
        return MemoryForgotten(clock)
    return RedisForgotten(request.getfixturevalue("redis"), clock)


@pytest.fixture(params=STORES)
def sightings(request: pytest.FixtureRequest) -> Sightings:
    if request.param == "memory":
        return MemorySightings()
    return RedisSightings(request.getfixturevalue("redis"), 60)
