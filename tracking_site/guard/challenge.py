"""What a challenge takes: a little work, or as much waiting; each bound to one number and a level.

Work is ALTCHA's protocol with PBKDF2-SHA256. A replayed or shared solution can only fetch the same
number again, which is free anyway. The browser's side is the vendored `altcha-*-pbkdf2.worker.js`.

The wait ticket is for people whose browser cannot work. Waiting in parallel costs an attacker
nothing, so a network has few of them a day (the ledger counts). A ticket is signed, and good for
ten minutes from when it is ripe.
"""

import base64
import binascii
import hmac
import json
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

import altcha

from ..domain.identifiers import Identifier

ALGORITHM = "PBKDF2/SHA-256"

COST = 2_000
"""Iterations of one try: what issuing a challenge costs us, about half a millisecond."""

TRIES = {1: 325, 2: 800, 3: 2_000, 4: 8_000}
"""Tries that a level takes on average: 0.65, 1.6, 4 and 16 million iterations."""

EXPIRES_SECONDS = 120
"""How long a challenge may be solved: a slow phone needs less than a minute for level 4."""

GRACE_SECONDS = 60
"""For this long a solution passes for one level more, so that nobody runs after the level."""

MAX_PAYLOAD = 4_096
"""Characters of a solution; ours have about 900."""


class Paid(NamedTuple):
    """What came with a request: the level it is worth, and whether it was waited for."""

    level: int = 0
    by_ticket: bool = False


UNPAID = Paid()
WAITED = Paid(max(TRIES))
"""Of a place in the line: no work is asked for it again."""


class _Secrets(NamedTuple):
    signature: bytes
    solution: bytes
    number: bytes


class Challenges:
    """Issues challenges and says what solutions are worth. The first key signs, all verify.

    `random` is a `SystemRandom` wherever guesses matter; `scale` multiplies the work (`POW_SCALE`).
    """

    def __init__(
        self, keys: Sequence[bytes], clock: Callable[[], float], random: Random, scale: float = 1.0
    ):
        self._secrets = [
            _Secrets(*(hmac.digest(key, purpose, "sha256") for purpose in _PURPOSES))
            for key in keys
        ]
        self._clock = clock
        self._random = random
        self._scale = scale

    def issue(self, identifier: Identifier, level: int) -> dict[str, Any]:
        """A challenge of a level (1 to 4) for one number, as an object to be sent as JSON.

        The right try is anywhere from the first to twice the average: whoever knows a narrower
        range begins there and pays a quarter.
        """
        secrets = self._secrets[0]
        most = max(1, round(2 * TRIES[level] * self._scale) - 1)
        challenge = altcha.create_challenge(
            ALGORITHM,
            COST,
            counter=self._random.randint(1, most),
            expires_at=int(self._clock()) + EXPIRES_SECONDS,
            data={"level": level, "number": _binding(secrets, identifier)},
            hmac_secret=secrets.signature,
            hmac_key_secret=secrets.solution,
        )
        made: dict[str, Any] = challenge.to_dict()
        return made

    def paid(self, payload: str, identifier: Identifier) -> Paid:
        """What a solution (the base64 text of the field `altcha`) is worth for this number.

        Worth nothing: junk, expired, from the future (our clock was moved back), another number,
        any changed field. The library also compares the expiry with the machine's own clock.
        """
        if len(payload) > MAX_PAYLOAD:
            return UNPAID
        try:
            solved = altcha.Payload.from_base64(payload)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return UNPAID
        for secrets in self._secrets:
            result = altcha.verify_solution(
                solved, secrets.signature, hmac_key_secret=secrets.solution
            )
            if result.verified:
                return self._worth(solved.challenge.parameters, secrets, identifier)
        return UNPAID

    def _worth(
        self, parameters: altcha.ChallengeParameters, secrets: _Secrets, identifier: Identifier
    ) -> Paid:
        # The signature holds, so the fields are as `issue` wrote them.
        data, expires_at = parameters.data or {}, parameters.expires_at or 0
        if not hmac.compare_digest(data["number"], _binding(secrets, identifier)):
            return UNPAID
        left = expires_at - self._clock()
        if not 0 <= left <= EXPIRES_SECONDS:
            return UNPAID
        level: int = data["level"]
        return Paid(level + (left >= EXPIRES_SECONDS - GRACE_SECONDS))


_PURPOSES = (b"guard challenge", b"guard solution", b"guard number")


def _binding(secrets: _Secrets, identifier: Identifier) -> str:
    text = f"{identifier.kind}:{identifier.canonical}".encode()
    return hmac.digest(secrets.number, text, "sha256")[:16].hex()


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
    """Issues and reads wait tickets, with keys and scale as above."""

    def __init__(self, keys: Sequence[bytes], clock: Callable[[], float], scale: float = 1.0):
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


@dataclass(frozen=True, slots=True)
class Challenged:
    """A little work is asked first, or as much waiting; `challenge` is ALTCHA's, as JSON.

    `is_early` says that somebody waited, and not long enough.
    """

    name = "challenge"
    challenge: str
    wait: WaitTicket
    is_early: bool = False

    @classmethod
    def of(
        cls,
        number: Identifier,
        level: int,
        challenges: Challenges,
        tickets: WaitTickets,
        shown: str,
    ) -> "Challenged":
        """Ask for work of this level; `shown` is the wait ticket that came with the request."""
        left = tickets.seconds_left(shown, number) if shown else None
        # Somebody who pressed too early goes on waiting instead of beginning anew.
        wait = WaitTicket(shown, left) if left else tickets.issue(number, level)
        return cls(json.dumps(challenges.issue(number, level)), wait, is_early=bool(left))
