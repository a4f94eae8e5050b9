"""Dates, times, numbers and lists as people write them."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tracking_site.telling.words import Words

ID, EN = Words.load("id"), Words.load("en")
MOMENT = datetime(2026, 11, 14, 2, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def test_a_date_has_its_weekday_and_no_year_within_the_year() -> None:
    assert ID.day(date(2026, 11, 17), TODAY) == "Selasa, 17\xa0November"
    assert EN.day(date(2026, 11, 17), TODAY) == "Tuesday, 17\xa0November"


def test_no_form_of_a_date_parts_a_day_from_its_month() -> None:
    for words in (ID, EN):
        for day in (TODAY, date(2027, 1, 5)):
            written = (words.day(day, TODAY), words.near(day, TODAY), words.day_short(day, TODAY))
            assert [len(re.findall(r"\d\xa0[A-Z]", each)) for each in written] == [1, 1, 1]


def test_a_date_of_another_year_says_its_year() -> None:
    assert ID.day(date(2027, 1, 5), TODAY) == "Selasa, 5\xa0Januari 2027"


def test_a_day_that_is_near_is_called_so_first() -> None:
    tomorrow, last = date(2026, 11, 23), date(2026, 12, 31)
    assert ID.near(TODAY, TODAY) == "hari ini, Minggu 22\xa0November"
    assert EN.near(tomorrow, TODAY) == "tomorrow, Monday 23\xa0November"
    assert ID.near(date(2026, 11, 24), TODAY) == "Selasa, 24\xa0November"
    assert ID.near(date(2026, 11, 21), TODAY) == "Sabtu, 21\xa0November"
    assert ID.near(date(2027, 1, 1), last) == "besok, Jumat 1\xa0Januari 2027"


def test_a_day_brings_its_preposition_and_an_unknown_one_says_nothing() -> None:
    day = date(2026, 11, 17)
    assert f"Ditolak{ID.on(day, TODAY)}." == "Ditolak pada Selasa, 17\xa0November."
    assert f"Sent{EN.on(TODAY, TODAY)}." == "Sent today, Sunday 22\xa0November."
    assert ID.since(day, TODAY) == " sejak Selasa, 17\xa0November"
    assert EN.since(TODAY, TODAY) == " since today, Sunday 22\xa0November"
    assert [words.on(None, TODAY) + words.since(None, TODAY) for words in (ID, EN)] == ["", ""]


def test_an_appointment_is_written_by_the_clock_of_the_branch() -> None:
    starts = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
    told = ID.when(starts, starts + timedelta(minutes=30), "Asia/Jayapura", TODAY)
    assert told == "besok, Senin 23\xa0November, 00.30–01.00 WIT"
    assert ID.moment_near(starts, "Asia/Jakarta", TODAY) == (
        "hari ini, Minggu 22\xa0November, 22.30 WIB"
    )


def test_without_today_the_year_is_always_written() -> None:
    assert EN.day(date(2026, 5, 1)) == "Friday, 1\xa0May 2026"


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("Asia/Jakarta", "09.12 WIB"),
        ("Asia/Makassar", "10.12 WITA"),
        ("Asia/Jayapura", "11.12 WIT"),
        ("Nowhere/Land", "09.12 WIB"),
        (timezone(timedelta(hours=5, minutes=30)), "07.42 UTC+5.5"),
    ],
)
def test_a_time_is_that_of_the_branch_with_its_zone(zone: str, written: str) -> None:
    assert ID.time(MOMENT, zone) == written


def test_a_moment_has_date_and_time() -> None:
    assert ID.moment(MOMENT, "Asia/Jakarta") == "Sabtu, 14\xa0November 2026, 09.12 WIB"
    assert EN.moment(MOMENT, "Asia/Jakarta") == "Saturday, 14\xa0November 2026, 09:12 WIB"


def test_the_date_of_a_moment_is_the_one_at_the_branch() -> None:
    late = datetime(2026, 11, 14, 15, 30, tzinfo=UTC)
    assert ID.day_of(late, "Asia/Jakarta", TODAY) == "Sabtu, 14\xa0November"
    assert ID.day_of(late, "Asia/Jayapura", TODAY) == "Minggu, 15\xa0November"


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=-3), timedelta(days=2)])
def test_an_end_that_is_none_or_of_another_day_is_not_written(later: timedelta) -> None:
    assert ID.hours(MOMENT, MOMENT + later, "Asia/Jakarta") == "09.12 WIB"


def test_hours_are_written_once_with_their_zone() -> None:
    end = MOMENT + timedelta(minutes=30)
    assert ID.hours(MOMENT, end, "Asia/Jakarta") == "09.12–09.42 WIB"
    assert EN.hours(MOMENT, end, "Asia/Jakarta") == "09:12–09:42 WIB"


def test_short_forms_fit_a_tile() -> None:
    assert (ID.weekday_short(TODAY), ID.day_short(date(2026, 8, 3))) == ("Min", "3\xa0Agu")
    assert (EN.weekday_short(TODAY), EN.day_short(date(2026, 8, 3))) == ("Sun", "3\xa0Aug")


@pytest.mark.parametrize(
    ("seconds", "indonesian", "english"),
    [
        (60, "1 menit lalu", "1 minute ago"),
        (3_599, "59 menit lalu", "59 minutes ago"),
        (7_300, "2 jam lalu", "2 hours ago"),
        (86_400, "1 hari lalu", "1 day ago"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(seconds: float, indonesian: str, english: str) -> None:
    assert (ID.ago(seconds), EN.ago(seconds)) == (indonesian, english)


def test_numbers_have_the_marks_of_the_language() -> None:
    assert (ID.number(1284), EN.number(1284)) == ("1.284", "1,284")
    assert (ID.number(2_500_000), EN.number(2_500_000)) == ("2.500.000", "2,500,000")


def test_days_are_counted_with_the_right_form() -> None:
    assert (ID.working_days(1), ID.working_days(5)) == ("1 hari kerja", "5 hari kerja")
    assert (EN.working_days(1), EN.working_days(5)) == ("1 working day", "5 working days")


def test_a_range_holds_both_its_ends_in_whole_days() -> None:
    assert ID.range(2, 4) == "2–4"
    assert ID.range(1.6, 3.2) == "1–4"
    assert ID.range(0.2, 0.9) == "1"
    assert ID.range(3, 3) == "3"


def test_lists_end_as_the_language_ends_them() -> None:
    assert [ID.join(list("abc")[:n]) for n in range(4)] == ["", "a", "a dan b", "a, b, dan c"]
    assert EN.join(list("abc")) == "a, b and c"
