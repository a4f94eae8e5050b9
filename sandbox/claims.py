"""From a claim relative to now to the JSON of the contract."""

from datetime import date, datetime
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from sandbox.branches import Branch
from sandbox.calendar import Moment
from sandbox.spec import Ending, Paper, Sent, Spec

Json = dict[str, Any]

REFERENCE_KEY = b"a sandbox keeps no secrets"

PREFIXES = {
    "jht": "JHT", "jkk": "JKK", "jkm": "JKM", "jp": "JP", "jkp": "JKP",
    "profile_update": "PD", "balance_merge": "GS", "queue_booking": "AN", "complaint": "AD",
}  # fmt: skip

# While a claim stands in one of these, its documents are not yet known to be complete and correct.
CHECKING = frozenset({"document_check", "interview", "validation", "final_report", "data_check"})
DECIDED = frozenset({"rejected", "cancelled"})
# What begins a wait for the participant; a hold only where its next step is the participant's.
RETURNED_NOTES = frozenset({"documents_returned", "interview_missed"})
STOPPING = frozenset({"action_needed", "payment_returned"})
OWN_WAITS = frozenset({"none", "wait"})
WITHOUT_DOCUMENTS = frozenset({"queue_booking", "complaint"})

_RESIGNING = (
    "participant_card identity_card family_card employment_letter bank_book photo claim_form"
)
DOCUMENTS_BY_KIND = {
    "partial_10": "participant_card identity_card family_card bank_book employment_letter tax_id",
    "partial_30_housing": "participant_card identity_card bank_book tax_id housing_agreement",
}
DOCUMENTS_BY_CAUSE = {
    "layoff": "participant_card identity_card family_card bank_book photo layoff_proof",
    "pension_age": "participant_card identity_card family_card bank_book pension_letter tax_id",
    "permanent_departure": "participant_card passport bank_book claim_form",
    "total_disability": "participant_card identity_card bank_book doctor_letter",
    "death": "participant_card death_certificate heir_letter identity_card family_card bank_book",
    "work_accident": "participant_card identity_card accident_report doctor_letter",
    "occupational_disease": "participant_card identity_card accident_report doctor_letter",
}


def build(spec: Spec, key: str, kpj: str, now: datetime, holidays: frozenset[date]) -> Json:
    """The claim as the core tells it at `now`, every field of the contract present.

    `key` names the claim for ever and decides its reference; `kpj` is the card it belongs to.
    """
    moment = Moment(now, spec.branch.timezone, holidays)
    draw = digest(key)
    # Later steps get later hours, so that steps of one day stay in order.
    entered = [
        moment.past(moment.day(step.day), _minute(draw, position))
        for position, step in enumerate(spec.journey)
    ]
    submitted = iso(entered[0] if entered else moment.past(moment.day("0"), _minute(draw, 0)))
    complete = _documents_complete(spec, entered)
    pauses = {"pauses": _pauses(spec, moment, draw, entered)} if spec.tells_pauses else {}
    return {
        "reference": reference(spec.service, submitted, draw),
        "service": spec.service,
        "kind": spec.kind,
        "cause": spec.cause,
        "channel": spec.channel,
        "kpj_suffix": spec.kpj_suffix or kpj[-2:],
        "branch": _branch(spec.branch),
        "state": spec.state,
        "submitted_at": submitted,
        "documents_complete_at": complete,
        **pauses,
        "due_on": moment.day(spec.due).isoformat() if spec.due else None,
        "milestones": [
            {"stage": step.stage, "entered_at": iso(stamp), "note": step.note}
            for step, stamp in zip(spec.journey, entered, strict=True)
        ],
        "documents": [_document(paper, moment) for paper in _papers(spec, complete)],
        "appointment": _appointment(spec, moment),
        "payment": _payment(spec, moment, draw),
        "notices": _notices(spec, moment, entered),
        "outcome": spec.outcome._asdict() if spec.outcome else None,
    }


def _branch(branch: Branch) -> Json:
    """What is known of the branch; what is not is left out, as the contract allows."""
    known = {
        "address": branch.address,
        "hours": branch.hours,
        "location": branch.location
        and dict(zip(("latitude", "longitude"), branch.location, strict=True)),
    }
    return {
        "name": branch.name,
        "regency": branch.regency,
        "phone": branch.phone,
        "timezone": branch.timezone,
        **{name: value for name, value in known.items() if value is not None},
    }


def digest(key: str) -> int:
    """A number that looks random and depends on the key alone."""
    return int.from_bytes(blake2b(key.encode(), key=REFERENCE_KEY, digest_size=8).digest())


def reference(service: str, submitted: str, draw: int) -> str:
    """A claim's reference, e.g. `JHT-2611-004821`: service, month, and six keyed digits."""
    prefix = PREFIXES.get(service, "LL")
    return f"{prefix}-{submitted[2:4]}{submitted[5:7]}-{draw % 1_000_000:06d}"


def iso(stamp: datetime) -> str:
    """RFC 3339 with the branch's offset, to the second."""
    return stamp.isoformat(timespec="seconds")


def _minute(draw: int, position: int) -> int:
    return 8 * 60 + 45 * min(position, 11) + (draw >> (3 * (position % 16))) % 40


