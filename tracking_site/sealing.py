"""Sealed forms of a number: tickets in addresses, never the number itself.

AES-GCM (NIST SP 800-38D) under a key derived for one purpose (HKDF, RFC 5869), so that
what was sealed for one purpose opens for no other. The first key seals, all open.
"""

import base64
import binascii
import secrets
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"
_NONCE_BYTES = 12
_PADDED_BYTES = 20
_EXPIRY = struct.Struct(">I")
LONGEST_SEALED = 200


class Purpose(StrEnum):
    TICKET = "ticket"
    WATCH = "watch"
    PLACE = "place"


class NotSealed(Exception):
    """The text was not sealed by us for this purpose, or has been changed."""


class Expired(Exception):
    """The text is ours, and its time is over."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What was sealed, and the epoch second at which it opens no more."""

    text: str
    expires_at: int


def derive(key: bytes, label: str) -> bytes:
    """Return 32 bytes that depend on the key and the label alone."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=label.encode()).derive(key)


class Sealer:
    """Seals short texts for one purpose, for a while; sealed ones fit an address.

    `keys` are secrets of any length, newest first; `clock` returns epoch seconds;
    `lifetime` is in seconds; texts are padded to `padded_bytes`.
    """

    def __init__(
        self,
        keys: Sequence[bytes],
        purpose: Purpose,
        lifetime: float,
        clock: Callable[[], float],
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
        padded_bytes: int = _PADDED_BYTES,
    ) -> None:
        self._ciphers = [AESGCM(derive(key, f"seal:{purpose}")) for key in keys]
        self._lifetime = lifetime
        self._clock = clock
        self._random_bytes = random_bytes
        self._padded_bytes = padded_bytes

    def seal(self, text: str) -> str:
        """Return the sealed form: URL-safe, of one length for every number."""
        nonce = self._random_bytes(_NONCE_BYTES)
        expiry = _EXPIRY.pack(int(self._clock() + self._lifetime))
        padded = text.encode().ljust(self._padded_bytes, b"\x00")
        sealed = self._ciphers[0].encrypt(nonce, expiry + padded, _VERSION)
        return base64.urlsafe_b64encode(_VERSION + nonce + sealed).rstrip(b"=").decode()

    def open(self, sealed: str) -> str:
        """Return the text that was sealed; raises what `unseal` raises."""
        return self.unseal(sealed).text

    def unseal(self, sealed: str) -> Opened:
        """Return the text that was sealed, and until when.

        Raises NotSealed for anything that we did not seal for this purpose, Expired when
        its time is over.
        """
        plain = self._decrypt(_decoded(sealed))
        (expiry,) = _EXPIRY.unpack_from(plain)
        if self._clock() >= expiry:
            raise Expired
        return Opened(plain[_EXPIRY.size :].rstrip(b"\x00").decode(), expiry)

    def is_half_over(self, opened: Opened) -> bool:
        """Tell whether less than half of the time is left that a sealed text is given."""
        return opened.expires_at - self._clock() < self._lifetime / 2

    def _decrypt(self, raw: bytes) -> bytes:
        nonce, body = raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :]
        if raw[:1] != _VERSION or len(body) < 16:
            raise NotSealed
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(nonce, body, _VERSION)
            except InvalidTag:
                continue
        raise NotSealed


def _decoded(sealed: str) -> bytes:
    if len(sealed) > LONGEST_SEALED or not sealed.isascii():
        raise NotSealed
    try:
        raw = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NotSealed from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != sealed:
        # A second spelling of the same bytes would be a second address of one result.
        raise NotSealed
    return raw
