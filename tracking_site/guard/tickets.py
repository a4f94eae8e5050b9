"""The wait ticket: for people whose browser cannot work, waiting stands in for work.

Waiting in parallel costs an attacker nothing, so a network has few of them a day (the ledger
counts). A ticket is signed, bound to one number, and good for ten minutes from when it is ripe.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import math
import struct
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .challenge import GRACE_SECONDS, UNPAID, Paid
from .keys import Identifier

WAIT_SECONDS = 5
"""Level L waits this long times 2 to the power of L: 10, 20, 40, 80 seconds."""

GOOD_SECONDS = 600
"""How long a ripe ticket can be used."""

BODY = struct.Struct(">BI")
MAC_BYTES = 16


class WaitTicket(NamedTuple):
    """The text of the field `tunggu`, and the seconds until it is ripe."""

    text: str
    seconds: int


class WaitTickets:
    """Issues and reads wait tickets. The first key signs, all verify.

    `scale` multiplies the waiting, for tests and drills.
    """

    def __init__(self, keys: Sequence[bytes], clock: Callable[[], float], scale: float = 1.0):
        if not keys:
            raise ValueError("wait tickets need at least one key")
        self._keys = [hmac.digest(key, b"guard wait", "sha256") for key in keys]
        self._clock = clock
        self._scale = scale

    def issue(self, identifier: Identifier, level: int) -> WaitTicket:
        """A ticket that is worth `level` for this number once it is ripe."""
        seconds = self._wait(level)
        body = BODY.pack(level, int(self._clock()) + seconds)
        signed = body + _mac(self._keys[0], body, identifier)
        return WaitTicket(base64.urlsafe_b64encode(signed).decode().rstrip("="), seconds)

    def seconds_left(self, text: str, identifier: Identifier) -> int | None:
        """Seconds until the ticket is ripe; 0 when it is; None when it is worth nothing."""
        read = self._read(text, identifier)
        if read is None:
            return None
        return max(0, math.ceil(read[1] - self._clock()))

    def paid(self, text: str, identifier: Identifier) -> Paid:
        """What the ticket is worth for this number now."""
        read = self._read(text, identifier)
        now = self._clock()
        if read is None or now < read[1]:
            return UNPAID
        level, ripe = read
        return Paid(level + (now <= ripe + GRACE_SECONDS), by_ticket=True)

    def _read(self, text: str, identifier: Identifier) -> tuple[int, float] | None:
        try:
            signed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except (ValueError, binascii.Error):
            return None
        body, mac = signed[: BODY.size], signed[BODY.size :]
        if len(mac) != MAC_BYTES:
            return None
        if not any(hmac.compare_digest(mac, _mac(key, body, identifier)) for key in self._keys):
            return None
        level, ripe = BODY.unpack(body)
        now = self._clock()
        # Ripe later than a ticket made now would be: our clock was moved back since.
        if now > ripe + GOOD_SECONDS or ripe > now + self._wait(level) + 1:
            return None
        return level, ripe

    def _wait(self, level: int) -> int:
        return max(1, round(WAIT_SECONDS * (1 << level) * self._scale))


def _mac(key: bytes, body: bytes, identifier: Identifier) -> bytes:
    text = body + f"{identifier.kind}:{identifier.canonical}".encode()
    return hmac.digest(key, text, "sha256")[:MAC_BYTES]
