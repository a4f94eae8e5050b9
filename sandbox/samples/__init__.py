"""Sample participants, one for each situation worth seeing; a short tour comes first."""

from sandbox.samples import (
    decisions,
    moving,
    oddities,
    services,
    several,
    turns,
    waits,
)

TOUR = (
    "assessment_day_3",
    "just_registered",
    "interview_tomorrow",
    "missing_document",
    "step_back",
    "overdue",
    "paid_today",
    "payment_returned",
    "rejected_waiting_period",
    "on_hold_membership_active",
    "several_cards",
    "nothing_to_show",
)

_ALL = (
    *moving.PARTICIPANTS,
    *turns.PARTICIPANTS,
    *decisions.PARTICIPANTS,
    *several.PARTICIPANTS,
    *services.PARTICIPANTS,
    *oddities.PARTICIPANTS,
    *waits.PARTICIPANTS,
)
_BY_NAME = {sample.situation: sample for sample in _ALL}

SAMPLES = (
    *(_BY_NAME[situation] for situation in TOUR),
    *(sample for sample in _ALL if sample.situation not in TOUR),
)
