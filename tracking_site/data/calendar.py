"""The reviewed days off of holidays.toml, as the working calendar that clocks count by."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from ..domain.working_days import WorkingCalendar

_FILE = Path(__file__).parent / "holidays.toml"


@dataclass(frozen=True, slots=True)
class ReviewedCalendar:
    """The calendar and the day on which its file was last held against the decrees."""

    calendar: WorkingCalendar
    reviewed_on: date


def read_calendar() -> ReviewedCalendar:
    """Read the file of days off; names of days are codes of the catalogue's family `holiday`.

    Raises KeyError or ValueError where the file lacks a field or is no TOML.
    """
    with _FILE.open("rb") as file:
        data = tomllib.load(file)
    days = [day for year in data["year"] for day in year["days"]]
    return ReviewedCalendar(
        calendar=WorkingCalendar(
            {day["on"]: day["name"] for day in days},
            data["until"],
            frozenset(day["on"] for day in days if day.get("estimate")),
        ),
        reviewed_on=data["reviewed_on"],
    )


@cache
def load_calendar() -> WorkingCalendar:
    """Return the working calendar alone, read once in a process."""
    return read_calendar().calendar
