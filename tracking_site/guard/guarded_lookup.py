"""A lookup behind the guard: charged before the core is asked, settled by what it said."""

import json
from dataclasses import dataclass

from ..domain.identifiers import Identifier, InvalidIdentifier, parse_identifier
from ..lookup import Found, LookupService, NotFound, Outcome
from .guard import Guard
from .limits import Refused
from .networks import UNKNOWN, Network
from .partners import Partner
from .tickets import WaitTicket


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks: the network, what was paid (`altcha`, `tunggu`), the partner's site if any."""

    network: Network = UNKNOWN
    solution: str = ""
    wait_ticket: str = ""
    partner: Partner | None = None


@dataclass(frozen=True, slots=True)
class Challenged:
    """A little work is asked first, or as much waiting; `challenge` is ALTCHA's, as JSON."""

    name = "challenge"
    challenge: str
    wait: WaitTicket


GuardedOutcome = Outcome | Challenged | Refused


class GuardedLookup:
    """Looks numbers up as LookupService does, once the guard has let them through.

    Without a guard (drills against the sandbox) everything passes.
    """

    def __init__(self, lookup: LookupService, guard: Guard | None) -> None:
        self._lookup = lookup
        self._guard = guard

    def look_up(self, text: str, visit: Visit) -> GuardedOutcome:
        """Return the outcome for a typed text; an impossible number costs nothing."""
        identifier = parse_identifier(text)
        if self._guard is None or isinstance(identifier, InvalidIdentifier):
            return self._lookup.look_up(text)
        return self._weighed(self._guard, identifier, visit)

    def look_up_paid(self, number: str) -> Outcome:
        """Return the outcome for a number from one of our tickets: it was paid for before."""
        return self._lookup.look_up(number)

    def _weighed(self, guard: Guard, identifier: Identifier, visit: Visit) -> GuardedOutcome:
        paid = guard.paid(identifier, visit.solution, visit.wait_ticket)
        decision, reservation = guard.reserve(visit.network, identifier, paid, visit.partner)
        if decision.kind == "refuse":
            return Refused(float(decision.retry_after))
        if decision.kind == "challenge":
            return _challenged(guard, identifier, decision.level, visit.wait_ticket)
        found = None
        try:
            outcome = self._lookup.look_up_identifier(identifier)
            found = {Found: True, NotFound: False}.get(type(outcome))
            return outcome
        finally:
            guard.settle(reservation, found)


def _challenged(guard: Guard, identifier: Identifier, level: int, shown: str) -> Challenged:
    left = guard.tickets.seconds_left(shown, identifier) if shown else None
    # Somebody who pressed too early goes on waiting instead of beginning anew.
    wait = WaitTicket(shown, left) if left else guard.tickets.issue(identifier, level)
    return Challenged(json.dumps(guard.challenges.issue(identifier, level)), wait)
