"""The plain request limit: generous, by network, and still there when its storage is not."""

import time
from collections.abc import Callable
from ipaddress import ip_network

import pytest
from limits.storage import MemoryStorage, Storage

from tests.clock import Clock
from tracking_site.guard.keys import Followed
from tracking_site.guard.limits import (
    KEYS_OF_BOTH,
    KEYS_OF_NUMBER,
    Counters,
    Rates,
    Refused,
    RequestLimit,
    SharedCounters,
)
from tracking_site.guard.networks import UNKNOWN, Carriers, Network, network_of
from tracking_site.redis.client import BriefRedis, RedisDown

HOME = network_of("192.0.2.1", "", 0)
NEIGHBOUR = network_of("192.0.2.2", "", 0)
CROWD = network_of("198.51.100.7", "", 0)
CARRIERS = Carriers([ip_network("198.51.100.0/24")])
RATES = Rates(per_network=3, per_carrier=6)


class Broken(MemoryStorage):
    """A storage that does not answer; counts how often it was asked."""

    asked = 0

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        self.asked += 1
        raise RedisDown


def digest_of(network: Network) -> str:
    return network.first.hex()


def make_limit(
    shared: Storage | None = None,
    rates: Rates = RATES,
    processes: int = 1,
    clock: Callable[[], float] | None = None,
) -> RequestLimit:
    storage = MemoryStorage() if shared is None else shared
    return RequestLimit(storage, rates, CARRIERS, digest_of, processes, clock or Clock())


def passed(limit: RequestLimit, network: Network, count: int = 20) -> int:
    return sum(limit.take(network) is None for _ in range(count))


def test_a_network_gets_its_minute_and_its_neighbour_another() -> None:
    limit = make_limit()
    assert passed(limit, HOME) == 3
    assert passed(limit, NEIGHBOUR) == 3


def test_an_address_that_thousands_share_gets_more() -> None:
    assert passed(make_limit(), CROWD) == 6


def test_those_without_an_address_share_one_budget() -> None:
    assert passed(make_limit(), UNKNOWN) == 3


def test_no_network_uses_up_what_another_may_ask() -> None:
    limit = make_limit()
    assert passed(limit, HOME) == 3
    assert [limit.take(network_of(f"198.51.100.{n}", "", 0)) for n in range(200)] == [None] * 200


def test_the_refusal_says_when_to_come_back() -> None:
    limit = make_limit()
    passed(limit, HOME)
    refused = limit.take(HOME)
    assert isinstance(refused, Refused)
    assert refused.retry_after >= 1


@pytest.mark.parametrize(("processes", "expected"), [(1, 3), (3, 1), (8, 1)])
def test_without_the_storage_a_share_of_the_limit_holds(processes: int, expected: int) -> None:
    assert passed(make_limit(Broken(), processes=processes), HOME) == expected


@pytest.mark.parametrize("storage", [None, Broken()], ids=["shared", "without it"])
def test_each_private_address_has_a_budget_of_its_own(storage: MemoryStorage | None) -> None:
    rates = Rates(per_network=100, per_address=3)
    limit = make_limit(storage, rates, processes=8, clock=time.time)
    assert [limit.take(HOME, "one") for _ in range(3)] == [None] * 3
    refused = limit.take(NEIGHBOUR, "one")
    assert isinstance(refused, Refused)
    assert 1 <= refused.retry_after <= 60
    assert limit.take(NEIGHBOUR, "two") is None


def test_a_network_that_asks_for_many_private_addresses_is_refused() -> None:
    limit = make_limit()
    taken = [limit.take(HOME, f"address {place}") for place in range(6)]
    assert [each is None for each in taken] == [True] * 3 + [False] * 3


def test_the_shared_storage_is_asked_again_as_soon_as_its_client_does() -> None:
    broken = Broken()
    limit = make_limit(broken)
    passed(limit, HOME, 2)
    assert broken.asked == 2


def test_a_clock_that_is_set_back_makes_no_minute_longer() -> None:
    """Else who asked in that minute has asked its last until the clock is there again."""
    clock = Clock()
    limit = RequestLimit(Counters(clock=clock), RATES, CARRIERS, digest_of, clock=clock)
    assert passed(limit, HOME) == 3
    clock.now -= 7 * 3_600
    assert passed(limit, HOME) == 3
    clock.now += 60
    assert passed(limit, HOME) == 3


class BeforeTheOthers(Counters):
    """What is read of it was read before anybody else counted."""

    def get(self, key: str) -> int:
        return 0


def test_of_addresses_made_at_once_each_but_the_first_of_a_network_counts_for_the_number() -> None:
    limit = make_limit(BeforeTheOthers())
    made = [
        limit.take_key(Followed(f"network {place}", "number", 0, 60)) is None
        for place in range(5)
        for _ in range(KEYS_OF_BOTH)
    ]
    assert sum(made) == KEYS_OF_NUMBER + 5


@pytest.mark.redis
def test_a_redis_whose_clock_is_set_back_makes_no_minute_longer(redis_client: BriefRedis) -> None:
    counting = SharedCounters("shared://", redis_client, "limit1")
    limit = RequestLimit(counting, RATES, CARRIERS, digest_of)
    assert passed(limit, HOME) == 3
    (window,) = redis_client.keys("limit1*")
    # What is left of a key is the distance to a moment, and grows by what its server's clock loses.
    redis_client.expire(window, 7 * 3_600)
    assert passed(limit, HOME) == 3
    assert redis_client.ttl(window) <= 60
