"""Copies in Redis: under which names they stand, how they are sealed, and in what form.

The seal is AES-256-GCM with a random nonce, good for 2^32 writings of one secret: at a hundred a
second that is more than a year, after which it is due for rotation anyway.

The name of a number is its digest (`Keyring`), taken once more under random bytes of a day
(redis/day_secrets.py). An answer lives for a day, so that copies under yesterday's are still good.

The form in Redis: version (1) kind (1) fresh_until (8) keep_until (8) mark (8), then nonce (12)
and the sealed JSON of the core with its tag (16); numbers big-endian, moments as mark seconds in a
double. The seal binds the name of the key and the header, so that a value moved to another number
or given a longer life does not open. What does not open is None: a miss, counted, never an error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from os import urandom
from struct import Struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..claims_api.contract import decode_snapshot
from ..claims_api.errors import CoreError
from ..records import Observe
from ..redis.day_secrets import DaySecrets, SharedSecrets, day_at
from ..sealing import derive
from .stores import NO_MARK, Entry, Failure, Key

NONCE_BYTES = 12


VERSION: Final = 1
_ANSWER: Final = 1
_FAILURE: Final = 2
_NEVER: Final = -1.0

_HEADER: Final = Struct(">BBdd8s")
_STAMP: Final = slice(0, _HEADER.size + NONCE_BYTES)


class EntrySealer:
    """`secrets` in order: the first seals what is written, all of them open."""

    def __init__(self, secrets: Sequence[bytes], observe: Observe) -> None:
        self._ciphers = [AESGCM(derive(each, "claims cache: seals")) for each in secrets]
        self._observe = observe

    def seal_entry(self, name: bytes, entry: Entry, body: bytes) -> bytes:
        """Return the sealed form, and stamp the entry so that it is recognized in it."""
        header = _HEADER.pack(VERSION, _ANSWER, entry.fresh_until, entry.keep_until, entry.mark)
        value = header + self._seal(body, name + header)
        entry.stamp = value[_STAMP]
        return value

    def seal_failure(self, name: bytes, failure: Failure, mark: bytes = NO_MARK) -> bytes:
        retry_at = _NEVER if failure.retry_at is None else failure.retry_at
        header = _HEADER.pack(VERSION, _FAILURE, failure.until, retry_at, mark)
        return header + self._seal(b"", name + header)

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
        except CoreError:
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
        nonce, sealed = value[_HEADER.size : _STAMP.stop], value[_STAMP.stop :]
        try:
            body = self._ciphers[place].decrypt(nonce, sealed, name + header)
        except (InvalidTag, ValueError):
            self._refuse("seal")
            return None
        return first, second, mark, body

    def _seal(self, plain: bytes, bound: bytes) -> bytes:
        nonce = urandom(NONCE_BYTES)
        return nonce + self._ciphers[0].encrypt(nonce, plain, bound)

    def _refuse(self, reason: str) -> None:
        self._observe("sealed_refused", reason=reason)


NAME_BYTES = 16


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a number, that which is written first; `places` are the secrets that seal.

    `day` and `secret` say what they were made with.
    """

    every: tuple[bytes, ...]
    places: tuple[int, ...]
    day: int
    secret: bytes

    @property
    def written(self) -> bytes:
        return self.every[0]


class DayNames:
    """Makes the names of numbers; `clock` gives epoch seconds."""

    def __init__(self, shared: SharedSecrets, clock: Callable[[], float]) -> None:
        self._shared = shared
        self._secrets = DaySecrets(shared.read)
        self._clock = clock

    def of(self, key: Key) -> Names:
        """Return the names of today and yesterday."""
        day = day_at(self._clock())
        today = self._secrets.of(day)
        return self._names(key, day, today, (today, self._secrets.of(day - 1)))

    def of_all(self, key: Key) -> Names:
        """Return the same, and those of tomorrow for a node whose clock is ahead.

        The secrets are read anew, so that nothing of other processes is left out. Raises
        RedisDown.
        """
        day = day_at(self._clock())
        today = self._secrets.read_again(day)
        tomorrow = self._shared.peek(day + 1)
        secrets = (today, self._secrets.of(day - 1), *([tomorrow] if tomorrow else []))
        return self._names(key, day, today, secrets)

    def secret_name(self, names: Names) -> bytes:
        """Return the key under which the secret stands that these names were made with."""
        return self._shared.name_of(names.day)

    def forget(self, names: Names) -> None:
        """Read the day's secret anew: other processes name by another one."""
        self._secrets.forget(names.day, names.secret)

    def _names(self, key: Key, day: int, today: bytes, secrets: tuple[bytes, ...]) -> Names:
        named = [
            (blake2b(digest, key=secret, digest_size=NAME_BYTES).digest(), place)
            for place, digest in enumerate(key)
            for secret in secrets
        ]
        every, places = zip(*named, strict=True)
        return Names(every, places, day, today)
