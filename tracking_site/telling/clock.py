"""Working days in words: the legal clock with its tiles, and how many more it usually takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from ..domain.situation import Need, Outlook
from ..domain.standing import Standing
from ..domain.timeline import process_of
from ..domain.working_days import ClockState, LegalClock
from .statements import Says, Statement
from .story import Headline, Todo
from .words import Words

_ENDED = (ClockState.KEPT, ClockState.LATE)


@dataclass(frozen=True, slots=True)
class Tile:
    """One working day: `look` is past, today, coming, blank or over; `day` None where unknown.

    `said` is what a voice says in place of what is drawn; empty where that is nothing new.
    """

    look: str
    day: date | None
    number: str
    weekday: str
    month: str
    caption: str
    said: str
    is_after_gap: bool = False


@dataclass(frozen=True, slots=True)
class PresentedClock:
    state: str
    heading: Statement
    tiles: tuple[Tile, ...]
    texts: tuple[Statement, ...]
    notes: tuple[Statement, ...]
    has_captions: bool


def present_clock(
    standing: Standing, headline: Headline, todo: Todo, words: Words
) -> PresentedClock | None:
    """Return the clock as it is presented; None where there is none, or it helps nobody.

    It does not beside money that came back, nor long after money that came in time.
    What the first sentence says is not said again.
    """
    clock = standing.clock
    if clock is None or headline.says is Says.RETURNED:
        return None
    if todo.need is Need.DONE and clock.state is ClockState.KEPT:
        return None
    said = _ClockWords(standing, clock, headline, words)
    tiles = tuple(said.tiles())
    return PresentedClock(
        state=clock.state,
        heading=said.heading(),
        tiles=tiles,
        texts=tuple(said.texts()),
        notes=tuple(said.notes()),
        has_captions=any(tile.caption for tile in tiles),
    )


class _ClockWords:
    def __init__(
        self, standing: Standing, clock: LegalClock, headline: Headline, words: Words
    ) -> None:
        self.standing, self.clock, self.words = standing, clock, words
        self.said = (headline.says, headline.day)
        self.service = standing.claim.service
        self.today = standing.today
        self.limit = words.working_days(clock.legal_days)
        is_paused = clock.state is ClockState.PAUSED and clock.unsure is None and not clock.over_by
        self.is_before = clock.state is ClockState.NOT_STARTED or (is_paused and not clock.elapsed)

    def heading(self) -> Statement:
        clock = self.clock
        match clock.state:
            case ClockState.NOT_STARTED:
                return self._heading("not_started", Says.NOT_STARTED)
            case ClockState.UNSURE:
                return self._heading("unsure", Says.UNKNOWN)
            case ClockState.RUNNING | ClockState.LAST_DAY if clock.day_number:
                return self._heading(clock.state, Says.DAY_NUMBER, count=clock.day_number)
            case ClockState.RUNNING | ClockState.LAST_DAY if clock.elapsed:
                return self._heading("between_days", Says.USED, count=clock.elapsed)
            case ClockState.RUNNING | ClockState.LAST_DAY:
                return self._heading("starts", Says.STARTS, day=clock.days[0])
            case ClockState.PAUSED if clock.over_by and clock.knows_pauses:
                return self._heading("paused_late", Says.LATE_BY, count=clock.over_by)
            case ClockState.PAUSED if clock.unsure is None:
                key = "paused" if clock.elapsed else "not_started"
                return self._heading(key, Says.USED, count=clock.elapsed)
            case ClockState.PAUSED:
                return self._heading("paused_untold", Says.STOPPED)
            case ClockState.OVERDUE | ClockState.LATE if not clock.knows_pauses:
                return self._heading(f"{clock.state}_untold", Says.LIMIT_PASSED)
            case ClockState.OVERDUE | ClockState.LATE if clock.over_by:
                return self._heading(clock.state, Says.LATE_BY, count=clock.over_by)
            case ClockState.OVERDUE | ClockState.LATE:
                return self._heading(f"{clock.state}_by_days_off", Says.LIMIT_PASSED)
            case _:
                return self._heading("kept", Says.SENT)

    def _heading(
        self, key: str, says: Says, count: int | None = None, day: date | None = None
    ) -> Statement:
        words = self.words
        text = words.code(
            "clock_heading",
            self.service,
            key,
            limit=self.limit,
            legal=words.number(self.clock.legal_days),
            n=words.number(count or 0),
            over=words.working_days(count or 0),
            first=words.near(day, self.today) if day else "",
        )
        return Statement(text, says, day, count)

    def texts(self) -> Iterator[Statement]:
        return (each for each in self._texts() if (each.says, each.day) != self.said)

    def _texts(self) -> Iterator[Statement]:
        clock, words = self.clock, self.words
        due, days = clock.due_on, words.number(clock.legal_days)
        when = "before" if self.is_before else None
        rule = Statement(words.code("clock_rule", when, self.service, limit=days), Says.RULE)
        # When the count begins goes on from the heading, which says that it has not.
        if self.is_before:
            yield rule
        match clock.state:
            case ClockState.RUNNING | ClockState.LAST_DAY:
                if self.standing.money.is_past_limit:
                    yield replace(self._text("limit_is", Says.LIMIT, day=due), code="planned_late")
                else:
                    yield self._text("running", Says.LIMIT, day=due)
                if not clock.knows_pauses:
                    yield self._text("untold_ahead", Says.UNKNOWN)
            case ClockState.OVERDUE:
                yield self._text("overdue", Says.LIMIT_PASSED, day=due)
            case ClockState.PAUSED:
                yield self._text(
                    "paused", Says.STOPPED, self.standing.claim.state, day=clock.stopped_on
                )
                if clock.stopped_on is None:
                    yield self._text("stopped_untold", Says.UNKNOWN)
            case ClockState.KEPT | ClockState.LATE:
                yield self._text("ended", Says.SENT, day=clock.stopped_on)
                key = "limit_was" if due is None or due < self.today else "limit_is"
                yield self._text(key, Says.LIMIT_WAS, day=due)
            case ClockState.UNSURE:
                yield self._text(f"unsure_{clock.unsure}", Says.UNKNOWN)
        is_late = clock.state in (ClockState.OVERDUE, ClockState.LATE)
        has_stopped = clock.state is ClockState.PAUSED and clock.stopped_on is not None
        if (is_late or has_stopped) and not clock.knows_pauses:
            yield self._text("untold", Says.UNKNOWN)
        if not self.is_before:
            yield rule
        limit = process_of(self.service).time_limit if is_late else None
        if limit and limit.late_per_cent:
            text = words.code("clock_late", self.service, late_per_cent=limit.late_per_cent)
            yield Statement(text, Says.RULE)

    def _text(self, key: str, says: Says, *context: str, day: date | None = None) -> Statement:
        words = self.words
        until = self.clock.uncertain_after
        text = words.code(
            "clock",
            self.service,
            *context,
            key,
            due=words.near(day, self.today) if day else "",
            on=words.on(day, self.today),
            since=words.since(day, self.today),
            until=words.day(until, self.today) if until else "",
        )
        return Statement(text, says, day)

    def notes(self) -> Iterator[Statement]:
        clock, words = self.clock, self.words
        if clock.waited_days and clock.days:
            days = words.working_days(clock.waited_days)
            text = words.code("clock_note", "waited", until="", days=days)
            yield Statement(text, Says.WAITED, count=clock.waited_days)
        if clock.left_out:
            spans = [self._span(first, last, names) for first, last, names in _spans(clock)]
            text = words.code("clock_note", "left_out", until="", days=words.join(spans))
            yield Statement(text, Says.LEFT_OUT)
        if clock.uncertain_after and clock.due_on:
            until = words.day(clock.uncertain_after, self.today)
            text = words.code("clock_note", "uncertain", until=until, days="")
            yield Statement(text, Says.MAY_MOVE, clock.uncertain_after)

    def _span(self, first: date, last: date, names: Sequence[str]) -> str:
        words, today = self.words, self.today
        named = words.join([words.code("holiday", name) for name in names])
        return f"{words.days_from(first, last, today)} ({named})"

    def tiles(self) -> Iterator[Tile]:
        clock, words = self.clock, self.words
        days = clock.days
        for place, day in enumerate(days):
            gap = place > 0 and (day - days[place - 1]).days > 1
            yield self._tile(day, is_after_gap=gap)
        waits = self.standing.is_stopped or bool(self.standing.wanted)
        is_empty = clock.state is ClockState.NOT_STARTED and waits
        if is_empty or (clock.state is ClockState.PAUSED and clock.unsure is None):
            for place in range(len(days), clock.legal_days):
                yield self._blank(place + 1)
        if clock.over_by and clock.knows_pauses:
            over = words.code("tile_said", "over", days=words.working_days(clock.over_by))
            yield Tile("over", None, f"+{clock.over_by}", "", "", words.code("tile", "over"), over)

    def _tile(self, day: date, *, is_after_gap: bool) -> Tile:
        clock, words = self.clock, self.words
        reached = clock.stopped_on or self.today
        is_over = clock.state in _ENDED
        if day < reached or (day == reached and is_over):
            look, caption = "past", ""
        elif day == reached:
            look, caption = "today", words.code("tile", "today")
        else:
            look, caption = "coming", words.code("tile", "limit") if day == clock.due_on else ""
        unused = "unused" if is_over else "coming"
        # A day on which money was sent is full, and may be today.
        past = "today" if day == self.today else "past"
        state = caption or words.code("tile", past if look == "past" else unused)
        short = words.day_short(day).split()
        return Tile(
            look=look,
            day=day,
            number=short[0],
            weekday=words.weekday_short(day),
            month=short[1],
            caption=caption,
            said=f"{words.day(day, self.today)}: {state}",
            is_after_gap=is_after_gap,
        )

    def _blank(self, number: int) -> Tile:
        # Nothing but its place is known, and how many there are the heading says.
        return Tile("blank", None, self.words.number(number), "", "", "", "")


def _spans(clock: LegalClock) -> list[tuple[date, date, list[str]]]:
    """Return holidays with their names; those between which nobody works are one."""
    spans: list[tuple[date, date, list[str]]] = []
    for day, name in clock.left_out:
        first, names = day, [name]
        if spans and not _has_weekday(spans[-1][1], day):
            first, _, before = spans.pop()
            names = before if name in before else [*before, name]
        spans.append((first, day, names))
    return spans


def _has_weekday(day: date, later: date) -> bool:
    """Return whether a Monday to Friday lies between two dates."""
    between = range(1, (later - day).days)
    return any((day + timedelta(days)).weekday() < 5 for days in between)


def outlook_of(outlook: Outlook | None, words: Words) -> str:
    """Return how long the rest usually takes, and of how many claims that is; empty without."""
    return f"{usually(outlook, words)} {basis_of(outlook, words)}" if outlook else ""


def usually(outlook: Outlook, words: Words) -> Statement:
    is_within = outlook.first < 1 or outlook.last == 1
    text = words.code(
        "outlook",
        "after" if outlook.is_after_appointment else None,
        "within" if is_within else None,
        "money" if outlook.is_money else "end",
        range=words.range(outlook.first, outlook.last),
        days=words.working_days(outlook.last),
    )
    return Statement(text, Says.OUTLOOK, count=outlook.last)


def basis_of(outlook: Outlook, words: Words) -> str:
    of_what = "claims" if outlook.is_money else "requests"
    return words.code("outlook_basis", of_what, claims=words.number(outlook.claims))
