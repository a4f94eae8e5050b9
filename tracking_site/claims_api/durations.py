"""Observed durations of stages, kept at hand; nobody waits for them and nobody misses them."""

import threading
from collections.abc import Callable, Mapping

from ..domain.claims import StageDuration
from .errors import CoreError

FEWEST_CLAIMS = 30
"""Below this many claims a range says more about chance than about the stage."""

REFRESH_SECONDS = 3600.0
"""They describe 90 days; an hour more or less does not change them."""

RETRY_SECONDS = 60.0
"""How soon the core is asked again after it had no answer."""

Durations = Mapping[tuple[str, str], StageDuration]


class ObservedDurations:
    """Calling it returns the durations by service and stage, at once; refreshed behind.

    `fetch` asks the core and raises CoreError; `clock` is monotonic, in seconds.
    """

    def __init__(
        self, fetch: Callable[[], tuple[StageDuration, ...]], clock: Callable[[], float]
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._known: Durations = {}
        self._ask_again_at = float("-inf")

    def __call__(self) -> Durations:
        known = self._known
        if self._clock() >= self._ask_again_at and self._lock.acquire(blocking=False):
            # The lock is given back by the thread: one refresh at a time.
            self._ask_again_at = self._clock() + RETRY_SECONDS
            threading.Thread(target=self._refresh, name="durations", daemon=True).start()
        return known

    def _refresh(self) -> None:
        try:
            self._known = {
                (each.service, each.stage): each
                for each in self._fetch()
                if each.claims >= FEWEST_CLAIMS
            }
            self._ask_again_at = self._clock() + REFRESH_SECONDS
        except CoreError:
            return
        finally:
            self._lock.release()
