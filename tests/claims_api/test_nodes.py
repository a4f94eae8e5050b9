"""Several processes over one Redis: what one learns the others know, also what to forget."""

import time

import pytest
import redis

from harness.servers import RedisServer
from tests.claims_api.conftest import SECRETS, Cluster
from tests.claims_api.fakes import ENDED, MOVING, Crowd, eventually, number
from tracking_site.cache.config import CacheConfig
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.domain.claims import Snapshot

pytestmark = pytest.mark.redis

ONE, OTHER = number(1), number(2)
NEW = (b"new-secret-of-the-tests-32-byte!", *SECRETS)


@pytest.fixture
def raw(redis_server: RedisServer) -> redis.Redis:
    return redis_server.client()


def names(raw: redis.Redis, cluster: Cluster, kind: str = "") -> list[bytes]:
    return sorted(raw.scan_iter(match=f"{cluster.prefix}{kind}*", count=1000))


def test_what_one_process_fetched_another_need_not(redis_cluster: Cluster) -> None:
    first, second = redis_cluster.node(), redis_cluster.node()
    assert first.cache.claims_of(ONE) == second.cache.claims_of(ONE)
    assert redis_cluster.core.asked == 1


def test_for_two_seconds_a_process_does_not_ask_redis_again(
    redis_cluster: Cluster, raw: redis.Redis
) -> None:
    def reads() -> int:
        stats: dict[str, dict[str, int]] = raw.info("commandstats")
        return int(stats["cmdstat_mget"]["calls"])

    writer, reader = redis_cluster.node(), redis_cluster.node()
    writer.cache.claims_of(ONE)
    for node in (writer, reader):
        node.cache.claims_of(ONE)
        before = reads()
        for _ in range(10):
            node.cache.claims_of(ONE)
        assert reads() == before
    redis_cluster.pass_(2.1)
    before = reads()
    for _ in range(10):
        reader.cache.claims_of(ONE)
    assert reads() == before + 1


def test_a_failure_is_known_to_the_other_processes(redis_cluster: Cluster) -> None:
    redis_cluster.core.goes_down(retry_after=30)
    first, second = redis_cluster.node(), redis_cluster.node()
    with pytest.raises(CoreError):
        first.cache.claims_of(ONE)
    with pytest.raises(CoreError) as told:
        second.cache.claims_of(ONE)
    assert (told.value.kind, told.value.retry_after) == (Trouble.FAILED_RECENTLY, 30)
    assert redis_cluster.core.asked == 1


def test_what_is_purged_on_one_node_leaves_the_memory_of_others_in_two_seconds(
    redis_cluster: Cluster,
) -> None:
    for everything in (False, True):
        first, second = redis_cluster.node(), redis_cluster.node()
        redis_cluster.core.body = MOVING
        first.cache.claims_of(ONE)
        second.cache.claims_of(ONE)
        redis_cluster.core.body = ENDED
        assert first.cache.forget_all() if everything else first.cache.forget(ONE)
        redis_cluster.pass_(2.1)
        assert len(second.cache.claims_of(ONE).claims) == 2
        redis_cluster.core.goes_down()
        redis_cluster.pass_(3600)
        assert len(second.cache.claims_of(ONE).claims) == 2
        redis_cluster.core.comes_back()
        first.cache.forget(ONE)


def test_a_purge_elsewhere_beats_an_answer_on_its_way_here(redis_cluster: Cluster) -> None:
    for everything in (False, True):
        asker, purger = redis_cluster.node(), redis_cluster.node()
        redis_cluster.core.arrived.clear()
        redis_cluster.core.gate.clear()
        redis_cluster.core.body = MOVING
        crowd = Crowd()
        crowd.start(lambda node=asker: node.cache.claims_of(ONE))
        assert redis_cluster.core.arrived.wait(5)
        assert purger.cache.forget_all() if everything else purger.cache.forget(ONE)
        redis_cluster.core.body = ENDED
        redis_cluster.core.gate.set()
        crowd.join()
        assert len(asker.cache.claims_of(ONE).claims) == 2
        assert len(purger.cache.claims_of(ONE).claims) == 2
        asker.cache.forget(ONE)


def test_no_number_and_no_claim_can_be_read_in_redis(
    redis_cluster: Cluster, raw: redis.Redis
) -> None:
    node = redis_cluster.node()
    for n in range(3):
        node.cache.claims_of(number(123_456 + n))
    redis_cluster.core.goes_down()
    with pytest.raises(CoreError):
        node.cache.claims_of(number(123_460))
    node.cache.forget(number(123_461))
    found = names(raw, redis_cluster)
    assert len(found) >= 6
    for name in found:
        lies_there = name + (raw.get(name) or b"")
        assert not any(word in lies_there for word in (b"12345", b"JHT", b"progress", b"Jakarta"))


def test_everything_that_is_written_has_an_end_but_the_mark_of_the_last_great_purge(
    redis_cluster: Cluster, raw: redis.Redis
) -> None:
    node = redis_cluster.node()
    node.cache.claims_of(ONE)
    node.cache.forget(OTHER)
    redis_cluster.core.goes_down()
    with pytest.raises(CoreError):
        node.cache.claims_of(number(3))
    node.cache.forget_all()
    endless = [name for name in names(raw, redis_cluster) if raw.ttl(name) < 0]
    assert endless == [f"{redis_cluster.prefix}all".encode()]
    assert not names(raw, redis_cluster, "l:")


