"""What a store keeps of a number: an entry, or the mark of a failure a moment ago."""

from dataclasses import dataclass

from ..domain.claims import Snapshot

Key = tuple[bytes, ...]
"""Keyed digests of one number, one for each secret; the first is the one written under."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept answer. Moments are epoch seconds.

    Fresh until the first, of use while the core is down until the second. `epoch` is what the
    store's marks of forgetting said when the core was asked; `stamp` tells two writings of the
    same number apart.
    """

    snapshot: Snapshot
    fresh_until: float
    keep_until: float
    epoch: bytes = b""
    stamp: bytes = b""


@dataclass(frozen=True, slots=True)
class Failure:
    """The core failed for this number; it is not asked again before `until`."""

    until: float
    retry_at: float | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """The right to ask the core for a number, for everyone who waits for it."""

    token: bytes
    epoch: bytes


class Busy:
    """Someone else has the lead."""


BUSY = Busy()

Begun = Lead | Busy | Failure | Entry
