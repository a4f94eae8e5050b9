"""Several fixed windows hit in one step, until one of them is over.

The limits library asks its storage once for each window, which over Redis is most of what
they cost. What is written there is the library's own form, so that both can count together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from limits import RateLimitItem
from limits.storage import RedisStorage, Storage
from limits.strategies import RateLimiter


class Bound(NamedTuple):
    """A limit of the library's, with what of its keys is the same for everybody."""

    item: RateLimitItem
    before: str
    after: str

    @classmethod
    def of(cls, item: RateLimitItem) -> Bound:
        before, after = item.key_for(KIND, _WHOSE).split(_WHOSE)
        return cls(item, before, after)

    def key(self, whose: str) -> str:
        """Return the library's own key, which takes a third of a hit to build anew."""
        return self.before + whose + self.after


Window = tuple[Bound, str]
"""A limit, and whose it is."""

HitInOrder = Callable[[Sequence[Window]], Window | None]

KIND = "lookup"
_WHOSE = "whose"

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
    is over, or None; those after it count nothing. It raises RedisDown.
    """
    if isinstance(strategy.storage, RedisStorage):
        return _in_redis(strategy.storage)
    return _in_memory(strategy.storage)


def _in_memory(storage: Storage) -> HitInOrder:
    def hit(windows: Sequence[Window]) -> Window | None:
        for bound, whose in windows:
            item = bound.item
            if storage.incr(bound.key(whose), item.get_expiry()) > item.amount:
                return bound, whose
        return None

    return hit


def _in_redis(storage: RedisStorage) -> HitInOrder:
    client: Any = storage.get_connection()
    script = client.register_script(_SCRIPT.encode())

    def hit(windows: Sequence[Window]) -> Window | None:
        keys = [storage.prefixed_key(bound.key(whose)) for bound, whose in windows]
        items = [bound.item for bound, _ in windows]
        numbers = [number for item in items for number in (item.get_expiry(), item.amount)]
        over = script(keys, numbers)
        return windows[over - 1] if over else None

    return hit
