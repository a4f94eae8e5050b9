"""The form in which an answer or a failure lies in Redis.

version (1) kind (1) fresh_until (8) keep_until (8) mark (8), then nonce (12) and the sealed
JSON of the core with its tag (16); numbers big-endian, moments as mark seconds in a double.
The seal binds the name of the key and the header, so that a value moved to another number or
given a longer life does not open. What does not open is None: a miss, counted, never an error.
"""

from struct import Struct
from typing import Final

from ..claims_api.decoding import decode_snapshot
from ..claims_api.errors import CoreNotUnderstood
from ..claims_api.events import Observe
from .keyring import NONCE_BYTES, Keyring
from .stores import NO_MARK, Entry, Failure

VERSION: Final = 1
_ANSWER: Final = 1
_FAILURE: Final = 2
_NEVER: Final = -1.0

_HEADER: Final = Struct(">BBdd8s")
_STAMP: Final = slice(0, _HEADER.size + NONCE_BYTES)


class EntrySealer:
    def __init__(self, keyring: Keyring, observe: Observe) -> None:
        self._keyring = keyring
        self._observe = observe

    def seal_entry(self, name: bytes, entry: Entry, body: bytes) -> bytes:
        """Return the sealed form, and stamp the entry so that it is recognized in it."""
        header = _HEADER.pack(VERSION, _ANSWER, entry.fresh_until, entry.keep_until, entry.mark)
        value = header + self._keyring.seal(body, name + header)
        entry.stamp = value[_STAMP]
        return value

    def seal_failure(self, name: bytes, failure: Failure, mark: bytes = NO_MARK) -> bytes:
        retry_at = _NEVER if failure.retry_at is None else failure.retry_at
        header = _HEADER.pack(VERSION, _FAILURE, failure.until, retry_at, mark)
        return header + self._keyring.seal(b"", name + header)

    def open_entry(
        self, name: bytes, value: bytes, place: int = 0, known: Entry | None = None
    ) -> Entry | None:
        """Read an entry; `known` is returned where the value is the one it was read from."""
        stamp = value[_STAMP]
        if known is not None and known.stamp == stamp:
            return known
        opened = self._open(_ANSWER, name, value, place)
        if opened is None:
            return None
        fresh_until, keep_until, mark, body = opened
        try:
            snapshot = decode_snapshot(body)
        except CoreNotUnderstood:
            self._refuse("shape")
            return None
        return Entry(snapshot, fresh_until, keep_until, len(body), mark, stamp)

    def open_failure(self, name: bytes, value: bytes) -> Failure | None:
        opened = self._open(_FAILURE, name, value, 0)
        if opened is None:
            return None
        until, retry_at, _, _ = opened
        return Failure(until, None if retry_at == _NEVER else retry_at)

    def _open(
        self, kind: int, name: bytes, value: bytes, place: int
    ) -> tuple[float, float, bytes, bytes] | None:
        header = value[: _HEADER.size]
        if len(header) < _HEADER.size:
            self._refuse("length")
            return None
        version, found_kind, first, second, mark = _HEADER.unpack(header)
        if version != VERSION or found_kind != kind:
            self._refuse("version")
            return None
        body = self._keyring.open(value[_HEADER.size :], name + header, place)
        if body is None:
            self._refuse("seal")
            return None
        return first, second, mark, body

    def _refuse(self, reason: str) -> None:
        self._observe("sealed_refused", reason=reason)
