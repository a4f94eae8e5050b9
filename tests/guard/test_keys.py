from __future__ import annotations

from pathlib import Path
from resource import getpagesize

from tests.guard.conftest import START, Number
from tracking_site.guard.keys import (
    DAY_SECONDS,
    JAKARTA_OFFSET,
    Bloom,
    Cells,
    Days,
    DaySecret,
)
from tracking_site.guard.networks import parse_network

PAGE = getpagesize()
KEY = b"a key of sixteen bytes and more"
HOME = parse_network("203.0.113.7")
FLAT = parse_network("2001:db8:1:2::3")
MIDNIGHT = (START + JAKARTA_OFFSET) // DAY_SECONDS * DAY_SECONDS - JAKARTA_OFFSET


def test_the_day_ends_at_midnight_in_jakarta() -> None:
    days = Days(KEY)
    today = days.day_of(MIDNIGHT)
    assert days.day_of(MIDNIGHT + DAY_SECONDS - 1) == today
    assert days.seconds_left(MIDNIGHT + DAY_SECONDS - 60) == 60
    assert days.day_of(MIDNIGHT + DAY_SECONDS) == today + 1


def test_digests_of_two_days_and_of_two_keys_have_nothing_in_common() -> None:
    digests = [
        DaySecret(KEY, 1).network(FLAT),
        DaySecret(KEY, 2).network(FLAT),
        DaySecret(KEY + b"!", 1).network(FLAT),
    ]
    assert len({digest for of_day in digests for digest in of_day}) == 9
    assert DaySecret(KEY, 1).network(HOME).third == b""


def test_a_clock_that_moved_back_by_hours_goes_on_in_the_latest_day() -> None:
    days = Days(KEY)
    today = days.day_of(MIDNIGHT + 60)
    assert days.day_of(MIDNIGHT - 3_600) == today
    assert days.seconds_left(MIDNIGHT - 3_600) == DAY_SECONDS + 3_600


def test_a_clock_that_was_years_ahead_is_believed_when_it_comes_back() -> None:
    days = Days(KEY)
    days.day_of(MIDNIGHT + 400 * DAY_SECONDS)
    assert days.day_of(MIDNIGHT) == Days(KEY).day_of(MIDNIGHT)


def test_a_nik_and_a_kpj_never_share_a_cell() -> None:
    secret = DaySecret(KEY, 1)
    assert secret.cell(Number("00000000011")) != secret.cell(Number("00000000011", "kpj"))


def test_filters_take_memory_only_where_they_are_written() -> None:
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE

    before = resident()
    bloom, cells = Bloom(1 << 29), Cells(1 << 25)
    assert not bloom.seen((1, 2, 3, 1 << 28))
    assert bloom.add((1, 2, 3, 1 << 28))
    cells.add((5, 7), 1)
    assert resident() - before < 16 << 20
    assert bloom.seen((1, 2, 3, 1 << 28))
    assert cells.count((5, 7)) == 1
