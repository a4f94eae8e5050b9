"""What became of a member of the population, drawn from the member's key alone.

About one member in nine has no claims. Offsets are in working days before now, so that the answer
stays the same for a day and the population never ages.
"""

import random
from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import TypeVar

from sandbox.branches import BRANCHES, Branch
from sandbox.spec import Ending, Paper, Slot, Spec, Step, Transfer, Wait
from sandbox.stages import PAYING, USUAL_DAYS, stages_of

T = TypeVar("T")

NOBODY = 1 / 9
CLAIMS = {1: 82, 2: 14, 3: 4}
# Shares of claims of which the core tells no waits, and of those that have waited and go on.
UNTOLD = 0.1
WAITED = 0.15

SERVICES = {
    "jht": 84,
    "jkp": 4,
    "jkk": 3,
    "jp": 3,
    "jkm": 2,
    "profile_update": 1,
    "balance_merge": 1,
    "queue_booking": 1,
    "complaint": 1,
}
KINDS = {"full": 90, "partial_10": 8, "partial_30_housing": 2}
CAUSES = {
    "resignation": 55,
    "layoff": 20,
    "contract_end": 15,
    "pension_age": 6,
    "business_end": 1,
    "death": 1,
    "total_disability": 1,
    "permanent_departure": 1,
}
CHANNELS = {
    "lapak_asik_online": 50,
    "jmo": 25,
    "lapak_asik_onsite": 14,
    "branch": 8,
    "collective": 3,
}
# cause and channel of each service beside JHT
ELSEWHERE: dict[str, tuple[str | None, str]] = {
    "jkk": ("work_accident", "branch"),
    "jkm": ("death", "branch"),
    "jp": ("pension_age", "branch"),
    "jkp": ("layoff", "siapkerja"),
    "profile_update": (None, "jmo"),
    "balance_merge": (None, "branch"),
    "queue_booking": (None, "lapak_asik_online"),
    "complaint": (None, "call_centre"),
}

# Of JHT claims; those of other services are under way or completed.
STATES = {
    "completed": 58,
    "in_progress": 30,
    "action_needed": 5,
    "rejected": 3,
    "on_hold": 2,
    "cancelled": 1,
    "payment_returned": 1,
}

# state: result, then stage, cause and next step of each decision
DECISIONS: dict[str, tuple[str, tuple[tuple[str, str, str], ...]]] = {
    "action_needed": (
        "correction_needed",
        (
            ("document_check", "documents_incomplete", "upload_documents"),
            ("document_check", "file_unreadable", "upload_documents"),
            ("assessment", "account_name_mismatch", "correct_bank_account"),
        ),
    ),
    "on_hold": (
        "on_hold",
        (
            ("assessment", "membership_active", "ask_employer"),
            ("assessment", "several_cards", "merge_balances"),
            ("approval", "head_office_check", "wait"),
        ),
    ),
    "rejected": (
        "refused",
        (
            ("assessment", "waiting_period", "wait_until_period_ends"),
            ("assessment", "data_mismatch", "fix_data_at_branch"),
            ("assessment", "membership_active", "ask_employer"),
        ),
    ),
    "cancelled": (
        "cancelled",
        (
            ("assessment", "withdrawn_by_participant", "submit_again"),
            ("document_check", "deadline_passed", "submit_again"),
        ),
    ),
    "payment_returned": (
        "payment_returned",
        (
            ("payment", "account_closed", "correct_bank_account"),
            ("payment", "account_number_wrong", "correct_bank_account"),
        ),
    ),
}
FAULTY = {
    "documents_incomplete": Paper("bank_book", "missing", None, "+4"),
    "file_unreadable": Paper("photo", "rejected", "unreadable", "+4"),
    "account_name_mismatch": Paper("bank_book", "rejected", "name_mismatch", "+4"),
}


def claims_of_member(key: str) -> tuple[Spec, ...]:
    """The claims of the member with this key, newest first."""
    draw = random.Random(blake2b(key.encode(), digest_size=16).digest())
    if draw.random() < NOBODY:
        return ()
    branch = draw.choice(BRANCHES)
    newest = _claim(draw, branch)
    older = [
        _jht(draw, branch, state="completed", age=80 * (place + 1) + draw.randrange(40))
        for place in range(_pick(draw, CLAIMS) - 1)
    ]
    return tuple(
        _with_waits(spec, f"{key}/waits/{place}") for place, spec in enumerate((newest, *older))
    )


