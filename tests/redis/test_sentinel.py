"""Sentinel names the master, and another one when that is gone."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest
import redis

from harness.servers import RedisServer
from tests.claims_api.fakes import eventually
from tests.services import SERVICE, running_redis, running_sentinels
from tracking_site.redis.client import BriefRedis, Patience, RedisDown, brief_redis

pytestmark = [pytest.mark.redis, pytest.mark.proofs]


class Watched(NamedTuple):
    master: RedisServer
    replica: RedisServer
    url: str

    def sentinel(self) -> redis.Redis:
        """Return a client of one of the Sentinels."""
        port = self.url.partition("127.0.0.1:")[2].partition(",")[0]
        return redis.Redis(port=int(port))

    def master_port(self) -> int:
        return int(self.sentinel().sentinel_get_master_addr_by_name(SERVICE)[1])


@pytest.fixture
def watched() -> Iterator[Watched]:
    with ExitStack() as running:
        master = running.enter_context(running_redis())
        replica = running.enter_context(running_redis())
        replica.client().replicaof("127.0.0.1", master.port)
        eventually(lambda: replica.client().info("replication")["master_link_status"] == "up")
        url = running.enter_context(running_sentinels(master))
        watched = Watched(master, replica, url)

        def is_watched() -> bool:
            state = watched.sentinel().sentinel_masters()[SERVICE]
            return bool(state["num-slaves"] == 1 and state["num-other-sentinels"] == 2)

        # They look for each other every two seconds, and for replicas every ten.
        eventually(is_watched, 30)
        yield watched


@pytest.fixture
def client(watched: Watched) -> Iterator[BriefRedis]:
    with brief_redis(watched.url, Patience(5, 5)) as client:
        assert client.set("colour", "green")
        yield client


def writes(client: BriefRedis) -> bool:
    try:
        return bool(client.set("colour", "red"))
    except RedisDown:
        return False


def test_the_master_is_asked_on_one_connection_and_sentinel_only_for_a_new_one(
    watched: Watched, client: BriefRedis
) -> None:
    before = watched.sentinel().info("stats")["total_commands_processed"]
    in_use = client.connection_pool.get_connection()
    client.connection_pool.release(in_use)
    for _ in range(20):
        assert client.get("colour") == b"green"
    assert client.connection_pool.get_connection() is in_use
    after = watched.sentinel().info("stats")["total_commands_processed"]
    assert (in_use.host, in_use.port) == ("127.0.0.1", watched.master.port)
    # Its own chatter with the others goes on.
    assert after - before < 20


def test_a_killed_master_is_followed_by_the_one_that_sentinel_promotes(
    watched: Watched, client: BriefRedis
) -> None:
    watched.master.kill()
    eventually(lambda: watched.master_port() == watched.replica.port, 30)
    eventually(lambda: writes(client), 5)
    assert watched.replica.client().get("colour") == b"red"


def test_a_master_that_is_demoted_by_hand_is_left(watched: Watched, client: BriefRedis) -> None:
    watched.sentinel().execute_command("SENTINEL", "FAILOVER", SERVICE)
    eventually(lambda: watched.master_port() == watched.replica.port, 30)
    # Until Sentinel has demoted it as well, the old master takes what is then lost.
    eventually(lambda: writes(client) and watched.replica.client().get("colour") == b"red", 5)


def test_a_sentinel_that_is_gone_is_asked_no_more(watched: Watched) -> None:
    alone = watched.url.replace("redis+sentinel://", "redis+sentinel://127.0.0.1:1,")
    with brief_redis(alone, Patience(5, 5)) as client:
        assert client.set("colour", "green")


def test_an_unknown_service_is_redis_down(watched: Watched) -> None:
    with brief_redis(watched.url.replace(f"/{SERVICE}/", "/another/")) as client:
        assert not writes(client)
