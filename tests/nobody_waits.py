"""One thread stands still in the middle of something; what the others do meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

PATIENCE_SECONDS = 30


class Standstill:
    """Wraps a function: its first caller stands still in it, the others pass."""

    def __init__(self, act: Callable[..., Any]) -> None:
        self._act = act
        self._begun = False
        self._stands, self._goes_on = Event(), Event()

    def __call__(self, *args: Any, **named: Any) -> Any:
        if not self._begun:
            self._begun = True
            self._stands.set()
            assert self._goes_on.wait(3 * PATIENCE_SECONDS), "nobody let it go on"
        return self._act(*args, **named)

    def passed_by(self, first: Callable[[], object], other: Callable[[], object]) -> None:
        """Let one thread stand still in `first`, and another do `other` meanwhile.

        Raises what either raised; TimeoutError where the other waited for the first.
        """
        with ThreadPoolExecutor(2) as threads:
            standing = threads.submit(first)
            assert self._stands.wait(PATIENCE_SECONDS), "it never came to it"
            passing = threads.submit(other)
            try:
                passing.result(PATIENCE_SECONDS)
            finally:
                self._goes_on.set()
            standing.result(PATIENCE_SECONDS)
