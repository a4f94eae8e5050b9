"""The days off of three years and more, as they were decreed, and the clocks that count by them."""

import tomllib
from collections import Counter
from datetime import date, timedelta

import pytest

from tools.make_calendar import CALENDAR, calendar_text, without_days
from tracking_site.data.facts import load_calendar
from tracking_site.telling.languages import LANGUAGES
from tracking_site.telling.words import Words

DAYS = load_calendar()
TEXT = CALENDAR.read_text("utf-8")
DECREED = tomllib.loads(TEXT)


@pytest.mark.parametrize(
    ("complete", "due"),
    [
        # Lebaran 2024: Monday 8 to Monday 15 April are off.
        (date(2024, 4, 4), date(2024, 4, 19)),
        (date(2024, 4, 5), date(2024, 4, 22)),
        # Nyepi and Lebaran 2025: Friday 28 March to Monday 7 April are off.
        (date(2025, 3, 26), date(2025, 4, 11)),
        (date(2025, 3, 27), date(2025, 4, 14)),
        # Nyepi and Lebaran 2026: Wednesday 18 to Tuesday 24 March are off.
        (date(2026, 3, 16), date(2026, 3, 30)),
        (date(2026, 3, 17), date(2026, 3, 31)),
        # Lebaran 2027: Monday 8 to Monday 15 March are off.
        (date(2027, 3, 4), date(2027, 3, 19)),
        # The change of August 2025 made Monday 18 a day off.
        (date(2025, 8, 14), date(2025, 8, 22)),
        # Christmas 2026: Thursday 24 and Friday 25 December are off; so is New Year.
        (date(2026, 12, 22), date(2026, 12, 31)),
        (date(2026, 12, 28), date(2027, 1, 6)),
        # A week without days off; completed on a Saturday, the first day is Monday.
        (date(2026, 11, 16), date(2026, 11, 23)),
        (date(2026, 11, 14), date(2026, 11, 20)),
    ],
)
def test_five_working_days_step_over_holidays_and_joint_leave(complete: date, due: date) -> None:
    assert DAYS.add(complete, 5) == due


@pytest.mark.parametrize(
    ("year", "national", "joint_leave", "elections"),
    [(2024, 17, 10, 2), (2025, 17, 11, 0), (2026, 17, 8, 0), (2027, 18, 8, 0)],
)
def test_a_year_has_the_days_of_its_decree(
    year: int, national: int, joint_leave: int, elections: int
) -> None:
    names = Counter(name for day, name in DAYS.days_off.items() if day.year == year)
    assert names.pop("joint_leave") == joint_leave
    assert names.pop("election", 0) == elections
    assert names.total() == national


def test_a_week_never_has_more_than_five_working_days_nor_a_month_fewer_than_ten() -> None:
    start = date(2024, 1, 1)
    for n in range((DAYS.until - start).days - 31):
        day = start + timedelta(days=n)
        assert DAYS.between(day, day + timedelta(days=7)) <= 5
        assert DAYS.between(day, day + timedelta(days=31)) >= 10


def test_the_file_is_what_the_script_writes() -> None:
    begun = without_days(TEXT).replace(f"until = {DAYS.until}", "until = 2020-12-31")
    assert not any(year["days"] for year in tomllib.loads(begun)["year"])
    assert calendar_text(begun) == TEXT
    assert calendar_text(TEXT) == TEXT


def test_dates_that_the_moon_decides_are_marked_until_they_are_past() -> None:
    assert date(2027, 3, 10) in DAYS.estimates
    assert all(day > DECREED["reviewed_on"] for day in DAYS.estimates)


def test_counting_over_an_estimate_or_past_the_horizon_is_not_certain() -> None:
    assert DAYS.certain_until(date(2026, 11, 16), date(2026, 11, 23)) is None
    assert DAYS.certain_until(date(2027, 3, 4), date(2027, 3, 19)) is not None
    few = timedelta(days=3)
    assert DAYS.certain_until(DAYS.until - few, DAYS.until + few) is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_day_off_has_a_name_in_both_languages(language: str) -> None:
    words = Words.load(language)
    assert all(words.has("holiday", name) for name in DAYS.days_off.values())


def test_the_site_counts_by_this_file() -> None:
    days = {day["on"]: day["name"] for year in DECREED["year"] for day in year["days"]}
    assert (DAYS.days_off, DAYS.until) == (days, DECREED["until"])
