"""Days and hours as the sandbox sees them, relative to the clock it was given.

Everything a sample says about time is an offset from now, so that "tomorrow" stays tomorrow.
Weekends and the holidays of a fixed date are no working days; holidays that move from year to year
are passed in by whoever needs them.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property, lru_cache

ZONE_HOURS = {"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}

# New Year, Labour Day, Pancasila Day, Independence Day, Christmas.
FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (6, 1), (8, 17), (12, 25)})

HORIZON = 520
_NEAR = 40
_DAY = re.compile(r"([+-]?\d{1,4})(c?)")


@dataclass(frozen=True)
class Moment:
    """Now, at a branch in one of the three time zones of Indonesia.

    `holidays` are further days on which no office works.
    """

    now: datetime
    zone: str = "Asia/Jakarta"
    holidays: frozenset[date] = frozenset()

    @cached_property
    def local(self) -> datetime:
        return self.now.astimezone(timezone(timedelta(hours=ZONE_HOURS.get(self.zone, 7))))

    @cached_property
    def today(self) -> date:
        return self.local.date()

    @cached_property
    def _this_minute(self) -> datetime:
        return self.local.replace(second=0, microsecond=0)

    def day(self, offset: str) -> date:
        """The day at an offset: `-3` working days back, `+2` ahead, `-1c` in calendar days.

        Today itself does not count, so a clock that started at `-n` runs in its n-th working day,
        on a weekend too. `0` is today, or the last working day when today is none. Raises
        ValueError for an offset that is none, or more than HORIZON away.
        """
        match = _DAY.fullmatch(offset)
        if match is None or abs(int(match[1])) > HORIZON:
            raise ValueError(f"not a day offset: {offset!r}")
        count = int(match[1])
        if match[2]:
            return self.today + timedelta(days=count)
        if count == 0:
            worked = is_working_day(self.today, self.holidays)
            return self.today if worked else self.day("-1")
        # Most days that claims name lie near, and are found anew for every day that is today.
        reach = _NEAR if abs(count) <= _NEAR else HORIZON
        days = _working_days(self.today, 1 if count > 0 else -1, self.holidays, reach)
        return days[abs(count) - 1]

    def at(self, day: date, minute: int) -> datetime:
        """The given minute of a day in the branch's time."""
        return datetime.combine(day, time(minute // 60, minute % 60), self.local.tzinfo)

    def past(self, day: date, minute: int) -> datetime:
        """The same, but never later than now: nothing that happened lies in the future."""
        return min(self.at(day, minute), self._this_minute)


def is_working_day(day: date, holidays: frozenset[date] = frozenset()) -> bool:
    """Whether offices work on this day, as far as the sandbox knows."""
    return day.weekday() < 5 and (day.month, day.day) not in FIXED_HOLIDAYS and day not in holidays


@lru_cache(maxsize=32)
def _working_days(
    today: date, step: int, holidays: frozenset[date], reach: int
) -> tuple[date, ...]:
    """So many working days before (step -1) or after (step 1) today, nearest first."""
    found: list[date] = []
    day = today
    while len(found) < reach:
        day += timedelta(days=step)
        if is_working_day(day, holidays):
            found.append(day)
    return tuple(found)
