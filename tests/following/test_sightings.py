"""First sights: the same content keeps its moment and number, another one gets new ones."""

import pytest

from bench.stage import RedisServer
from tracking_site.following.sightings import (
    MemorySightings,
    RedisSightings,
    Sighting,
    Sightings,
    content_of,
)
from tracking_site.redis.client import BriefRedis, brief_redis

A, B = content_of("a"), content_of("b")


def test_what_stays_the_same_was_seen_once(sightings: Sightings) -> None:
    first = sightings.see("key", {"one": A}, 1000.0, 5)
    assert first == {"one": Sighting(1000.0, 5)}
    assert sightings.see("key", {"one": A}, 2000.0, 9) == first


def test_a_change_counts_up_and_has_its_own_moment(sightings: Sightings) -> None:
    sightings.see("key", {"one": A, "two": A}, 1000.0, 5)
    seen = sightings.see("key", {"one": B, "two": A}, 1500.5, 5)
    assert seen == {"one": Sighting(1500.5, 6), "two": Sighting(1000.0, 5)}
    assert sightings.see("key", {"one": A}, 1600.0, 5) == {"one": Sighting(1600.0, 7)}


def test_a_number_never_falls_behind_what_is_given_while_nothing_is_known(
    sightings: Sightings,
) -> None:
    sightings.see("key", {"one": A}, 1000.0, 5)
    assert sightings.see("key", {"one": B}, 2000.0, 500)["one"].sequence == 500


def test_addresses_do_not_share_what_was_seen(sightings: Sightings) -> None:
    sightings.see("key", {"one": A}, 1000.0, 0)
    assert sightings.see("other", {"one": A}, 2000.0, 0) == {"one": Sighting(2000.0, 0)}


def test_nothing_to_see_is_nothing_seen(sightings: Sightings) -> None:
    assert sightings.see("key", {}, 1000.0, 0) == {}


def test_memory_keeps_the_addresses_asked_for_last() -> None:
    sightings = MemorySightings(most=2)
    for key in ("first", "second", "first", "third"):
        sightings.see(key, {"one": A}, 1000.0, 0)
    assert sightings.see("first", {"one": A}, 2000.0, 0)["one"].since == 1000.0
    assert sightings.see("second", {"one": A}, 3000.0, 0)["one"].since == 3000.0


@pytest.mark.redis
def test_redis_holds_digests_and_forgets_them_in_time(
    redis: BriefRedis, redis_server: RedisServer
) -> None:
    RedisSightings(redis, 60).see("key", {"one": A}, 1000.0, 0)
    with redis_server.client() as client:
        [name] = client.keys("*")
        [kept] = client.hvals(name)
        assert len(kept) == 20
        assert 0 < client.pttl(name) <= 60_000


def test_without_redis_everything_is_seen_now() -> None:
    redis = brief_redis("redis://127.0.0.1:1/0")
    assert RedisSightings(redis, 60).see("key", {"one": A}, 1000.0, 7) == {
        "one": Sighting(1000.0, 7)
    }
