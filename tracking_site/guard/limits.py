"""The plain request limit: only against cheap abuse, long before anything is looked up.

Flask-Limiter's own strategy and storage count parsed items; stacked decorators cost several
times as much on the hot route. While its storage cannot be asked, a limit of this process's
own stands in, so that nobody gets an error and nothing becomes unlimited.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import structlog
from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.strategies import FixedWindowRateLimiter, RateLimiter

from ..redis.client import RedisDown
from .counters import Counters
from .networks import Carriers, Network
from .windows import KIND, Bound, HitInOrder, hitting

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Refused:
    """The guard's refusal; `retry_after` in seconds. How large the budget is stays unsaid."""

    name = "refused"
    retry_after: float


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests that are let through."""

    per_network: int = 120
    """A minute, from one network: a fast reader with a family sends a tenth."""

    per_carrier: int = 3000
    """A minute, from one address of a listed carrier, which thousands share."""

    in_all: int = 200
    """A second, from everybody: what the site is built to serve."""


class RequestLimit:
    """Counts requests by network and in all.

    `shared` is Flask-Limiter's strategy; `digest_of` names a network without its address;
    `processes` share the limits while the shared storage cannot be asked.
    """

    def __init__(
        self,
        shared: RateLimiter,
        rates: Rates,
        carriers: Carriers,
        digest_of: Callable[[Network], str],
        processes: int = 1,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._shared = shared
        self._private: RateLimiter = FixedWindowRateLimiter(Counters())
        self._hit_shared = hitting(shared)
        self._hit_private = hitting(self._private)
        self._rates = rates
        self._carriers = carriers
        self._digest_of = digest_of
        self._processes = processes
        self._clock = clock

    def take(self, network: Network) -> Refused | None:
        """Count a request of this network; return the refusal when there were too many."""
        now = self._clock()
        try:
            return self._take(self._shared, self._hit_shared, network, now, share=1)
        except RedisDown as error:
            if not error.is_resting:
                _log.warning("the request limit counts alone: its storage does not answer")
        return self._take(self._private, self._hit_private, network, now, self._processes)

    def _take(
        self,
        strategy: RateLimiter,
        hit: HitInOrder,
        network: Network,
        now: float,
        share: int,
    ) -> Refused | None:
        of_network, of_all = _bounds(self._rates, network in self._carriers, share)
        over = hit(((of_network, self._digest_of(network)), (of_all, "all")))
        if over is None:
            return None
        window = strategy.get_window_stats(over[0].item, KIND, over[1])
        return Refused(max(window.reset_time - now, 1.0))


@lru_cache(16)
def _bounds(rates: Rates, is_carrier: bool, share: int) -> tuple[Bound, Bound]:
    a_minute = rates.per_carrier if is_carrier else rates.per_network
    return (
        Bound.of(RateLimitItemPerMinute(_shared_by(share, a_minute))),
        Bound.of(RateLimitItemPerSecond(_shared_by(share, rates.in_all))),
    )


def _shared_by(processes: int, limit: int) -> int:
    return max(1, limit // processes)
