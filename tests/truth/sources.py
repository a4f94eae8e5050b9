"""Where each kind of sentence comes from."""

from collections.abc import Mapping
from enum import StrEnum

from tracking_site.telling.statements import Says


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

SOURCE_OF = {Says(name): source for source, names in _SOURCES.items() for name in names.split()}
