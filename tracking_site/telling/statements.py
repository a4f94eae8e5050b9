"""A sentence together with what it claims: of what, which day or number, and where that is from.

Pages, feeds and calendars show the text; tests hold the claims of one page against each other
and against what the core said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class Source(StrEnum):
    """Where a sentence comes from."""

    CORE = "core"
    """The core said so, of this claim."""

    COUNTED = "counted"
    """Counted here: from what the core said, the rule's days and the calendar of holidays."""

    RULE = "rule"
    """A rule or a fact of data/, with its own source there."""

    USUAL = "usual"
    """Observed of many claims, or known of banks; of this one it says nothing."""

    SITE = "site"
    """Advice of this site, or that it does not know."""


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


_SOURCES: Mapping[Source, str] = {
    Source.CORE: (
        "state since began ended stopped sent not_sent scheduled schedule_held schedule_passed "
        "returned appointment appointment_passed action_due action_due_passed promised "
        "promise_held promise_passed document step_done step_left step_now step_stopped todo"
    ),
    Source.COUNTED: (
        "not_started starts limit limit_passed limit_was day_number used late_by planned_late "
        "waited left_out may_move nothing_to_do wait nobody_late"
    ),
    Source.RULE: "rule sooner explained next_news",
    Source.USUAL: "bank_by outlook",
    Source.SITE: "where ask unknown",
}

SOURCE_OF: Mapping[Says, Source] = MappingProxyType(
    {Says(name): source for source, names in _SOURCES.items() for name in names.split()}
)


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

    @property
    def source(self) -> Source:
        return SOURCE_OF[self.says]

    def __str__(self) -> str:
        return self.text
