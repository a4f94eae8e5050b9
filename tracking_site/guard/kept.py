"""What a ledger in memory leaves to the worker after it: a small file in memory that both map.

A worker that is killed must give no budget back. So its rows, credits and cells are also written
here, in place and without a system call; the next worker reads them when a day is first asked for.

The form, version 2 (`row` is the size of a packed row, rows.py, `day` of what a day has beside its
rows; numbers are little-endian):

    offset          bytes
    0               18      NAME
    18              14      mark of the form and the key, keyed BLAKE2s
    32              3 × 48  a day's random bytes (redis/day_secrets.py), at day % 3: 8 the day, 32
                            the bytes, 8 their seal
    176             848     zero; room for what else must outlive a worker
    1,024           3 × (8 + `day`)     the day, then its filter and cells; at day % 3
    then            2,048 × 8 slots     rows, in buckets by the first bytes of their key
      a slot:       4 the day, 12 the key, `row` the row, 8 its seal, keyed BLAKE2s

Keys are digests of the day (keys.py): no address and no number is here. A slot whose seal does
not hold is empty: one that was torn by the end of its writer, or written by somebody else.
"""

import fcntl
import hashlib
import hmac
import mmap
import os
import stat
from io import FileIO
from pathlib import Path

from ..redis.day_secrets import SECRET_BYTES
from .keys import DIGEST_BYTES
from .policy import POINT
from .rows import ROW

NAME = b"lacak-klaim guard\n"
FORM = 2

BUCKETS = 2048
WAYS = 8
"""Slots of a bucket: 16,384 rows in all. The lightest of a full bucket makes room."""

SECRETS_AT = 32
MARK_BYTES = 14
HEAD_BYTES = 1024
DAY_BYTES = 4
SEAL_BYTES = 8
TAG_BYTES = 8
DAYS = 3
"""Yesterday, today, and the day after a clock that moves back."""

SECRET_SLOT_BYTES = TAG_BYTES + SECRET_BYTES + SEAL_BYTES
SLOT_BYTES = DAY_BYTES + DIGEST_BYTES + ROW.size + SEAL_BYTES
BUCKET_BYTES = WAYS * SLOT_BYTES
_DIGEST = slice(DAY_BYTES, DAY_BYTES + DIGEST_BYTES)
_ROW = slice(_DIGEST.stop, _DIGEST.stop + ROW.size)


