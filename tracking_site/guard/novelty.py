"""Has this second-level network asked this number today? A Bloom filter answers for a day.

A million pairs fill it to 11 %, and two in ten thousand new pairs pass as repeats. It never
forgets a pair. Exact sets would grow with what an attacker sends. (Bloom, CACM 13(7), 1970.)
"""

from __future__ import annotations

BITS = 1 << 25
"""4 MiB a day."""

Places = tuple[int, int, int, int]


def bloom_places(digest: bytes) -> Places:
    """Four places in the filter, from the first 16 bytes of a keyed digest.

    They are bit offsets as Redis counts them: 0 is the highest bit of the first byte.
    """
    return (
        int.from_bytes(digest[0:4], "big") % BITS,
        int.from_bytes(digest[4:8], "big") % BITS,
        int.from_bytes(digest[8:12], "big") % BITS,
        int.from_bytes(digest[12:16], "big") % BITS,
    )


class Novelty:
    """The filter of one day, in memory."""

    def __init__(self) -> None:
        self._bytes = bytearray(BITS // 8)

    def seen(self, places: Places) -> bool:
        """Whether all four bits stand."""
        return all(self._bytes[place >> 3] & (0x80 >> (place & 7)) for place in places)

    def add(self, places: Places) -> None:
        """Sets the four bits."""
        for place in places:
            self._bytes[place >> 3] |= 0x80 >> (place & 7)
