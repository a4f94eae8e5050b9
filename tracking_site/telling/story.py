"""The first sentence of a claim and what the person is to do, in words.

What holds is decided in domain/situation.py; here it only gets its sentence.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from ..domain.claims import Channel, ClaimState, DocumentState, NextStep
from ..domain.outcomes import Journey
from ..domain.situation import IS_NEEDED, Need, Situation
from ..domain.standing import NOT_THE_PERSONS_TURN, MoneyState, Standing
from .statements import Says, Statement
from .words import Words

NO_CLAIMS = frozenset({"profile_update", "balance_merge", "queue_booking", "complaint"})
"""Services that are followed here and that nobody calls a claim."""

_BROUGHT = NextStep.BRING_DOCUMENTS_TO_BRANCH
_MAX_NAMED = 2
"""Documents that a title names; of more it says how many, and the list stands below it."""

_ASKING = frozenset({Need.UNKNOWN, Need.ASK_WHAT, Need.ASK_LATE, Need.ASK_MEETING, Need.ASK_WHY})
_CALM = frozenset({Need.NOTHING, Need.WAIT, Need.DONE})
_SAYS_WHAT_TO_DO = frozenset(
    {Situation.ACTION, Situation.ACTION_DUE, Situation.ACTION_LATE, Situation.STOPPED}
)
"""Situations whose first sentence is what to do."""

_NEAR_DAY = re.compile(r"\b\w++ \d{1,2}\N{NO-BREAK SPACE}\w++(?: \d{4})?,?")
"""What follows "besok, ": "Selasa 24 November"."""


@dataclass(frozen=True, slots=True)
class Headline(Statement):
    """The first sentence: `label` and `large`; of several claims also `which` one, and its `own`.

    `pieces` are what stands in `large` before, in and after a near day, which stays unbroken.
    """

    label: str = ""
    large: str = ""
    which: str = ""
    own: str = ""
    pieces: tuple[str, str, str] = field(init=False)

    def __post_init__(self) -> None:
        near = _NEAR_DAY.search(self.large)
        begin, end = near.span() if near else (0, 0)
        pieces = self.large[:begin], self.large[begin:end], self.large[end:]
        object.__setattr__(self, "pieces", pieces)

    @classmethod
    def of(
        cls,
        marked: str,
        says: Says,
        day: date | None = None,
        count: int | None = None,
        code: str = "",
    ) -> "Headline":
        """Part a text at its bar; where one half is empty the other stands large."""
        label, _, large = (part.strip() for part in marked.partition("|"))
        if not large:
            label, large = "", label
        text = f"{label} {large}".strip()
        return cls(text, says, day, count, code, label, large)


@dataclass(frozen=True, slots=True)
class Todo:
    """What to do: `title` in a few words, `text` where or how.

    `is_needed` while something waits for the person, None where nobody here knows; `is_late`
    when it is to ask why nothing came in time; `asks` when it is to ask at all; `is_calm` when
    there is nothing to do.
    """

    need: Need
    title: Statement
    text: Statement | None = None
    is_needed: bool | None = field(init=False)
    is_late: bool = field(init=False)
    asks: bool = field(init=False)
    is_calm: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_needed", IS_NEEDED[self.need])
        object.__setattr__(self, "is_late", self.need is Need.ASK_LATE)
        object.__setattr__(self, "asks", self.need in _ASKING)
        object.__setattr__(self, "is_calm", self.need in _CALM)


def headline_of(journey: Journey, todo: Todo, words: Words) -> Headline:
    """Return one sentence: the date that matters most, what to do, or where the claim stands."""
    standing, situation = journey.standing, journey.situation
    today, service = standing.today, standing.claim.service
    if situation in _SAYS_WHAT_TO_DO:
        return _action(standing, situation, todo, words)
    match situation:
        case Situation.UNKNOWN:
            text = words.headline(situation, term=standing.claim.state)
            return Headline.of(text, Says.UNKNOWN, code="state")
        case Situation.REJECTED | Situation.CANCELLED | Situation.ON_HOLD:
            return _stopped(standing, situation, words)
        case Situation.SENT | Situation.RETURNED | Situation.SCHEDULED | Situation.SCHEDULE_PASSED:
            day, says = standing.money.day, Says(situation)
        case Situation.APPOINTMENT | Situation.APPOINTMENT_PASSED:
            return _appointment(standing, situation, words)
        case Situation.OVERDUE:
            return _overdue(standing, words)
        case Situation.PROMISED | Situation.PROMISE_PASSED:
            day, says = standing.claim.due_on, Says(situation)
        case Situation.LIMIT:
            day, says = journey.limit, Says(situation)
        case Situation.COMPLETED:
            day, says = standing.ended_on, Says.ENDED
        case _:
            return _running(journey, words)
    values = {"on": words.on(day, today), "due": words.near(day, today) if day else ""}
    return Headline.of(words.headline(situation, service, **values), says, day)


def stage_now(standing: Standing, words: Words) -> str:
    """Return where a claim stands in a few words, without a full stop."""
    service, stage = standing.claim.service, standing.stage
    if standing.past_appointment and words.has("stage_now", stage, "past"):
        return words.code("stage_now", stage, "past")
    known = stage if words.has("stage_now", service, stage) else "other"
    return words.code("stage_now", service, known)


def _running(journey: Journey, words: Words) -> Headline:
    standing, outlook = journey.standing, journey.outlook
    now = stage_now(standing, words)
    if outlook is None or outlook.is_after_appointment:
        since, today = standing.since, standing.today
        text = words.headline(
            "in_progress",
            standing.claim.service,
            standing.stage,
            now=now,
            since=words.since(since, today),
            due=words.near(since, today),
        )
        is_named = words.has("stage", standing.claim.service, standing.stage)
        return Headline.of(text, Says.SINCE, standing.since, code="since" if is_named else "")
    end = "money" if outlook.is_money else "end"
    days = words.range(outlook.first, outlook.last)
    if outlook.first < 1 or outlook.last == 1:
        days, end = words.working_days(outlook.last), f"within_{end}"
    text = words.headline("outlook", end, now=now, days=days, range=days)
    return Headline.of(text, Says.OUTLOOK, count=outlook.last, code=end)


def _stopped(standing: Standing, situation: Situation, words: Words) -> Headline:
    claim, today = standing.claim, standing.today
    is_held = situation is Situation.ON_HOLD
    day = standing.held_since if is_held else standing.ended_on
    cause = claim.outcome.cause if claim.outcome else None
    text = words.headline(
        situation if cause else f"{situation}_plain",
        claim.service,
        on=words.on(day, today),
        since=words.since(day, today),
        cause=words.code("cause", cause),
    )
    code = f"{situation}_for" if cause and day else ""
    return Headline.of(text, Says.STOPPED if is_held else Says.ENDED, day, code=code)


def _action(standing: Standing, situation: Situation, todo: Todo, words: Words) -> Headline:
    due, asked = standing.action_due, todo.title.text.rstrip(".")
    service = standing.claim.service
    if situation is Situation.STOPPED:
        day = standing.held_since
        since = words.since(day, standing.today)
        text = words.headline(situation, service, todo=asked, since=since)
        return Headline.of(text, Says.STOPPED, day)
    if due is None:
        return Headline.of(words.headline(situation, service, todo=asked), Says.TODO)
    is_late = situation is Situation.ACTION_LATE
    text = words.headline(situation, service, todo=asked, due=words.near(due, standing.today))
    return Headline.of(text, Says.ACTION_DUE_PASSED if is_late else Says.ACTION_DUE, due)


def _appointment(standing: Standing, situation: Situation, words: Words) -> Headline:
    it = standing.appointment or standing.past_appointment
    when, kind, day = "", None, None
    if it:
        when = words.when(it.starts_at, it.ends_at, standing.zone, standing.today)
        kind, day = it.kind, it.starts_at.astimezone(standing.zone).date()
    text = words.headline(situation, kind, when=when)
    code = kind if situation is Situation.APPOINTMENT else ""
    return Headline.of(text, Says(situation), day, code=code or "")


def _overdue(standing: Standing, words: Words) -> Headline:
    clock, service = standing.clock, standing.claim.service
    days = clock.legal_days if clock else 0
    due = clock.due_on if clock and clock.knows_pauses else None
    if due is None:
        text = words.headline("overdue_untold", service, limit=words.working_days(days))
        return Headline.of(text, Says.LIMIT_PASSED, count=days)
    text = words.headline("overdue", service, due=words.near(due, standing.today))
    return Headline.of(text, Says.LIMIT_PASSED, due, days)


def todo_of(journey: Journey, words: Words) -> Todo:
    """Return what the person is to do, or that nothing is needed, or that nobody here knows."""
    standing, claim = journey.standing, journey.claim
    need = journey.need
    match need:
        case Need.UNKNOWN:
            family, term = standing.unknown or ("", "")
            title = Statement(words.code("todo", "ask_code", term=term), Says.UNKNOWN, code=family)
            where = words.code("todo_where", "ask_code", branch="")
            return Todo(need, title, _said(where, Says.ASK))
        case Need.DOCUMENTS:
            return _documents(standing, words)
        case Need.STEP | Need.AGAIN | Need.WAIT:
            says = Says.WAIT if need is Need.WAIT else Says.TODO
            title = Statement(_step(standing, words), says)
            return Todo(need, title, _where(standing.step, standing, words))
        case Need.ATTEND:
            return _attend(standing, words)
        case Need.CHECK:
            return Todo(need, Statement(words.code("todo", "check_account"), Says.TODO))
        case Need.DONE:
            return Todo(need, Statement(words.code("todo", "none"), Says.NOTHING_TO_DO))
        case Need.NOTHING:
            title = Statement(words.code("todo", "none"), Says.NOTHING_TO_DO)
            is_far, branch = journey.is_far_longer, words.branch(claim.branch.name)
            key = "far_longer" if is_far else "none"
            where = words.code("todo_where", claim.service, standing.stage, key, branch=branch)
            return Todo(need, title, _said(where, Says.ASK if is_far else Says.NEXT_NEWS))
        case _:
            return _ask(standing, need, words)


def _ask(standing: Standing, need: Need, words: Words) -> Todo:
    """Return whom to ask and what, in the words of the claim's state."""
    claim, code = standing.claim, need.value
    if need is Need.ASK_LATE and not standing.is_overdue:
        code = "ask_new_day"
    elif need is Need.ASK_LATE and not knows_pauses(standing):
        code = "ask_when"
    detail = standing.past_appointment.kind if standing.past_appointment else None
    if standing.money.state is MoneyState.RETURNED or standing.is_month_over:
        detail = "month_over" if standing.is_month_over else "returned"
    title = Statement(words.code("todo", claim.state, detail, code), Says.ASK)
    if is_asked_below(need, standing) or not words.has("todo_where", claim.state, detail, code):
        return Todo(need, title)
    branch = words.branch(claim.branch.name)
    where = words.code("todo_where", claim.state, detail, code, branch=branch)
    return Todo(need, title, Statement(where, Says.ASK))