def _with_waits(spec: Spec, key: str) -> Spec:
    """The claim with a wait behind it, or of a core that tells none; drawn from a key of its own.

    So what else is drawn of a member stays what it was.
    """
    draw = random.Random(blake2b(key.encode(), digest_size=16).digest())
    roll = draw.random()
    if roll < UNTOLD:
        return replace(spec, tells_pauses=False)
    moved_on = spec.state in ("in_progress", "completed") and len(spec.journey) > 1
    if roll > UNTOLD + WAITED or not moved_on:
        return spec
    longest = abs(int(spec.journey[1].day))
    since = draw.randrange(1, longest + 1)
    until = draw.randrange(1, since + 1)
    return replace(spec, pauses=(Wait(f"-{since}", f"-{until}"),))


def _claim(draw: random.Random, branch: Branch) -> Spec:
    service = _pick(draw, SERVICES)
    if service == "jht":
        state = _pick(draw, STATES)
        return _jht(draw, branch, state, age=draw.randrange(1, 40 if state == "completed" else 5))
    cause, channel = ELSEWHERE[service]
    stage = draw.choice(stages_of(service, channel))
    days = draw.randrange(1, 40 if stage == "completed" else 5)
    return Spec(
        _path(draw, service, channel, stage, days),
        service=service,
        cause=cause,
        channel=channel,
        branch=branch,
        state="completed" if stage == "completed" else "in_progress",
        appointment=Slot("branch_visit", "+1") if stage == "scheduled" else None,
        payment=_payment(service, stage, days),
        outcome=_good_ending(service) if stage == "completed" else None,
    )


def _jht(draw: random.Random, branch: Branch, state: str, age: int) -> Spec:
    kind = _pick(draw, KINDS)
    channel = _pick(draw, CHANNELS)
    stages = stages_of("jht", channel)
    outcome, papers, payment = None, None, None
    if state == "completed":
        stage, outcome = "completed", _good_ending("jht")
    elif state == "in_progress":
        stage = draw.choice(stages[:-1])
    else:
        result, decisions = DECISIONS[state]
        stage, cause, next_step = draw.choice(decisions)
        if stage not in stages:
            stage = "assessment"
        outcome = Ending(result, cause, next_step)
        papers = (FAULTY[cause],) if cause in FAULTY else None
    if state == "payment_returned":
        age += 3
        payment = Transfer(f"-{age - 1}", f"-{age - 1}", f"-{age - 2}")
    waits = stage == "interview" and state == "in_progress"
    meets = "video_interview" if channel == "lapak_asik_online" else "branch_visit"
    return Spec(
        _path(draw, "jht", channel, stage, age),
        kind=kind,
        cause=_pick(draw, CAUSES) if kind == "full" else None,
        channel=channel,
        branch=branch,
        state=state,
        documents=papers,
        appointment=Slot(meets, f"+{draw.randrange(1, 5)}") if waits else None,
        payment=payment or _payment("jht", stage, age),
        outcome=outcome,
    )


def _path(
    draw: random.Random, service: str, channel: str, stage: str, days: int
) -> tuple[Step, ...]:
    """Steps up to `stage`, entered `days` ago, at a pace around the usual one."""
    stages = stages_of(service, channel)
    steps = [Step(stage, f"-{days}")]
    ago = days
    for name in reversed(stages[: stages.index(stage)]):
        ago += draw.randrange(1, 2 * USUAL_DAYS[name] + 1)
        steps.append(Step(name, f"-{ago}"))
    return tuple(reversed(steps))


def _payment(service: str, stage: str, days: int) -> Transfer | None:
    if service not in PAYING or stage not in ("payment", "completed"):
        return None
    return Transfer(f"-{days}", f"-{days}") if stage == "completed" else Transfer("+1")


def _good_ending(service: str) -> Ending:
    return Ending("paid" if service in PAYING else "done")


def _pick(draw: random.Random, shares: Mapping[T, int]) -> T:
    return draw.choices(list(shares), list(shares.values()))[0]
