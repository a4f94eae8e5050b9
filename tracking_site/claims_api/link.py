"""Redis, asked briefly: whatever goes wrong with it is StoreDown, and then it is left alone.

A page must not wait for a cache. After one failure nobody asks for a second, then one does,
and on its success everyone again.
"""

import logging
from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

from redis.exceptions import NoPermissionError, RedisError, ResponseError

from ..redis_client import brief_redis
from .breaker import Breaker, Resting
from .config import BreakerConfig, RedisConfig
from .events import Observe, unobserved

T = TypeVar("T")

log = logging.getLogger(__name__)


class StoreDown(Exception):
    """Redis cannot be used at the moment, or not for this."""


class RedisLink:
    """`client` is only for building scripts; every call to Redis goes through `call`."""

    def __init__(
        self,
        url: str,
        config: RedisConfig,
        *,
        random: Callable[[], float],
        observe: Observe = unobserved,
    ) -> None:
        self.client = brief_redis(
            url, connect_seconds=config.connect_seconds, answer_seconds=config.answer_seconds
        )
        self._observe = observe
        rest = BreakerConfig(
            failures=1, rest_seconds=config.rest_seconds, longest_rest_seconds=config.rest_seconds
        )
        self._breaker = Breaker(rest, monotonic, random, self._turned)

    def call(self, work: Callable[..., T], *args: Any, **options: Any) -> T:
        """Return what Redis says; raises StoreDown."""
        try:
            allowed = self._breaker.enter()
        except Resting as resting:
            raise StoreDown("resting") from resting
        try:
            result = work(*args, **options)
        except (ResponseError, NoPermissionError) as error:
            # It answers, but not this: full, read-only, a wrong type under the key.
            self._breaker.abandoned(allowed)
            self._observe("store_refused")
            log.warning("Redis refuses: %s", type(error).__name__)
            raise StoreDown("refused") from error
        except (RedisError, OSError) as error:
            self._breaker.failed(allowed)
            raise StoreDown("failed") from error
        except BaseException:
            self._breaker.abandoned(allowed)
            raise
        self._breaker.succeeded(allowed)
        return result

    def close(self) -> None:
        self.client.connection_pool.disconnect()

    def _turned(self, state: str) -> None:
        self._observe("store", state=state)
        if state != "half_open":
            log.warning("Redis is %s", "back" if state == "closed" else "left alone for a while")
