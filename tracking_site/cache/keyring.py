"""Secrets of the cache: digests that stand for numbers, and the seal on what is kept.

Each secret gives two keys by HKDF (RFC 5869) with labels of their own. The digest is keyed
BLAKE2b (RFC 7693, 2.9), a MAC in itself at a quarter of the time of HMAC-SHA256. The seal is
AES-256-GCM with a random nonce, good for 2^32 writings of one secret: at a hundred a second
that is more than a year, after which it is due for rotation anyway.
"""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from os import urandom

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ..domain.identifiers import Identifier
from .stores import Key

DIGEST_BYTES = 16
"""128 bits: no two of the country's numbers meet, and nobody can find a second one."""

NONCE_BYTES = 12


class Keyring:
    """`secrets` in order: the first names and seals what is written, all of them read."""

    def __init__(
        self, secrets: Sequence[bytes], random_bytes: Callable[[int], bytes] = urandom
    ) -> None:
        if not secrets:
            raise ValueError("the cache needs at least one secret")
        self._name, *self._older_names = [
            blake2b(key=_derive(each, b"claims cache: names"), digest_size=DIGEST_BYTES)
            for each in secrets
        ]
        self._seals = [AESGCM(_derive(each, b"claims cache: seals")) for each in secrets]
        self._random_bytes = random_bytes

    def key_of(self, identifier: Identifier) -> Key:
        """Return the digests of a number, in the order of the secrets."""
        # The two kinds of number differ in length, so the number alone tells them apart.
        name = identifier.canonical.encode()
        # A copy spares working the secret in again, a sixth of the time.
        first = self._name.copy()
        first.update(name)
        if not self._older_names:
            return (first.digest(),)
        return first.digest(), *(_digest(each, name) for each in self._older_names)

    def seal(self, plain: bytes, bound: bytes) -> bytes:
        """Encrypt under the first secret; opens only with the same `bound` beside it."""
        nonce = self._random_bytes(NONCE_BYTES)
        return nonce + self._seals[0].encrypt(nonce, plain, bound)

    def open(self, sealed: bytes, bound: bytes, place: int = 0) -> bytes | None:
        """Decrypt what the secret at `place` sealed; None when it did not."""
        try:
            return self._seals[place].decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError):
            return None


def _digest(keyed: blake2b, name: bytes) -> bytes:
    copy = keyed.copy()
    copy.update(name)
    return copy.digest()


def _derive(secret: bytes, label: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=label).derive(secret)
