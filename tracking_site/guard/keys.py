"""Digests under a secret of the day: what a ledger stores is neither an address nor a number.

The secret is made of the site's key and of random bytes that live for two days
(redis/day_secrets.py), so that whoever has both of them tomorrow cannot read the day before.

The digests are keyed BLAKE2s (RFC 7693, section 2.9), a MAC like HMAC-SHA256 at a fifth of its
cost for such short texts; two are made for a repeat, eight for a new number, ten over IPv6.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from typing import Any, NamedTuple, Protocol

from ..redis.day_secrets import DAY_SECONDS, JAKARTA_OFFSET, DaySecrets
from .networks import Network
from .novelty import (
    ANSWERED_BITS,
    ASKED_BITS,
    Places,
    bloom_places,
    cell_of,
    cell_places,
)

DIGEST_BYTES = 12
"""96 bits: no two of a hundred million networks share a digest."""

PLACES_BYTES = 16


class Identifier(Protocol):
    """The number that is looked up, in the one form that is sent to the core."""

    @property
    def canonical(self) -> str: ...

    @property
    def kind(self) -> str: ...


class Digests(NamedTuple):
    """A network at each of its levels, for one day; `third` is empty where there is none."""

    first: bytes
    second: bytes
    third: bytes = b""


class Pair(NamedTuple):
    """Where "this network asked this number" and "… around it was answered" stand, for a day."""

    asked: Places
    answered: Places


class Followed(NamedTuple):
    """Who makes a private address for what, in digests of the day, and how much it asks.

    The day has `seconds_left`.
    """

    network: str
    number: str
    distinct: int
    seconds_left: int


class DaySecret:
    """Makes the digests of one day; those of two days cannot be linked without the key.

    Without `random` the key alone makes them, as former versions did.
    """

    def __init__(self, key: bytes, day: int, random: bytes = b""):
        self.day = day
        self.random = random
        secret = hmac.digest(key, b"guard day %d" % day + random, "sha256")
        # A copy of a keyed state costs half of what a new one does.
        self._short = hashlib.blake2s(key=secret, digest_size=DIGEST_BYTES)
        self._long = hashlib.blake2s(key=secret, digest_size=PLACES_BYTES)

    def network(self, network: Network) -> Digests:
        """Return the digests under which the rows of a network are kept."""
        third = network.third
        return Digests(
            _digest(self._short, network.first),
            _digest(self._short, network.second),
            _digest(self._short, third) if third else b"",
        )

    def pair(self, network: Network, identifier: Identifier) -> Pair:
        """Return where the number stands in the day's filters of what networks asked and know."""
        number = identifier.canonical.encode()
        # Neither a network nor a number has a bar in it, so no two pairs are the same text.
        number = b"|" + number
        asked = _digest(self._long, network.first + number)
        answered = _digest(self._long, network.second + number)
        return Pair(bloom_places(asked, ASKED_BITS), bloom_places(answered, ANSWERED_BITS))

    def number(self, identifier: Identifier) -> Places:
        """Return where "asked today" and "found today" stand of a number, whoever asked.

        They are places in the filter of answers; that of credits takes them modulo its bits.
        """
        number = identifier.canonical.encode()
        return bloom_places(_digest(self._long, b"credit|" + number), ANSWERED_BITS)

    def followed(self, number: str) -> str:
        """Return what stands for a number whose private addresses are counted."""
        return _digest(self._short, b"followed|" + number.encode()).hex()

    def cell(self, identifier: Identifier) -> tuple[int, int]:
        """Where the misses around this number are counted."""
        cell = cell_of(identifier.canonical, identifier.kind)
        return cell_places(_digest(self._short, b"cell:" + cell.encode()))


def _digest(keyed: Any, text: bytes) -> bytes:
    digest = keyed.copy()
    digest.update(text)
    made: bytes = digest.digest()
    return made


class Days:
    """Which day it is, and its secret.

    A clock that moves back by less than a day does not bring yesterday's budgets again: the
    latest day goes on. Moved back further, the clock is believed, since the later day was wrong.
    Without `secrets` the digests are those of former versions, by the key alone.
    """

    def __init__(self, key: bytes, offset: int = JAKARTA_OFFSET, secrets: DaySecrets | None = None):
        if len(key) < 16:
            raise ValueError("the guard needs a key of at least 16 bytes")
        self._key = key
        self._offset = offset
        self._random = secrets
        self._latest = -1
        self._secrets: dict[int, DaySecret] = {}

    def day_of(self, now: float) -> int:
        """The number of the day at `now` (epoch seconds)."""
        day = math.floor((now + self._offset) / DAY_SECONDS)
        if day == self._latest - 1:
            return self._latest
        self._latest = day
        return day

    def seconds_left(self, now: float) -> int:
        """Until budgets begin anew; never 0."""
        end = (self.day_of(now) + 1) * DAY_SECONDS - self._offset
        return max(1, math.ceil(end - now))

    def secret(self, day: int) -> DaySecret:
        """The secret of a day. Kept for two days, then made again when asked for."""
        random = b""
        if self._random:
            random = self._random.known.get(day) or self._random.of(day)
        secret = self._secrets.get(day)
        if secret is None or secret.random != random:
            secret = DaySecret(self._key, day, random)
            self._secrets = {d: s for d, s in self._secrets.items() if abs(d - day) <= 1}
            self._secrets[day] = secret
        return secret

    def forget(self, day: int, secret: DaySecret) -> None:
        """Ask for a day's random bytes again: other processes go on with others."""
        if self._random:
            self._random.forget(day, secret.random)
