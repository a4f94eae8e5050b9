"""What is counted, for Prometheus right across the processes of a node, and for the last hour.

Counters for Prometheus (figures.py) only grow; an operator who opens a page wants the last hour at
once. So all processes add to one small ring in memory too, 5 kB with a place for each of the last
minutes, which the one that loaded the site left to those that were forked from it.

What dead processes counted gunicorn's master folds into one file, so that recycling leaves no heap
of files. Readers may see a value of the dead process twice for as long as the fold takes (a
millisecond), and never lose it.
"""

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from mmap import mmap
from pathlib import Path
from threading import Lock
from time import time
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.values import ValueClass

from ..claims_api.events import CoreWatch
from .figures import BREAKER, Figures, ReservedDict

MAX_FOLDS = 8
"""Processes that end while figures are read; each has it begin anew."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

COLUMNS = (
    "answered",
    "waiting",
    "challenged",
    "refused",
    "unavailable",
    "stale",
    "core",
    "core_failed",
    "core_ms",
)
"""What is counted. `core` are questions that the core answered, in `core_ms` altogether."""

_OF_OUTCOME = {
    "found": "answered",
    "not_found": "answered",
    "waiting": "waiting",
    "challenge": "challenged",
    "refused": "refused",
    "unavailable": "unavailable",
}
"""Columns by the outcome of a request; others are not shown there."""

MINUTES = 60
_SLOTS = 64
_WIDTH = 1 + len(COLUMNS)
_NONE = (0,) * len(COLUMNS)
_PLACE = {name: place for place, name in enumerate(COLUMNS, start=1)}


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute, by the epoch's count of them, and what was counted in it."""

    at: int
    counts: Mapping[str, int]


