"""What may not stand on one page together, nor beside what the core said: kind by kind.

Each rule yields a sentence for what is not so. The numbers are the kinds of untruth that were
found: 1 from a default, 2 a date that is not the one meant, 3 a contradiction, 4 a clock that
counts what waited, 5 today somewhere else, 7 the past told as present.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from tests.truth.facts import A_DAY, OWN_TURN_IS_NOT, PAYING, Facts
from tracking_site.telling.statements import Says, Statement


class Untrue(NamedTuple):
    kind: int
    what: str


class Page:
    """What is told of one claim: statements by place, the clock's tiles, steps with their look."""

    def __init__(
        self,
        headline: Statement,
        others: Iterable[Statement],
        tiles: Sequence[tuple[str, date | None, str]],
        steps: Sequence[tuple[str, Statement]],
        needed: bool | None,
    ) -> None:
        self.headline, self.tiles, self.steps, self.needed = headline, tiles, steps, needed
        self.all = [headline, *others, *(statement for _, statement in steps)]
        self._by_kind: dict[Says, list[Statement]] = {}
        for each in self.all:
            self._by_kind.setdefault(each.says, []).append(each)

    def says(self, *kinds: Says) -> list[Statement]:
        return [each for kind in kinds for each in self._by_kind.get(kind, ())]


PAST = frozenset(
    {
        Says.SINCE, Says.BEGAN, Says.ENDED, Says.STOPPED, Says.SENT, Says.RETURNED,
        Says.STEP_DONE, Says.STEP_LEFT,
    }
)  # fmt: skip
OVER = frozenset(
    {
        Says.SCHEDULE_PASSED, Says.APPOINTMENT_PASSED, Says.ACTION_DUE_PASSED,
        Says.PROMISE_PASSED, Says.LIMIT_PASSED,
    }
)  # fmt: skip
AHEAD = frozenset(
    {
        Says.SCHEDULED, Says.APPOINTMENT, Says.ACTION_DUE, Says.PROMISED, Says.LIMIT,
        Says.STARTS,
    }
)  # fmt: skip
HELD = frozenset({Says.SCHEDULE_HELD, Says.PROMISE_HELD})
ONLY_WHILE_OPEN = AHEAD | {
    Says.WAIT, Says.NEXT_NEWS, Says.NOT_STARTED, Says.DAY_NUMBER, Says.OUTLOOK, Says.STEP_NOW,
    Says.NOBODY_LATE, Says.SCHEDULE_HELD, Says.PROMISE_HELD,
}  # fmt: skip
PLANNED_LATE = "planned_late"
"""Of the sentence that names the limit and says that the money comes after it."""

COUNTS = frozenset({Says.LIMIT, Says.LIMIT_PASSED, Says.DAY_NUMBER, Says.LATE_BY})


def untruths(facts: Facts, page: Page, language: str) -> Iterator[Untrue]:
    """Yield everything that is told of a claim and is not so."""
    yield from (Untrue(1, what) for what in _defaults(facts, page))
    yield from (Untrue(2, what) for what in _wrong_days(facts, page, language))
    yield from (Untrue(2, what) for what in _wrong_headline(facts, page))
    yield from (Untrue(3, what) for what in _contradictions(facts, page))
    yield from (Untrue(4, what) for what in _miscounts(facts, page))
    yield from (Untrue(5, what) for what in _other_todays(facts, page, language))
    yield from (Untrue(7, what) for what in _wrong_tenses(facts, page))


def _defaults(facts: Facts, page: Page) -> Iterator[str]:
    calm = page.says(Says.NOTHING_TO_DO, Says.WAIT, Says.NEXT_NEWS)
    if not facts.is_understood:
        yield from (f"an unknown code, and yet: {each.text}" for each in calm)
        if not page.says(Says.UNKNOWN, Says.ASK, Says.TODO):
            yield "an unknown code, and neither that it is unknown nor whom to ask"
        if page.needed is False and not facts.is_final:
            yield "an unknown code, and it is said that nothing is needed"
    if not facts.knows_state:
        yield from (f"a count of an unknown state: {each.text}" for each in page.says(*COUNTS))
    if facts.is_final:
        yield from (f"of a final claim: {each.text}" for each in page.says(*ONLY_WHILE_OPEN))
    has_cause = facts.outcome.get("next_step") not in (None, "none")
    if facts.state in ("action_needed", "payment_returned") or (
        facts.state in ("rejected", "on_hold") and not has_cause
    ):
        yield from (f"{facts.state}, and yet: {each.text}" for each in calm)