def is_asked_below(need: Need, standing: Standing) -> bool:
    """Return whether to ask stands among the steps for who disagrees with a refusal (cards.py)."""
    return need is Need.ASK_WHY and standing.claim.state == ClaimState.REJECTED


def knows_pauses(standing: Standing) -> bool:
    """Return whether the core tells when the claim waited for the participant."""
    return standing.clock is not None and standing.clock.knows_pauses


def _attend(standing: Standing, words: Words) -> Todo:
    kind = standing.appointment.kind if standing.appointment else ""
    key = kind if words.has("todo", "attend", kind) else "appointment"
    title = Statement(words.code("todo", "attend", key), Says.TODO)
    where = words.code("todo_where", "attend", key, branch=words.branch(standing.claim.branch.name))
    return Todo(Need.ATTEND, title, Statement(where, Says.WHERE))


def _step(standing: Standing, words: Words) -> str:
    claim = standing.claim
    cause = claim.outcome.cause if claim.outcome else None
    return words.code("todo", claim.state, cause, standing.step)


def _documents(standing: Standing, words: Words) -> Todo:
    wanted, way = standing.asked, way_of_documents(standing)
    first = wanted[0]
    if len(wanted) == 1 and way != _BROUGHT:
        title = words.code("todo", "document", first.type, first.state)
    else:
        names = words.join([words.code("document_in_text", each.type) for each in wanted])
        any_missing = any(each.state == DocumentState.MISSING for each in wanted)
        how_many = "documents" if len(wanted) <= _MAX_NAMED else "many_documents"
        key = f"{how_many}_{'missing' if any_missing else 'rejected'}"
        count = words.number(len(wanted))
        title = words.code("todo", way, key, documents=names, count=count)
    texts = [str(_where(way, standing, words) or ""), *_besides(way, standing, words)]
    is_today_off = standing.is_due_on_day_off and standing.action_due == standing.today
    day = standing.today if is_today_off else None
    where = _said(" ".join(filter(None, texts)), Says.WHERE, day)
    return Todo(Need.DOCUMENTS, Statement(title, Says.TODO), where)


