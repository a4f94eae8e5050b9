"""The one door to a lookup: counted, weighed, looked up, and settled by what the core said.

Whatever shows claims asks a `Desk`, once for each request: typed numbers, tickets, private
addresses and frames alike. So no way to the core is without the request limit.
"""

import json
from dataclasses import dataclass

from ..domain.identifiers import InvalidIdentifier, InvalidReason
from ..lookup import Found, Invalid, LookupService, NotFound, Outcome
from ..records import note, timed
from .guard import Guard
from .limits import Refused, RequestLimit
from .networks import UNKNOWN, Network
from .partners import Partner
from .second_factor import Inquiry, inquiry_about, inquiry_again, inquiry_of
from .tickets import WaitTicket


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks, and what came with the number.

    The network; what was paid (`altcha`, `tunggu`); the end of a card where it is asked
    (`kartu`); the partner's site if the page is framed, and the kinds of number taken there.
    """

    network: Network = UNKNOWN
    solution: str = ""
    wait_ticket: str = ""
    card: str = ""
    partner: Partner | None = None
    accepts: tuple[str, ...] = ("kpj", "nik")


@dataclass(frozen=True, slots=True)
class Challenged:
    """A little work is asked first, or as much waiting; `challenge` is ALTCHA's, as JSON.

    `is_early` says that somebody waited, and not long enough.
    """

    name = "challenge"
    challenge: str
    wait: WaitTicket
    is_early: bool = False


GuardedOutcome = Outcome | Challenged | Refused


class Desk:
    """Answers lookups: `look_up` for a typed number, `look_up_paid` for one that was paid for.

    Both take from the limit first. Without a guard (drills against the sandbox) every number that
    the limit lets in is looked up. With `asks_card` a NIK needs the end of a card too.
    """

    def __init__(
        self,
        lookup: LookupService,
        guard: Guard | None,
        limit: RequestLimit,
        *,
        asks_card: bool = False,
    ) -> None:
        self._lookup = lookup
        self._guard = guard
        self._limit = limit
        self._asks_card = asks_card

    def look_up(self, text: str, visit: Visit) -> GuardedOutcome:
        """Return the outcome for a typed text; an impossible number costs nothing."""
        with timed("guarded"):
            outcome = self._limit.take(visit.network) or self._read(text, visit)
        note(outcome=outcome.name)
        return outcome

    def look_up_paid(
        self, paid_form: str, visit: Visit, address: str | None = None
    ) -> Outcome | Refused:
        """Return the outcome for what `paid_form` returned before: the guard is asked no more.

        `address` is the digest of the private address that is asked for, where it is one: it has
        a limit of its own beside that of the network.
        """
        with timed("guarded"):
            outcome = self._limit.take(visit.network, address) or self._read_again(paid_form)
        note(outcome=outcome.name)
        return outcome

    def paid_form(self, answered: Found | NotFound, visit: Visit) -> str:
        """Return what a ticket has to carry, so that `look_up_paid` gives the same again."""
        inquiry = inquiry_about(answered.identifier, visit.card, is_asked=self._asks_card)
        return "" if isinstance(inquiry, InvalidIdentifier) else inquiry.canonical

    def _read(self, text: str, visit: Visit) -> GuardedOutcome:
        inquiry = inquiry_of(text, visit.card, is_asked=self._asks_card)
        if isinstance(inquiry, InvalidIdentifier):
            return Invalid(inquiry.reason, inquiry.length)
        if inquiry.kind not in visit.accepts:
            return Invalid(InvalidReason.KIND_NOT_HERE, len(inquiry.identifier.canonical))
        if self._guard is None:
            return self._answer(inquiry)
        return self._weighed(self._guard, inquiry, visit)

    def _read_again(self, paid_form: str) -> Outcome:
        inquiry = inquiry_again(paid_form)
        if isinstance(inquiry, InvalidIdentifier):
            return Invalid(inquiry.reason, inquiry.length)
        return self._answer(inquiry)

    def _weighed(self, guard: Guard, inquiry: Inquiry, visit: Visit) -> GuardedOutcome:
        paid = guard.paid(inquiry, visit.solution, visit.wait_ticket)
        decision, reservation = guard.reserve(visit.network, inquiry, paid, visit.partner)
        if decision.kind == "refuse":
            return Refused(float(decision.retry_after))
        if decision.kind == "challenge":
            return _challenged(guard, inquiry, decision.level, visit.wait_ticket)
        found = None
        try:
            outcome = self._answer(inquiry)
            found = {Found: True, NotFound: False}.get(type(outcome))
            return outcome
        finally:
            guard.settle(reservation, found)

    def _answer(self, inquiry: Inquiry) -> Outcome:
        return self._lookup.look_up_identifier(inquiry.asked)


def _challenged(guard: Guard, inquiry: Inquiry, level: int, shown: str) -> Challenged:
    left = guard.tickets.seconds_left(shown, inquiry) if shown else None
    # Somebody who pressed too early goes on waiting instead of beginning anew.
    wait = WaitTicket(shown, left) if left else guard.tickets.issue(inquiry, level)
    challenge = json.dumps(guard.challenges.issue(inquiry, level))
    return Challenged(challenge, wait, is_early=bool(left))
