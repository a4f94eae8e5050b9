"""Where answers are kept: the protocol of stores, and the one in the memory of a process."""

from collections.abc import Callable
from threading import Lock
from typing import Protocol

from .config import MemoryConfig
from .entries import Begun, Entry, Failure, Key, Lead
from .events import Observe, unobserved
from .shelf import Shelf

OBJECT_BYTES = 3
"""Bytes of decoded objects for each byte of JSON, about; measured in docs/performance.md."""

ENTRY_BYTES = 700
"""Bytes that an entry takes beside its claims."""

FAILURE_BYTES = 400

SLOTS = 4096
"""Counters of forgetting; two numbers that share one cost each other at most a fetch."""


class Store(Protocol):
    def look(self, key: Key) -> Entry | None:
        """Return what is kept, however old."""
        ...

    def has_failed(self, key: Key) -> bool:
        """Tell, without asking anybody, whether the core failed for the number a moment ago."""
        ...

    def begin(self, key: Key) -> Begun:
        """Ask for the lead: get it, or what makes asking the core needless, or Busy."""
        ...

    def renew(self, key: Key, lead: Lead) -> None:
        """Say that the one who leads still lives."""
        ...

    def keep(self, key: Key, lead: Lead, entry: Entry, body: bytes) -> None:
        """Keep an answer and give the lead back, unless the number was forgotten meanwhile."""
        ...

    def fail(self, key: Key, lead: Lead, failure: Failure) -> None:
        """Mark the number as failed and give the lead back."""
        ...

    def leave(self, key: Key, lead: Lead) -> None:
        """Give the lead back with nothing to tell."""
        ...

    def forget(self, key: Key) -> bool:
        """Drop a number everywhere; False when not every node could be told."""
        ...

    def forget_all(self) -> bool:
        """Drop everything everywhere; False when not every node could be told."""
        ...


class MemoryStore:
    """The store of one process. `clock` gives epoch seconds.

    It hands the lead to whoever asks: threads of a process are kept to one flight by the cache.
    """

    def __init__(
        self,
        config: MemoryConfig,
        clock: Callable[[], float],
        observe: Observe = unobserved,
    ) -> None:
        self._clock = clock
        self._observe = observe
        self._entries: Shelf[Key, Entry] = Shelf(config.most_entries, config.most_bytes)
        self._failures: Shelf[Key, Failure] = Shelf(
            config.most_entries, config.most_entries * FAILURE_BYTES
        )
        self._forgotten = [0] * SLOTS
        self._all_forgotten = 0
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def weight(self) -> int:
        return self._entries.weight

    def look(self, key: Key) -> Entry | None:
        return self._entries.get(key)

    def has_failed(self, key: Key) -> bool:
        return self._failure(key) is not None

    def begin(self, key: Key) -> Begun:
        failure = self._failure(key)
        if failure is not None:
            return failure
        entry = self._entries.get(key)
        if entry is not None and self._clock() < entry.fresh_until:
            return entry
        return Lead(local=self._epoch(key))

    def renew(self, key: Key, lead: Lead) -> None:
        pass

    def keep(self, key: Key, lead: Lead, entry: Entry, body: bytes) -> None:
        with self._lock:
            if self._epoch(key) == lead.local:
                self.put(key, entry)
                self._failures.drop(key)

    def put(self, key: Key, entry: Entry) -> None:
        """Keep an entry that is known to be good, or has been seen again."""
        for _ in range(self._entries.put(key, entry, ENTRY_BYTES + OBJECT_BYTES * entry.size)):
            self._observe("evicted")

    def drop(self, key: Key) -> None:
        """Keep it no longer, without a word about answers that are on their way."""
        self._entries.drop(key)

    def fail(self, key: Key, lead: Lead, failure: Failure) -> None:
        with self._lock:
            if self._epoch(key) == lead.local:
                self._failures.put(key, failure, FAILURE_BYTES)

    def leave(self, key: Key, lead: Lead) -> None:
        pass

    def forget(self, key: Key) -> bool:
        with self._lock:
            self._forgotten[hash(key) % SLOTS] += 1
            self._entries.drop(key)
            self._failures.drop(key)
        return True

    def forget_all(self) -> bool:
        with self._lock:
            self._all_forgotten += 1
            self._entries.clear()
            self._failures.clear()
        return True

    def _failure(self, key: Key) -> Failure | None:
        failure = self._failures.get(key)
        return failure if failure is not None and self._clock() < failure.until else None

    def _epoch(self, key: Key) -> bytes:
        return b"%d.%d" % (self._all_forgotten, self._forgotten[hash(key) % SLOTS])
