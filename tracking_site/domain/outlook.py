"""How long stages usually take together, as a range of working days; never a promise.

The core tells quartiles of each stage. Adding up the quartiles of several stages would cover
far more than half of the claims, because few are slow everywhere. So:

1. Each stage becomes POINTS equally likely durations. Between its quartiles they lie evenly.
   Below the first they crowd towards it the more, the closer it is to the median; above the
   third, each further fixed number of days halves those that are left. Both shapes follow from
   the quartiles alone, as measured on exponential, gamma, normal and log-normal durations.
2. Of the stage where the claim stands only those longer than the days already spent count. Of a
   claim that has outlasted four in five others nothing is foretold.
3. The sums of all pairs of two stages, sorted and gathered into POINTS again, stand for both
   together, and so on: stages are taken as independent.
4. Days are counted whole, so a duration between two whole days counts as either, in proportion.
5. Of the ranges of whole days the one is taken that holds about half of the outcomes and lies
   evenly around the middle; one that spans fewer than WIDE days holds rather more.

tests/domain/test_outlook.py holds it to simulated claims.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, takewhile
from math import floor, log2

POINTS = 32
WIDE = 4
"""Days that a range spans from which on it may hold less than half of the outcomes."""

_HALF = 0.525
_RATHER_MORE = 0.55
_OFF_THE_MIDDLE = 0.15
_MAX_OUTLASTED = 0.8

Quartiles = tuple[float, float, float]


@lru_cache(maxsize=1024)
def remaining(stages: tuple[Quartiles, ...], elapsed: int) -> tuple[int, int] | None:
    """Return the first and the last whole day of the range; None where nothing is foretold.

    `stages` are quartiles in working days, the first of the stage that has lasted `elapsed`.
    """
    first, *others = stages
    points = _points(first, elapsed)
    if not points:
        return None
    for quartiles in others:
        points = _added(points, _points(quartiles))
    return _range(_shares(points))


def _points(quartiles: Quartiles, elapsed: int = 0) -> list[float]:
    shape = _Shape.of(quartiles)
    spent = shape.share_within(elapsed) if elapsed else 0.0
    if spent > _MAX_OUTLASTED:
        return []
    shares = (spent + (1 - spent) * (place + 0.5) / POINTS for place in range(POINTS))
    return [max(shape.duration(share) - elapsed, 0.0) for share in shares]


def _added(some: Sequence[float], others: Sequence[float]) -> list[float]:
    sums = sorted(one + other for one in some for other in others)
    size = len(sums) // POINTS
    return [sum(sums[at : at + size]) / size for at in range(0, len(sums), size)]


def _shares(points: Sequence[float]) -> list[float]:
    """Return the share of outcomes of each number of whole days, from none on."""
    shares = [0.0] * (floor(max(points)) + 2)
    for point in points:
        whole = floor(point)
        shares[whole] += (1 - point + whole) / len(points)
        shares[whole + 1] += (point - whole) / len(points)
    return shares


def _range(shares: Sequence[float]) -> tuple[int, int]:
    before = [0.0, *accumulate(shares)]
    candidates = []
    for first in takewhile(lambda first: before[first] <= 0.5, range(len(shares))):
        least = bisect_left(before, before[first] + 0.5)
        for end in range(least, min(least + WIDE, len(shares)) + 1):
            last = end - 1
            candidates.append((_cost(before[first], before[end], last - first), first, last))
    _, first, last = min(candidates)
    return first, last


def _cost(below: float, within: float, span: int) -> float:
    """Return how far a range is from the one wanted: off its share, and off the middle."""
    held, above = within - below, 1 - within
    wanted = _HALF if span >= WIDE else _RATHER_MORE
    missing = 1.0 if span < WIDE and held < wanted else 0.0
    return missing + abs(held - wanted) + _OFF_THE_MIDDLE * abs(below - above)


@dataclass(frozen=True, slots=True)
class _Shape:
    """A distribution of durations that has the quartiles it was made of."""

    quartiles: Quartiles
    crowding: float
    halving: float

    @classmethod
    def of(cls, quartiles: Quartiles) -> "_Shape":
        p25, p50, p75 = quartiles
        low, high = p50 - p25, p75 - p50
        crowding = 1.9 - 2.1 * (p25 / p50 if p50 else 0.0)
        skew = high / low if low > 0 else 1.7
        halving = high * min(max(0.7 + 0.42 * (skew - 1), 0.6), 1.1)
        return cls(quartiles, min(max(crowding, 0.3), 1.1), max(halving, (p75 - p25) / 3))

    def duration(self, share: float) -> float:
        """Return the duration within which this share of claims leaves the stage."""
        p25, p50, p75 = self.quartiles
        if share < 0.25:
            return p25 * float((4 * share) ** self.crowding)
        if share < 0.5:
            return p25 + (p50 - p25) * (4 * share - 1)
        if share < 0.75:
            return p50 + (p75 - p50) * (4 * share - 2)
        return p75 + self.halving * log2(0.25 / (1 - share))

    def share_within(self, days: float) -> float:
        """Return the share of claims that leave the stage within some days."""
        p25, p50, p75 = self.quartiles
        if days >= p75:
            return 1 - 0.25 * 2 ** (-(days - p75) / self.halving) if self.halving else 1.0
        if days >= p50:
            return 0.5 + 0.25 * (days - p50) / (p75 - p50)
        if days >= p25:
            return 0.25 + 0.25 * (days - p25) / (p50 - p25)
        return 0.25 * float((days / p25) ** (1 / self.crowding))
