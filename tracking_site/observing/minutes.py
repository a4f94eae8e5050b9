"""What happened in each of the last sixty minutes on this node, over all its processes.

Counters for Prometheus only grow; an operator who opens a page wants the last hour at once. Each
process adds to a small ring of its own in memory, 5 kB, and whoever asks adds the rings up.

What dead processes counted, here and for Prometheus, gunicorn's master folds into one file, so
that recycling leaves no heap of files. Readers may see a value of the dead process twice for as
long as the fold takes (a millisecond), and never lose it.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path
from threading import Lock
from time import time

from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import mark_process_dead

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

MINUTES = 60
_SLOTS = 64
_WIDTH = 1 + len(COLUMNS)
_BYTES = 8 * _SLOTS * _WIDTH
_PREFIX, _DEAD, _SUFFIX = "minutes-", "dead-", ".ring"
_PLACE = {name: place for place, name in enumerate(COLUMNS, start=1)}


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute, by the epoch's count of them, and what was counted in it."""

    at: int
    counts: Mapping[str, int]


class Minutes:
    """`folder` is where the rings of all processes stand; without one there is this process alone.

    `clock` gives epoch seconds. Any thread may count; a process that was forked begins its own.
    """

    def __init__(self, folder: Path | None, clock: Callable[[], float] = time) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = Lock()
        self._ring: memoryview | None = None
        self._pid = 0

    def add(self, column: str, count: int = 1) -> None:
        at = int(self._clock() // 60)
        first = at % _SLOTS * _WIDTH
        with self._lock:
            ring = self._own_ring()
            if ring[first] != at:
                for place in range(first, first + _WIDTH):
                    ring[place] = 0
                ring[first] = at
            ring[first + _PLACE[column]] += count

    def last_hour(self) -> list[Minute]:
        """Return the last sixty minutes, the present one last; none is left out."""
        now = int(self._clock() // 60)
        sums = {at: [0] * _WIDTH for at in range(now - MINUTES + 1, now + 1)}
        for ring in self._rings():
            for first in range(0, _SLOTS * _WIDTH, _WIDTH):
                found = sums.get(ring[first])
                if found is not None:
                    for place in range(1, _WIDTH):
                        found[place] += ring[first + place]
        return [
            Minute(at, dict(zip(COLUMNS, counts[1:], strict=True))) for at, counts in sums.items()
        ]

    def _own_ring(self) -> memoryview:
        if self._ring is None or self._pid != os.getpid():
            self._pid = os.getpid()
            self._ring = memoryview(self._memory()).cast("q")
        return self._ring

    def _memory(self) -> bytearray | mmap:
        if self._folder is None:
            return bytearray(_BYTES)
        try:
            with (self._folder / f"{_PREFIX}{self._pid}{_SUFFIX}").open("a+b") as file:
                file.truncate(_BYTES)
                return mmap(file.fileno(), _BYTES)
        except OSError:
            # Whoever removes the folder must not stop the site with it.
            return bytearray(_BYTES)

    def _rings(self) -> Iterator[memoryview]:
        if self._folder is None:
            if self._ring is not None:
                yield self._ring
            return
        for path in self._folder.glob(f"{_PREFIX}*{_SUFFIX}"):
            with suppress(OSError):
                content = path.read_bytes()
                if len(content) == _BYTES:
                    yield memoryview(content).cast("q")


def keep_dead_ring(pid: int, folder: Path, now: float) -> None:
    """Keep what a dead process counted for the rest of its hour, and drop what is older.

    `now` is in epoch seconds. Called by the master alone, as processes die.
    """
    with suppress(OSError):
        (folder / f"{_PREFIX}{pid}{_SUFFIX}").rename(folder / f"{_PREFIX}{_DEAD}{pid}{_SUFFIX}")
    for path in folder.glob(f"{_PREFIX}{_DEAD}*{_SUFFIX}"):
        with suppress(OSError, ValueError):
            ring = memoryview(path.read_bytes()).cast("q")
            if max(ring[::_WIDTH]) <= int(now // 60) - MINUTES:
                path.unlink()


_KINDS = ("counter", "histogram")


def fold_dead_process(pid: int, folder: Path) -> None:
    """Fold the files of a process that is gone into `<kind>_0.db`; its live gauges go."""
    mark_process_dead(pid, str(folder))
    keep_dead_ring(pid, folder, time())
    for kind in _KINDS:
        dead, kept = folder / f"{kind}_{pid}.db", folder / f"{kind}_0.db"
        if not dead.exists():
            continue
        folded = folder / f"{kind}_0.folding"
        folded.unlink(missing_ok=True)
        _fold([path for path in (kept, dead) if path.exists()], folded)
        folded.rename(kept)
        dead.unlink()


def _fold(paths: list[Path], into: Path) -> None:
    values: dict[str, float] = {}
    for path in paths:
        for key, value, *_ in MmapedDict.read_all_values_from_file(str(path)):
            values[key] = values.get(key, 0.0) + value
    written = MmapedDict(str(into))
    try:
        for key, value in values.items():
            written.write_value(key, value, 0.0)
    finally:
        written.close()
