"""What stands around the first sentence of a claim: lead, notes, documents; what is one of them.

Each is made of statements, so that a template only prints and never chooses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ..data.facts import load_facts
from ..domain.claims import Claim, ClaimState, Document, DocumentState, Service
from ..domain.situation import Outlook, Situation
from ..domain.standing import BANK_WORKING_DAYS, MoneyState, PromiseState, Standing
from .statements import Says, Statement
from .story import Headline, Todo, stage_now
from .words import Words

_TONES = {
    "bad": (Situation.REJECTED, Situation.RETURNED),
    "good": (Situation.SENT,),
    "want": (
        Situation.UNKNOWN,
        Situation.ACTION,
        Situation.ACTION_DUE,
        Situation.ACTION_LATE,
        Situation.STOPPED,
        Situation.ON_HOLD,
        Situation.OVERDUE,
        Situation.SCHEDULE_PASSED,
        Situation.PROMISE_PASSED,
        Situation.APPOINTMENT_PASSED,
    ),
}
_TONE_OF = {situation: tone for tone, several in _TONES.items() for situation in several}
_PAYMENT = {
    MoneyState.SCHEDULED: Says.SCHEDULED,
    MoneyState.HELD: Says.SCHEDULE_HELD,
    MoneyState.PASSED: Says.SCHEDULE_PASSED,
    MoneyState.SENT: Says.SENT,
    MoneyState.RETURNED: Says.RETURNED,
}
_PROMISE = {
    PromiseState.AHEAD: Says.PROMISED,
    PromiseState.PASSED: Says.PROMISE_PASSED,
    PromiseState.HELD: Says.PROMISE_HELD,
}
_MOVING = frozenset(
    {Situation.LIMIT, Situation.OVERDUE, Situation.SCHEDULE_PASSED, Situation.PROMISED}
    | {Situation.PROMISE_PASSED, Situation.APPOINTMENT_PASSED}
)
"""Situations whose first sentence is a day alone: the lead says where the claim stands."""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document; `look` is accepted, wanted, bad or empty."""

    document: Document
    name: str
    state: Statement
    look: str
    cause: str
    due: Statement | None


@dataclass(frozen=True, slots=True)
class Documents:
    """`wanted` are to be sent, by `due` where all have one day that was not said yet."""

    count: Statement
    look: str
    due: Statement | None
    wanted: tuple[DocumentRow, ...]
    others: tuple[DocumentRow, ...]

    @property
    def rows(self) -> tuple[DocumentRow, ...]:
        return (*self.wanted, *self.others)


def tone_of(situation: Situation, todo: Todo) -> str:
    """Return how the answer looks: calm, want, bad or good."""
    return _TONE_OF.get(situation, "want" if todo.asks else "calm")


def lead_of(standing: Standing, situation: Situation, words: Words) -> Iterator[Statement]:
    """Yield what the first sentence leaves out and matters next; most often one sentence."""
    if situation is Situation.SENT:
        yield _in_the_account(standing, words)
        return
    if situation is Situation.SCHEDULED:
        yield from _about_money(standing, words)
        return
    if situation in _MOVING:
        yield Statement(f"{stage_now(standing, words)}.", Says.STATE)
    if situation is Situation.LIMIT and _may_be_sooner(standing):
        yield Statement(words.code("lead", "sooner", day="", on="", bank_days=""), Says.SOONER)
    if situation is Situation.PROMISED:
        yield Statement(words.code("promise_what", PromiseState.AHEAD, branch=""), Says.EXPLAINED)
    if not standing.knows_step and standing.claim.outcome:
        step = words.code("next_step", standing.claim.outcome.next_step)
        yield Statement(step, Says.UNKNOWN)
    explained = _cause_of(standing, words)
    if explained:
        yield explained
    elif situation is Situation.RETURNED:
        text = words.code("payment_what", MoneyState.RETURNED, bank_days="", over="")
        yield Statement(text, Says.RETURNED)


def notes_of(
    standing: Standing,
    situation: Situation,
    headline: Headline,
    outlook: Outlook | None,
    words: Words,
) -> Iterator[Statement]:
    """Yield the days and usual times that the first sentence had no place for."""
    money, today = standing.money, standing.today
    says = _PAYMENT.get(money.state)
    if says and says is not headline.says:
        text = words.code("payment", money.state, on=words.on(money.day, today))
        yield Statement(text, says, money.day)
    promised = _PROMISE.get(standing.promise)
    if promised and promised is not headline.says and standing.claim.due_on:
        day = standing.claim.due_on
        text = words.code("promise", standing.promise, due=words.near(day, today))
        yield Statement(text, promised, day)
    if outlook and (outlook.is_after_appointment or situation is not Situation.RUNNING):
        yield _outlook(outlook, words)
    if outlook:
        yield Statement(_basis(outlook, words), Says.OUTLOOK, count=outlook.claims)


def outlook_of(outlook: Outlook | None, words: Words) -> str:
    """Return how long the rest usually takes, and of how many claims that is; empty without."""
    return f"{_outlook(outlook, words)} {_basis(outlook, words)}" if outlook else ""


def afterwards_of(claim: Claim, words: Words) -> tuple[str, ...]:
    """Return what follows the end of a claim that went well."""
    if claim.state != ClaimState.COMPLETED:
        return ()
    codes = (claim.kind, claim.service)
    return tuple(words.code("after", code) for code in codes if code and words.has("after", code))


def _outlook(outlook: Outlook, words: Words) -> Statement:
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


