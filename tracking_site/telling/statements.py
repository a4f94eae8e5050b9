"""A sentence together with what it claims: of what, and which day or number.

Pages, feeds and calendars show the text; tests hold the claims of one page against each other
and against what the core said.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Says(StrEnum):
    """What a sentence claims. Those with a day claim it of that day."""

    STATE = "state"
    SINCE = "since"
    BEGAN = "began"
    ENDED = "ended"
    STOPPED = "stopped"
    SENT = "sent"
    NOT_SENT = "not_sent"
    SCHEDULED = "scheduled"
    SCHEDULE_HELD = "schedule_held"
    SCHEDULE_PASSED = "schedule_passed"
    RETURNED = "returned"
    APPOINTMENT = "appointment"
    APPOINTMENT_PASSED = "appointment_passed"
    ACTION_DUE = "action_due"
    ACTION_DUE_PASSED = "action_due_passed"
    PROMISED = "promised"
    PROMISE_HELD = "promise_held"
    PROMISE_PASSED = "promise_passed"
    DOCUMENT = "document"

    NOT_STARTED = "not_started"
    STARTS = "starts"
    LIMIT = "limit"
    LIMIT_PASSED = "limit_passed"
    LIMIT_WAS = "limit_was"
    DAY_NUMBER = "day_number"
    USED = "used"
    LATE_BY = "late_by"
    PLANNED_LATE = "planned_late"
    WAITED = "waited"
    LEFT_OUT = "left_out"
    MAY_MOVE = "may_move"

    RULE = "rule"
    SOONER = "sooner"
    BANK_BY = "bank_by"
    OUTLOOK = "outlook"
    EXPLAINED = "explained"

    STEP_DONE = "step_done"
    STEP_LEFT = "step_left"
    STEP_NOW = "step_now"
    STEP_STOPPED = "step_stopped"

    NOTHING_TO_DO = "nothing_to_do"
    WAIT = "wait"
    NEXT_NEWS = "next_news"
    TODO = "todo"
    WHERE = "where"
    ASK = "ask"
    UNKNOWN = "unknown"
    NOBODY_LATE = "nobody_late"
    """That nothing is awaited from the person, so that others would be late."""


@dataclass(frozen=True, slots=True)
class Statement:
    """`day` is the day that the text names, `count` the number of working days that it says.

    `code` names what it is about where that is not clear: a document, a family of codes.
    """

    text: str
    says: Says
    day: date | None = None
    count: int | None = None
    code: str = ""

    def __str__(self) -> str:
        return self.text
