"""What stands around the first sentence of a claim: lead, notes, the one big button, the steps
that follow, the words to say, the branch.

Each is made of statements, so that a template only prints and never chooses. Addresses are data
(data/ways.toml); what is to be done is decided in domain/situation.py.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from ..data.facts import WAYS, load_facts
from ..domain.claims import Branch, Channel, ClaimState, NextStep, OutcomeCause, Service
from ..domain.situation import Need, Outlook, Situation
from ..domain.standing import BANK_WORKING_DAYS, MoneyState, PromiseState, Standing
from ..domain.working_days import ClockState
from .clock import basis_of, usually
from .languages import SOURCE_LANGUAGE
from .statements import Says, Statement
from .story import Headline, Todo, is_asked_below, knows_pauses, stage_now, way_of_documents
from .words import Words, told

PHONE = "175"
_MAIL = "mailto:"
_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]*")

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
ANEW = frozenset({NextStep.SUBMIT_AGAIN, NextStep.USE_OTHER_CHANNEL})
_ANEW_AT: Mapping[str, str] = {
    **dict.fromkeys((Service.JHT, Service.JKM), "lapak_asik"),
    Service.JKP: "siapkerja",
    "partial_30_housing": "",
}
_AT_JMO = frozenset({NextStep.REPEAT_FACE_CHECK, NextStep.MERGE_BALANCES})
_WAY_OF_CHANNEL: Mapping[str, str] = {
    Channel.LAPAK_ASIK_ONLINE: "lapak_asik",
    Channel.JMO: "jmo",
    Channel.SIAPKERJA: "siapkerja",
}
_MESSAGES: Mapping[str, str] = {
    OutcomeCause.MEMBERSHIP_ACTIVE: "active",
    OutcomeCause.EMPLOYER_REPORT_MISSING: "report",
}
_LATE: Mapping[MoneyState, str] = {
    MoneyState.SCHEDULED: "late_scheduled",
    MoneyState.PASSED: "late_schedule_passed",
}


@dataclass(frozen=True, slots=True)
class Message:
    """Words for others, in Indonesian, which they speak; `meaning` tells who does not."""

    heading: str
    text: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Action:
    """A button: `address` leads to another site (`is_away`) or dials; without one it copies."""

    icon: str
    text: str
    address: str = ""

    @property
    def is_away(self) -> bool:
        return self.address.startswith("https:")

    @property
    def mail(self) -> str:
        """Return the address that it writes to, without what a browser needs; else nothing."""
        return self.address.removeprefix(_MAIL) if self.address.startswith(_MAIL) else ""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, step by step, under a heading; `links` help with the last one."""

    heading: str
    steps: tuple[Statement, ...]
    links: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class WayToBranch:
    """What the branch is called, and where it is, as far as the core says; else empty.

    `map` is an address that leads away.
    """

    name: str
    town: str
    address: str
    hours: str
    phone: Action | None
    map: str


def lead_of(standing: Standing, situation: Situation, words: Words) -> Iterator[Statement]:
    """Yield what the first sentence leaves out and matters next; most often one sentence."""
    if situation is Situation.SENT:
        yield _in_the_account(standing, words)
        return
    if situation is Situation.SCHEDULED:
        yield from _about_money(standing, words)
    if situation in _MOVING:
        yield Statement(f"{stage_now(standing, words)}.", Says.STATE)
    if standing.is_overdue and standing.awaits_nothing:
        text = words.code("lead", "nothing_awaited", day="", on="", bank_days="")
        yield Statement(text, Says.NOBODY_LATE)
    if situation is Situation.SCHEDULED:
        return
    # The institution promises it for JHT alone (service_level.toml); on the last day it cannot be.
    is_jht, clock = standing.claim.service == Service.JHT, standing.clock
    if is_jht and situation is Situation.LIMIT and clock and clock.state is ClockState.RUNNING:
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
        yield usually(outlook, words)
    if outlook:
        yield Statement(basis_of(outlook, words), Says.OUTLOOK, count=outlook.claims)


