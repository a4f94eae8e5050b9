from __future__ import annotations

import math
import random

from tracking_site.guard.keys import LANE, Cells, cell_of, cell_places
from tracking_site.guard.policy import Policy


def test_numbers_of_one_birth_date_and_district_share_a_cell() -> None:
    assert cell_of("0000000101900001", "nik") == cell_of("0000000101909999", "nik")
    assert cell_of("0000000101900001", "nik") != cell_of("0000000201900001", "nik")


def test_a_run_of_a_hundred_cards_shares_a_cell() -> None:
    assert cell_of("00000000100", "kpj") == cell_of("00000000199", "kpj")
    assert cell_of("00000000100", "kpj") != cell_of("00000000200", "kpj")


def test_a_cell_counts_at_least_what_was_added() -> None:
    draw, cells = random.Random(1), Cells()
    places = [cell_places(draw.randbytes(8)) for _ in range(20_000)]
    for place in places:
        cells.add(place, 1)
    assert all(cells.count(place) >= 1 for place in places)


def test_half_a_million_misses_elsewhere_cost_almost_nobody_work() -> None:
    # The chance of a false cell of four, from counters that half a million random misses fill.
    fill = 524_000 / LANE
    less = sum(math.exp(-fill) * fill**n / math.factorial(n) for n in range(Policy().cell_misses))
    assert (1 - less) ** 2 <= 5e-6


def test_misses_elsewhere_fill_cells_as_reckoned() -> None:
    draw, cells = random.Random(2), Cells(1 << 12)
    for _ in range(2_048):
        cells.add(cell_places(draw.randbytes(8)), 1)
    others = [cell_places(draw.randbytes(8)) for _ in range(20_000)]
    assert sum(cells.count(place) >= 2 for place in others) <= 400


def test_counters_stay_between_nothing_and_a_byte() -> None:
    cells, places = Cells(), (3, LANE + 4)
    cells.add(places, -1)
    assert cells.count(places) == 0
    for _ in range(300):
        cells.add(places, 1)
    assert cells.count(places) == 255
