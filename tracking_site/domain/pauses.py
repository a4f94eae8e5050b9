"""When a claim waited for the participant, as far as the core tells it; in days of the branch.

The legal clock stands still on every day of such a wait, its first and its last included: the
day on which documents come in does not count either. This is our reading of the rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from .claims import Claim, ClaimState

NOTES_OF_WAITING = frozenset(
    {"documents_returned", "resubmitted", "interview_missed", "data_corrected", "payment_retried"}
)
"""Notes of milestones that show that a claim has waited for the participant, or may have."""

_STOPPING_NOTES = frozenset({"documents_returned", "interview_missed"})
_STOPPED = frozenset({ClaimState.ACTION_NEEDED, ClaimState.ON_HOLD, ClaimState.PAYMENT_RETURNED})


@dataclass(frozen=True, slots=True)
class Pauses:
    """The days that do not count.

    `spans` are those that are over, first and last day both left out; `is_stopped` while one
    lasts, `since` the day on which it began, None where the core does not say.
    `is_told` where the core tells every wait; where it does not, `is_vague` says that there was
    one, of which nobody tells how long it was. `is_open` where the core tells one that lasts.
    """

    spans: tuple[tuple[date, date], ...] = ()
    is_stopped: bool = False
    since: date | None = None
    is_told: bool = True
    is_vague: bool = False
    is_open: bool = False

    @classmethod
    def of(cls, claim: Claim, zone: ZoneInfo) -> "Pauses":
        """Read them from what the core tells: pauses, and else milestones, state and payment."""
        given = claim.pauses
        open_since = [pause.since for pause in given or () if pause.until is None]
        return cls(
            spans=tuple(_spans(claim, zone)),
            is_stopped=bool(open_since) or _is_stopped(claim),
            since=_since(claim, zone, open_since),
            is_told=given is not None,
            is_vague=given is None and _shows_a_wait(claim),
            is_open=bool(open_since),
        )

    def hold(self, day: date) -> bool:
        """Return whether a day belongs to a wait that is over."""
        return any(first <= day <= last for first, last in self.spans)


def _spans(claim: Claim, zone: ZoneInfo) -> Iterator[tuple[date, date]]:
    for pause in claim.pauses or ():
        if pause.until is not None:
            yield _day(pause.since, zone), _day(pause.until, zone)
    payment = claim.payment
    if payment and payment.sent_at and payment.returned_at:
        # Money that was on its way to a bank that refused it: nobody at the branch was late.
        yield _day(payment.sent_at, zone), _day(payment.returned_at, zone)


def _is_stopped(claim: Claim) -> bool:
    if claim.state == ClaimState.ON_HOLD:
        # Where the core tells every wait and none lasts, the branch itself holds the claim.
        return claim.pauses is None
    return claim.state in _STOPPED


def _since(claim: Claim, zone: ZoneInfo, open_since: list[datetime]) -> date | None:
    began = list(open_since)
    if claim.state == ClaimState.PAYMENT_RETURNED:
        # The branch had done its part when the money left, whatever the bank did with it.
        left = (claim.payment.sent_at or claim.payment.returned_at) if claim.payment else None
        began += [left] if left else []
    elif not began and claim.milestones and _is_stopped(claim):
        last = claim.milestones[-1]
        # A stage that was entered says nothing of when it stopped, unless its note does.
        began = [last.entered_at] if last.note in _STOPPING_NOTES else []
    return _day(min(began), zone) if began else None


def _shows_a_wait(claim: Claim) -> bool:
    start = claim.documents_complete_at
    if start is None:
        return False
    later = [each for each in claim.milestones if each.entered_at > start]
    if later and later[-1].note in _STOPPING_NOTES and _is_stopped(claim):
        later.pop()
    was_returned = claim.payment is not None and claim.payment.returned_at is not None
    is_paid_again = was_returned and claim.state != ClaimState.PAYMENT_RETURNED
    return is_paid_again or any(each.note in NOTES_OF_WAITING for each in later)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
