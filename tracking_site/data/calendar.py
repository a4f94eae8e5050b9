"""The days off of holidays.toml, as the working calendar that clocks count by."""

import tomllib
from functools import cache
from pathlib import Path

from ..domain.working_days import WorkingCalendar

_FILE = Path(__file__).parent / "holidays.toml"


@cache
def load_calendar() -> WorkingCalendar:
    """Read the file of days off, once in a process.

    Names of days are codes of the catalogue's family `holiday`. Raises KeyError or ValueError
    where the file lacks a field or is no TOML.
    """
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    days = [day for year in data["year"] for day in year["days"]]
    return WorkingCalendar(
        {day["on"]: day["name"] for day in days},
        data["until"],
        frozenset(day["on"] for day in days if day.get("estimate")),
    )
