"""Each look tries the real thing and says in a sentence what to do."""

import secrets
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis, TimeoutError

from harness.servers import RedisServer, free_port
from sandbox import Sandbox
from tests.claims_api.fakes import eventually
from tests.observing.conftest import Fault
from tests.services import running_redis
from tracking_site.claims_api.client import ClaimsClient
from tracking_site.claims_api.config import ClientConfig
from tracking_site.observing.readiness import (
    LATE_LOOKS,
    look_at_core,
    look_at_keys,
    look_at_redis,
)
from tracking_site.redis.client import Patience, brief_redis, unrested


@pytest.fixture
def core(sandbox: Sandbox) -> Iterator[ClaimsClient]:
    client = ClaimsClient(ClientConfig(sandbox.url))
    yield client
    client.close()


def test_a_core_that_answers_is_well(core: ClaimsClient) -> None:
    assert look_at_core(core, time.time)() is None


@pytest.mark.parametrize(
    ("mode", "status", "setting"),
    [("error", 503, "CLAIMS_API_URL"), ("error", 401, "CLAIMS_API_TOKEN"), ("down", 503, "URL")],
)
def test_a_core_that_does_not_is_told_with_the_setting_to_look_at(
    core: ClaimsClient, fault: Fault, mode: str, status: int, setting: str
) -> None:
    fault(mode, status=status)
    problem = look_at_core(core, time.time)()
    assert problem is not None
    assert setting in problem


def test_a_core_that_hangs_does_not_hold_the_answer_up(core: ClaimsClient, fault: Fault) -> None:
    fault("slow", latency_ms=30_000)
    begun = time.monotonic()
    assert "in time" in str(look_at_core(core, time.time)())
    assert time.monotonic() - begun < 10


def test_clocks_that_differ_are_told(core: ClaimsClient) -> None:
    problem = look_at_core(core, lambda: time.time() + 95)()
    assert problem is not None
    assert "seconds apart" in problem
    assert look_at_core(core, lambda: time.time() + 5)() is None


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with running_redis() as running:
        yield running


@pytest.fixture
def redis(server: RedisServer) -> Iterator[Redis]:
    # Nothing here is about a Redis that a busy machine makes late.
    with brief_redis(server.url, Patience(5, 5)) as brief, unrested(brief) as client:
        yield client
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", "0")
        client.config_set("min-replicas-to-write", "0")
        # A look that Redis answered late leaves its key for some seconds.
        client.flushall()


@pytest.mark.redis
def test_a_redis_that_keeps_what_is_written_is_well_and_left_empty(redis: Redis) -> None:
    assert look_at_redis(redis, time.time)() is None
    assert redis.dbsize() == 0


@pytest.mark.redis
@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("maxmemory-policy", "allkeys-lru", "noeviction"),
        ("maxmemory", "1", "is full"),
        ("min-replicas-to-write", "3", "cannot be written"),
    ],
)
def test_a_redis_that_drops_or_refuses_is_told(
    redis: Redis, option: str, value: str, told: str
) -> None:
    redis.config_set(option, value)
    problem = look_at_redis(redis, time.time)()
    assert problem is not None
    assert told in problem


@pytest.mark.redis
def test_a_replica_is_named_as_one(server: RedisServer, redis: Redis) -> None:
    redis.replicaof("127.0.0.1", 1)
    try:
        problem = look_at_redis(redis, time.time)()
    finally:
        with server.client() as operator:
            operator.replicaof("no", "one")
    assert "is a replica" in str(problem)
    assert look_at_redis(redis, time.time)() is None


@pytest.mark.redis
def test_a_user_that_redis_does_not_know_is_named(server: RedisServer) -> None:
    url = server.url.replace("redis://", "redis://nobody:secret@")
    problem = look_at_redis(unrested(brief_redis(url)), time.time)()
    assert "user or password" in str(problem)
    assert "secret" not in str(problem)


@pytest.fixture(scope="module")
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RedisServer]:
    """One that has all slots, or none. Two seconds pass before it calls itself whole."""
    folder = tmp_path_factory.mktemp("cluster")
    written = folder / "redis.conf"
    written.write_text(f"cluster-enabled yes\ncluster-port {free_port()}\ndir {folder}\n")
    with running_redis(written) as cluster, cluster.client() as operator:
        if request.param:
            operator.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            eventually(lambda: b"cluster_state:ok" in operator.execute_command("CLUSTER", "INFO"))
        yield cluster


@pytest.mark.redis
@pytest.mark.parametrize("database", [0, 3])
@pytest.mark.parametrize("cluster", [True, False], indirect=True)
def test_a_cluster_is_refused_with_a_sentence(cluster: RedisServer, database: int) -> None:
    client = unrested(brief_redis(f"redis://127.0.0.1:{cluster.port}/{database}"))
    problem = look_at_redis(client, time.time)()
    assert "Redis is a cluster" in str(problem)


@pytest.mark.redis
def test_a_redis_whose_clock_differs_is_told(redis: Redis) -> None:
    assert "seconds apart" in str(look_at_redis(redis, lambda: time.time() - 95)())


@pytest.mark.redis
@pytest.mark.parametrize(("late", "is_well"), [(LATE_LOOKS - 1, True), (LATE_LOOKS, False)])
def test_a_redis_that_is_late_once_is_not_away(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, late: int, is_well: bool
) -> None:
    answers = iter([True] * late)
    eval_ = redis.eval

    def evaluate(*arguments: Any) -> Any:
        if next(answers, False):
            raise TimeoutError("Timeout reading from socket")
        return eval_(*arguments)

    monkeypatch.setattr(redis, "eval", evaluate)
    problem = look_at_redis(redis, time.time)()
    assert (problem is None) is is_well
    assert is_well or "Nobody answers" in str(problem)


def test_a_redis_that_is_not_there_is_told_soon() -> None:
    begun = time.monotonic()
    problem = look_at_redis(unrested(brief_redis("redis://127.0.0.1:1")), time.time)()
    assert "REDIS_URL" in str(problem)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("weak", [b"k" * 40, b"secret-" * 8, b"0123456789" * 4, b"ab" * 32])
def test_a_key_that_repeats_itself_is_weak(weak: bytes) -> None:
    strong = secrets.token_urlsafe(32).encode()
    assert look_at_keys([strong])() is None
    assert "Key 2" in str(look_at_keys([strong, weak])())


def test_keys_as_the_readme_makes_them_are_strong() -> None:
    for _ in range(200):
        assert look_at_keys([secrets.token_urlsafe(32).encode()])() is None


def test_the_same_key_twice_is_no_rotation() -> None:
    key = secrets.token_urlsafe(32).encode()
    assert "twice" in str(look_at_keys([key, key])())
