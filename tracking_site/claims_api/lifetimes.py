"""How long an answer may be kept, by what it says."""

from collections.abc import Callable

from .config import LifetimeConfig
from .source import Answer


class Lifetimes:
    """`random` gives numbers in [0, 1)."""

    def __init__(self, config: LifetimeConfig, random: Callable[[], float]) -> None:
        self._config = config
        self._random = random

    def of(self, answer: Answer, now: float) -> tuple[float, float]:
        """Return until when an answer is fresh, and until when it is better than none."""
        config = self._config
        fresh = self._fresh(answer) * (1 - config.jitter * self._random())
        keep = config.keep_seconds if answer.snapshot.claims else config.keep_empty_seconds
        return now + fresh, now + max(fresh, keep)

    def _fresh(self, answer: Answer) -> float:
        config = self._config
        if answer.max_age is not None:
            return min(max(answer.max_age, config.shortest_seconds), config.longest_seconds)
        claims = answer.snapshot.claims
        if not claims:
            return config.empty_seconds
        if all(claim.is_final for claim in claims):
            return config.final_seconds
        return config.fresh_seconds
