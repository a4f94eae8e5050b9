"""Sealed forms of a number: tickets in addresses, never the number itself.

AES-GCM (NIST SP 800-38D) under a key derived for one purpose (HKDF, RFC 5869), so that
what was sealed for one purpose opens for no other. The first key seals, all open.

Sealed is, after a byte for the form and a nonce of 12 (numbers are big-endian): 4 the end (epoch
seconds), 4 the first moment of its family, 8 the family, the text. A family is what was sealed
first, with all that it was renewed by.
"""

import base64
import secrets
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_PADDED_BYTES = 20
FAMILY_BYTES = 8
_FORM = b"\x02"
_HEAD = struct.Struct(f">II{FAMILY_BYTES}s")
MAX_SEALED = 200


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
    """What was sealed, and the epoch second at which it opens no more.

    `first_at` is when the first of its `family` was sealed.
    """

    text: str
    expires_at: int
    first_at: int
    family: bytes


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
        self.lifetime = lifetime
        self.clock = clock
        self._random_bytes = random_bytes
        self._padded_bytes = padded_bytes

    def seal(self, text: str, family: bytes = b"") -> str:
        """Return the sealed form: URL-safe, of one length for every number.

        `family` is that of what it was made from, or is made into, by another sealer; else it
        begins one.
        """
        now = int(self.clock())
        family = family or self._random_bytes(FAMILY_BYTES)
        return self._sealed(Opened(text, int(now + self.lifetime), now, family))

    def renew(self, opened: Opened, within: float) -> str:
        """Return another seal of the same family; it ends `within` seconds of its first moment."""
        end = min(int(self.clock() + self.lifetime), int(opened.first_at + within))
        return self._sealed(replace(opened, expires_at=end))

    def open(self, sealed: str) -> Opened:
        """Return the text that was sealed, and until when.

        Raises NotSealed for anything that we did not seal for this purpose, Expired when
        its time is over.
        """
        raw = _decoded(sealed)
        if not raw.startswith(_FORM):
            raise NotSealed
        plain = self._decrypt(raw)
        expiry, *family = _HEAD.unpack_from(plain)
        if self.clock() >= expiry:
            raise Expired
        return Opened(plain[_HEAD.size :].rstrip(b"\x00").decode(), expiry, *family)

    def _sealed(self, opened: Opened) -> str:
        head = _HEAD.pack(opened.expires_at, opened.first_at, opened.family)
        nonce = self._random_bytes(_NONCE_BYTES)
        padded = opened.text.encode().ljust(self._padded_bytes, b"\x00")
        body = self._ciphers[0].encrypt(nonce, head + padded, _FORM)
        return base64.urlsafe_b64encode(_FORM + nonce + body).rstrip(b"=").decode()

    def _decrypt(self, raw: bytes) -> bytes:
        nonce, body = raw[1 : 1 + _NONCE_BYTES], raw[1 + _NONCE_BYTES :]
        if len(body) < 16:
            raise NotSealed
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(nonce, body, raw[:1])
            except InvalidTag:
                continue
        raise NotSealed


def _decoded(sealed: str) -> bytes:
    if len(sealed) > MAX_SEALED:
        raise NotSealed
    try:
        raw = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    except ValueError:
        raise NotSealed from None
    if base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != sealed:
        # A second spelling of the same bytes would be a second address of one result.
        raise NotSealed
    return raw
