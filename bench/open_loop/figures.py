"""Percentiles, order and how right a time was that people were given."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

OVERTAKEN_SECONDS = 2.0
RIGHT_SHARE = 0.30
RIGHT_SECONDS = 5.0


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share (0 to 1) does not exceed."""
    ordered = sorted(values)
    # What a share of a count is in binary may lie a hair above the whole number it means.
    return ordered[max(0, ceil(share * len(ordered) - 1e-9) - 1)]


@dataclass(frozen=True, slots=True)
class Served:
    """When a lookup came and when its answer came, in seconds; `counts` as one to be overtaken."""

    came: float
    answered: float
    counts: bool


def overtaken(served: Sequence[Served], seconds: float = OVERTAKEN_SECONDS) -> float:
    """Return the share of those that count whom a later one was served before by more than this."""
    ordered = sorted(served, key=lambda each: each.came)
    soonest = float("inf")
    overtakes = counted = 0
    for each in reversed(ordered):
        if each.counts:
            counted += 1
            overtakes += each.answered - soonest > seconds
        soonest = min(soonest, each.answered)
    return overtakes / counted if counted else 0.0


def kendall_tau(served: Sequence[Served]) -> float:
    """Return Kendall's tau between the order of coming and of being served; 1 is the same order.

    Pairs that came or were served at the same moment count as in order.
    """
    ordered = [
        each.answered for each in sorted(served, key=lambda each: (each.came, each.answered))
    ]
    pairs = len(ordered) * (len(ordered) - 1) // 2
    return 1 - 2 * _inversions(ordered) / pairs if pairs else 1.0


def _inversions(values: Sequence[float]) -> int:
    # From the last on, those already placed that are smaller were served before and came after.
    placed: list[float] = []
    found = 0
    for value in reversed(values):
        place = bisect_left(placed, value)
        found += place
        placed.insert(place, value)
    return found


def is_right(given: float, real: float) -> bool:
    """Return whether a time that was given is right within 30 % of the real one or 5 s."""
    return abs(given - real) <= max(RIGHT_SHARE * real, RIGHT_SECONDS)
