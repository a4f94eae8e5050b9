"""Observed durations of stages, kept at hand; the first lookups wait for them, but not for long."""

import threading
from collections.abc import Callable, Mapping

from ..domain.claims import StageDuration
from .errors import CoreError

FEWEST_CLAIMS = 30
"""Below this many claims a range says more about chance than about the stage."""

FIRST_WAIT_SECONDS = 0.5
"""How long the first lookups of a process may wait for them, all together."""

REFRESH_SECONDS = 3600.0
"""They describe 90 days; an hour more or less does not change them."""

RETRY_SECONDS = 60.0
"""How soon the core is asked again after it had no answer."""

Durations = Mapping[tuple[str, str], StageDuration]


class ObservedDurations:
    """Calling it returns the durations by service and stage.

    The first call asks the core, in a thread of its own, and waits for the answer; so do those
    that come meanwhile, until FIRST_WAIT_SECONDS after the first. From then on it returns at once
    what is known, and refreshes behind. No thread is started before the first call.

    `fetch` asks the core and raises CoreError; `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        fetch: Callable[[], tuple[StageDuration, ...]],
        clock: Callable[[], float],
        first_wait: float = FIRST_WAIT_SECONDS,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._first_wait = first_wait
        self._lock = threading.Lock()
        self._known: Durations = {}
        self._ask_again_at = float("-inf")
        self._is_settled = threading.Event()
        self._wait_until = float("inf")

    def __call__(self) -> Durations:
        if self._clock() >= self._ask_again_at and self._lock.acquire(blocking=False):
            # The lock is given back by the thread: one refresh at a time.
            now = self._clock()
            self._ask_again_at = now + RETRY_SECONDS
            self._wait_until = min(self._wait_until, now + self._first_wait)
            threading.Thread(target=self._refresh, name="durations", daemon=True).start()
        if not self._is_settled.is_set():
            left = min(max(self._wait_until - self._clock(), 0.0), self._first_wait)
            if not self._is_settled.wait(left):
                # The core is slow: nobody who comes later waits for it either.
                self._is_settled.set()
        return self._known

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
            self._is_settled.set()
            self._lock.release()
