"""The words of one language: running text, words for the contract's codes, dates, numbers.

Knows no Flask and no claim: callers hand in codes and values and get a text for people.
Running text stands in templates, Indonesian first, and is translated by the `messages`
catalogue; words for codes stand in the `codes` catalogue of each language, under keys such
as `stage.assessment`.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from gettext import NullTranslations, translation
from itertools import combinations
from pathlib import Path
from unicodedata import bidirectional

from ..domain.claims import zone_of
from .languages import SOURCE_LANGUAGE

_REMEMBERED = 10_000
_HEADLINE = "headline"
_LEFTWARDS = frozenset({"R", "AL"})
_LOCALE = Path(__file__).parent.parent / "locale"


def set_apart(name: str) -> str:
    """Return a name for use in a sentence: one that is written from right to left, isolated.

    Else it would turn the words and marks beside it around. As <bdi> does where a name stands
    alone.
    """
    is_leftwards = any(bidirectional(each) in _LEFTWARDS for each in name)
    return f"\u2068{name}\u2069" if is_leftwards else name


def told(text: str | None) -> str:
    """Return what a field of the core tells; nothing for a blank, or the "-" of a database."""
    return text if text and any(map(str.isalnum, text)) else ""


DAYS_REMEMBERED = 2000
_HALF_A_YEAR = timedelta(days=183)
_UNBROKEN = "{day}\N{NO-BREAK SPACE}{month}"
"""A day stays with its month where a line ends."""

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
        self._thousands = text("number.thousands")
        self._day, self._day_year, self._plain, self._plain_year, self._short = (
            text(f"date.{form}").replace("{day} {month}", _UNBROKEN)
            for form in ("day", "day_year", "plain", "plain_year", "short")
        )
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

    def days_from(self, first: date, last: date, today: date) -> str:
        """Write "Senin, 8 Maret sampai Senin, 15 Maret", or the one day that both are."""
        if first == last:
            return self.day(first, today)
        span = self._text("date.span")
        return span.format(first=self.day(first, today), last=self.day(last, today))

    def on(self, day: date | None, today: date | None = None) -> str:
        """Write when something happens, with its preposition and a space before it.

        " pada Selasa, 17 November", " besok, Selasa 24 November"; nothing without a day.
        """
        if day is None:
            return ""
        if today is None or (day - today).days not in self._near:
            return self._text("date.on").format(day=self.day(day, today))
        return self._text("date.on_near").format(day=self.near(day, today))

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

    def day_short(self, day: date, today: date | None = None) -> str:
        """Write "18 Nov"; where `today` could take it for another year's, "18 Nov 2025"."""
        text = self._short.format(day=day.day, month=self._short_months[day.month])
        is_clear = today is None or day.year == today.year or abs(today - day) < _HALF_A_YEAR
        return text if is_clear else f"{text} {day.year}"

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
        """Write from when until when on one day: "09.00–09.30 WIB"; else the beginning alone."""
        start, end = _local(starts_at, zone), _local(ends_at, zone)
        if end <= start or end.date() != start.date():
            return self.time(starts_at, zone)
        return self._text("date.hours").format(
            hour=start.hour,
            minute=start.minute,
            end_hour=end.hour,
            end_minute=end.minute,
            zone=_zone_name(end),
        )

    def ago(self, seconds: float) -> str:
        """Write how long ago, in whole minutes at least: "12 menit lalu", "2 jam lalu"."""
        for unit, size in (("day", 86_400), ("hour", 3_600)):
            if seconds >= size:
                return self._counted(f"ago_{unit}", int(seconds // size))
        return self._counted("ago_minute", int(seconds // 60))

    def working_days(self, count: int) -> str:
        """Write "3 hari kerja"."""
        return self._counted("working_days", count)

    def days_between(self, low: float, high: float) -> str:
        """Write how many days something takes, where it was said of what kind: "1–2 hari"."""
        return self._with_unit("days", self.range(low, high))

    def working_days_between(self, low: float, high: float) -> str:
        """Write how many working days something takes: "2–4 hari kerja"."""
        return self._with_unit("working_days", self.range(low, high))

    def number(self, value: int) -> str:
        """Write "1.284"."""
        return f"{value:,}".replace(",", self._thousands)

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
        return self._with_unit(family, self.number(count))

    def _with_unit(self, family: str, number: str) -> str:
        form = "one" if number == "1" else "other"
        return self._text(f"{family}.{form}").format(n=number)


def _local(moment: datetime, zone: tzinfo | str) -> datetime:
    return moment.astimezone(zone_of(zone) if isinstance(zone, str) else zone)


def _zone_name(local: datetime) -> str:
    offset = local.utcoffset()
    known = _ZONES.get(offset)
    if known:
        return known
    hours = offset.total_seconds() / 3600 if offset is not None else 0
    return f"UTC{hours:+g}"


class Words(Writing):
    """One language, loaded once and shared by all threads.

    `on_unknown` is called with the family, never the code, each time a code has no words.
    """

    def __init__(
        self,
        language: str,
        messages: NullTranslations,
        codes: NullTranslations,
        on_unknown: Callable[[str], None],
    ) -> None:
        super().__init__(codes.gettext)
        self.language = language
        self.gettext = messages.gettext
        self.ngettext = messages.ngettext
        self._find = codes.gettext
        self._on_unknown = on_unknown
        # The core may invent codes without end, so what is remembered has an end.
        self._words_for = lru_cache(_REMEMBERED)(self._look_up)

    @classmethod
    def load(
        cls, language: str, on_unknown: Callable[[str], None] = lambda family: None
    ) -> "Words":
        """Read the catalogues of a language.

        Raises FileNotFoundError where there are none; the source language needs no messages.
        """
        is_source = language == SOURCE_LANGUAGE
        messages = translation("messages", _LOCALE, [language], fallback=is_source)
        return cls(language, messages, translation("codes", _LOCALE, [language]), on_unknown)

    def code(self, family: str, *codes: str | None, **values: object) -> str:
        """Return the words for a code, given after whatever makes it more specific.

        `code("stage", "jht", "assessment")` looks for `stage.jht.assessment`, then leaves out
        what stands before the code: `stage.assessment`. Values fill the `{name}`s; tests/web/
        families.py says which ones a family may use. A code without words comes back as
        it came, in a text that says so; no code (None, or empty) has nothing to say.
        """
        code = codes[-1]
        if not code:
            return ""
        text = self._words_for(family, *codes) or self._unknown(family)
        # Most say the same whatever the values; a brace of a text itself is doubled.
        return text.format(**{**values, "code": code}) if "{" in text or "}" in text else text

    def branch(self, name: str) -> str:
        """Return what a branch is called in a sentence; one without a name is called a branch."""
        return set_apart(name) if told(name) else self.code("branch", "unnamed")

    def headline(self, situation: str, *details: str | None, **values: object) -> str:
        """Return the sentence that opens a claim.

        A bar parts what names it from what stands large. `situation` is one of
        domain/situation.py or a way to say it; details are service and kind. The most specific
        of `headline.<situation>.<details…>` wins, last of all `headline.<situation>`.
        """
        text = self._words_for(_HEADLINE, situation, *details) or self._unknown(_HEADLINE)
        return text.format(**{**values, "code": situation})

    def has(self, family: str, *codes: str | None) -> bool:
        """Return whether `code` would find words."""
        return bool(codes[-1]) and self._words_for(family, *codes) is not None

    def _look_up(self, family: str, *codes: str | None) -> str | None:
        """Return the words under the most specific key that has some."""
        if family == _HEADLINE:
            keys = _keys((family, str(codes[0])), codes[1:])
        else:
            keys = _keys((family,), codes[:-1], codes[-1])
        found = ((key, self._find(key)) for key in keys)
        return next((text for key, text in found if text != key), None)

    def _unknown(self, family: str) -> str:
        self._on_unknown(family)
        key = f"unknown_code.{family}"
        text = self._find(key)
        return text if text != key else self._find("unknown_code")


def _keys(
    begin: tuple[str, ...], middle: Sequence[str | None], end: str | None = None
) -> Iterator[str]:
    """Yield keys with the whole middle, then with ever more left out, later codes kept longest."""
    codes = [code for code in middle if code]
    last = (end,) if end else ()
    for size in range(len(codes), -1, -1):
        for kept in reversed(list(combinations(codes, size))):
            yield ".".join((*begin, *kept, *last))
