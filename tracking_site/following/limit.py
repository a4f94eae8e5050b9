"""How often one private address may be asked, whoever asks: it costs no budget of the guard."""

import time
from collections.abc import Callable

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from ..guard.limits import Refused
from ..redis.client import RedisDown

_log = structlog.get_logger()


class AddressLimit:
    """`shared` is Flask-Limiter's strategy; without its storage this process counts alone."""

    def __init__(
        self, shared: RateLimiter, per_minute: int, clock: Callable[[], float] = time.time
    ) -> None:
        self._shared = shared
        self._private = FixedWindowRateLimiter(MemoryStorage())
        self._item = RateLimitItemPerMinute(per_minute)
        self._clock = clock

    def take(self, digest: str) -> Refused | None:
        """Count a request for the address of this digest; return the refusal when too many."""
        try:
            return self._take(self._shared, digest)
        except RedisDown as error:
            if not error.is_resting:
                _log.warning(
                    "the limit of private addresses counts alone: no answer of its storage"
                )
            return self._take(self._private, digest)

    def _take(self, strategy: RateLimiter, digest: str) -> Refused | None:
        if strategy.hit(self._item, "watch", digest):
            return None
        window = strategy.get_window_stats(self._item, "watch", digest)
        return Refused(max(window.reset_time - self._clock(), 1.0))
