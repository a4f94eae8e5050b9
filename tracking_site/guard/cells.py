"""Misses around one person's number, counted over all networks in a fixed 256 KiB a day.

Who knows a birth date and a district tries the last four digits of a NIK; who knows a company's
cards tries the last two of a KPJ. All these numbers share a cell.
A count-min sketch (Cormode, Muthukrishnan, 2005) counts at least what is true, never less, so an
attacker cannot push a cell out; a false count costs somebody work, never the answer.
"""

from __future__ import annotations

LANES = 2
LANE = 1 << 17
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
    """The counters of one day, in memory; `counters` where they outlive the process (kept.py)."""

    def __init__(self, counters: memoryview | None = None) -> None:
        self._bytes = bytearray(LANES * LANE) if counters is None else counters

    def count(self, places: tuple[int, int]) -> int:
        """Misses and open questions in the cell, at most 255."""
        return min(self._bytes[places[0]], self._bytes[places[1]])

    def add(self, places: tuple[int, int], change: int) -> None:
        """Moves both counters by `change`, held between 0 and 255."""
        for place in places:
            moved = self._bytes[place] + change
            self._bytes[place] = 0 if moved < 0 else 255 if moved > 255 else moved
