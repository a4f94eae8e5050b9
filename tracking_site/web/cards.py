"""The cards of a claim in words: clock, money, promise, documents, outlook.

Each is made of statements, so that a template only prints and never chooses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from ..domain.claims import Claim, ClaimState, Document, DocumentState
from ..domain.money import BANK_WORKING_DAYS, MoneyState
from ..domain.outlook import Outlook
from ..domain.standing import PromiseState, Standing
from .statements import Says, Statement
from .words import Words

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


@dataclass(frozen=True, slots=True)
class Card:
    """A heading and what follows; `state` is for its look, `todo` what to do about it."""

    state: str
    heading: Statement
    texts: tuple[Statement, ...]
    todo: Statement | None = None

    def statements(self) -> Iterator[Statement]:
        yield self.heading
        yield from self.texts
        if self.todo:
            yield self.todo


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
    """`due` stands above where all that are wanted have the same day; `is_open` unfolds it."""

    count: Statement
    look: str
    due: Statement | None
    rows: tuple[DocumentRow, ...]
    is_open: bool

    def statements(self) -> Iterator[Statement]:
        yield self.count
        if self.due:
            yield self.due
        for row in self.rows:
            yield row.state
            if row.due:
                yield row.due


def payment_of(standing: Standing, words: Words) -> Card | None:
    """Return what is told of the money; None where the core says nothing that holds."""
    money, claim, today = standing.money, standing.claim, standing.today
    if money.state not in _PAYMENT:
        return None
    on = words.on(money.day, today)
    bank_days = words.working_days(BANK_WORKING_DAYS)
    day = money.day
    heading = Statement(words.code("payment", money.state, on=on), _PAYMENT[money.state], day)
    says = {
        MoneyState.SENT: Says.EXPLAINED,
        MoneyState.RETURNED: Says.RETURNED,
    }.get(money.state, Says.NOT_SENT)
    what = words.code("payment_what", claim.state, money.state, bank_days=bank_days, over="")
    texts = [Statement(what, says)]
    if money.is_past_limit:
        key = "planned_late" if money.late_by else "planned_past_limit"
        over = words.working_days(money.late_by or 0)
        late = words.code("payment_what", claim.service, key, over=over, bank_days="")
        texts.append(Statement(late, Says.PLANNED_LATE, count=money.late_by))
    return Card(money.state, heading, tuple(texts), _about_money(standing, bank_days, words))


def _about_money(standing: Standing, bank_days: str, words: Words) -> Statement | None:
    money, claim, today = standing.money, standing.claim, standing.today
    if money.state is MoneyState.RETURNED and claim.state == ClaimState.PAYMENT_RETURNED:
        # What to do about it stands above.
        return None
    values = {"branch": claim.branch.name, "bank_days": bank_days, "check_on": ""}
    if money.state is not MoneyState.SENT:
        says = Says.EXPLAINED if money.state is MoneyState.SCHEDULED else Says.ASK
        return Statement(words.code("payment_todo", money.state, **values), says)
    day = money.check_on
    if day is None:
        return Statement(words.code("payment_todo", "sent_undated", **values), Says.ASK)
    key = "sent_before" if day < today else "sent"
    values["check_on"] = words.on(day, today)
    return Statement(words.code("payment_todo", key, **values), Says.BANK_BY, day)


def promise_card_of(standing: Standing, words: Words) -> Card | None:
    """Return what is told of the day that the institution itself named."""
    day = standing.claim.due_on
    if standing.promise is PromiseState.NONE or day is None:
        return None
    due, branch = words.near(day, standing.today), standing.claim.branch.name
    heading = words.code("promise", standing.promise, due=due)
    what = words.code("promise_what", standing.promise, branch=branch)
    return Card(
        standing.promise,
        Statement(heading, _PROMISE[standing.promise], day),
        (Statement(what, Says.ASK),),
    )


def outlook_of(outlook: Outlook | None, words: Words) -> tuple[Statement, ...]:
    """Return how long the rest usually takes, and of how many claims that is."""
    if outlook is None:
        return ()
    is_within = outlook.first < 1 or outlook.last == 1
    text = words.code(
        "outlook",
        "after" if outlook.is_after_appointment else None,
        "within" if is_within else None,
        "money" if outlook.is_money else "end",
        range=words.range(outlook.first, outlook.last),
        days=words.working_days(outlook.last),
    )
    of_what = "claims" if outlook.is_money else "requests"
    basis = words.code("outlook_basis", of_what, claims=words.number(outlook.claims))
    return (
        Statement(text, Says.OUTLOOK, count=outlook.last),
        Statement(basis, Says.OUTLOOK, count=outlook.claims),
    )


def documents_of(claim: Claim, standing: Standing, words: Words) -> Documents | None:
    """Return the documents, those that the participant has to send first."""
    if not claim.documents:
        return None
    wanted = standing.wanted
    dues = {each.due_on for each in wanted}
    shared = next(iter(dues)) if len(wanted) > 1 and len(dues) == 1 else None
    accepted = [each for each in claim.documents if each.state == DocumentState.ACCEPTED]
    others = [each for each in claim.documents if each not in wanted and each not in accepted]
    rows = tuple(
        _row(each, standing, words, has_shared_due=shared is not None)
        for each in (*wanted, *others, *accepted)
    )
    return Documents(
        count=_count(claim, standing, words),
        look="wanted" if wanted else ("" if others else "accepted"),
        due=_due(shared, standing, words) if shared else None,
        rows=rows,
        is_open=bool(wanted or others),
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


def _row(
    document: Document, standing: Standing, words: Words, *, has_shared_due: bool
) -> DocumentRow:
    is_wanted = document in standing.wanted
    # Of a claim in a state that we do not know nobody here can say that anything waits.
    is_over = standing.is_check_past or not standing.knows_state
    is_out = document.state == DocumentState.MISSING and not standing.is_final
    when = "past" if is_over and not is_wanted and not is_out else None
    looks = {DocumentState.ACCEPTED: "accepted"}
    if is_wanted:
        looks |= {DocumentState.MISSING: "wanted", DocumentState.REJECTED: "bad"}
    due = document.due_on if is_wanted and not has_shared_due else None
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