@pytest.mark.parametrize("spoil", ["swap", "cut", "flip", "empty", "older", "list"])
def test_a_spoiled_value_is_a_miss_that_is_counted(
    redis_cluster: Cluster, raw: redis.Redis, spoil: str
) -> None:
    writer = redis_cluster.node()
    writer.cache.claims_of(OTHER)
    (other_name,) = names(raw, redis_cluster, "v:")
    writer.cache.claims_of(ONE)
    (name,) = set(names(raw, redis_cluster, "v:")) - {other_name}
    value = raw.get(name)
    assert value is not None
    spoiled = {
        "swap": raw.get(other_name),
        "cut": value[:-3],
        "flip": value[:60] + bytes([value[60] ^ 1]) + value[61:],
        "empty": b"",
        "older": b"\x00" + value[1:],
    }.get(spoil)
    if spoiled is None:
        raw.delete(name)
        raw.rpush(name, "x")
    else:
        raw.set(name, spoiled)
    reader = redis_cluster.node()
    assert reader.cache.claims_of(ONE).claims
    assert redis_cluster.core.asked == 3
    counted = sum(reader.events[f"sealed_refused:{why}"] for why in ("seal", "version", "length"))
    assert counted > 0 or spoil == "list"
    assert redis_cluster.node().cache.claims_of(ONE).claims
    assert redis_cluster.core.asked == 3


def test_keys_are_rotated_without_asking_the_core_again(redis_cluster: Cluster) -> None:
    old = redis_cluster.node()
    old.cache.claims_of(ONE)
    rotated = redis_cluster.node(secrets=NEW)
    assert rotated.cache.claims_of(ONE).claims
    assert redis_cluster.core.asked == 1
    rotated.cache.claims_of(OTHER)
    assert redis_cluster.node(secrets=NEW[:1]).cache.claims_of(OTHER).claims
    assert redis_cluster.core.asked == 2


def test_a_stranger_with_other_keys_learns_and_spoils_nothing(redis_cluster: Cluster) -> None:
    redis_cluster.node().cache.claims_of(ONE)
    stranger = redis_cluster.node(secrets=(b"stranger-secret-of-the-tests-32!",))
    stranger.cache.claims_of(ONE)
    assert redis_cluster.core.asked == 2
    redis_cluster.node().cache.claims_of(ONE)
    assert redis_cluster.core.asked == 2


def test_a_purge_in_the_middle_of_a_rotation_reaches_both_sides(redis_cluster: Cluster) -> None:
    old, new = redis_cluster.node(secrets=(SECRETS[0], NEW[0])), redis_cluster.node(secrets=NEW)
    for purger in (old, new):
        redis_cluster.core.body = MOVING
        old.cache.claims_of(ONE)
        new.cache.claims_of(ONE)
        redis_cluster.core.body = ENDED
        assert purger.cache.forget(ONE)
        redis_cluster.pass_(2.1)
        assert len(old.cache.claims_of(ONE).claims) == 2
        assert len(new.cache.claims_of(ONE).claims) == 2


def test_a_lead_that_died_passes_on_and_one_that_lives_does_not(redis_cluster: Cluster) -> None:
    node = redis_cluster.node(lock_seconds=0.6)
    dead = redis_cluster.node(lock_seconds=0.6)
    dead.store.begin(dead.cache._keyring.key_of(ONE))
    began = time.monotonic()
    assert node.cache.claims_of(ONE).claims
    assert 0.3 < time.monotonic() - began < 5
    redis_cluster.core.gate.clear()
    slow, late = Crowd(), Crowd()
    slow.start(lambda: node.cache.claims_of(OTHER))
    eventually(lambda: redis_cluster.core.asked == 2)
    late.start(lambda: dead.cache.claims_of(OTHER))
    time.sleep(1.5)
    assert redis_cluster.core.asked == 2
    redis_cluster.core.gate.set()
    assert all(isinstance(each, Snapshot) for each in slow.join() + late.join())


def test_a_copy_past_its_time_is_renewed_by_one_process_only(redis_cluster: Cluster) -> None:
    nodes = [redis_cluster.node(cache=CacheConfig(refresh_workers=2)) for _ in range(4)]
    for node in nodes:
        node.cache.claims_of(ONE)
    redis_cluster.pass_(61)
    redis_cluster.core.gate.clear()
    for node in nodes * 3:
        assert node.cache.claims_of(ONE).is_stale
    eventually(lambda: sum(node.events["refresh"] for node in nodes) >= 4)
    eventually(lambda: redis_cluster.core.asked >= 2)
    redis_cluster.core.gate.set()
    eventually(lambda: not nodes[0].cache.claims_of(ONE).is_stale)
    redis_cluster.pass_(2.1)
    assert not any(node.cache.claims_of(ONE).is_stale for node in nodes)
    assert redis_cluster.core.asked == 2
