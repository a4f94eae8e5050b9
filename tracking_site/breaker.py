"""A breaker: after some failures in a row nobody is let through for a while, then one probe.

What fails again and again may fail alone, and shuts nobody else out: it counts once in a row.
Who has too much to do for one more is not down while it has somebody else's to do.
Nothing is held while a call runs, so calls stay parallel. What a call reports counts only if
the breaker has not turned since it was let through: stragglers change nothing.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from threading import Lock


@dataclass(frozen=True)
class BreakerConfig:
    failures: int = 5
    """Failures in a row after which nobody is let through; a core that fails at times stays in."""

    rest_seconds: float = 2.0
    """First rest; doubled with each probe that fails, and drawn up to a fifth shorter."""

    longest_rest_seconds: float = 30.0
    """Longest rest, so that a core that is back is found within half a minute."""

    longest_awaited_rest_seconds: float = 5.0
    """The same while people stand in a line: a core that is back must not idle."""

    probe_seconds: float = 1.0
    """How long the one waits whose request is the probe, and what others are told meanwhile."""


class Resting(Exception):
    """Not let through; worth another try in `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("resting")
        self.seconds = seconds


Pass = int
"""What a call was let through with; it is reported with it, exactly once."""


class Breaker:
    """`clock` gives monotonic seconds, `random` numbers in [0, 1).

    `turned` is told the new state: "open", "half_open" or "closed". `is_awaited` says
    whether anybody stands in a line for the other side.
    """

    def __init__(
        self,
        config: BreakerConfig,
        clock: Callable[[], float],
        random: Callable[[], float],
        turned: Callable[[str], None] = lambda state: None,
        is_awaited: Callable[[], bool] = lambda: False,
    ) -> None:
        self._config = config
        self._clock = clock
        self._random = random
        self._turned = turned
        self._is_awaited = is_awaited
        self._lock = Lock()
        self._order = count(1)
        self._turn = 0
        self._under_way: set[Pass] = set()
        self._failures = 0
        self._openings = 0
        self._failed = deque[int](maxlen=config.failures)
        self._opens_at: float | None = None
        self._is_probing = False

    @property
    def is_open(self) -> bool:
        """Whether calls are not let through, but for a probe."""
        return self._opens_at is not None

    def enter(self) -> Pass:
        """Let a call through, or raise Resting."""
        if self._opens_at is None:
            return self._begun()
        with self._lock:
            if self._opens_at is None:
                return self._begun()
            left = self._opens_at - self._clock()
            if left > 0 or self._is_probing:
                raise Resting(max(left, self._config.probe_seconds))
            self._is_probing = True
            self._turn = allowed = self._begun()
        self._turned("half_open")
        return allowed

    def is_probe(self, allowed: Pass) -> bool:
        """Return whether the call is the one that tries whether the other side is back."""
        return self._is_probing and allowed == self._turn

    def succeeded(self, allowed: Pass) -> None:
        self._under_way.discard(allowed)
        if self._failures == 0 and self._opens_at is None:
            return
        with self._lock:
            if allowed < self._turn:
                return
            was_probing, self._is_probing = self._is_probing, False
            self._failures = self._openings = 0
            self._failed.clear()
            self._opens_at = None
        if was_probing:
            self._turned("closed")

    def failed(
        self,
        allowed: Pass,
        retry_after: float | None = None,
        what: int = 0,
        may_be_full: bool = False,
    ) -> None:
        """Count a failure; `retry_after` seconds, when the other side named them, are obeyed.

        `what` failed before, and nothing else succeeded since, says nothing new: another one may.
        Where it `may_be_full` it has enough to do with those who came before, while any did.
        """
        self._under_way.discard(allowed)
        if may_be_full and not (retry_after or self.is_probe(allowed) or self._is_first(allowed)):
            return
        # To say who stands in a line may take as long as another store does.
        rest = self._rest()
        with self._lock:
            if allowed < self._turn:
                return
            if what in self._failed and not retry_after:
                self._is_probing = False
                return
            if what:
                self._failed.append(what)
            self._failures += 1
            opens = self._is_probing or self._failures >= self._config.failures
            if not opens and not retry_after:
                return
            self._opens_at = self._clock() + max(rest, retry_after or 0)
            self._openings += 1
            self._turn = next(self._order)
            self._is_probing = False
        self._turned("open")

    def abandoned(self, allowed: Pass) -> None:
        """The call said nothing about the other side; a probe makes way for the next one."""
        self._under_way.discard(allowed)
        with self._lock:
            if allowed >= self._turn:
                self._is_probing = False

    def _is_first(self, allowed: Pass) -> bool:
        # A copy is made in one step, whoever comes and goes meanwhile.
        return min(self._under_way.copy(), default=allowed) >= allowed

    def _begun(self) -> Pass:
        allowed = next(self._order)
        self._under_way.add(allowed)
        return allowed

    def _rest(self) -> float:
        rest = self._config.rest_seconds * 2.0 ** min(self._openings, 16)
        longest = self._config.longest_rest_seconds
        if rest > self._config.longest_awaited_rest_seconds and self._is_awaited():
            longest = min(longest, self._config.longest_awaited_rest_seconds)
        return min(rest, longest) * (1 - 0.2 * self._random())
