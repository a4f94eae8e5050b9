"""A dict that stays within bounds: the entry used longest ago leaves first (LRU)."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Shelf(Generic[K, V]):
    """Holds at most `most_entries` values of together at most `most_weight` bytes; all O(1)."""

    def __init__(self, most_entries: int, most_weight: int) -> None:
        self._most_entries = most_entries
        self._most_weight = most_weight
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def weight(self) -> int:
        return self._weight

    def get(self, key: K) -> V | None:
        # Without the lock: each step is one call into C, and nothing between them matters.
        found = self._kept.get(key)
        if found is None:
            return None
        try:  # noqa: SIM105  contextlib.suppress takes longer than all the rest
            self._kept.move_to_end(key)
        except KeyError:
            pass
        return found[0]

    def put(self, key: K, value: V, weight: int) -> int:
        """Keep a value of `weight` bytes; return how many others had to leave for it."""
        evicted = 0
        with self._lock:
            self._drop(key)
            if weight > self._most_weight:
                return evicted
            self._kept[key] = (value, weight)
            self._weight += weight
            while len(self._kept) > self._most_entries or self._weight > self._most_weight:
                _, (_, freed) = self._kept.popitem(last=False)
                self._weight -= freed
                evicted += 1
        return evicted

    def drop(self, key: K) -> None:
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._weight = 0

    def _drop(self, key: K) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self._weight -= gone[1]
