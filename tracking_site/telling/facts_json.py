"""The facts of a followed page as JSON, in the form of docs/follow.schema.json.

Every code comes with its words, so that a program can act on one and show the other.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from msgspec import json

from ..domain.claims import Claim
from ..domain.working_days import LegalClock
from .journeys import PresentedJourney
from .source import FeedSource
from .words import Words

MEDIA_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"
Json = dict[str, Any]


def write(source: FeedSource) -> bytes:
    """Return the document as UTF-8."""
    presented, w = source.presented, source.words
    document = {
        "outcome": presented.name,
        "language": w.language,
        "version": presented.version,
        "as_of": _when(presented.as_of),
        "checked_at": _when(presented.checked_at),
        "stale": presented.is_stale,
        "live": presented.is_live,
        "number": {"type": presented.kind, "masked": presented.masked},
        "claims": [_claim(journey, w) for journey in presented.journeys],
    }
    return json.encode(document)


def write_problem(kind: str, title: str, status: int, **more: Any) -> bytes:
    """Return what is said where no claims can be shown (RFC 9457); empty `more` is left out."""
    problem = {"type": f"urn:lacak-klaim:problem:{kind}", "title": title, "status": status}
    return json.encode(problem | {name: value for name, value in more.items() if value})


def _claim(journey: PresentedJourney, w: Words) -> Json:
    claim = journey.claim
    return {
        "reference": claim.reference,
        "service": _coded(w, "service", claim.service),
        "kind": _coded(w, "kind", claim.kind),
        "cause": _coded(w, "claim_cause", claim.cause),
        "channel": _coded(w, "channel", claim.channel),
        "kpj_suffix": claim.kpj_suffix,
        "branch": {"name": claim.branch.name, "timezone": claim.branch.timezone},
        "submitted_at": _when(claim.submitted_at),
        "state": {"code": claim.state, "text": journey.state},
        "stage": _coded(w, "stage", claim.service, journey.standing.stage),
        "headline": journey.headline.text,
        "todo": {
            "needed": journey.todo.is_needed,
            "title": journey.todo.title.text,
            "text": journey.todo.text.text if journey.todo.text else "",
        },
        "outlook": journey.outlook or None,
        "outcome": _outcome(claim, w),
        "clock": _clock(journey.standing.clock),
        "promised_on": _when(claim.due_on),
        "steps": list(_steps(journey, w)),
        "documents": list(_documents(journey, w)),
        "appointment": _appointment(claim, w),
        "payment": _payment(claim),
        "notices": [
            {
                "about": _coded(w, "notice", claim.service, each.about),
                "means": _coded(w, "means", each.means),
                "sent_at": _when(each.sent_at),
            }
            for each in claim.notices
        ],
    }


def _documents(journey: PresentedJourney, w: Words) -> Iterable[Json]:
    rows = journey.documents.rows if journey.documents else ()
    in_words = {row.document: row.state.text for row in rows}
    for each in journey.claim.documents:
        yield {
            "type": _coded(w, "document", each.type),
            "state": {"code": each.state, "text": in_words[each]},
            "cause": _coded(w, "document_cause", each.cause),
            "due_on": _when(each.due_on),
        }


def _steps(journey: PresentedJourney, w: Words) -> Iterable[Json]:
    for shown in journey.steps:
        step = shown.step
        yield {
            "stage": {"code": step.stage, "text": shown.title},
            "state": {"code": step.state, "text": shown.state},
            "entered_at": _when(step.entered_at),
            "step_back": step.is_step_back,
            "note": _coded(w, "note", step.note),
        }


def _outcome(claim: Claim, w: Words) -> Json | None:
    outcome = claim.outcome
    if outcome is None:
        return None
    return {
        "result": {"code": outcome.result, "text": w.code("result", outcome.result)},
        "cause": _coded(w, "cause", outcome.cause),
        "next_step": outcome.next_step,
    }


def _clock(clock: LegalClock | None) -> Json | None:
    if clock is None:
        return None
    # Days that the core does not tell of may have waited for the person, and would not count.
    knows_over = clock.unsure is None and (clock.knows_pauses or not clock.over_by)
    return {
        "state": clock.state,
        "legal_days": clock.legal_days,
        "day_number": clock.day_number,
        "used_days": clock.elapsed if clock.days or clock.unsure is None else None,
        "over_by": clock.over_by if knows_over else None,
        "days": [day.isoformat() for day in clock.days],
        "due_on": _when(clock.due_on),
        "stopped_on": _when(clock.stopped_on),
    }


def _appointment(claim: Claim, w: Words) -> Json | None:
    it = claim.appointment
    if it is None:
        return None
    return {
        "kind": _coded(w, "appointment", it.kind),
        "starts_at": _when(it.starts_at),
        "ends_at": _when(it.ends_at),
    }


def _payment(claim: Claim) -> Json | None:
    it = claim.payment
    if it is None:
        return None
    return {
        "scheduled_on": _when(it.scheduled_on),
        "sent_at": _when(it.sent_at),
        "returned_at": _when(it.returned_at),
    }


def _coded(w: Words, family: str, *codes: str | None) -> Json | None:
    return {"code": codes[-1], "text": w.code(family, *codes)} if codes[-1] else None


def _when(value: datetime | date | None) -> str | None:
    return value.isoformat() if value else None