def _wrong_days(facts: Facts, page: Page, language: str) -> Iterator[str]:
    payment, appointment = facts.payment, facts.appointment
    meant: dict[Says, set[date | None]] = {
        Says.SENT: {payment["sent"], None},
        Says.RETURNED: {payment["returned"], None},
        Says.SCHEDULED: {payment["scheduled"]},
        Says.SCHEDULE_HELD: {payment["scheduled"]},
        Says.SCHEDULE_PASSED: {payment["scheduled"]},
        Says.APPOINTMENT: {appointment[0].date() if appointment else None},
        Says.APPOINTMENT_PASSED: {appointment[0].date() if appointment else None},
        Says.PROMISED: {facts.promised},
        Says.PROMISE_HELD: {facts.promised},
        Says.PROMISE_PASSED: {facts.promised},
        Says.ACTION_DUE: set(facts.wanted_until),
        Says.ACTION_DUE_PASSED: set(facts.wanted_until),
        Says.SINCE: {facts.since},
        Says.ENDED: facts.decided,
        Says.BANK_BY: {facts.bank_by},
        Says.LIMIT: {facts.limit},
        Says.LIMIT_PASSED: {facts.limit, None},
        Says.LIMIT_WAS: {facts.limit},
        Says.STARTS: set(facts.days[:1]),
    }
    for each in page.all:
        if each.says in (Says.STEP_DONE, Says.STEP_LEFT, Says.BEGAN):
            if each.day not in facts.entered(each.code):
                yield f"not the day of {each.code}: {each.text}"
        elif each.says in meant and each.day not in meant[each.says]:
            yield f"{each.says} is not on {each.day}: {each.text}"
        if each.says is Says.STOPPED and each.day not in _stops(facts):
            yield f"it did not stop then: {each.text}"
        if each.says is Says.SENT and not payment["sent"]:
            yield f"the core tells of no money that was sent: {each.text}"
        yield from _dates_of_others(facts, each, language)


def _stops(facts: Facts) -> set[date | None]:
    last = facts.raw["milestones"][-1] if facts.stages else None
    stops: set[date | None] = {None, facts.open_pause}
    # A note is the best that there is only where the core does not tell the wait itself.
    is_told = facts.open_pause is not None
    if last and last["note"] in ("documents_returned", "interview_missed") and not is_told:
        stops.add(facts.day(last["entered_at"]))
    if facts.state == "payment_returned":
        stops |= {facts.payment["sent"], facts.payment["returned"]}
    return stops


def _dates_of_others(facts: Facts, statement: Statement, language: str) -> Iterator[str]:
    """A date in a text is the one that the statement claims; holidays are days off."""
    for day in dates_in(statement.text, language, facts.today):
        if statement.says is Says.LEFT_OUT:
            if day not in facts.holidays.days_off:
                yield f"{day} is no day off: {statement.text}"
        elif statement.says is Says.UNKNOWN:
            # Until when holidays are settled.
            if day > facts.holidays.until:
                yield f"holidays are not known until {day}: {statement.text}"
        elif day != statement.day:
            yield f"{day} is not what it claims ({statement.day}): {statement.text}"


def _wrong_headline(facts: Facts, page: Page) -> Iterator[str]:
    """Sent, then scheduled, then an appointment, then a limit come before a stage."""
    if facts.state != "in_progress" or facts.is_stopped or facts.wanted_until:
        return
    payment = facts.payment
    if payment["returned"]:
        return
    better: Says | None = None
    if payment["sent"]:
        better = Says.SENT
    elif payment["scheduled"] and payment["scheduled"] >= facts.today:
        better = Says.SCHEDULED
    elif facts.has_appointment_ahead:
        better = Says.APPOINTMENT
    elif page.says(Says.LIMIT) and not page.says(Says.MAY_MOVE):
        better = Says.LIMIT
    allowed = {better}
    if better is Says.LIMIT:
        allowed |= {Says.PROMISED, *OVER}
    if better and page.headline.says not in allowed:
        yield f"the first sentence is not of what matters most ({better}): {page.headline.text}"


