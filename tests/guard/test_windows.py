"""Windows hit in one step count as the limits library counts them, one by one."""

import socket
from functools import partial

import pytest
from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from harness.way import Way
from tests.claims_api.fakes import Crowd
from tests.guard.conftest import RedisServer
from tests.services import running_redis
from tracking_site.guard.limits import Counters, SharedCounters, Window, first_over
from tracking_site.redis.client import BriefRedis, Patience, RedisDown, brief_redis

MINE = Window.of(RateLimitItemPerMinute(3), "lookup", "mine")
ALL = Window.of(RateLimitItemPerMinute(100), "lookup", "all")
WHOSE = {MINE: "mine", ALL: "all"}


def shared(client: BriefRedis) -> RateLimiter:
    return FixedWindowRateLimiter(SharedCounters("shared://", client, "t"))


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def strategy(request: pytest.FixtureRequest) -> RateLimiter:
    if request.param == "memory":
        return FixedWindowRateLimiter(Counters())
    server: RedisServer = request.getfixturevalue("own_redis_server")
    return shared(server.brief(seconds=5))


def remaining(strategy: RateLimiter, window: Window) -> int:
    return strategy.get_window_stats(window.limit, "lookup", WHOSE[window]).remaining


@pytest.mark.parametrize("item", [RateLimitItemPerMinute(120), RateLimitItemPerSecond(7)])
def test_a_key_is_the_librarys_own(item: RateLimitItem) -> None:
    assert Window.of(item, "watch", "a0b1").key == item.key_for("watch", "a0b1")


def test_the_first_window_that_is_over_is_told(strategy: RateLimiter) -> None:
    hit = partial(first_over, strategy.storage)
    assert [hit((MINE, ALL)) for _ in range(5)] == [None, None, None, MINE, MINE]


def test_windows_after_one_that_is_over_count_nothing(strategy: RateLimiter) -> None:
    hit = partial(first_over, strategy.storage)
    for _ in range(50):
        hit((MINE, ALL))
    assert remaining(strategy, ALL) == 97


def test_the_library_sees_the_same_counts(strategy: RateLimiter) -> None:
    hit = partial(first_over, strategy.storage)
    hit((MINE, ALL))
    assert strategy.hit(MINE.limit, "lookup", "mine")
    assert remaining(strategy, MINE) == 1


def test_the_first_in_the_first_window_is_spared_the_last_ones(strategy: RateLimiter) -> None:
    hit = partial(first_over, strategy.storage, spared=1)
    assert [hit((MINE, ALL)) for _ in range(4)] == [None, None, None, MINE]
    assert remaining(strategy, ALL) == 98


def test_one_alone_of_those_who_come_at_once_is_spared(strategy: RateLimiter) -> None:
    crowd = Crowd()
    for _ in range(3):
        crowd.start(lambda: first_over(strategy.storage, (MINE, ALL), spared=1))
    assert crowd.join() == [None] * 3
    assert remaining(strategy, ALL) == 98


@pytest.mark.redis
def test_a_window_ends_by_itself_however_often_it_is_hit(own_redis_server: RedisServer) -> None:
    client = own_redis_server.brief(seconds=5)
    hit = partial(first_over, shared(client).storage)
    for _ in range(3):
        hit((Window.of(RateLimitItemPerMinute(1), "lookup", "x"),))
    (key,) = client.keys()
    assert 0 < client.pttl(key) <= 60_000


@pytest.mark.redis
def test_both_ways_to_count_follow_a_failover_behind_one_address() -> None:
    with running_redis() as old, running_redis() as new, Way(old.port) as way:
        strategy = shared(brief_redis(f"redis://127.0.0.1:{way.port}", Patience(5, 5)))
        hit = partial(first_over, strategy.storage)
        assert hit((MINE, ALL)) is None
        way.lead_to(new.port)
        old.client().replicaof("127.0.0.1", new.port)
        assert hit((MINE, ALL)) is None
        assert strategy.hit(MINE.limit, "watch", "mine")
        assert len(new.client().keys("t:*")) == 3


def test_a_storage_that_does_not_answer_says_so_to_whoever_counts() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        strategy = shared(brief_redis(f"redis://127.0.0.1:{closed.getsockname()[1]}"))
        for ask in (
            lambda: first_over(strategy.storage, (MINE, ALL)),
            lambda: strategy.hit(MINE.limit, "watch", "mine"),
            lambda: strategy.get_window_stats(MINE.limit, "watch", "mine"),
        ):
            with pytest.raises(RedisDown):
                ask()
