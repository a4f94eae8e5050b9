"""Days relative to now, counted as offices count them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.calendar import Moment, is_working_day

CLOCKS = st.datetimes(datetime(2025, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))
ZONES = st.sampled_from(["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"])


def at(day: str, **given: frozenset[date]) -> Moment:
    return Moment(datetime.fromisoformat(f"{day}T07:00+00:00"), **given)


@pytest.mark.parametrize(
    ("today", "offset", "day"),
    [
        ("2026-11-18", "-1", "2026-11-17"),
        ("2026-11-18", "-3", "2026-11-13"),
        ("2026-11-18", "+3", "2026-11-23"),
        ("2026-11-18", "0", "2026-11-18"),
        ("2026-11-22", "0", "2026-11-20"),
        ("2026-11-22", "-1", "2026-11-20"),
        ("2026-11-22", "+1", "2026-11-23"),
        ("2026-11-20", "+1c", "2026-11-21"),
        ("2026-12-28", "-1", "2026-12-24"),
        ("2026-12-31", "+1", "2027-01-04"),
    ],
)
def test_offsets_skip_weekends_and_fixed_holidays(today: str, offset: str, day: str) -> None:
    assert at(today).day(offset) == date.fromisoformat(day)


def test_holidays_that_move_can_be_given() -> None:
    moment = at("2026-11-18", holidays=frozenset({date(2026, 11, 17)}))
    assert moment.day("-1") == date(2026, 11, 16)


@given(now=CLOCKS, zone=ZONES, count=st.integers(1, 30))
def test_exactly_so_many_working_days_begin_after_a_day_back(
    now: datetime, zone: str, count: int
) -> None:
    moment = Moment(now, zone)
    start = moment.day(f"-{count}")
    between = (start + timedelta(days=n) for n in range(1, (moment.today - start).days))
    assert is_working_day(start)
    assert sum(map(is_working_day, between)) == count - 1


@given(now=CLOCKS, zone=ZONES, offset=st.integers(-30, 0), minute=st.integers(0, 1439))
def test_what_happened_never_lies_in_the_future(
    now: datetime, zone: str, offset: int, minute: int
) -> None:
    moment = Moment(now, zone)
    assert moment.past(moment.day(f"{offset}c"), minute) <= now


def test_each_zone_has_its_own_hour() -> None:
    now = datetime(2026, 11, 18, 16, 30, tzinfo=UTC)
    days = {zone: Moment(now, zone).today.day for zone in ("Asia/Jakarta", "Asia/Jayapura")}
    assert days == {"Asia/Jakarta": 18, "Asia/Jayapura": 19}


@pytest.mark.parametrize("offset", ["", "tomorrow", "1.5", "-9999", "+1d"])
def test_what_is_no_offset_is_refused(offset: str) -> None:
    with pytest.raises(ValueError, match="offset"):
        at("2026-11-18").day(offset)
