"""Live changes: a participant's claims moved on by hand, so that an open page has news.

The first change freezes the claims as they were told at that moment; from then on they move only
when they are moved. Nothing is kept of participants who were never changed.
"""

import threading
from copy import deepcopy
from typing import Any

from sandbox.calendar import Moment
from sandbox.claims import CHECKING, WITHOUT_DOCUMENTS, Json, build, is_stopped, iso
from sandbox.directory import Directory, Participant
from sandbox.spec import Ending, Spec, journey

MAX_KEPT = 10_000
NUMBERS = ("nik", "kpj")
ANSWERED_WITHOUT_MONEY = frozenset({"profile_update", "balance_merge", *WITHOUT_DOCUMENTS})

TEXT: tuple[type, ...] = (str,)
TEXT_OR_NULL: tuple[type, ...] = (str, type(None))
OBJECT_OR_NULL: tuple[type, ...] = (dict, type(None))

# What a change may set as it is.
SETTABLE: dict[str, tuple[type, ...]] = {
    "state": TEXT,
    "kind": TEXT_OR_NULL,
    "cause": TEXT_OR_NULL,
    "channel": TEXT,
    "due_on": TEXT_OR_NULL,
    "documents_complete_at": TEXT_OR_NULL,
    "documents": (list,),
    "pauses": (list,),
    "appointment": OBJECT_OR_NULL,
    "payment": OBJECT_OR_NULL,
    "notices": (list,),
    "outcome": OBJECT_OR_NULL,
}
STEPPING: dict[str, tuple[type, ...]] = {"stage": TEXT, "note": TEXT_OR_NULL}


class Changes:
    """Keeps the changed claims, the oldest change giving way when there are too many."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._kept: dict[str, list[Json]] = {}
        self._lock = threading.Lock()

    def claims_of(self, participant: Participant) -> list[Json]:
        """The participant's claims, changes included."""
        with self._lock:
            kept = self._kept.get(participant.key)
        return kept if kept is not None else self._directory.claims_of(participant)

    def reset(self) -> None:
        """Forgets every change."""
        with self._lock:
            self._kept.clear()

    def apply(self, document: Any) -> list[Json]:
        """Changes one claim and returns all claims of its participant.

        Raises LookupError when nobody has the number or reference, ValueError with the right
        form when the document is not a change.
        """
        if not isinstance(document, dict):
            raise ValueError("A change is an object with 'nik', 'kpj' or 'reference'.")
        _check(document)
        participant, place = self._claim_meant(document)
        claims = deepcopy(self.claims_of(participant))
        if not claims and "stage" in document:
            claims = [self._first_claim(participant)]
        elif not 0 <= place < len(claims):
            raise LookupError("There is no such claim.")
        self._move(claims[place], document)
        with self._lock:
            self._kept.pop(participant.key, None)
            self._kept[participant.key] = claims
            while len(self._kept) > MAX_KEPT:
                del self._kept[next(iter(self._kept))]
        return claims

    def _claim_meant(self, document: Json) -> tuple[Participant, int]:
        for kind in NUMBERS:
            if kind in document:
                participant = self._directory.find(kind, document[kind])
                if participant is None:
                    raise LookupError("There is no such participant.")
                return participant, document.get("claim", 0)
        for participant in self._directory.samples:
            for place, claim in enumerate(self.claims_of(participant)):
                if claim["reference"] == document["reference"]:
                    return participant, place
        raise LookupError("No sample has this reference.")

    def _first_claim(self, participant: Participant) -> Json:
        """A claim of someone who had none; its first milestone is the change that follows."""
        now = self._directory.clock()
        spec = Spec(journey("registered@0c"), kind="full", cause="resignation")
        claim = build(spec, f"{participant.key}/0", participant.kpj, now, self._directory.holidays)
        return {**claim, "milestones": [], "submitted_at": iso(Moment(now).local)}

    def _move(self, claim: Json, document: Json) -> None:
        moment = Moment(
            self._directory.clock(), claim["branch"]["timezone"], self._directory.holidays
        )
        now = iso(moment.local)
        stage, state = document.get("stage"), document.get("state")
        if state == "completed" and stage is None:
            stage = "completed"
        if stage is not None:
            _enter(claim, stage, document.get("note"), now, moment)
        if state == "payment_returned":
            sent = claim["payment"] or {"scheduled_on": moment.today.isoformat(), "sent_at": now}
            claim["payment"] = {**sent, "returned_at": now}
        claim.update({name: document[name] for name in SETTABLE if name in document})
        if claim["state"] == "in_progress" and "outcome" not in document:
            claim["outcome"] = None
        if "pauses" in claim and "pauses" not in document:
            _pause(claim, now)


def _pause(claim: Json, now: str) -> None:
    """A claim that stops for the participant begins to wait; one that goes on waits no more."""
    outcome = Ending(**claim["outcome"]) if claim["outcome"] else None
    lasting = [pause for pause in claim["pauses"] if pause["until"] is None]
    if not is_stopped(claim["state"], outcome):
        for pause in lasting:
            pause["until"] = now
    elif not lasting:
        claim["pauses"].append({"from": now, "until": None})


def _enter(claim: Json, stage: str, note: str | None, now: str, moment: Moment) -> None:
    """The claim enters a stage now, with what follows from it."""
    last = claim["milestones"][-1]["stage"] if claim["milestones"] else None
    claim["milestones"].append({"stage": stage, "entered_at": now, "note": note})
    claim["state"] = "in_progress"
    if last in CHECKING and stage not in CHECKING and claim["service"] not in WITHOUT_DOCUMENTS:
        claim["documents_complete_at"] = now
        for paper in claim["documents"]:
            paper.update(state="accepted", cause=None, due_on=None)
    if stage not in ("interview", "scheduled"):
        claim["appointment"] = None
    pays = claim["service"] not in ANSWERED_WITHOUT_MONEY
    if stage == "payment" and claim["payment"] is None:
        planned = moment.day("+1").isoformat()
        claim["payment"] = {"scheduled_on": planned, "sent_at": None, "returned_at": None}
    if stage == "completed":
        claim["state"] = "completed"
        result = "paid" if pays else "done"
        claim["outcome"] = {"result": result, "cause": None, "next_step": "none"}
        if pays:
            planned = (claim["payment"] or {}).get("scheduled_on", moment.today.isoformat())
            claim["payment"] = {"scheduled_on": planned, "sent_at": now, "returned_at": None}


def _check(document: Json) -> None:
    named = [name for name in (*NUMBERS, "reference") if name in document]
    if len(named) != 1 or not isinstance(document[named[0]], str):
        raise ValueError("A change names one of 'nik', 'kpj' and 'reference'.")
    types = SETTABLE | STEPPING | {"claim": (int,), named[0]: TEXT}
    if not set(document) <= set(types):
        raise ValueError(f"A change may set: {', '.join(sorted(SETTABLE | STEPPING))}.")
    for name, value in document.items():
        is_right = isinstance(value, types[name])
        if isinstance(value, list):
            is_right = is_right and all(isinstance(item, dict) for item in value)
        if not is_right:
            raise ValueError(f"'{name}' has the wrong type.")
