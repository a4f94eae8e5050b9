"""Digests under a secret of the day: what a ledger stores is neither an address nor a number.
And the fixed number of bytes that say what was asked, answered, credited and missed in it.

The secret is made of the site's key and of random bytes of the day (redis/day_secrets.py). The
digests are keyed BLAKE2s (RFC 7693, section 2.9), a MAC like HMAC-SHA256 at a fifth of its
cost for such short texts; two are made for a repeat, eight for a new number, ten over IPv6.

A Bloom filter never forgets within its day, and passes a few strangers for known: two in ten
thousand when it is 11 % full. Exact sets would grow with what an attacker sends. (Bloom, CACM
13(7), 1970.)
"""

import hashlib
import hmac
import math
import mmap
import struct
from typing import Any, NamedTuple

from ..domain.identifiers import Identifier
from ..redis.day_secrets import DAY_SECONDS, JAKARTA_OFFSET, DaySecrets
from .networks import Network

DIGEST_BYTES = 12
"""96 bits: no two of a hundred million networks share a digest."""

PLACES_BYTES = 16

ASKED_BITS = 1 << 25
"""Numbers that a network asked, answered or not: 4 MiB a day.

A false one costs an attacker's number no count, and gives no answer by itself.
"""

ANSWERED_BITS = 1 << 27
"""Numbers that a second-level network was answered, and those that anybody asked, by the number
alone: 16 MiB a day, for four million of both together.
"""

CREDITED_BITS = 1 << 24
"""Numbers that were found today, and those that were missed, whoever asked: 2 MiB a day.

A false one costs one credit, or the circuit one number.
"""

MISSED = 0x555555
"""How far behind the places of "found today" those of "missed today" stand."""

LANES = 2
LANE = 1 << 20
"""Counters in a lane, one byte each."""

NIK_CELL = 12
"""Digits of a NIK that name district, birth date and sex."""

KPJ_CELL = 9
"""Characters of a KPJ that leave a run of a hundred cards."""

FOUR_WORDS = struct.Struct(">4I")
TWO_WORDS = struct.Struct(">2I")

Places = tuple[int, int, int, int]


def bloom_places(digest: bytes, bits: int) -> Places:
    """Return four places in a filter of so many bits, from the first 16 bytes of a digest.

    They are bit offsets as Redis counts them: 0 is the highest bit of the first byte.
    """
    one, two, three, four = FOUR_WORDS.unpack_from(digest)
    return one % bits, two % bits, three % bits, four % bits


def missed_places(number: Places) -> Places:
    """Return where "missed today" stands of a number in the filter of credits."""
    one, two, three, four = number
    return one + MISSED, two + MISSED, three + MISSED, four + MISSED


def cell_of(canonical: str, kind: str) -> str:
    return f"{kind}:{canonical[: NIK_CELL if kind == 'nik' else KPJ_CELL]}"


def cell_places(digest: bytes) -> tuple[int, int]:
    """The two counters of a cell, from the first 8 bytes of a keyed digest."""
    one, two = TWO_WORDS.unpack_from(digest)
    return one % LANE, LANE + two % LANE


class Digests(NamedTuple):
    """A network at each of its levels, for one day; `third` is empty where there is none."""

    first: bytes
    second: bytes
    third: bytes = b""

    def of_rows(self, carrier: bool) -> tuple[bytes, ...]:
        """Return those under which there is a row; the rows of an IPv6 /56 are no carrier's."""
        return self if self.third and not carrier else self[:2]


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

    Without `random` the key alone makes them.
    """

    def __init__(self, key: bytes, day: int, random: bytes = b""):
        self.day = day
        self.random = random
        secret = hmac.digest(key, b"guard day %d" % day + random, "sha256")
        # A copy of a keyed state costs half of what a new one does.
        self._short = hashlib.blake2s(key=secret, digest_size=DIGEST_BYTES)
        self._long = hashlib.blake2s(key=secret, digest_size=PLACES_BYTES)

    def network(self, network: Network) -> Digests:
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
    Without `secrets` the digests are made by the key alone.
    """

    def __init__(self, key: bytes, offset: int = JAKARTA_OFFSET, secrets: DaySecrets | None = None):
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


def _zeros(size: int) -> memoryview:
    """Return so many zero bytes of this process, which take memory only where they are written.

    Over Redis the filters of a process are hardly written to.
    """
    return memoryview(mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))


class Bloom:
    """One filter of a day, in memory; `kept` where its bits outlive the process (kept.py).

    `bits` is a power of two, and may be below the places'.
    """

    def __init__(self, bits: int, kept: memoryview | None = None) -> None:
        self._bytes = _zeros(bits // 8) if kept is None else kept
        self._mask = bits - 1

    def seen(self, places: Places) -> bool:
        """Return whether all four bits stand."""
        mask = self._mask
        # A generator would cost twice as much, and this is asked for every lookup.
        for place in places:
            at = place & mask
            if not self._bytes[at >> 3] & (0x80 >> (at & 7)):
                return False
        return True

    def add(self, places: Places) -> bool:
        """Set the four bits; return whether one of them did not stand."""
        mask, held, is_new = self._mask, self._bytes, False
        for place in places:
            at = place & mask
            bit = 0x80 >> (at & 7)
            byte = held[at >> 3]
            if not byte & bit:
                held[at >> 3] = byte | bit
                is_new = True
        return is_new


class Cells:
    """Numbers around one person's that nobody found, counted in a fixed 2 MiB a day.

    A number counts once, however many networks ask it, from its first question until it is found.

    Who knows a birth date and a district tries the last four digits of a NIK; who knows a
    company's cards tries the last two of a KPJ. All these numbers share a cell. A count-min sketch
    (Cormode, Muthukrishnan, 2005) counts at least what is true, never less, so an attacker cannot
    push a cell out; a false count costs work, never the answer, and half a million misses
    elsewhere make three in a million numbers cost it.

    `counters` are those that outlive the process (kept.py). `lane` is a power of two, and may be
    below LANE.
    """

    def __init__(self, lane: int = LANE, counters: memoryview | None = None) -> None:
        self._bytes = _zeros(LANES * lane) if counters is None else counters
        self._lane = lane

    def count(self, places: tuple[int, int], less: int = 0) -> int:
        """Return the numbers of the cell that missed or are open, at most 255; `less` of them are
        those of whoever asks."""
        mask = self._lane - 1
        one = self._bytes[places[0] & mask]
        two = self._bytes[self._lane + (places[1] & mask)]
        return (one if one < two else two) - less

    def add(self, places: tuple[int, int], change: int) -> None:
        """Move both counters by `change`, held between 0 and 255."""
        counters, lane = self._bytes, self._lane
        for place in (places[0] & (lane - 1), lane + (places[1] & (lane - 1))):
            moved = counters[place] + change
            counters[place] = 0 if moved < 0 else 255 if moved > 255 else moved


COMMON_MISSES = 3
"""Numbers of a cell that all processes of a machine counted, from which its others cost work; one
less than the site's, since other machines count alone."""


class CommonCells(Cells):
    """Cells of a process, and those that all processes of its machine count, in `counters`."""

    def __init__(self, lane: int, counters: memoryview) -> None:
        super().__init__(lane)
        self._of_all = Cells(lane, counters)

    def count(self, places: tuple[int, int], less: int = 0) -> int:
        """Return what this process counted, or what all did where that is enough for work."""
        of_all = self._of_all.count(places, less)
        own = super().count(places, less)
        return max(own, of_all) if of_all >= COMMON_MISSES else own

    def add(self, places: tuple[int, int], change: int) -> None:
        super().add(places, change)
        self._of_all.add(places, change)