def _in_the_account(standing: Standing, words: Words) -> Statement:
    day, today = standing.money.check_on, standing.today
    near, bank_days = words.near(day, today) if day else "", words.working_days(BANK_WORKING_DAYS)
    key = "sent_undated" if day is None else "sent_before" if day < today else "sent"
    text = words.code("lead", key, day=near, on=words.on(day, today), bank_days=bank_days)
    return Statement(text, Says.BANK_BY if day else Says.EXPLAINED, day)


def _about_money(standing: Standing, words: Words) -> Iterator[Statement]:
    money, claim = standing.money, standing.claim
    what = words.code("payment_what", claim.state, money.state, bank_days="", over="")
    yield Statement(what, Says.NOT_SENT)
    # Once the limit is over, the count below says by how much.
    if money.is_past_limit and not standing.is_overdue:
        key = "planned_late" if money.late_by else "planned_past_limit"
        over = words.working_days(money.late_by or 0)
        late = words.code("payment_what", claim.service, key, over=over, bank_days="")
        yield Statement(late, Says.PLANNED_LATE, count=money.late_by)


def _cause_of(standing: Standing, words: Words) -> Statement | None:
    claim = standing.claim
    cause = claim.outcome.cause if claim.outcome else None
    if not cause or claim.state == ClaimState.COMPLETED:
        return None
    wanted = standing.wanted
    if cause == OutcomeCause.FILE_UNREADABLE and wanted and all(each.cause for each in wanted):
        return None
    if not words.has("cause_explain", claim.service, claim.state, cause):
        # Named already where it stands large.
        is_named = claim.state in (ClaimState.REJECTED, ClaimState.CANCELLED, ClaimState.ON_HOLD)
        if is_named and standing.knows_state:
            return None
        if words.has("cause", cause):
            return Statement(f"{words.code('cause', cause)}.", Says.EXPLAINED)
    limit = load_facts().jmo_limit_million
    text = words.code("cause_explain", claim.service, claim.state, cause, limit_million=limit)
    return Statement(text, Says.EXPLAINED)


def action_of(
    standing: Standing, todo: Todo, message: Message | None, words: Words
) -> Action | None:
    """Return the one button for what there is to do; None where to ask is the person's choice."""
    need = todo.need
    if todo.is_calm or is_asked_below(need, standing) or need in (Need.ATTEND, Need.CHECK):
        return None
    if todo.asks:
        return _call(standing, words) if need is Need.ASK_MEETING else call_centre(words)
    step = way_of_documents(standing) if need is Need.DOCUMENTS else standing.step
    if step == NextStep.ASK_EMPLOYER and message:
        return Action("copy", words.code("action", "copy", phone=""))
    if step == NextStep.UPLOAD_DOCUMENTS:
        way = _WAY_OF_CHANNEL.get(standing.claim.channel)
        return away(way, words, "upload") if way else _call(standing, words)
    if step in ANEW:
        way = _ANEW_AT.get(standing.claim.kind or "", _ANEW_AT.get(standing.claim.service))
        return away(way, words, "again") if way else _call(standing, words)
    if step in _AT_JMO:
        return away("jmo", words)
    if step in (NextStep.WAIT_UNTIL_PERIOD_ENDS, NextStep.UPDATE_CIVIL_REGISTRY):
        return None
    return call_centre(words) if step == NextStep.CALL_175 else _call(standing, words)


def advice_of(
    standing: Standing, situation: Situation, todo: Todo, action: Action | None, words: Words
) -> Advice | None:
    """Return the steps for a claim that failed, was refused, is late, or was paid.

    A link of theirs that is the one big button, `action`, is not given again.
    """
    branch, reference = words.branch(standing.claim.branch.name), standing.claim.reference

    def step(code: str) -> Statement:
        text = words.code("advice_step", code, phone=PHONE, reference=reference, branch=branch)
        return Statement(text, Says.ASK)

    match situation:
        case Situation.RETURNED if todo.text:
            return Advice(words.code("advice", "returned", day=""), (todo.title, todo.text))
        case Situation.REJECTED:
            steps = tuple(map(step, ("object_call", "object_branch", "object_write")))
            call, write = call_centre(words), away("lapor", words)
            links = (write,) if action and action.address == call.address else (call, write)
            return Advice(words.code("advice", "rejected", day=""), steps, links)
        case Situation.SENT | Situation.COMPLETED if todo.need is Need.CHECK:
            steps = (step("ask_bank"), step("ask_branch"))
            usual, today = standing.money.check_on, standing.today
            is_early = usual is not None and usual >= today
            day = words.day(usual, today) if usual and is_early else ""
            heading = words.code("advice", "sent_ahead" if is_early else "sent", day=day)
            return Advice(heading, steps)
        case Situation.OVERDUE:
            links = (away("lapor", words), away("email", words))
            return Advice(words.code("advice", "late", day=""), (step("write"),), links)
    return None