def _contradictions(facts: Facts, page: Page) -> Iterator[str]:
    for each in page.all:
        if each.day is None:
            continue
        if each.says in PAST and each.day > facts.today:
            yield f"it lies ahead: {each.text}"
        if (
            each.says in OVER
            and each.day >= facts.today
            and each.says is not Says.APPOINTMENT_PASSED
        ):
            yield f"it is not over: {each.text}"
        if each.says in AHEAD | HELD and each.day < facts.today:
            yield f"it is over: {each.text}"
    yield from _idle_and_busy(facts, page)
    yield from _plans(facts, page)
    waiting = [each for each in page.says(Says.DOCUMENT) if each.code == "waiting"]
    if waiting and (facts.is_check_past or not facts.knows_state):
        yield f"the check is over, and documents wait: {waiting[0].text}"
    if page.says(Says.NOBODY_LATE) and (facts.wanted_until or facts.has_appointment_ahead):
        yield "nothing is awaited from the person, and something is"
    if page.says(Says.NOT_STARTED) and facts.complete:
        yield "the count has not begun, and documents are complete"


def _idle_and_busy(facts: Facts, page: Page) -> Iterator[str]:
    idle = page.says(Says.NOTHING_TO_DO)
    busy = [
        each
        for each in page.says(Says.TODO, Says.ACTION_DUE, Says.ACTION_DUE_PASSED, Says.APPOINTMENT)
        if not facts.is_final
    ]
    if idle and busy:
        yield f"nothing to do, and: {busy[0].text}"
    if idle and (facts.wanted_until or facts.has_appointment_ahead):
        yield f"something waits for the person, and: {idle[0].text}"
    is_own_turn = facts.outcome.get("next_step") not in {None, *OWN_TURN_IS_NOT}
    if idle and is_own_turn and not facts.is_final:
        yield f"it is the person's turn, and: {idle[0].text}"
    late = [each for each in page.says(*OVER) if each.says is not Says.APPOINTMENT_PASSED]
    if idle and late and not facts.is_final:
        yield f"nothing to do, and: {late[0].text}"


def _plans(facts: Facts, page: Page) -> Iterator[str]:
    if page.says(Says.SOONER) and (facts.limit is None or facts.limit <= facts.today):
        yield "it may come sooner than today"
    planned = page.says(Says.SCHEDULED)
    if planned and (facts.is_stopped or page.says(Says.SENT)):
        yield f"it is stopped or sent, and: {planned[0].text}"
    limit = page.says(Says.LIMIT)
    is_later = planned and limit and (planned[0].day or date.min) > (limit[0].day or date.max)
    says_so = page.says(Says.PLANNED_LATE) or [each for each in limit if each.code == PLANNED_LATE]
    if is_later and not says_so:
        yield f"{limit[0].text} – {planned[0].text}"
    if planned and limit and not is_later and says_so:
        yield f"it is planned within the limit, and: {says_so[0].text}"
    held = page.says(*HELD)
    if held and not facts.is_stopped:
        yield f"it goes on, and: {held[0].text}"
    promised = page.says(Says.PROMISED)
    if promised and facts.is_stopped:
        yield f"it has stopped, and: {promised[0].text}"
    if page.says(Says.OUTLOOK) and (planned or limit or promised or facts.is_stopped):
        yield "a usual time beside a day that is known, or of a claim that has stopped"


def _miscounts(facts: Facts, page: Page) -> Iterator[str]:
    counted = page.says(*COUNTS)
    if facts.stands_still:
        for each in counted:
            if each.says is not Says.LATE_BY:
                yield f"it stands still, and: {each.text}"
        yield from (
            f"a limit on a tile while it stands still: {day}"
            for _, day, caption in page.tiles
            if caption == "limit"
        )
    if facts.may_have_waited:
        yield from (f"it waited for a time untold, and: {each.text}" for each in counted)
    for look, day, _ in page.tiles:
        if day and facts.waited(day) and look != "coming":
            yield f"a day that waited is counted: {day}"
    if counted and not facts.tells_pauses and page.says(Says.LIMIT_PASSED, Says.LATE_BY):
        if not page.says(Says.UNKNOWN):
            yield "late, and not that waits are not told"
        yield from (
            f"late days, and waits are not told: {each.text}" for each in page.says(Says.LATE_BY)
        )
    yield from _wrong_numbers(facts, page)
    reached = facts.payment["sent"] or facts.today
    end = max(reached, facts.limit or reached)
    if facts.stands_still:
        end = min(filter(None, _stops(facts)), default=end)
    if counted and facts.complete and not facts.holidays.settles(facts.complete, end):
        is_sure = facts.limit is not None and facts.holidays.passes(facts.complete, facts.limit)
        said = [
            each
            for each in counted
            if (each.says is not Says.LIMIT or not page.says(Says.MAY_MOVE))
            # That a limit has passed rests on no holiday after it, nor on one before it that moves
            # onto days off alone.
            and (each.says is not Says.LIMIT_PASSED or not is_sure)
        ]
        late = [each for each in said if each.says in (Says.LIMIT_PASSED, Says.LATE_BY)]
        if said and (facts.today > facts.holidays.until or late):
            yield f"it rests on a holiday that is not known: {said[0].text}"


