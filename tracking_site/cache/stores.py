"""Where answers are kept: the key of a number, the form of an entry, stores, and memory's own."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Generic, Protocol, TypeVar

from ..domain.claims import Snapshot
from ..domain.identifiers import Identifier
from ..records import Observe, do_nothing
from ..sealing import derive
from .config import LifetimeConfig, MemoryConfig

Key = tuple[bytes, ...]
"""Keyed digests of one number, one for each secret; the first is the one written under."""

DIGEST_BYTES = 16
"""128 bits: no two of the country's numbers meet, and no second number can be found for one."""


class Keyring:
    """Makes the keys of numbers; of `secrets` the first one's is written, all of them are read.

    The digest is keyed BLAKE2b (RFC 7693, 2.9), a MAC in itself at a quarter of the time of
    HMAC-SHA256. One card of a person goes by the person's number, as at the core; where keys are
    `of_cards` it has one of its own.
    """

    def __init__(self, secrets: Sequence[bytes], *, of_cards: bool = False) -> None:
        self._keyed = [
            blake2b(key=derive(each, "claims cache: names"), digest_size=DIGEST_BYTES)
            for each in secrets
        ]
        self._of_cards = of_cards

    def key_of(self, identifier: Identifier) -> Key:
        # The two kinds of number differ in length, so the number alone tells them apart.
        number = (identifier.canonical if self._of_cards else identifier.number).encode()
        return tuple([_digest(each, number) for each in self._keyed])


def _digest(keyed: blake2b, number: bytes) -> bytes:
    # A copy spares working the secret in again, a sixth of the time.
    copy = keyed.copy()
    copy.update(number)
    return copy.digest()


NO_MARK = bytes(8)
"""Nothing was ever forgotten, or the shared store could not be asked."""

NEVER = float("-inf")


@dataclass(slots=True, eq=False)
class Entry:
    """A kept answer; only `stamp` and `seen` ever change. Moments are epoch seconds, but `seen`.

    Fresh until the first, of use while the core is down until the second. `size` is bytes of
    JSON. `mark` is what the shared store said of the last time that everything was forgotten,
    when the core was asked; `stamp` tells two writings of the same number apart; `seen` is the
    monotonic second at which the shared store last vouched for the entry.
    """

    snapshot: Snapshot
    fresh_until: float
    keep_until: float
    size: int
    mark: bytes = NO_MARK
    stamp: bytes = b""
    seen: float = NEVER

    def is_fresh(self, now: float) -> bool:
        """Return whether it may be given without asking the core.

        What was written by a clock that was far ahead may not: it would be fresh until then.
        """
        if self.snapshot.claims:
            longest = _LIFETIMES.keep_seconds
        elif self.keep_until > self.fresh_until:
            longest = _LIFETIMES.keep_empty_seconds
        else:
            longest = _LIFETIMES.longest_seconds
        return now < self.fresh_until and self.keep_until - now <= longest + SKEW_SECONDS


_LIFETIMES = LifetimeConfig()

SKEW_SECONDS = 60.0
"""So far apart clocks of nodes may be, and a clock may be set back, without any question."""


@dataclass(frozen=True, slots=True)
class Failure:
    """The core failed for this number; it is not asked again before `until`."""

    until: float
    retry_at: float | None = None

    def holds(self, now: float) -> bool:
        """Return whether it binds; one of a clock that was far ahead does not."""
        return now < self.until <= now + SKEW_SECONDS


@dataclass(frozen=True, slots=True)
class Lead:
    """The right to ask the core for a number, for everyone who waits for it.

    `token` proves it to a shared store (empty: no store shares it). The others say what had
    been forgotten when it was given: `mark` everything and `own_mark` this number in the shared
    store, `local` either in this process. `name` is where it stands in the shared store, which
    midnight changes for others and not for this one.
    """

    token: bytes = b""
    mark: bytes = NO_MARK
    own_mark: bytes = NO_MARK
    local: bytes = b""
    name: bytes = b""


