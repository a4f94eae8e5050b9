"""The first sentence of a claim and what the person is to do, chosen from the catalogue.

Only the choice is made here: which words fit a claim's state, stage and clock.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..domain.claims import Claim, ClaimState, DocumentState
from ..domain.working_days import ClockState, zone_of
from ..lookup import Journey
from .words import Words

_NOT_THE_PERSONS_TURN = frozenset({"none", "wait", "wait_until_period_ends"})
NO_CLAIMS = frozenset({"profile_update", "balance_merge", "queue_booking", "complaint"})
"""Services that are followed here and that nobody calls a claim."""

_BROUGHT = "bring_documents_to_branch"
_MOST_NAMED = 2
"""Documents that a title names; of more it says how many, and the list stands below it."""
_MONEY_IS_NEW_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Todo:
    """What to do: `title` in a few words, `text` where or how.

    `is_needed` while it waits; `is_late` when it is to ask why nothing came in time.
    """

    is_needed: bool
    title: str
    text: str = ""
    is_late: bool = False


def headline_of(journey: Journey, words: Words) -> str:
    """Return one sentence: where the claim stands and since when, or what stopped it."""
    claim = journey.claim
    since = _day(journey.now - journey.timeline.waiting_for, journey, words)
    step = claim.outcome.next_step if claim.outcome else ""
    current = journey.timeline.current
    stage = current.stage if current else ""
    due = _due_on(claim)
    match claim.state:
        case ClaimState.IN_PROGRESS if journey.clock and _is_overdue(journey):
            limit = words.working_days(journey.clock.legal_days)
            return words.headline("overdue", claim.service, stage, limit=limit, since=since)
        case ClaimState.IN_PROGRESS:
            return words.headline("in_progress", claim.service, stage, since=since)
        case ClaimState.ACTION_NEEDED if due:
            is_late = due < _today(journey)
            situation = "action_needed_late" if is_late else "action_needed_due"
            told_due = words.day(due, _today(journey))
            return words.headline(situation, claim.service, step, due=told_due)
        case ClaimState.COMPLETED if claim.payment and claim.payment.arrived_at:
            paid_on = _day(claim.payment.arrived_at, journey, words)
            return words.headline("paid", claim.service, paid_on=paid_on)
        case ClaimState.PAYMENT_RETURNED if claim.payment and claim.payment.returned_at:
            since = _day(claim.payment.returned_at, journey, words)
            return words.headline(claim.state, claim.service, since=since)
        case state:
            return words.headline(state, claim.service, step, since=since)


def todo_of(journey: Journey, words: Words) -> Todo:
    """Return what the person is to do, or that nothing is needed."""
    claim = journey.claim
    if claim.is_final:
        return _after_the_end(journey, words)
    documents = _to_send(journey, words)
    if documents:
        return documents
    if claim.outcome and claim.outcome.next_step not in _NOT_THE_PERSONS_TURN:
        return _next_step(journey, words, is_needed=True)
    is_moving = claim.state == ClaimState.IN_PROGRESS
    appointment = claim.appointment
    if appointment and appointment.ends_at > journey.now:
        key = "visit_ahead" if appointment.kind == "branch_visit" else "interview_ahead"
        return Todo(
            True, words.code("todo", key), words.code("appointment_ready", appointment.kind)
        )
    if _is_overdue(journey) or (is_moving and promise_of(journey) == "passed"):
        return Todo(True, words.code("todo", "overdue"), is_late=True)
    if claim.outcome:
        return _next_step(journey, words, is_needed=False)
    return Todo(False, words.code("todo", "none"), _where("none", journey, words))


def promise_of(journey: Journey) -> str:
    """Tell whether the day that the institution itself named is `ahead` or `passed`.

    Empty where it named none, and once the claim has ended.
    """
    due = journey.claim.due_on
    if due is None or journey.claim.is_final:
        return ""
    return "passed" if due < _today(journey) else "ahead"


def _after_the_end(journey: Journey, words: Words) -> Todo:
    claim = journey.claim
    if claim.state != ClaimState.COMPLETED:
        if claim.outcome and claim.outcome.next_step != "none":
            return _next_step(journey, words, is_needed=False)
        return Todo(False, words.code("todo", "none"))
    sent_at = claim.payment.arrived_at if claim.payment else None
    is_new = sent_at is not None and journey.now - sent_at < _MONEY_IS_NEW_FOR
    title = words.code("todo", "check_account" if is_new else "none")
    key = claim.kind or claim.service
    text = words.code("after", key) if words.has("after", key) else ""
    return Todo(False, title, text)


def _next_step(journey: Journey, words: Words, *, is_needed: bool) -> Todo:
    claim, due = journey.claim, _due_on(journey.claim)
    told_due = words.day(due, _today(journey)) if due else ""
    outcome = claim.outcome
    step, cause = (outcome.next_step, outcome.cause) if outcome else ("none", None)
    title = words.code("todo", cause, step, due=told_due)
    return Todo(is_needed, title, _where(step, journey, words))


def _to_send(journey: Journey, words: Words) -> Todo | None:
    wanted = [
        each
        for each in journey.claim.documents
        if each.state in (DocumentState.MISSING, DocumentState.REJECTED)
    ]
    if not wanted:
        return None
    outcome = journey.claim.outcome
    is_brought = outcome is not None and outcome.next_step == _BROUGHT
    way = _BROUGHT if is_brought else "upload_documents"
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
    return Todo(True, title, _where(way, journey, words))


def _where(step: str, journey: Journey, words: Words) -> str:
    claim, due = journey.claim, _due_on(journey.claim)
    return words.code(
        "todo_where",
        claim.state,
        claim.outcome.cause if claim.outcome else None,
        claim.channel,
        step,
        branch=claim.branch.name,
        due=words.day(due, _today(journey)) if due else "",
    )


def _is_overdue(journey: Journey) -> bool:
    return journey.clock is not None and journey.clock.state is ClockState.OVERDUE


def _due_on(claim: Claim) -> date | None:
    dates = [
        each.due_on
        for each in claim.documents
        if each.due_on and each.state in (DocumentState.MISSING, DocumentState.REJECTED)
    ]
    return min(dates, default=None)


def _today(journey: Journey) -> date:
    return journey.now.astimezone(zone_of(journey.claim.branch.timezone)).date()


def _day(moment: datetime, journey: Journey, words: Words) -> str:
    return words.day_of(moment, journey.claim.branch.timezone, _today(journey))
