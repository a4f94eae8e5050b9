"""Whether everything that the site needs is in order; asked often, looked up now and then."""

from collections.abc import Callable, Mapping
from threading import Lock

Look = Callable[[], str | None]
"""Looks at one thing; returns what is wrong with it in a sentence, or None. Never raises."""


class Shortage(str):
    """What an operator should end soon, and what the site serves everybody without."""


KEPT_SECONDS = 5.0
"""How long an answer is given again: pollers cost the core and the store no more than this."""

ILL_KEPT_SECONDS = 1.0
"""The same while something is not in order, so that its end is known soon."""


class Readiness:
    """`looks` by what they look at; `clock` is monotonic, in seconds.

    `on_look` is told which things were in order, each time they were looked at.
    """

    def __init__(
        self,
        looks: Mapping[str, Look],
        clock: Callable[[], float],
        on_look: Callable[[Mapping[str, bool]], None] = lambda works: None,
    ) -> None:
        self._looks = looks
        self._clock = clock
        self._on_look = on_look
        self._lock = Lock()
        self._known: Mapping[str, str | None] | None = None
        self._look_again_at = float("-inf")

    def now(self) -> Mapping[str, str | None]:
        """Look at everything, one thing after the other."""
        found = {name: look() for name, look in self._looks.items()}
        kept = ILL_KEPT_SECONDS if any(found.values()) else KEPT_SECONDS
        self._known, self._look_again_at = found, self._clock() + kept
        self._on_look({name: problem is None for name, problem in found.items()})
        return found

    def lately(self) -> Mapping[str, str | None]:
        """Return what was found a few seconds ago; only one caller at a time looks anew."""
        known = self._known
        if known is not None and self._clock() < self._look_again_at:
            return known
        if not self._lock.acquire(blocking=known is None):
            return known or {}
        try:
            fresh = self._known if self._clock() < self._look_again_at else None
            return fresh or self.now()
        finally:
            self._lock.release()