def message_of(standing: Standing, todo: Todo, words: Words) -> Message | None:
    """Return the sentence that gets it moving: for the employer, or for who answers the phone."""
    claim, money, clock, source = standing.claim, standing.money, standing.clock, _source()
    cause = claim.outcome.cause if claim.outcome else None
    if todo.is_late and standing.is_overdue and knows_pauses(standing):
        heading, key = "say", _LATE.get(money.state, "late")
    elif standing.step == NextStep.ASK_EMPLOYER and cause and cause in _MESSAGES:
        heading, key = "write", _MESSAGES[cause]
    else:
        return None

    def said(code: str, words: Words) -> str:
        limit = words.working_days(clock.legal_days) if clock else ""
        day = words.day(money.day, standing.today) if money.day else ""
        return words.code("message", code, reference=claim.reference, limit=limit, day=day)

    meaning = "" if words.language == source.language else said(key, words)
    return Message(said(heading, words), said(key, source), meaning)


@cache
def _source() -> Words:
    """Return what writes messages, which are in the source language on every page."""
    return Words.load(SOURCE_LANGUAGE)


def way_to(branch: Branch, words: Words) -> WayToBranch:
    """Return how to reach the branch; what the core does not say stays empty."""
    dialled = _dialled(branch.phone)
    return WayToBranch(
        name=told(branch.name).strip() or words.code("channel", Channel.BRANCH),
        town=told(branch.regency),
        address=told(branch.address),
        hours=told(branch.hours),
        phone=Action("phone", branch.phone, dialled) if branch.phone and dialled else None,
        map=_map_of(branch),
    )


def call_centre(words: Words) -> Action:
    """Return the button that calls 175."""
    return Action("phone", words.code("action", "phone", phone=PHONE), f"tel:{PHONE}")


def _call(standing: Standing, words: Words) -> Action:
    dialled = _dialled(standing.claim.branch.phone)
    if not dialled:
        return call_centre(words)
    return Action("phone", words.code("action", "branch", phone=""), dialled)


def away(way: str, words: Words, how: str | None = None) -> Action:
    """Return the button that leads to where something is done (data/ways.toml)."""
    return Action("away", words.code("action", how, way, phone=""), WAYS[way].address)


def _dialled(phone: str | None) -> str:
    """Return where a telephone calls; digits stay in groups, as RFC 3966 allows.

    Nothing for what is no number, of several the first. An extension is only shown: joined to the
    number it would dial somebody else, and telephones that do not know `;ext=` turn its letters
    into digits.
    """
    first = _NUMBER.search(phone or "")
    groups = re.findall(r"\+?[0-9]+", first[0]) if first else []
    digits = "".join(groups)
    # Databases keep the country's code without its plus; no number here begins with it.
    plus = "+" if digits.startswith("62") and len(digits) >= 10 else ""
    return f"tel:{plus}{'-'.join(groups)}" if len(digits) >= len(PHONE) else ""


def _map_of(branch: Branch) -> str:
    """Return a place on OpenStreetMap, which sets no cookie; empty where the core names none."""
    place = branch.location
    if place is None or not place.is_real:
        return ""
    latitude, longitude = place.latitude, place.longitude
    query = f"mlat={latitude:.5f}&mlon={longitude:.5f}#map=17/{latitude:.5f}/{longitude:.5f}"
    return f"https://www.openstreetmap.org/?{query}"