def _besides(way: str, standing: Standing, words: Words) -> Iterator[str]:
    """Yield what there is to know or to do beside handing documents in."""
    today, is_at_branch = standing.today, standing.claim.channel != Channel.SIAPKERJA
    due = standing.action_due or today
    if due < today:
        yield words.code("todo_where", "due_passed", branch="")
    elif is_at_branch and standing.is_due_on_day_off:
        yield words.code("todo_where", "today_off" if due == today else "day_off", branch="")
    others = [each for each in standing.wanted if each not in standing.asked]
    late = [each for each in others if each.due_on and each.due_on < today <= due]
    if late:
        yield words.code("todo_where", "some_passed", branch="")
    if len(others) > len(late):
        yield words.code("todo_where", "others", branch="")
    if standing.step not in (way, NextStep.UPLOAD_DOCUMENTS, "", *NOT_THE_PERSONS_TURN):
        yield _step(standing, words)
    if standing.action_due and due >= today and not late:
        yield words.code("todo_where", "due_ahead", branch="")


def way_of_documents(standing: Standing) -> str:
    """Return the step by which wanted documents are handed in."""
    outcome = standing.claim.outcome
    is_brought = outcome is not None and outcome.next_step == _BROUGHT
    return (_BROUGHT if is_brought else NextStep.UPLOAD_DOCUMENTS).value


def _where(step: str, standing: Standing, words: Words) -> Statement | None:
    claim = standing.claim
    cause = claim.outcome.cause if claim.outcome else None
    text = words.code(
        "todo_where",
        claim.service,
        claim.kind,
        claim.state,
        cause,
        claim.channel,
        step,
        branch=words.branch(claim.branch.name),
    )
    return _said(text, Says.WHERE)


def _said(text: str, says: Says, day: date | None = None) -> Statement | None:
    return Statement(text, says, day) if text else None