def _basis(outlook: Outlook, words: Words) -> str:
    of_what = "claims" if outlook.is_money else "requests"
    return words.code("outlook_basis", of_what, claims=words.number(outlook.claims))


def _in_the_account(standing: Standing, words: Words) -> Statement:
    day, today = standing.money.check_on, standing.today
    values = {"day": "", "on": "", "bank_days": words.working_days(BANK_WORKING_DAYS)}
    if day is None:
        return Statement(words.code("lead", "sent_undated", **values), Says.EXPLAINED)
    values |= {"day": words.near(day, today), "on": words.on(day, today)}
    key = "sent_before" if day < today else "sent"
    return Statement(words.code("lead", key, **values), Says.BANK_BY, day)


def _about_money(standing: Standing, words: Words) -> Iterator[Statement]:
    money, claim = standing.money, standing.claim
    what = words.code("payment_what", claim.state, money.state, bank_days="", over="")
    yield Statement(what, Says.NOT_SENT)
    if money.is_past_limit:
        key = "planned_late" if money.late_by else "planned_past_limit"
        over = words.working_days(money.late_by or 0)
        late = words.code("payment_what", claim.service, key, over=over, bank_days="")
        yield Statement(late, Says.PLANNED_LATE, count=money.late_by)


def _may_be_sooner(standing: Standing) -> bool:
    # The institution promises it for JHT alone (service_level.toml).
    return standing.money.state is MoneyState.NONE and standing.claim.service == Service.JHT


def _cause_of(standing: Standing, words: Words) -> Statement | None:
    claim = standing.claim
    cause = claim.outcome.cause if claim.outcome else None
    if not cause or claim.state == ClaimState.COMPLETED:
        return None
    if not words.has("cause_explain", claim.state, cause):
        # Named already where it stands large.
        is_named = claim.state in (ClaimState.REJECTED, ClaimState.CANCELLED, ClaimState.ON_HOLD)
        text = "" if is_named and standing.knows_state else words.code("cause", cause)
        return Statement(text, Says.EXPLAINED) if text else None
    limit = load_facts().jmo_limit_million
    text = words.code("cause_explain", claim.state, cause, limit_million=limit)
    return Statement(text, Says.EXPLAINED)


def documents_of(standing: Standing, said: date | None, words: Words) -> Documents | None:
    """Return the documents, those that the participant has to send first.

    `said` is the day that the first sentence names: it is not said again.
    """
    claim = standing.claim
    if not claim.documents:
        return None
    wanted = standing.wanted
    dues = {each.due_on for each in wanted}
    shared = next(iter(dues)) if len(wanted) > 1 and len(dues) == 1 else None
    accepted = [each for each in claim.documents if each.state == DocumentState.ACCEPTED]
    others = [each for each in claim.documents if each not in wanted and each not in accepted]
    rows = tuple(
        _row(each, standing, words, said=shared or said) for each in (*wanted, *others, *accepted)
    )
    return Documents(
        count=_count(claim, standing, words),
        look="wanted" if wanted else ("" if others else "accepted"),
        due=_due(shared, standing, words) if shared and shared != said else None,
        wanted=rows[: len(wanted)],
        others=rows[len(wanted) :],
    )


def _count(claim: Claim, standing: Standing, words: Words) -> Statement:
    if standing.wanted:
        n = len(standing.wanted)
        text = words.code("documents_count", "wanted", n=words.number(n), all="")
        return Statement(text, Says.TODO, count=n, code="documents")
    came = (DocumentState.ACCEPTED, DocumentState.RECEIVED)
    is_over = standing.is_check_past or not standing.knows_state
    counted = came if is_over else came[:1]
    n = sum(each.state in counted for each in claim.documents)
    any_received = any(each.state == DocumentState.RECEIVED for each in claim.documents)
    # Once the check is past, what came in waits no more, accepted by name or not.
    key = "came" if is_over and any_received else "accepted"
    values = {"n": words.number(n), "all": words.number(len(claim.documents))}
    return Statement(words.code("documents_count", key, **values), Says.DOCUMENT, count=n)


def _row(document: Document, standing: Standing, words: Words, *, said: date | None) -> DocumentRow:
    is_wanted = document in standing.wanted
    # Of a claim in a state that we do not know nobody here can say that anything waits.
    is_over = standing.is_check_past or not standing.knows_state
    is_out = document.state == DocumentState.MISSING and not standing.is_final
    when = "past" if is_over and not is_wanted and not is_out else None
    looks = {DocumentState.ACCEPTED: "accepted"}
    if is_wanted:
        looks |= {DocumentState.MISSING: "wanted", DocumentState.REJECTED: "bad"}
    due = document.due_on if is_wanted and document.due_on != said else None
    state = words.code("document_state", when, document.state)
    # "accepted", "missing", …; what waits says so, so that nothing else can pass for it.
    waits = document.state == DocumentState.RECEIVED and when is None
    return DocumentRow(
        document=document,
        name=words.code("document", document.type),
        state=Statement(state, Says.DOCUMENT, code="waiting" if waits else document.state),
        look=next((look for known, look in looks.items() if known == document.state), ""),
        cause=words.code("document_cause", document.cause),
        due=_due(due, standing, words) if due else None,
    )


def _due(day: date, standing: Standing, words: Words) -> Statement:
    is_past = day < standing.today
    text = words.code(
        "document_due", "passed" if is_past else "ahead", due=words.near(day, standing.today)
    )
    return Statement(text, Says.ACTION_DUE_PASSED if is_past else Says.ACTION_DUE, day)
