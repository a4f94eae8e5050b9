"""Misses around one person's number, counted over all networks in a fixed 2 MiB a day.

Who knows a birth date and a district tries the last four digits of a NIK; who knows a company's
cards tries the last two of a KPJ. All these numbers share a cell.
A count-min sketch (Cormode, Muthukrishnan, 2005) counts at least what is true, never less, so an
attacker cannot push a cell out; a false count costs work, never the answer, and half a million
misses elsewhere make three in a million numbers cost it.
"""

from __future__ import annotations

LANES = 2
LANE = 1 << 20
"""Counters in a lane, one byte each."""

NIK_CELL = 12
"""Digits of a NIK that name district, birth date and sex."""

KPJ_CELL = 9
"""Characters of a KPJ that leave a run of a hundred cards."""


def cell_of(canonical: str, kind: str) -> str:
    """The cell of a number: its kind and leading characters."""
    return f"{kind}:{canonical[: NIK_CELL if kind == 'nik' else KPJ_CELL]}"


def cell_places(digest: bytes) -> tuple[int, int]:
    """The two counters of a cell, from the first 8 bytes of a keyed digest."""
    return (
        int.from_bytes(digest[0:4], "big") % LANE,
        LANE + int.from_bytes(digest[4:8], "big") % LANE,
    )


class Cells:
    """The counters of one day, in memory; `counters` where they outlive the process (kept.py).

    `lane` is a power of two, and may be below LANE.
    """

    def __init__(self, lane: int = LANE, counters: memoryview | None = None) -> None:
        self._bytes = bytearray(LANES * lane) if counters is None else counters
        self._lane = lane

    def count(self, places: tuple[int, int]) -> int:
        """Return the misses and open questions in the cell, at most 255."""
        one, two = self._lanes(places)
        return min(self._bytes[one], self._bytes[two])

    def add(self, places: tuple[int, int], change: int) -> None:
        """Move both counters by `change`, held between 0 and 255."""
        for place in self._lanes(places):
            moved = self._bytes[place] + change
            self._bytes[place] = 0 if moved < 0 else 255 if moved > 255 else moved

    def _lanes(self, places: tuple[int, int]) -> tuple[int, int]:
        lane = self._lane
        return places[0] & (lane - 1), lane + (places[1] & (lane - 1))