class Minutes:
    """The last hour of this process and of all that are forked from it, the dead ones too.

    `clock` gives epoch seconds. Of a process one thread counts at a time; two processes that count
    in the very same moment may lose a count between them.
    """

    def __init__(self, clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self._ring = memoryview(mmap(-1, 8 * _SLOTS * _WIDTH)).cast("q")

    def add(self, column: str, count: int = 1) -> None:
        at = int(self._clock() // 60)
        first, ring = at % _SLOTS * _WIDTH, self._ring
        if ring[first] != at:
            for place in range(first, first + _WIDTH):
                ring[place] = 0
            ring[first] = at
        ring[first + _PLACE[column]] += count

    def last_hour(self) -> list[Minute]:
        """Return the last sixty minutes, the present one last; none is left out."""
        now = int(self._clock() // 60)
        return [self._minute(at) for at in range(now - MINUTES + 1, now + 1)]

    def _minute(self, at: int) -> Minute:
        first = at % _SLOTS * _WIDTH
        found, *counts = self._ring[first : first + _WIDTH]
        return Minute(at, dict(zip(COLUMNS, counts if found == at else _NONE, strict=True)))


class Metrics(CoreWatch):
    """All that is counted; `minutes` holds a few of these by the minute.

    Children of labels are looked up once and kept.
    """

    def __init__(self) -> None:
        self.minutes = Minutes()
        self._figures = figures = Figures()
        self._kept: dict[tuple[Any, ...], Any] = {}
        self._due: deque[tuple[Callable[[Any], None], float]] = deque()
        self._writing = Lock()
        # Called with the labels, in their order; the last one with epoch seconds.
        self.guard_store_failed = partial(self._update, figures.guard_failures, "inc", 1.0)
        self.flood_shed = partial(self._update, figures.shed, "inc", 1.0)
        self.unknown_code = partial(self._update, figures.unknown, "inc", 1.0)
        self.partner_event = partial(self._update, figures.partner, "inc", 1.0)
        self.line_lost = partial(self._update, figures.lost, "inc", 1.0)
        self.calendar_ends = partial(self._update, figures.calendar_ends, "set")
        self._look_at_line: Callable[[], tuple[float, ...]] = tuple
        self._look_at_busy: Callable[[], float] = float

    def began(self, queued: float | None = None) -> None:
        """Count a request in; `queued` seconds after the proxy in front sent it, if it said so."""
        self._update(self._figures.in_flight, "inc", 1.0)
        if queued is not None:
            self._update(self._figures.queue_seconds, "observe", queued)

    def core_waited(self, seconds: float) -> None:
        """Count how long a lookup was held before it was let to the core, or was not."""
        self._update(self._figures.core_waits, "observe", seconds)

    def core_asked(self) -> None:
        self._update(self._figures.core_in_flight, "inc", 1.0)

    def ended(self, route: str, outcome: str, status: str, seconds: float) -> None:
        """Count a request out, with how it ended and how long it took."""
        self._update(self._figures.in_flight, "dec", 1.0)
        self._update(self._figures.requests, "inc", 1.0, route, outcome, status)
        self._update(self._figures.seconds, "observe", seconds, route)
        if outcome in _OF_OUTCOME:
            self._count(_OF_OUTCOME[outcome])

    def core_answered(self, result: str, seconds: float) -> None:
        """Count what the core said to a lookup: "answered", or the kind of its failure."""
        self._update(self._figures.core_in_flight, "dec", 1.0)
        self._update(self._figures.core_seconds, "observe", seconds, result)
        if result == "answered":
            self._count("core")
            self._count("core_ms", round(1000 * seconds))
        else:
            self._count("core_failed")

    def claims_event(self, event: str, /, **labels: str) -> None:
        if event == "breaker":
            self._update(self._figures.breaker, "set", BREAKER.get(labels["state"], 0))
        if event == "stale":
            self._count("stale")
        self._update(self._figures.claims, "inc", 1.0, event, "/".join(labels.values()))

    def guard_decided(self, kind: str, rule: str, level: int) -> None:
        self._update(self._figures.guard, "inc", 1.0, kind, rule, str(level))

    def ready(self, works: Mapping[str, bool]) -> None:
        """Say what of the things that the site needs was in order a moment ago."""
        for what, well in works.items():
            self._update(self._figures.ready, "set", float(well), what)

    def looks_at(self, line: Callable[[], tuple[float, ...]], busy: Callable[[], float]) -> None:
        """Say where to look, when figures are asked for: at the line, in the order of LINE, and
        at how long requests wait to be served."""
        self._look_at_line, self._look_at_busy = line, busy

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format, of all processes of the node."""
        for gauge, value in zip(self._figures.line.values(), self._look_at_line(), strict=False):
            self._update(gauge, "set", value)
        self._update(self._figures.busy, "set", self._look_at_busy())
        with self._writing:
            self._write_due()
        if not ValueClass._multiprocess:
            return generate_latest(self._figures.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        for _ in range(MAX_FOLDS):
            # A file may be folded between the list of all and its reading.
            with suppress(FileNotFoundError):
                return generate_latest(registry)
        return generate_latest(registry)

    def _count(self, column: str, count: int = 1) -> None:
        self._do(partial(self.minutes.add, column), count)

    def _update(self, metric: Any, verb: str, value: float, *labels: str) -> None:
        key = (metric, verb, *labels)
        try:
            act = self._kept.get(key)
            if act is None:
                act = self._kept[key] = getattr(metric.labels(*labels) if labels else metric, verb)
        except (OSError, TypeError, ValueError):
            # Whoever removes the files of the counters must not stop the site with them.
            return
        self._do(act, value)

    def _do(self, act: Callable[[Any], None], value: float) -> None:
        self._due.append((act, value))
        # There is one lock for all that is counted: of 256 threads up to 190 have stood at it.
        # Now one writes for all, and no other waits. Looked at again, since what came in the
        # moment before the lock was given back found it taken.
        while self._due and self._writing.acquire(blocking=False):
            try:
                self._write_due()
            finally:
                self._writing.release()

    def _write_due(self) -> None:
        while self._due:
            act, value = self._due.popleft()
            with suppress(OSError, TypeError, ValueError):
                act(value)


_KINDS = ("counter", "histogram")


def fold_dead_process(pid: int, folder: Path) -> None:
    """Fold the files of a process that is gone into `<kind>_0.db`; its live gauges go."""
    mark_process_dead(pid, str(folder))
    for kind in _KINDS:
        dead, kept = folder / f"{kind}_{pid}.db", folder / f"{kind}_0.db"
        if not dead.exists():
            continue
        folded = folder / f"{kind}_0.folding"
        folded.unlink(missing_ok=True)
        try:
            _fold([path for path in (kept, dead) if path.exists()], folded)
        except OSError:
            # There is no room for the sums: what it counted is read from its own file.
            folded.unlink(missing_ok=True)
            continue
        folded.rename(kept)
        dead.unlink()


def _fold(paths: list[Path], into: Path) -> None:
    values: dict[str, float] = {}
    for path in paths:
        for key, value, *_ in MmapedDict.read_all_values_from_file(str(path)):
            values[key] = values.get(key, 0.0) + value
    written: MmapedDict = ReservedDict(str(into))
    try:
        for key, value in values.items():
            written.write_value(key, value, 0.0)
    finally:
        written.close()