Begun = Lead | Failure | Entry | None
"""None: someone else has the lead."""

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedLru(Generic[K, V]):
    """Holds at most `most_entries` values of together at most `most_weight` bytes; all O(1).

    `weight` is what they have now.
    """

    def __init__(self, most_entries: int, most_weight: int) -> None:
        self._most_entries = most_entries
        self._most_weight = most_weight
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self.weight = 0
        self._lock = Lock()

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
            self.weight += weight
            while len(self._kept) > self._most_entries or self.weight > self._most_weight:
                _, (_, freed) = self._kept.popitem(last=False)
                self.weight -= freed
                evicted += 1
        return evicted

    def drop(self, key: K) -> None:
        with self._lock:
            self._drop(key)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self.weight = 0

    def _drop(self, key: K) -> None:
        gone = self._kept.pop(key, None)
        if gone is not None:
            self.weight -= gone[1]


OBJECT_BYTES = 3
"""Bytes of decoded objects for each byte of JSON, about; measured in docs/performance.md."""

ENTRY_BYTES = 700
"""Bytes that an entry takes beside its claims."""

FAILURE_BYTES = 400

SLOTS = 4096
"""Counters of forgetting; two numbers that share one cost each other at most a fetch."""


class Store(Protocol):
    def get(self, key: Key) -> Entry | None:
        """Return what is kept, however old."""

    def has_failed(self, key: Key) -> bool:
        """Return whether the core failed for the number a moment ago; asks no other machine."""

    def begin(self, key: Key) -> Begun:
        """Ask for the lead: get it, or what makes asking the core needless, or None."""

    def renew(self, key: Key, lead: Lead) -> None:
        """Say that the one who leads still lives."""

    def keep(self, key: Key, lead: Lead, entry: Entry, body: bytes) -> None:
        """Keep an answer and give the lead back, unless the number was forgotten meanwhile."""

    def fail(self, key: Key, lead: Lead, failure: Failure) -> None:
        """Mark the number as failed and give the lead back."""

    def leave(self, key: Key, lead: Lead) -> None:
        """Give the lead back without an answer."""

    def forget(self, key: Key) -> bool:
        """Drop a number everywhere; False when not every node could be reached."""

    def forget_all(self) -> bool:
        """Drop everything everywhere; False when not every node could be reached."""


class MemoryStore:
    """The store of one process. `clock` gives epoch seconds.

    It hands the lead to every caller: threads of a process are kept to one flight by the cache.
    """

    def __init__(
        self, config: MemoryConfig, clock: Callable[[], float], observe: Observe = do_nothing
    ) -> None:
        self._clock = clock
        self._observe = observe
        self.entries: BoundedLru[Key, Entry] = BoundedLru(config.most_entries, config.most_bytes)
        self._failures: BoundedLru[Key, Failure] = BoundedLru(
            config.most_entries, config.most_entries * FAILURE_BYTES
        )
        self._forgotten = [0] * SLOTS
        self._all_forgotten = 0
        self._lock = Lock()

    def get(self, key: Key) -> Entry | None:
        return self.entries.get(key)

    def has_failed(self, key: Key) -> bool:
        return self._failure(key) is not None

    def begin(self, key: Key) -> Begun:
        failure = self._failure(key)
        if failure is not None:
            return failure
        entry = self.entries.get(key)
        if entry is not None and entry.is_fresh(self._clock()):
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
        for _ in range(self.entries.put(key, entry, ENTRY_BYTES + OBJECT_BYTES * entry.size)):
            self._observe("evicted")

    def fail(self, key: Key, lead: Lead, failure: Failure) -> None:
        with self._lock:
            if self._epoch(key) == lead.local:
                self._failures.put(key, failure, FAILURE_BYTES)

    def leave(self, key: Key, lead: Lead) -> None:
        pass

    def forget(self, key: Key) -> bool:
        with self._lock:
            self._forgotten[hash(key) % SLOTS] += 1
            self.entries.drop(key)
            self._failures.drop(key)
        return True

    def forget_all(self) -> bool:
        with self._lock:
            self._all_forgotten += 1
            self.entries.clear()
            self._failures.clear()
        return True

    def _failure(self, key: Key) -> Failure | None:
        failure = self._failures.get(key)
        return failure if failure is not None and failure.holds(self._clock()) else None

    def _epoch(self, key: Key) -> bytes:
        return b"%d.%d" % (self._all_forgotten, self._forgotten[hash(key) % SLOTS])
