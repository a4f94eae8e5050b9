"""The first sentence of a claim and what the person is to do, in words.

What holds is decided in domain/situation.py; here it only gets its sentence.
"""

from dataclasses import dataclass

from ..domain.claims import ClaimState, DocumentState, NextStep
from ..domain.money import MoneyState
from ..domain.outcomes import Journey
from ..domain.situation import (
    Need,
    Situation,
    is_needed,
    is_overdue,
    need_of,
    settled_limit,
    situation_of,
)
from ..domain.standing import PromiseState, Standing
from .statements import Says, Statement
from .words import Words

NO_CLAIMS = frozenset({"profile_update", "balance_merge", "queue_booking", "complaint"})
"""Services that are followed here and that nobody calls a claim."""

_BROUGHT = NextStep.BRING_DOCUMENTS_TO_BRANCH
_MOST_NAMED = 2
"""Documents that a title names; of more it says how many, and the list stands below it."""

_ASKING = frozenset({Need.UNKNOWN, Need.ASK_WHAT, Need.ASK_LATE, Need.ASK_MEETING, Need.ASK_WHY})


@dataclass(frozen=True, slots=True)
class Todo:
    """What to do: `title` in a few words, `text` where or how.

    `is_needed` while something waits for the person, None where nobody here knows; `is_late`
    when it is to ask why nothing came in time; `asks` when it is to ask at all.
    """

    need: Need
    title: Statement
    text: Statement | None = None

    @property
    def is_needed(self) -> bool | None:
        return is_needed(self.need)

    @property
    def is_late(self) -> bool:
        return self.need is Need.ASK_LATE

    @property
    def asks(self) -> bool:
        return self.need in _ASKING


def headline_of(journey: Journey, words: Words) -> Statement:
    """Return one sentence: the date that matters most, or where the claim stands."""
    standing, claim = journey.standing, journey.claim
    situation = situation_of(standing)
    today, service = standing.today, claim.service
    match situation:
        case Situation.UNKNOWN:
            text = words.headline(situation, term=claim.state)
            return Statement(text, Says.UNKNOWN, code="state")
        case Situation.REJECTED | Situation.CANCELLED | Situation.COMPLETED:
            day = standing.ended_on
            text = words.headline(claim.state, service, on=words.on(day, today))
            return Statement(text, Says.ENDED, day)
        case Situation.ACTION | Situation.ACTION_DUE | Situation.ACTION_LATE:
            return _action(standing, situation, words)
        case Situation.ON_HOLD | Situation.STOPPED:
            day = standing.held_since
            text = words.headline(situation, service, since=words.since(day, today))
            return Statement(text, Says.STOPPED, day)
        case Situation.SENT | Situation.RETURNED | Situation.SCHEDULED | Situation.SCHEDULE_PASSED:
            day = standing.money.day
            values = {"on": words.on(day, today), "due": words.near(day, today) if day else ""}
            return Statement(words.headline(situation, service, **values), _MONEY[situation], day)
        case Situation.APPOINTMENT | Situation.APPOINTMENT_PASSED:
            return _appointment(standing, situation, words)
        case Situation.OVERDUE:
            return _overdue(standing, words)
        case Situation.PROMISED | Situation.PROMISE_PASSED | Situation.LIMIT:
            return _ahead(standing, situation, words)
        case Situation.RUNNING:
            on, since = words.on(standing.since, today), words.since(standing.since, today)
            text = words.headline("in_progress", service, standing.stage, on=on, since=since)
            return Statement(text, Says.SINCE, standing.since)


_DAYS = {
    Situation.LIMIT: Says.LIMIT,
    Situation.PROMISED: Says.PROMISED,
    Situation.PROMISE_PASSED: Says.PROMISE_PASSED,
}
_MONEY = {
    Situation.SENT: Says.SENT,
    Situation.RETURNED: Says.RETURNED,
    Situation.SCHEDULED: Says.SCHEDULED,
    Situation.SCHEDULE_PASSED: Says.SCHEDULE_PASSED,
}


def _action(standing: Standing, situation: Situation, words: Words) -> Statement:
    claim, due = standing.claim, standing.action_due
    step = claim.outcome.next_step if claim.outcome else ""
    # Only where the core says so has it stopped; documents may be wanted while it goes on.
    key = "action_needed" if claim.state == ClaimState.ACTION_NEEDED else "wanted"
    if due is None:
        return Statement(words.headline(key, claim.service, step), Says.TODO)
    is_late = situation is Situation.ACTION_LATE
    told = words.near(due, standing.today)
    text = words.headline(f"{key}_{'late' if is_late else 'due'}", claim.service, step, due=told)
    return Statement(text, Says.ACTION_DUE_PASSED if is_late else Says.ACTION_DUE, due)


def _appointment(standing: Standing, situation: Situation, words: Words) -> Statement:
    it = standing.appointment or standing.past_appointment
    when, kind, day = "", None, None
    if it:
        when = words.when(it.starts_at, it.ends_at, standing.zone, standing.today)
        kind, day = it.kind, it.starts_at.astimezone(standing.zone).date()
    text = words.headline(situation, standing.claim.service, kind, when=when)
    is_ahead = situation is Situation.APPOINTMENT
    return Statement(text, Says.APPOINTMENT if is_ahead else Says.APPOINTMENT_PASSED, day)


