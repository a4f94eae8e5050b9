"""The plain request limit: only against cheap abuse, long before anything is looked up.

Flask-Limiter's own strategy and storage are asked once with a parsed item; stacked
decorators cost several times as much on the hot route.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from flask_limiter import Limiter
from limits import RateLimitItemPerMinute


@dataclass(frozen=True, slots=True)
class Refused:
    """The guard's refusal; `retry_after` in seconds. How large the budget is stays unsaid."""

    name = "refused"
    retry_after: float


class RequestLimit:
    """Counts requests of a network; `network` names the one whose request is being served."""

    def __init__(self, limiter: Limiter, per_minute: int, network: Callable[[], str]) -> None:
        self._limiter = limiter
        self._item = RateLimitItemPerMinute(per_minute)
        self._network = network

    def take(self) -> Refused | None:
        """Count this request; return the refusal when there were too many."""
        key = self._network()
        if self._limiter.limiter.hit(self._item, "lookup", key):
            return None
        window = self._limiter.limiter.get_window_stats(self._item, "lookup", key)
        return Refused(max(window.reset_time - time.time(), 1.0))
