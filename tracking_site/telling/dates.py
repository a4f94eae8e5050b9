"""Dates, times, numbers and lists as one language writes them; every word from its catalogue."""

import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import cache, lru_cache

from ..domain.working_days import zone_of

DAYS_REMEMBERED = 2000
_ZONES: dict[timedelta | None, str] = {
    timedelta(hours=7): "WIB",
    timedelta(hours=8): "WITA",
    timedelta(hours=9): "WIT",
}


class Writing:
    """Writes for people; `text` gives the format that stands under a key of the catalogue.

    `zone` is a time zone or the name of one, as branches carry it. With `today` the year is
    left out while it is the same; without it the year is always written.
    """

    def __init__(self, text: Callable[[str], str]) -> None:
        # Few keys, asked for again and again; days too, but the core may name any.
        self._text = cache(text)
        self._formatted = lru_cache(DAYS_REMEMBERED)(self._format)
        self._weekdays = [text(f"weekday.{n}") for n in range(7)]
        self._short_weekdays = [text(f"weekday_short.{n}") for n in range(7)]
        self._months = ["", *(text(f"month.{n}") for n in range(1, 13))]
        self._short_months = ["", *(text(f"month_short.{n}") for n in range(1, 13))]
        self._marks = {ord(","): text("number.thousands"), ord("."): text("number.decimal")}
        self._day, self._day_year = text("date.day"), text("date.day_year")
        self._plain, self._plain_year = text("date.plain"), text("date.plain_year")
        self._near = {0: text("date.today"), 1: text("date.tomorrow")}
        self._time, self._moment = text("date.time"), text("date.moment")

    def day(self, day: date, today: date | None = None) -> str:
        """Write a date with its weekday: "Selasa, 18 November"."""
        same_year = today is not None and today.year == day.year
        return self._formatted(self._day if same_year else self._day_year, day)

    def near(self, day: date, today: date) -> str:
        """Write a date as people say it: "besok, Selasa 24 November", else as `day` does."""
        near = self._near.get((day - today).days)
        if near is None:
            return self.day(day, today)
        plain = self._plain if day.year == today.year else self._plain_year
        return near.format(day=self._formatted(plain, day))

    def on(self, day: date | None, today: date) -> str:
        """Write when something happens, with its preposition and a space before it.

        " pada Selasa, 17 November", " besok, Selasa 24 November"; nothing without a day.
        """
        if day is None:
            return ""
        key = "date.on_near" if (day - today).days in self._near else "date.on"
        return self._text(key).format(day=self.near(day, today))

    def since(self, day: date | None, today: date) -> str:
        """Write " sejak Selasa, 17 November", with the space before it; nothing without a day."""
        return self._text("date.since").format(day=self.near(day, today)) if day else ""

    def when(self, starts_at: datetime, ends_at: datetime, zone: tzinfo | str, today: date) -> str:
        """Write "besok, Selasa 24 November, 09.00–09.30 WIB"."""
        day = self.near(_local(starts_at, zone).date(), today)
        return self._moment.format(day=day, time=self.hours(starts_at, ends_at, zone))

    def day_of(self, moment: datetime, zone: tzinfo | str, today: date | None = None) -> str:
        """Write the date that a moment has in a time zone."""
        return self.day(_local(moment, zone).date(), today)

    def weekday_short(self, day: date) -> str:
        """Write "Sel"."""
        return self._short_weekdays[day.weekday()]

    def day_short(self, day: date) -> str:
        """Write "18 Nov"."""
        return self._text("date.short").format(day=day.day, month=self._short_months[day.month])

    def time(self, moment: datetime, zone: tzinfo | str) -> str:
        """Write the time of day with its zone: "14.05 WIB"."""
        local = _local(moment, zone)
        return self._time.format(hour=local.hour, minute=local.minute, zone=_zone_name(local))

    def moment(self, moment: datetime, zone: tzinfo | str, today: date | None = None) -> str:
        """Write date and time: "Jumat, 14 November 2026, 09.12 WIB"."""
        return self._moment.format(
            day=self.day_of(moment, zone, today), time=self.time(moment, zone)
        )

    def near_of(self, moment: datetime, zone: tzinfo | str, today: date) -> str:
        """Write the date that a moment has in a time zone as people say it."""
        return self.near(_local(moment, zone).date(), today)

    def moment_near(self, moment: datetime, zone: tzinfo | str, today: date) -> str:
        """Write date and time: "hari ini, Jumat 14 November, 09.12 WIB"."""
        day, time = self.near_of(moment, zone, today), self.time(moment, zone)
        return self._moment.format(day=day, time=time)

    def stamp(self, moment: datetime, zone: tzinfo | str, today: date) -> str:
        """Write when something was so: "hari ini, 09.12 WIB", else as `moment_near` does."""
        if _local(moment, zone).date() == today:
            return self._near[0].format(day=self.time(moment, zone))
        return self.moment_near(moment, zone, today)

    def hours(self, starts_at: datetime, ends_at: datetime, zone: tzinfo | str) -> str:
        """Write from when until when on one day: "09.00–09.30 WIB"."""
        start, end = _local(starts_at, zone), _local(ends_at, zone)
        return self._text("date.hours").format(
            hour=start.hour,
            minute=start.minute,
            end_hour=end.hour,
            end_minute=end.minute,
            zone=_zone_name(end),
        )

    def ago(self, seconds: float) -> str:
        """Write how long ago: "baru saja", "12 menit lalu", "2 jam lalu", "3 hari lalu"."""
        for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
            if seconds >= size:
                return self._counted(f"ago_{unit}", int(seconds // size))
        return self._text("ago.now")

    def days(self, count: int) -> str:
        """Write calendar days: "3 hari"."""
        return self._counted("days", count)

    def working_days(self, count: int) -> str:
        """Write "3 hari kerja"."""
        return self._counted("working_days", count)

    def number(self, value: float) -> str:
        """Write "1.284"; a fraction with one decimal."""
        if type(value) is int and 0 <= value < 1000:
            return str(value)
        whole = float(value).is_integer()
        text = f"{value:,.0f}" if whole else f"{value:,.1f}"
        return text.translate(self._marks)

    def range(self, low: float, high: float) -> str:
        """Write whole days that hold both ends, "2–4", or "2" where they are one day."""
        first, last = max(1, math.floor(low)), max(1, math.ceil(high))
        return self.number(first) if first >= last else f"{self.number(first)}–{self.number(last)}"

    def join(self, parts: Sequence[str]) -> str:
        """Write "a", "a dan b", "a, b, dan c"."""
        if len(parts) < 2:
            return "".join(parts)
        if len(parts) == 2:
            return self._text("list.two").format(*parts)
        return self._text("list.many").format(", ".join(parts[:-1]), parts[-1])

    def _format(self, pattern: str, day: date) -> str:
        return pattern.format(
            weekday=self._weekdays[day.weekday()],
            day=day.day,
            month=self._months[day.month],
            year=day.year,
        )

    def _counted(self, family: str, count: int) -> str:
        form = "one" if count == 1 else "other"
        return self._text(f"{family}.{form}").format(n=self.number(count))


def _local(moment: datetime, zone: tzinfo | str) -> datetime:
    return moment.astimezone(zone_of(zone) if isinstance(zone, str) else zone)


def _zone_name(local: datetime) -> str:
    offset = local.utcoffset()
    known = _ZONES.get(offset)
    if known:
        return known
    hours = offset.total_seconds() / 3600 if offset is not None else 0
    return f"UTC{hours:+g}"
