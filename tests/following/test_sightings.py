"""First sights: the same content keeps its moment and number, another one gets new ones."""

import pytest

from harness.servers import RedisServer
from tracking_site.following.sightings import (
    MemorySightings,
    RedisSightings,
    Sighting,
    Sightings,
    content_of,
    rows_by,
)
from tracking_site.redis.client import BriefRedis, brief_redis

DAY = 86_400
A, B = content_of("a"), content_of("b")


def of(number: str) -> list[str]:
    return [number]


def test_what_stays_the_same_was_seen_once(sightings: Sightings) -> None:
    first = sightings.see(of("key"), {"one": A}, 1000.0, 5)
    assert first == {"one": Sighting(1000.0, 5)}
    assert sightings.see(of("key"), {"one": A}, 2000.0, 9) == first


def test_a_change_counts_up_and_has_its_own_moment(sightings: Sightings) -> None:
    sightings.see(of("key"), {"one": A, "two": A}, 1000.0, 5)
    seen = sightings.see(of("key"), {"one": B, "two": A}, 1500.5, 5)
    assert seen == {"one": Sighting(1500.5, 6), "two": Sighting(1000.0, 5)}
    assert sightings.see(of("key"), {"one": A}, 1600.0, 5) == {"one": Sighting(1600.0, 7)}


def test_a_number_never_falls_behind_what_is_given_while_nothing_is_known(
    sightings: Sightings,
) -> None:
    sightings.see(of("key"), {"one": A}, 1000.0, 5)
    assert sightings.see(of("key"), {"one": B}, 2000.0, 500)["one"].sequence == 500


def test_numbers_do_not_share_what_was_seen(sightings: Sightings) -> None:
    sightings.see(of("key"), {"one": A}, 1000.0, 0)
    assert sightings.see(of("other"), {"one": A}, 2000.0, 0) == {"one": Sighting(2000.0, 0)}


def test_nothing_to_see_is_nothing_seen(sightings: Sightings) -> None:
    assert sightings.see(of("key"), {}, 1000.0, 0) == {}


def test_memory_keeps_the_addresses_asked_for_last() -> None:
    sightings = MemorySightings(most=2)
    for key in ("first", "second", "first", "third"):
        sightings.see(of(key), {"one": A}, 1000.0, 0)
    assert sightings.see(of("first"), {"one": A}, 2000.0, 0)["one"].since == 1000.0
    assert sightings.see(of("second"), {"one": A}, 3000.0, 0)["one"].since == 3000.0


@pytest.mark.redis
def test_a_new_first_secret_makes_nothing_new(redis: BriefRedis) -> None:
    sightings = RedisSightings(redis, 90 * DAY)
    old, new = (rows_by([*secrets]) for secrets in ((b"old" * 9,), (b"new" * 9, b"old" * 9)))
    sightings.see(old("number"), {"one": A}, 1000.0, 0)
    assert sightings.see(new("number"), {"one": A}, 2000.0, 0)["one"].since == 1000.0


@pytest.mark.redis
def test_a_thousand_addresses_of_a_number_are_one_row_for_two_days(
    redis: BriefRedis,
) -> None:
    sightings = RedisSightings(redis, 90 * DAY)
    for _ in range(1000):
        sightings.see(of("number"), {"one": A}, 1000.0, 0)
    assert redis.keys("*") == [b"seen:2:number"]
    assert DAY < redis.ttl("seen:2:number") <= 2 * DAY
    sightings.see(of("number"), {"one": A}, 1000.0 + DAY, 0)
    assert 89 * DAY < redis.ttl("seen:2:number") <= 90 * DAY


@pytest.mark.redis
def test_redis_holds_digests_and_forgets_them_in_time(
    redis: BriefRedis, redis_server: RedisServer
) -> None:
    RedisSightings(redis, 60).see(of("key"), {"one": A}, 1000.0, 0)
    with redis_server.client() as client:
        [name] = client.keys("*")
        kept = client.hgetall(name)
        assert kept.pop(b"@") == b"0"
        assert [len(value) for value in kept.values()] == [20]
        assert 0 < client.pttl(name) <= 60_000


def test_without_redis_everything_is_seen_now() -> None:
    redis = brief_redis("redis://127.0.0.1:1/0")
    assert RedisSightings(redis, 60).see(of("key"), {"one": A}, 1000.0, 7) == {
        "one": Sighting(1000.0, 7)
    }
