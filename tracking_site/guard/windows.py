"""Several fixed windows hit in one step, until one of them is over.

The limits library asks its storage once for each window, which over Redis is most of what
they cost. What is written there is the library's own form, so that both can count together.
"""

from collections.abc import Callable, Sequence
from typing import Any

from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import RateLimiter

from ..redis_client import BriefRedis

Window = tuple[RateLimitItem, str]
"""A limit, and whose it is."""

HitInOrder = Callable[[Sequence[Window]], Window | None]

KIND = "lookup"

_SCRIPT = """
for place = 1, #KEYS do
  local count = redis.call('INCRBY', KEYS[place], 1)
  if count == 1 then redis.call('EXPIRE', KEYS[place], ARGV[2 * place - 1]) end
  if count > tonumber(ARGV[2 * place]) then return place end
end
return 0
"""


def hitting(strategy: RateLimiter) -> HitInOrder:
    """Return a function that counts a request in each window in turn and returns the first that
    is over, or None; those after it count nothing. It raises the library's StorageError.
    """
    if isinstance(strategy.storage, RedisStorage):
        return _in_redis(strategy.storage)
    return lambda windows: next((each for each in windows if not _hit(strategy, each)), None)


def _hit(strategy: RateLimiter, window: Window) -> bool:
    item, whose = window
    return strategy.hit(item, KIND, whose)


def _in_redis(storage: RedisStorage) -> HitInOrder:
    itself: Any = storage.get_connection()
    client = BriefRedis(connection_pool=itself.connection_pool)
    script: Any = client.register_script(_SCRIPT.encode())

    def hit(windows: Sequence[Window]) -> Window | None:
        keys = [storage.prefixed_key(item.key_for(KIND, whose)) for item, whose in windows]
        bounds = [bound for item, _ in windows for bound in (item.get_expiry(), item.amount)]
        try:
            over = script(keys, bounds)
        except storage.base_exceptions as error:
            raise StorageError(error) from error
        return windows[over - 1] if over else None

    return hit
