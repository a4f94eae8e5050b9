"""The one big button of a claim, the sentence to say or send, and the steps that follow.

Addresses are data (data/ways.toml); what is to be done is decided in domain/situation.py.
"""

import re
from dataclasses import dataclass

from ..data.facts import WAYS
from ..domain.claims import Branch, Channel, NextStep, OutcomeCause
from ..domain.situation import Need, Situation
from ..domain.standing import Standing
from .statements import Says, Statement
from .story import Todo, knows_pauses, way_of_documents
from .words import Words, set_apart

PHONE = "175"
_NUMBER = re.compile(r"\+?\d[\d ().-]*")


@dataclass(frozen=True, slots=True)
class Action:
    """A button: `address` leads to another site (`is_away`) or dials; without one it copies."""

    icon: str
    text: str
    address: str = ""
    is_away: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """Words to say or to send, always in Indonesian: whom they reach reads that."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, step by step, under a heading; `links` help with the last one."""

    heading: str
    steps: tuple[Statement, ...]
    links: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class PresentedBranch:
    """Where the branch is, as far as the core says; `map` is an address that only leads away."""

    name: str
    regency: str
    address: str
    hours: str
    phone: Action | None
    map: str


_UPLOADED = frozenset({NextStep.UPLOAD_DOCUMENTS})
_AT_LAPAK_ASIK = frozenset({NextStep.SUBMIT_AGAIN, NextStep.USE_OTHER_CHANNEL})
_AT_JMO = frozenset({NextStep.REPEAT_FACE_CHECK, NextStep.MERGE_BALANCES})
_MESSAGES = {
    OutcomeCause.MEMBERSHIP_ACTIVE: "active",
    OutcomeCause.EMPLOYER_REPORT_MISSING: "report",
}
_WAY_OF_CHANNEL = {
    Channel.LAPAK_ASIK_ONLINE: "lapak_asik",
    Channel.JMO: "jmo",
    Channel.SIAPKERJA: "siapkerja",
}


def action_of(
    standing: Standing, todo: Todo, message: Message | None, words: Words
) -> Action | None:
    """Return the one button for what there is to do; None where no press helps."""
    need = todo.need
    if todo.is_calm or need in (Need.ATTEND, Need.CHECK):
        return None
    if todo.asks:
        return _call(standing, words) if need is Need.ASK_MEETING else call_centre(words)
    step = way_of_documents(standing) if need is Need.DOCUMENTS else standing.step
    if step == NextStep.ASK_EMPLOYER and message:
        return Action("copy", words.code("action", "copy", phone=""))
    if step in _UPLOADED:
        way = next((way for on, way in _WAY_OF_CHANNEL.items() if on == standing.claim.channel), "")
        return _away(way, words, "upload") if way else _call(standing, words)
    if step in _AT_LAPAK_ASIK:
        return _away("lapak_asik", words, "again")
    if step in _AT_JMO:
        return _away("jmo", words)
    if step in (NextStep.CALL_175, NextStep.WAIT_UNTIL_PERIOD_ENDS):
        return call_centre(words)
    return _call(standing, words)


def message_of(standing: Standing, todo: Todo, words: Words) -> Message | None:
    """Return the sentence that gets it moving: for the employer, or for who answers the phone."""
    claim = standing.claim
    if todo.is_late and standing.is_overdue and knows_pauses(standing) and standing.clock:
        limit = words.working_days(standing.clock.legal_days)
        if words.language != "id":
            limit = f"{standing.clock.legal_days} hari kerja"
        text = words.code("message", "late", reference=claim.reference, limit=limit)
        return Message(words.code("message", "say", reference="", limit=""), text)
    cause = claim.outcome.cause if claim.outcome else None
    if standing.step != NextStep.ASK_EMPLOYER or cause not in _MESSAGES:
        return None
    text = words.code("message", _MESSAGES[OutcomeCause(cause)], reference="", limit="")
    return Message(words.code("message", "write", reference="", limit=""), text)


def advice_of(
    standing: Standing, situation: Situation, todo: Todo, action: Action | None, words: Words
) -> Advice | None:
    """Return the steps for a claim that failed, was refused, is late, or was paid.

    A link of theirs that is the one big button, `action`, is not given again.
    """
    claim = standing.claim
    values = {"phone": PHONE, "reference": claim.reference, "branch": set_apart(claim.branch.name)}

    def step(code: str) -> Statement:
        return Statement(words.code("advice_step", code, **values), Says.ASK)

    match situation:
        case Situation.RETURNED if todo.text:
            return Advice(words.code("advice", "returned", day=""), (todo.title, todo.text))
        case Situation.REJECTED:
            steps = tuple(map(step, ("object_call", "object_branch", "object_write")))
            call, write = call_centre(words), _away("lapor", words)
            links = (write,) if action and action.address == call.address else (call, write)
            return Advice(words.code("advice", "rejected", day=""), steps, links)
        case Situation.SENT | Situation.COMPLETED if todo.need is Need.CHECK:
            steps = (step("ask_bank"), step("ask_branch"))
            usual, today = standing.money.check_on, standing.today
            is_early = usual is not None and usual >= today
            day = words.near(usual, today) if usual and is_early else ""
            return Advice(
                words.code("advice", "sent_ahead" if is_early else "sent", day=day), steps
            )
        case Situation.OVERDUE:
            links = (_away("lapor", words), _away("email", words))
            return Advice(words.code("advice", "late", day=""), (step("write"),), links)
    return None


def branch_of(branch: Branch) -> PresentedBranch:
    """Return where the branch is; what the core does not say stays empty."""
    return PresentedBranch(
        name=branch.name,
        regency=branch.regency,
        address=branch.address or "",
        hours=branch.hours or "",
        phone=Action("phone", branch.phone, _dialled(branch.phone)) if branch.phone else None,
        map=_map_of(branch),
    )


def call_centre(words: Words) -> Action:
    """Return the button that calls 175."""
    return Action("phone", words.code("action", "phone", phone=PHONE), f"tel:{PHONE}")


def _call(standing: Standing, words: Words) -> Action:
    phone = standing.claim.branch.phone
    if not phone:
        return call_centre(words)
    return Action("phone", words.code("action", "branch", phone=""), _dialled(phone))


def _away(way: str, words: Words, how: str | None = None) -> Action:
    address = WAYS[way].address
    text = words.code("action", how, way, phone="")
    return Action("away", text, address, is_away=address.startswith("https:"))


def _dialled(phone: str) -> str:
    """Return where a telephone calls; digits stay in groups, as RFC 3966 allows.

    Of several numbers the first. An extension is only shown: joined to the number it would dial
    somebody else, and telephones that do not know `;ext=` turn its letters into digits.
    """
    first = _NUMBER.search(phone)
    return "tel:" + "-".join(re.findall(r"\+?\d+", first[0] if first else phone))


def _map_of(branch: Branch) -> str:
    """Return a place on OpenStreetMap, which sets no cookie; empty where the core names none."""
    if branch.location is None:
        return ""
    latitude, longitude = branch.location.latitude, branch.location.longitude
    query = f"mlat={latitude:.5f}&mlon={longitude:.5f}#map=17/{latitude:.5f}/{longitude:.5f}"
    return f"https://www.openstreetmap.org/?{query}"
