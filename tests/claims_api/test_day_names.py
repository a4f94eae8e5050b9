"""Over midnight: names of numbers change, and nothing that is kept, forgotten or under way is lost.

Each node is a process of its own over one Redis, and `later` one whose memory is empty.
"""

from dataclasses import replace

import pytest
import redis

from harness.servers import RedisServer
from tests.claims_api.conftest import SECRETS, Cluster
from tests.claims_api.fakes import ENDED, Clock, Crowd, body_of, number
from tracking_site.cache.stores import Keyring
from tracking_site.claims_api.errors import CoreError
from tracking_site.redis.day_secrets import DAY_SECONDS, JAKARTA_OFFSET, KEEP_SECONDS, day_at

pytestmark = pytest.mark.redis

ONE, OTHER = number(1), number(2)
NOTHING = body_of()


@pytest.fixture
def raw(redis_server: RedisServer) -> redis.Redis:
    return redis_server.client()


@pytest.fixture
def evening(redis_cluster: Cluster) -> Cluster:
    """Ten seconds before midnight in Jakarta."""
    now = redis_cluster.clock.now
    left = (day_at(now) + 1) * DAY_SECONDS - JAKARTA_OFFSET - now
    redis_cluster.pass_(left - 10)
    return redis_cluster


def names(raw: redis.Redis, cluster: Cluster, kind: str = "") -> set[bytes]:
    return set(raw.scan_iter(match=f"{cluster.prefix}{kind}*", count=1000))


def test_an_answer_of_yesterday_is_there_for_whoever_comes_after_midnight(evening: Cluster) -> None:
    evening.node().cache.claims_of(ONE)
    evening.pass_(20)
    assert evening.node().cache.claims_of(ONE).claims
    assert evening.core.asked == 1


def test_a_last_good_copy_outlives_midnight_and_ends_after_its_day(evening: Cluster) -> None:
    evening.node().cache.claims_of(ONE)
    evening.core.goes_down()
    evening.pass_(DAY_SECONDS - 60)
    assert evening.node().cache.claims_of(ONE).is_stale
    evening.pass_(120)
    with pytest.raises(CoreError):
        evening.node().cache.claims_of(ONE)


def test_midnight_asks_the_core_for_a_number_once_among_all_processes(evening: Cluster) -> None:
    nodes = [evening.node() for _ in range(4)]
    evening.pass_(20)
    crowd = Crowd()
    evening.core.gate.clear()
    for node in nodes:
        crowd.start(lambda node=node: node.cache.claims_of(ONE))
    assert evening.core.arrived.wait(5)
    evening.core.gate.set()
    crowd.join()
    assert evening.core.asked == 1


def test_a_newer_answer_takes_yesterdays_away(evening: Cluster, raw: redis.Redis) -> None:
    evening.node().cache.claims_of(ONE)
    yesterdays = names(raw, evening, "v:")
    evening.pass_(DAY_SECONDS / 2)
    evening.core.body = NOTHING
    assert not evening.node().cache.claims_of(ONE).claims
    evening.core.goes_down()
    evening.pass_(700)
    # As Redis does by itself once the time of "nothing to show" is over.
    raw.delete(*names(raw, evening, "v:") - yesterdays)
    with pytest.raises(CoreError):
        evening.node().cache.claims_of(ONE)


@pytest.mark.parametrize("purged", ["before", "after"])
def test_what_was_forgotten_stays_forgotten_over_midnight(evening: Cluster, purged: str) -> None:
    first, second = evening.node(), evening.node()
    first.cache.claims_of(ONE)
    second.cache.claims_of(ONE)
    if purged == "after":
        evening.pass_(20)
    assert first.cache.forget(ONE)
    if purged == "before":
        evening.pass_(20)
    evening.pass_(2.1)
    evening.core.goes_down()
    for node in (first, second, evening.node()):
        with pytest.raises(CoreError):
            node.cache.claims_of(ONE)
        evening.pass_(2)