def _wrong_numbers(facts: Facts, page: Page) -> Iterator[str]:
    # The core may say that it came back and not when.
    is_back = facts.payment["returned"] or facts.state == "payment_returned"
    reached = None if is_back else facts.payment["sent"]
    stop = min((day for day in _stops(facts) if day and facts.stands_still), default=None)
    for each in page.says(Says.DAY_NUMBER):
        if facts.today not in facts.days or facts.days.index(facts.today) + 1 != each.count:
            yield f"today is not that working day: {each.text}"
    for each in page.says(Says.USED):
        if each.count != facts.used(stop or facts.today):
            yield f"{facts.used(stop or facts.today)} days were used: {each.text}"
    for each in page.says(Says.LATE_BY):
        end = reached or (stop - A_DAY if stop else facts.today)
        if each.count != facts.late_by(end):
            yield f"it is late by {facts.late_by(end)}: {each.text}"
    for each in page.says(Says.PLANNED_LATE):
        planned = facts.payment["scheduled"]
        if each.count is None:
            continue
        if planned is None or facts.limit is None or each.count != facts.late_by(planned):
            yield f"the plan is not late by that: {each.text}"


def _other_todays(facts: Facts, page: Page, language: str) -> Iterator[str]:
    today, tomorrow = NEAR[language]
    # Readers of the feed keep what was done, and read it on other days.
    kept = {id(statement) for look, statement in page.steps if look == "done"}
    for each in page.all:
        text = each.text.lower()
        if id(each) in kept:
            if today in text or tomorrow in text:
                yield f"true on one day alone: {each.text}"
            continue
        for word, day in ((today, facts.today), (tomorrow, facts.today + A_DAY)):
            is_said = word in text
            if is_said and each.day != day:
                yield f"{word} is {day}: {each.text}"
            # "Certain until today" can be read in two ways.
            is_named = is_said or each.says is Says.MAY_MOVE
            if each.day == day and not is_named and dates_in(each.text, language, facts.today):
                yield f"not said to be {word}: {each.text}"


def _wrong_tenses(facts: Facts, page: Page) -> Iterator[str]:
    fits = {
        "done": {Says.STEP_DONE, Says.STEP_LEFT, Says.BEGAN},
        "current": {Says.STEP_NOW, Says.STEP_STOPPED},
        "waiting": {Says.STEP_STOPPED},
        "failed": {Says.STEP_STOPPED},
        "upcoming": set(),
        "skipped": set(),
    }
    told = {Says.STEP_DONE, Says.STEP_LEFT, Says.STEP_NOW, Says.STEP_STOPPED}
    for look, each in page.steps:
        if each.says in told and each.says not in fits[look]:
            yield f"a step that is {look} is told as {each.says}: {each.text}"
        if each.says is Says.STEP_NOW and (facts.is_stopped or facts.is_final):
            yield f"nothing happens there now: {each.text}"
    paid = page.says(Says.SENT) and not facts.payment["returned"]
    if paid and facts.service in PAYING and page.headline.says is Says.SINCE:
        yield f"money was sent, and the first sentence tells of a step: {page.headline.text}"


NEAR = {"id": ("hari ini", "besok"), "en": ("today", "tomorrow")}
MONTHS = {
    "id": "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember",
    "en": "January February March April May June July August September October November December",
}
WEEKDAYS = {
    "id": "Senin Selasa Rabu Kamis Jumat Sabtu Minggu",
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
}
_DIGIT = re.compile("[0-9]")
_DATE = {
    language: re.compile(
        rf"({WEEKDAYS[language].replace(' ', '|')}),? (\d{{1,2}})\s"
        rf"({MONTHS[language].replace(' ', '|')})(?: (\d{{4}}))?"
    )
    for language in MONTHS
}


def dates_in(text: str, language: str, today: date) -> list[date]:
    """Return the dates that a text names; one without a year is of this year.

    A weekday that its date does not have makes it another date, of no year that is meant.
    """
    # Most sentences name none.
    if not _DIGIT.search(text):
        return []
    months, weekdays = MONTHS[language].split(), WEEKDAYS[language].split()
    found = []
    for weekday, number, month, year in _DATE[language].findall(text):
        day = date(int(year) if year else today.year, months.index(month) + 1, int(number))
        found.append(day if day.weekday() == weekdays.index(weekday) else date.min)
    return found
