"""A clock for whatever takes one."""

from dataclasses import dataclass

START = 4_000_000_000.0
"""Far ahead, where the machine's own clock expires nothing."""


@dataclass
class Clock:
    """Seconds that stand until they are told to move."""

    now: float = START

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds
