"""The limit of a private address: its own, for everybody who asks it together."""

from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from tracking_site.following.limit import AddressLimit
from tracking_site.guard.limits import Refused
from tracking_site.redis.client import RedisDown


class AwayStorage(MemoryStorage):
    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        raise RedisDown


def test_each_address_has_a_budget_of_its_own() -> None:
    limit = AddressLimit(FixedWindowRateLimiter(MemoryStorage()), 3)
    assert [limit.take("one") for _ in range(3)] == [None] * 3
    refused = limit.take("one")
    assert isinstance(refused, Refused)
    assert 1 <= refused.retry_after <= 60
    assert limit.take("two") is None


def test_without_its_storage_a_process_counts_alone() -> None:
    limit = AddressLimit(FixedWindowRateLimiter(AwayStorage()), 3)
    assert [limit.take("one") for _ in range(3)] == [None] * 3
    assert limit.take("one") is not None