def weigh(packed: bytes) -> int:
    """How much a packed row matters, at most 255: by numbers asked, and by suspicion or credit."""
    distinct, suspicion, *_ = ROW.unpack(packed)
    return min(255, int(distinct + 2 * abs(suspicion) // POINT))


class _Days:
    """Of three days their random bytes, sealed, and what is counted on each."""

    def __init__(self, mapped: mmap.mmap, key: bytes, day_bytes: int) -> None:
        self._map, self._key, self._day_bytes = mapped, key, TAG_BYTES + day_bytes

    def of_day(self, day: int) -> memoryview:
        """Return what a day has beside its rows: zero unless some process has counted there."""
        begin, tag = HEAD_BYTES + day % DAYS * self._day_bytes, day.to_bytes(TAG_BYTES, "little")
        if self._map[begin : begin + TAG_BYTES] != tag:
            self._map[begin : begin + self._day_bytes] = bytes(self._day_bytes)
            self._map[begin : begin + TAG_BYTES] = tag
        return memoryview(self._map)[begin + TAG_BYTES : begin + self._day_bytes]

    def heard(self, day: int, secret: bytes) -> None:
        """Keep the random bytes of a day in place of any other; those of older days are wiped."""
        if self._secret_at(day + 1) is None:
            self._map[self._slot_of(day + 1)] = bytes(SECRET_SLOT_BYTES)
        text = day.to_bytes(TAG_BYTES, "little") + secret
        self._map[self._slot_of(day)] = text + self._seal(text)

    def _secret_at(self, day: int) -> bytes | None:
        slot = self._map[self._slot_of(day)]
        text, seal = slot[:-SEAL_BYTES], slot[-SEAL_BYTES:]
        is_of_day = text[:TAG_BYTES] == day.to_bytes(TAG_BYTES, "little")
        return text[TAG_BYTES:] if is_of_day and self._seal(text) == seal else None

    def _slot_of(self, day: int) -> slice:
        begin = SECRETS_AT + day % DAYS * SECRET_SLOT_BYTES
        return slice(begin, begin + SECRET_SLOT_BYTES)

    def _seal(self, text: bytes) -> bytes:
        return _sealed(text, self._key, SEAL_BYTES)


def _sealed(text: bytes, key: bytes, size: int) -> bytes:
    return hashlib.blake2s(text, key=key, digest_size=size).digest()


class Common(_Days):
    """Memory of each day that a process shares with all that are forked from it.

    Not locked: two processes that count in the same moment may lose a count between them. Nothing
    of it outlives the site.
    """

    def __init__(self, day_bytes: int) -> None:
        mapped = mmap.mmap(-1, HEAD_BYTES + DAYS * (TAG_BYTES + day_bytes))
        super().__init__(mapped, os.urandom(SECRET_BYTES), day_bytes)

    def secret(self, day: int, proposed: bytes) -> bytes:
        """Return the random bytes of a day; until some are there, what is proposed are they."""
        if self._secret_at(day) is None:
            self.heard(day, proposed)
        return self._secret_at(day) or proposed


class Kept(_Days):
    """The file, mapped into this process and every one that is forked from it.

    Not locked: whoever calls holds the ledger's lock. Where a bucket is full the lightest row makes
    room.
    """

    def __init__(self, path: Path, key: bytes, day_bytes: int) -> None:
        """Map a file that exists; one that is empty, or of other keys or another form, is begun.

        Raises ValueError with what is wrong where it is not a file of this user alone, or holds
        something else.
        """
        self.rows_at = HEAD_BYTES + DAYS * (TAG_BYTES + day_bytes)
        self.bytes = self.rows_at + BUCKETS * BUCKET_BYTES
        form = b"form %d, rows of %d bytes, days of %d" % (FORM, ROW.size, day_bytes)
        key = hmac.digest(key, b"guard kept", "sha256")
        head = NAME + _sealed(form, key, MARK_BYTES)
        self._file = _opened(path)
        super().__init__(_mapped(self._file.fileno(), self.bytes, head), key, day_bytes)

    def secret(self, day: int, proposed: bytes) -> tuple[bytes, bytes | None]:
        """Return the random bytes of a day, and of the day before where it has some.

        Until a day has any, those that are proposed are its own; those of older days are wiped.
        """
        # Alone: a worker that ends and the one after it may meet at midnight.
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            today = self._secret_at(day)
            if today is None:
                self.heard(day, proposed)
            return today or proposed, self._secret_at(day - 1)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)

    def put(self, day: int, key: bytes, row: bytes) -> None:
        """Keep a row in place of the one before it, unless all others of its bucket are heavier."""
        name = day.to_bytes(DAY_BYTES, "little") + key
        place = self._slot_for(day, name, row)
        if place is not None:
            self._map[place : place + SLOT_BYTES] = name + row + self._seal(name + row)

    def rows(self, day: int) -> dict[bytes, bytes]:
        """Return the rows of a day by their keys. Slots whose seal does not hold are emptied."""
        rows: dict[bytes, bytes] = {}
        empty, end = bytes(SLOT_BYTES), SLOT_BYTES - SEAL_BYTES
        for place in range(self.rows_at, self.bytes, SLOT_BYTES):
            slot = self._map[place : place + SLOT_BYTES]
            if slot == empty:
                continue
            if not hmac.compare_digest(self._seal(slot[:end]), slot[end:]):
                self._map[place : place + SLOT_BYTES] = empty
            elif int.from_bytes(slot[:DAY_BYTES], "little") == day:
                key, row = slot[_DIGEST], slot[_ROW]
                # Two workers at once may have left two; the heavier one is the stricter.
                rows[key] = max(row, rows.get(key, row), key=weigh)
        return rows

    def _slot_for(self, day: int, name: bytes, row: bytes) -> int | None:
        number = int.from_bytes(name[DAY_BYTES : DAY_BYTES + 4], "little") % BUCKETS
        bucket = self.rows_at + number * BUCKET_BYTES
        places = range(bucket, bucket + BUCKET_BYTES, SLOT_BYTES)
        slots = {place: self._map[place : place + SLOT_BYTES] for place in places}
        for place, slot in slots.items():
            if slot.startswith(name):
                return place
        lightest, place = min((_weight_of(day, slot), place) for place, slot in slots.items())
        return place if lightest <= weigh(row) else None


def _weight_of(day: int, slot: bytes) -> int:
    days_ago = day - int.from_bytes(slot[:DAY_BYTES], "little")
    if days_ago > 1:
        return -1
    # Of yesterday only half of the suspicion is carried over.
    return weigh(slot[_ROW]) >> max(0, days_ago)


def _opened(path: Path) -> FileIO:
    try:
        return FileIO(os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC), "r+")
    except OSError as error:
        raise ValueError(f"cannot be opened ({error.strerror})") from None


def _mapped(descriptor: int, size: int, head: bytes) -> mmap.mmap:
    try:
        described = os.fstat(descriptor)
        if (
            not stat.S_ISREG(described.st_mode)
            or described.st_uid != os.geteuid()
            or described.st_mode & 0o077
        ):
            raise ValueError("must be a file of the site's own user, readable by nobody else")
        begun = os.pread(descriptor, len(head), 0)
        if not (begun.startswith(NAME) or described.st_size == 0):
            raise ValueError("holds something else; name an empty file")
        if described.st_size != size:
            os.ftruncate(descriptor, size)
        mapped = mmap.mmap(descriptor, size)
        if begun != head or described.st_size != size:
            mapped[:] = head.ljust(size, b"\0")
        return mapped
    except OSError as error:
        raise ValueError(f"cannot be used ({error.strerror})") from None