def _documents_complete(spec: Spec, entered: list[datetime]) -> str | None:
    if spec.service in WITHOUT_DOCUMENTS:
        return None
    # JMO asks for no documents: a face check at registration stands in for them.
    checking = CHECKING | {"registered"} if spec.channel == "jmo" else CHECKING
    complete = None
    for (before, after), stamp in zip(pairwise(spec.journey), entered[1:], strict=False):
        if before.stage in checking and after.stage not in checking:
            complete = iso(stamp)
    return complete


def _pauses(spec: Spec, moment: Moment, draw: int, entered: list[datetime]) -> list[Json]:
    """When the claim waited for the participant: as given, or as its steps and state say."""
    if spec.pauses is not None:
        spans = [
            (_stamp(moment, wait.since, draw, 5), _stamp(moment, wait.until, draw, 7))
            for wait in spec.pauses
        ]
    else:
        spans = _waits_of(spec, moment, draw, entered)
    return [{"from": since, "until": until} for since, until in spans if since]


def _waits_of(
    spec: Spec, moment: Moment, draw: int, entered: list[datetime]
) -> list[tuple[str | None, str | None]]:
    stamps = [iso(stamp) for stamp in entered]
    spans: list[tuple[str | None, str | None]] = [
        (stamp, until)
        for step, (stamp, until) in zip(spec.journey, pairwise([*stamps, None]), strict=True)
        if step.note in RETURNED_NOTES and (until or is_stopped(spec.state, spec.outcome))
    ]
    if is_stopped(spec.state, spec.outcome) and not any(until is None for _, until in spans):
        if spec.payment and spec.payment.returned:
            spans.append((_stamp(moment, spec.payment.returned, draw, 9), None))
        elif stamps:
            spans.append((stamps[-1], None))
    return spans


def is_stopped(state: str, outcome: Ending | None) -> bool:
    """Whether a claim in this state waits for the participant."""
    is_held_for = state == "on_hold" and outcome is not None and outcome.next_step not in OWN_WAITS
    return state in STOPPING or is_held_for


def _papers(spec: Spec, complete: str | None) -> tuple[Paper, ...]:
    if spec.service in WITHOUT_DOCUMENTS or spec.channel == "jmo":
        return spec.documents or ()
    usual = (
        DOCUMENTS_BY_KIND.get(spec.kind or "")
        or DOCUMENTS_BY_CAUSE.get(spec.cause or "")
        or (_RESIGNING if spec.service == "jht" else "participant_card identity_card bank_book")
    )
    special = {paper.type: paper for paper in spec.documents or ()}
    state = "accepted" if complete else "received"
    listed = [special.pop(name, Paper(name, state)) for name in usual.split()]
    return (*listed, *special.values())


def _document(paper: Paper, moment: Moment) -> Json:
    return {
        "type": paper.type,
        "state": paper.state,
        "cause": paper.cause,
        "due_on": moment.day(paper.due).isoformat() if paper.due else None,
    }


def _appointment(spec: Spec, moment: Moment) -> Json | None:
    if spec.appointment is None:
        return None
    kind, day, start, minutes = spec.appointment
    starts = moment.at(moment.day(day), start)
    ends = moment.at(moment.day(day), start + minutes)
    return {"kind": kind, "starts_at": iso(starts), "ends_at": iso(ends)}


def _payment(spec: Spec, moment: Moment, draw: int) -> Json | None:
    if spec.payment is None:
        return None
    scheduled, sent, returned = spec.payment
    return {
        "scheduled_on": moment.day(scheduled).isoformat(),
        "sent_at": _stamp(moment, sent, draw, 6),
        "returned_at": _stamp(moment, returned, draw, 9),
    }


def _stamp(moment: Moment, day: str | None, draw: int, position: int) -> str | None:
    """A moment that is past, at the hour that the key decides for this position."""
    return iso(moment.past(moment.day(day), _minute(draw, position))) if day else None


def _notices(spec: Spec, moment: Moment, entered: list[datetime]) -> list[Json]:
    """What was sent, some minutes after whatever happened on the same day."""
    minutes = {stamp.date(): stamp.hour * 60 + stamp.minute for stamp in entered}
    sent = []
    for position, notice in enumerate(_sent(spec)):
        day = moment.day(notice.day)
        minute = minutes.get(day, 9 * 60) + 4 + 9 * min(position, 20)
        sent.append((moment.past(day, minute), notice))
    sent.sort(key=lambda pair: pair[0])
    return [
        {"means": notice.means, "about": notice.about, "sent_at": iso(stamp)}
        for stamp, notice in sent
    ]


def _sent(spec: Spec) -> tuple[Sent, ...]:
    if spec.notices is not None:
        return spec.notices
    told = {"registered": "claim_received", "interview": "interview_scheduled"}
    result = [
        Sent(told[step.stage], "whatsapp", step.day)
        for step in spec.journey
        if step.stage in told and not step.note
    ]
    last_day = spec.journey[-1].day if spec.journey else "0"
    if any(paper.due for paper in spec.documents or ()):
        result.append(Sent("documents_requested", "whatsapp", last_day))
    if spec.state in DECIDED:
        result.append(Sent("decision", "email", last_day))
    if spec.payment and spec.payment.sent:
        result.append(Sent("payment_sent", "sms", spec.payment.sent))
    if spec.payment and spec.payment.returned:
        result.append(Sent("payment_returned", "whatsapp", spec.payment.returned))
    return tuple(result)
