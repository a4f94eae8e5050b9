"""Proof of work: ALTCHA's protocol with PBKDF2-SHA256, bound to one number and one level.

A replayed or shared solution can only fetch the same number again, which is free anyway.
The browser's side is the vendored `altcha-*-pbkdf2.worker.js`.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import altcha

from .keys import Identifier

ALGORITHM = "PBKDF2/SHA-256"

COST = 2_000
"""Iterations of one try: what issuing a challenge costs us, about 0.7 ms."""

TRIES = {1: 325, 2: 800, 3: 2_000, 4: 8_000}
"""Tries that a level takes on average: 0.65, 1.6, 4 and 16 million iterations."""

EXPIRES_SECONDS = 120
"""How long a challenge may be solved: a slow phone needs less than a minute for level 4."""

GRACE_SECONDS = 60
"""For this long a solution passes for one level more, so that nobody runs after the level."""

LONGEST_PAYLOAD = 4_096
"""Characters of a solution; ours have about 900."""


class Paid(NamedTuple):
    """What came with a request: the level it is worth, and whether it was waited for."""

    level: int = 0
    by_ticket: bool = False


UNPAID = Paid()


class Random(Protocol):
    """The one method of `random.Random` that is needed; use `random.SystemRandom`."""

    def randint(self, a: int, b: int) -> int: ...


class _Secrets(NamedTuple):
    signature: bytes
    solution: bytes
    number: bytes


class Challenges:
    """Issues challenges and says what solutions are worth. The first key signs, all verify.

    `scale` multiplies the work (`POW_SCALE`).
    """

    def __init__(
        self,
        keys: Sequence[bytes],
        clock: Callable[[], float],
        random: Random,
        scale: float = 1.0,
    ):
        if not keys:
            raise ValueError("challenges need at least one key")
        if scale <= 0:
            raise ValueError("POW_SCALE is a number above 0, such as 1 or 0.01")
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
        if len(payload) > LONGEST_PAYLOAD:
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
