"""Redis down, hanging, slow, full, emptied, restarted: the site goes on, and comes back."""

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext

import pytest

from harness.servers import RedisServer
from tests.claims_api.conftest import Cluster, Node
from tests.claims_api.fakes import ENDED, MOVING, Crowd, eventually, number
from tests.claims_api.raw import slow_way_to
from tests.services import running_redis
from tracking_site.redis.client import PATIENT, QUICK

pytestmark = pytest.mark.redis

ONE = number(1)
CEILING = 0.25
"""Seconds that a lookup may lose to a Redis in trouble."""
SLACK = 1.0
"""Seconds that a busy machine may add; redis-py's own defaults would wait for many more."""


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with running_redis() as own:
        yield own


@pytest.fixture
def cluster(server: RedisServer) -> Iterator[Cluster]:
    made = Cluster(server.url)
    yield made
    made.close()


def node_of(cluster: Cluster) -> Node:
    """Return a node with the times for Redis that the site has."""
    return cluster.node(patience=QUICK)


def seconds_of(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def is_written(server: RedisServer, cluster: Cluster) -> bool:
    return any(server.client().scan_iter(match=f"{cluster.prefix}v:*"))


def test_a_site_that_starts_without_its_redis_serves_from_memory(
    server: RedisServer, cluster: Cluster
) -> None:
    server.kill()
    node = node_of(cluster)
    assert seconds_of(lambda: node.cache.claims_of(ONE)) < CEILING + SLACK
    assert node.cache.claims_of(ONE).claims
    assert cluster.core.asked == 1
    assert node.events["store:open"] == 1


def test_a_redis_that_dies_and_returns_is_used_again_by_itself(
    server: RedisServer, cluster: Cluster
) -> None:
    node = node_of(cluster)
    node.cache.claims_of(ONE)
    server.kill()
    cluster.pass_(3)
    assert seconds_of(lambda: node.cache.claims_of(ONE)) < CEILING + SLACK
    cluster.pass_(61)
    assert node.cache.claims_of(ONE).is_stale
    assert node.cache.claims_of(number(2)).claims
    server.start()

    def is_back() -> bool:
        cluster.pass_(3)
        node.cache.claims_of(number(int(time.monotonic() * 1000)))
        return is_written(server, cluster)

    eventually(is_back)
    assert node.events["store:closed"] >= 1


def test_while_redis_hangs_only_the_first_visitors_notice(
    server: RedisServer, cluster: Cluster
) -> None:
    node = node_of(cluster)
    for n in range(4):
        node.cache.claims_of(number(n))
    with server.held_still():
        cluster.pass_(3)
        assert seconds_of(lambda: node.cache.claims_of(number(0))) < CEILING + SLACK
        assert seconds_of(lambda: [node.cache.claims_of(number(n)) for n in range(4)]) < SLACK
        crowd = Crowd()
        for n in range(40):
            crowd.start(lambda place=n: node.cache.claims_of(number(place)))
        assert seconds_of(crowd.join) < CEILING + 2 * SLACK
    assert cluster.core.asked == 40
    eventually(lambda: _reaches_redis(node, cluster))


def _reaches_redis(node: Node, cluster: Cluster) -> bool:
    cluster.pass_(3)
    node.cache.claims_of(ONE)
    return node.events["store:closed"] > 0


def test_a_slow_redis_costs_no_lookup_more_than_the_ceiling(
    server: RedisServer, cluster: Cluster
) -> None:
    for seconds in (0.03, 0.5):
        with slow_way_to(server.port, seconds) as port:
            cluster.redis_url = f"redis://127.0.0.1:{port}/0"
            node = node_of(cluster)
            assert seconds_of(lambda node=node: node.cache.claims_of(ONE)) < CEILING + SLACK
            assert node.cache.claims_of(ONE).claims
        cluster.redis_url = server.url
        node_of(cluster).cache.forget(ONE)


def test_a_full_redis_still_gives_what_it_has_and_refuses_in_peace(
    server: RedisServer, cluster: Cluster
) -> None:
    node = cluster.node()
    node.cache.claims_of(ONE)
    server.client().config_set("maxmemory-policy", "noeviction")
    server.client().config_set("maxmemory", "1")
    other = cluster.node()
    assert other.cache.claims_of(ONE).claims
    assert cluster.core.asked == 1
    for _ in range(3):
        assert other.cache.claims_of(number(2)).claims
    assert cluster.core.asked == 2
    assert other.events["store_refused"] > 0
    assert other.cache.forget(ONE)
    assert other.cache.forget_all()
    server.client().config_set("maxmemory", "0")
    assert other.cache.claims_of(ONE).claims
    assert cluster.core.asked == 3
    other.cache.claims_of(number(3))
    assert node.cache.claims_of(number(3)).claims
    assert cluster.core.asked == 4


@pytest.mark.parametrize("trouble", ["full", "away"])
def test_what_redis_did_not_take_gives_way_to_no_older_copy_that_it_has(
    server: RedisServer, cluster: Cluster, trouble: str
) -> None:
    node = cluster.node(patience=PATIENT._replace(rest=0.0))
    node.cache.claims_of(ONE)
    cluster.core.body = ENDED.replace(b"T14:05", b"T14:07")
    cluster.pass_(61)
    if trouble == "full":
        server.client().config_set("maxmemory-policy", "noeviction")
        server.client().config_set("maxmemory", "1")
    with server.held_still() if trouble == "away" else nullcontext():
        eventually(lambda: not node.cache.claims_of(ONE).is_stale)
    assert cluster.core.asked == 2
    for _ in range(4):
        cluster.pass_(3)
        said = node.cache.claims_of(ONE)
        assert (len(said.claims), said.is_stale) == (2, False)
    assert cluster.core.asked == 2
    server.client().config_set("maxmemory", "0")
    other = cluster.node()
    other.cache.forget(ONE)
    cluster.core.body = MOVING
    cluster.pass_(3)
    assert len(node.cache.claims_of(ONE).claims) == 1


@pytest.mark.parametrize("how", ["flushed", "restarted"])
def test_an_emptied_redis_costs_no_node_what_it_knows(
    server: RedisServer, cluster: Cluster, how: str
) -> None:
    node = cluster.node()
    node.cache.claims_of(ONE)
    if how == "flushed":
        server.client().flushall()
        server.client().script_flush()
    else:
        server.kill()
        server.start()
    cluster.pass_(3)
    assert not node.cache.claims_of(ONE).is_stale
    assert cluster.core.asked == 1
    cluster.core.goes_down()
    cluster.pass_(3600)
    assert node.cache.claims_of(ONE).is_stale
    cluster.core.comes_back()
    eventually(lambda: node.cache.claims_of(number(2)).claims and is_written(server, cluster))


def test_what_was_fetched_without_redis_does_not_outlive_a_purge_from_before(
    server: RedisServer, cluster: Cluster
) -> None:
    """A copy that memory made alone cannot know of purges, and gives way where there was one."""
    node, purger = node_of(cluster), cluster.node()
    node.cache.claims_of(ONE)
    purger.cache.forget(ONE)
    with server.held_still():
        cluster.pass_(3)
        node.cache.claims_of(ONE)
    cluster.core.body = ENDED
    eventually(lambda: _reaches_redis(node, cluster))
    assert len(node.cache.claims_of(ONE).claims) == 2


def test_a_purge_that_cannot_reach_redis_says_so_and_is_done_here(
    server: RedisServer, cluster: Cluster
) -> None:
    node = node_of(cluster)
    node.cache.claims_of(ONE)
    server.kill()
    assert not node.cache.forget(ONE)
    assert not node.cache.forget_all()
    # An alert rings at these (deploy/alerts.yml).
    assert (node.events["forgotten:one:no"], node.events["forgotten:all:no"]) == (1, 1)
    cluster.core.body = ENDED
    assert len(node.cache.claims_of(ONE).claims) == 2
