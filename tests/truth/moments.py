"""When claims are read: every hour, midnights of each zone, edges of months and years, days off."""

from datetime import UTC, datetime, timedelta, timezone

UTC = UTC
WIB, WITA, WIT = (timezone(timedelta(hours=hours)) for hours in (7, 8, 9))
ZONES = {"Asia/Jakarta": WIB, "Asia/Makassar": WITA, "Asia/Jayapura": WIT}

_HOURS = tuple(datetime(2026, 11, 25, hour, 10, tzinfo=WIB) for hour in range(24))
_MIDNIGHTS = tuple(
    datetime(2026, 11, 26, tzinfo=zone) + timedelta(minutes=minutes)
    for zone in (UTC, WIB, WITA, WIT)
    for minutes in (-1, 0)
)
_EDGES = (
    datetime(2026, 11, 30, 20, 0, tzinfo=WIB),
    datetime(2026, 12, 1, 0, 30, tzinfo=WIB),
    datetime(2026, 12, 31, 23, 30, tzinfo=WIB),
    datetime(2027, 1, 1, 0, 30, tzinfo=WIB),
    datetime(2027, 1, 4, 8, 30, tzinfo=WIT),
)
_DAYS_OFF = (
    datetime(2026, 12, 25, 10, 0, tzinfo=WIB),
    datetime(2027, 3, 10, 10, 0, tzinfo=WIB),
    datetime(2027, 3, 16, 9, 0, tzinfo=WITA),
)
_LONG_WEEKEND = (
    datetime(2026, 12, 23, 16, 0, tzinfo=WIB),
    datetime(2026, 12, 26, 9, 0, tzinfo=WIB),
    datetime(2026, 12, 27, 23, 30, tzinfo=WIB),
    datetime(2026, 12, 28, 7, 0, tzinfo=WIT),
)
_END_OF_THE_CALENDAR = (
    datetime(2027, 12, 29, 10, 0, tzinfo=WIB),
    datetime(2027, 12, 31, 23, 59, tzinfo=WIB),
    datetime(2028, 1, 3, 9, 0, tzinfo=WIB),
    datetime(2028, 2, 29, 12, 0, tzinfo=WIT),
)

MOMENTS = (*_HOURS, *_MIDNIGHTS, *_EDGES, *_DAYS_OFF, *_LONG_WEEKEND, *_END_OF_THE_CALENDAR)

PAGES_AT = (
    datetime(2026, 11, 25, 3, 10, tzinfo=WIB),
    datetime(2026, 11, 25, 23, 30, tzinfo=WIB),
    datetime(2027, 1, 1, 0, 30, tzinfo=WIB),
    datetime(2026, 12, 26, 9, 0, tzinfo=WIB),
    datetime(2027, 3, 10, 10, 0, tzinfo=WIB),
    datetime(2028, 1, 3, 9, 0, tzinfo=WIB),
)
"""Whole pages are read at these: before and after seven in the morning, at the turn of a year,
in a long weekend, on a holiday that may still move, past the end of the calendar."""
