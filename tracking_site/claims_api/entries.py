"""What a store keeps of a number: an entry, or the mark of a failure a moment ago."""

from dataclasses import dataclass

from ..domain.claims import Snapshot

Key = tuple[bytes, ...]
"""Keyed digests of one number, one for each secret; the first is the one written under."""

NO_MARK = bytes(8)
"""Nothing was ever forgotten, or nobody could be asked about it."""

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


@dataclass(frozen=True, slots=True)
class Failure:
    """The core failed for this number; it is not asked again before `until`."""

    until: float
    retry_at: float | None = None


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


class Busy:
    """Someone else has the lead."""


BUSY = Busy()

Begun = Lead | Busy | Failure | Entry