def _overdue(standing: Standing, words: Words) -> Statement:
    days = standing.clock.legal_days if standing.clock else 0
    key = "overdue" if _knows_pauses(standing) else "overdue_untold"
    limit = words.working_days(days)
    text = words.headline(key, standing.claim.service, standing.stage, limit=limit)
    return Statement(text, Says.LIMIT_PASSED, count=days)


def _ahead(standing: Standing, situation: Situation, words: Words) -> Statement:
    claim, says = standing.claim, _DAYS[situation]
    day = settled_limit(standing) if situation is Situation.LIMIT else claim.due_on
    due = words.near(day, standing.today) if day else ""
    return Statement(words.headline(situation, claim.service, standing.stage, due=due), says, day)


def todo_of(journey: Journey, words: Words) -> Todo:
    """Return what the person is to do, or that nothing is needed, or that nobody here knows."""
    standing, claim = journey.standing, journey.claim
    need = need_of(standing)
    match need:
        case Need.UNKNOWN:
            family, term = standing.unknown or ("", "")
            title = Statement(words.code("todo", "ask_code", term=term), Says.UNKNOWN, code=family)
            return Todo(
                need, title, _said(words.code("todo_where", "ask_code", branch=""), Says.ASK)
            )
        case Need.DOCUMENTS:
            return _documents(standing, words)
        case Need.STEP | Need.AGAIN | Need.WAIT:
            says = Says.WAIT if need is Need.WAIT else Says.TODO
            return Todo(
                need,
                Statement(_step(standing, words), says),
                _where(standing.step, standing, words),
            )
        case Need.ATTEND:
            return _attend(standing, words)
        case Need.CHECK | Need.DONE:
            return _after(standing, need, words)
        case Need.NOTHING:
            title = Statement(words.code("todo", "none"), Says.NOTHING_TO_DO)
            where = words.code("todo_where", "none", branch=claim.branch.name)
            return Todo(need, title, _said(where, Says.NEXT_NEWS))
        case _:
            return _ask(standing, need, words)


def promise_of(journey: Journey) -> str:
    """Tell whether the day that the institution itself named is `ahead`, `passed` or `held`.

    Empty where it named none, and once money was sent or the claim has ended.
    """
    promise = journey.standing.promise
    return "" if promise is PromiseState.NONE else promise.value


def _ask(standing: Standing, need: Need, words: Words) -> Todo:
    """Return whom to ask and what, in the words of the claim's state."""
    claim, code = standing.claim, need.value
    if need is Need.ASK_LATE and not is_overdue(standing):
        code = "ask_new_day"
    elif need is Need.ASK_LATE and not _knows_pauses(standing):
        code = "ask_when"
    detail = standing.past_appointment.kind if standing.past_appointment else None
    if standing.money.state is MoneyState.RETURNED:
        detail = "returned"
    title = Statement(words.code("todo", claim.state, detail, code), Says.ASK)
    if not words.has("todo_where", claim.state, detail, code):
        return Todo(need, title)
    where = words.code("todo_where", claim.state, detail, code, branch=claim.branch.name)
    return Todo(need, title, Statement(where, Says.ASK))


def _knows_pauses(standing: Standing) -> bool:
    return standing.clock is not None and standing.clock.knows_pauses


def _attend(standing: Standing, words: Words) -> Todo:
    kind = standing.appointment.kind if standing.appointment else ""
    key = kind if words.has("todo", "attend", kind) else "appointment"
    title = Statement(words.code("todo", "attend", key), Says.TODO)
    return Todo(Need.ATTEND, title, _said(words.code("appointment_ready", kind), Says.WHERE))


def _after(standing: Standing, need: Need, words: Words) -> Todo:
    claim = standing.claim
    title = (
        Statement(words.code("todo", "check_account"), Says.TODO)
        if need is Need.CHECK
        else Statement(words.code("todo", "none"), Says.NOTHING_TO_DO)
    )
    key = claim.kind or claim.service
    has_text = claim.state == ClaimState.COMPLETED and words.has("after", key)
    return Todo(need, title, _said(words.code("after", key), Says.EXPLAINED) if has_text else None)


def _step(standing: Standing, words: Words) -> str:
    claim = standing.claim
    cause = claim.outcome.cause if claim.outcome else None
    return words.code("todo", claim.state, cause, standing.step)


def _documents(standing: Standing, words: Words) -> Todo:
    wanted = standing.wanted
    outcome = standing.claim.outcome
    is_brought = outcome is not None and outcome.next_step == _BROUGHT
    way = _BROUGHT.value if is_brought else NextStep.UPLOAD_DOCUMENTS.value
    first = wanted[0]
    if len(wanted) == 1:
        title = words.code("todo", way, "document", first.type, first.state)
    else:
        names = words.join([words.code("document_in_text", each.type) for each in wanted])
        any_missing = any(each.state == DocumentState.MISSING for each in wanted)
        how_many = "documents" if len(wanted) <= _MOST_NAMED else "many_documents"
        key = f"{how_many}_{'missing' if any_missing else 'rejected'}"
        count = words.number(len(wanted))
        title = words.code("todo", way, key, documents=names, count=count)
    return Todo(Need.DOCUMENTS, Statement(title, Says.TODO), _where(way, standing, words))


def _where(step: str, standing: Standing, words: Words) -> Statement | None:
    claim = standing.claim
    cause = claim.outcome.cause if claim.outcome else None
    text = words.code(
        "todo_where", claim.state, cause, claim.channel, step, branch=claim.branch.name
    )
    return _said(text, Says.WHERE)


def _said(text: str, says: Says) -> Statement | None:
    return Statement(text, says) if text else None
