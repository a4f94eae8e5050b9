"""Has this second-level network asked this number today? A Bloom filter answers for a day.

A million pairs fill it to 11 %, and two in ten thousand new pairs pass as repeats. It never
forgets a pair. Exact sets would grow with what an attacker sends. (Bloom, CACM 13(7), 1970.)
"""

from __future__ import annotations

import struct

BITS = 1 << 25
"""4 MiB a day."""

FOUR_WORDS = struct.Struct(">4I")

Places = tuple[int, int, int, int]


def bloom_places(digest: bytes) -> Places:
    """Four places in the filter, from the first 16 bytes of a keyed digest.

    They are bit offsets as Redis counts them: 0 is the highest bit of the first byte.
    """
    one, two, three, four = FOUR_WORDS.unpack_from(digest)
    return one % BITS, two % BITS, three % BITS, four % BITS


class Recent:
    """The pairs that a process saw last, by day: between half of `most` and all of them.

    A filter never forgets within its day, so what once was seen need not be asked again.
    """

    def __init__(self, most: int) -> None:
        self._half = max(1, most // 2)
        self._newer: set[tuple[int, Places]] = set()
        self._older: set[tuple[int, Places]] = set()

    def holds(self, day: int, places: Places) -> bool:
        pair = (day, places)
        return pair in self._newer or pair in self._older

    def add(self, day: int, places: Places) -> None:
        if len(self._newer) >= self._half:
            self._newer, self._older = set(), self._newer
        self._newer.add((day, places))

    def __len__(self) -> int:
        return len(self._newer) + len(self._older)


class Novelty:
    """The filter of one day, in memory."""

    def __init__(self) -> None:
        self._bytes = bytearray(BITS // 8)

    def seen(self, places: Places) -> bool:
        """Whether all four bits stand."""
        # A generator would cost twice as much, and this is asked for every lookup.
        for place in places:  # noqa: SIM110
            if not self._bytes[place >> 3] & (0x80 >> (place & 7)):
                return False
        return True

    def add(self, places: Places) -> None:
        """Sets the four bits."""
        for place in places:
            self._bytes[place >> 3] |= 0x80 >> (place & 7)
