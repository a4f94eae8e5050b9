"""What a lookup costs after so many distinct numbers: real objects in processes of their own.

A process for each count fills cache and guard as lookups do, a new network for each number;
then all are timed in turns, a lookup through the whole site and bare Flask beside it. Without
sockets, because a million lookups over HTTP take hours; the core answers at once.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from harness.servers import ROOT


@dataclass
class Point:
    """After `count` distinct numbers: ratios to hello, one each round, and memory in bytes."""

    count: int
    again: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)
    resident: int = 0
    rows: int = 0
    entries: int = 0

    def against(self, first: "Point", what: str) -> float:
        """Return the cost beside that at the first point: the median over the rounds."""
        mine, theirs = getattr(self, what), getattr(first, what)
        return float(median(one / other for one, other in zip(mine, theirs, strict=True)))


class _Worker:
    """A process that keeps what so many lookups left (whole_site.py)."""

    def __init__(self, count: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load.whole_site", str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def heard(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that was to be timed has ended")
        return json.loads(line)

    def timed(self) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()
        return self.heard()

    def leave(self) -> None:
        self._process.communicate()


def curve(counts: list[int], rounds: int) -> list[Point]:
    """Fill a process for each count, and time all in turns."""
    points = [Point(count) for count in counts]
    workers = [_Worker(count) for count in counts]
    for point, worker in zip(points, workers, strict=True):
        weights = worker.heard()
        point.resident, point.rows, point.entries = (
            weights[name] for name in ("resident", "rows", "entries")
        )
    for place in range(rounds):
        # Now one first, now the other, so that what drifts meets both alike.
        for point, worker in list(zip(points, workers, strict=True))[:: 1 if place % 2 else -1]:
            again, new = worker.timed()
            point.again.append(again)
            point.new.append(new)
    for worker in workers:
        worker.leave()
    return points