@pytest.mark.parametrize("purged", ["before", "after"])
def test_an_answer_on_its_way_over_midnight_does_not_outlive_the_purge(
    evening: Cluster, purged: str
) -> None:
    asker, purger = evening.node(), evening.node()
    evening.core.gate.clear()
    crowd = Crowd()
    crowd.start(lambda: asker.cache.claims_of(ONE))
    assert evening.core.arrived.wait(5)
    if purged == "after":
        evening.pass_(20)
    assert purger.cache.forget(ONE)
    if purged == "before":
        evening.pass_(20)
    evening.core.body = ENDED
    evening.core.gate.set()
    crowd.join()
    assert len(evening.node().cache.claims_of(ONE).claims) == 2


def test_an_answer_on_its_way_over_midnight_is_kept(evening: Cluster) -> None:
    evening.core.gate.clear()
    crowd = Crowd()
    node = evening.node()
    crowd.start(lambda: node.cache.claims_of(ONE))
    assert evening.core.arrived.wait(5)
    evening.pass_(20)
    evening.core.gate.set()
    crowd.join()
    assert evening.node().cache.claims_of(ONE).claims
    assert evening.core.asked == 1


def test_a_purge_reaches_nodes_whose_clocks_are_a_little_ahead_or_behind(evening: Cluster) -> None:
    ahead = replace(evening, clock=Clock(), nodes=evening.nodes)
    ahead.clock.now = evening.clock.now + 20
    for purging, keeping in ((evening, ahead), (ahead, evening)):
        evening.core.comes_back()
        keeping.node().cache.claims_of(ONE)
        assert purging.node().cache.forget(ONE)
        evening.core.goes_down()
        with pytest.raises(CoreError):
            keeping.node().cache.claims_of(ONE)
        evening.pass_(2)
        ahead.clock.pass_(2)


@pytest.mark.parametrize("first", ["old process", "new process"])
def test_after_redis_was_emptied_all_processes_go_on_under_one_secret(
    redis_cluster: Cluster, raw: redis.Redis, first: str
) -> None:
    old, other = redis_cluster.node(), redis_cluster.node()
    old.cache.claims_of(OTHER)
    other.cache.claims_of(OTHER)
    raw.delete(*names(raw, redis_cluster))
    nodes = [old, redis_cluster.node(), other]
    nodes = nodes if first == "old process" else nodes[1:]
    redis_cluster.core.asked = 0
    for node in nodes:
        assert node.cache.claims_of(ONE).claims
    assert redis_cluster.core.asked == 1
    assert len(names(raw, redis_cluster, "day:")) == 1
    assert nodes[0].cache.forget(ONE)
    redis_cluster.pass_(2.1)
    redis_cluster.core.goes_down()
    with pytest.raises(CoreError):
        nodes[-1].cache.claims_of(ONE)


def test_keys_alone_find_no_number_in_redis(redis_cluster: Cluster, raw: redis.Redis) -> None:
    node = redis_cluster.node()
    node.cache.claims_of(ONE)
    node.cache.forget(OTHER)
    redis_cluster.core.goes_down()
    with pytest.raises(CoreError):
        node.cache.claims_of(number(3))
    every = names(raw, redis_cluster)
    assert len(every) >= 6
    digests = [Keyring(SECRETS).key_of(number(n))[0] for n in (1, 2, 3)]
    assert not [name for name in every for digest in digests if digest in name]
    (secret,) = names(raw, redis_cluster, "day:")
    assert 0 < raw.ttl(secret) <= KEEP_SECONDS


def test_a_lookup_is_two_scripts_once_the_day_is_known(
    redis_cluster: Cluster, raw: redis.Redis
) -> None:
    def commands() -> dict[str, int]:
        stats: dict[str, dict[str, int]] = raw.info("commandstats")
        return {name: int(of["calls"]) for name, of in stats.items()}

    node = redis_cluster.node()
    node.cache.claims_of(OTHER)
    before = commands()
    node.cache.claims_of(ONE)
    after = commands()
    assert after["cmdstat_evalsha"] - before["cmdstat_evalsha"] == 2
