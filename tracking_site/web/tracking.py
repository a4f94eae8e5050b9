"""The pages of a lookup: private, never stored, never framed."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Response, redirect

from ..guard.guarded_lookup import GuardedLookup, Visit
from ..guard.limits import RequestLimit
from ..lookup import Found
from ..sealing import Sealer
from .headers import may_be_indexed
from .outcomes import tell
from .rendering import answer, current_words, link, page, typed_number, wants_fragment

VisitNow = Callable[[], Visit]
"""Tells who sends the request that is being served."""


def make_blueprint(
    lookup: GuardedLookup, tickets: Sealer, limit: RequestLimit, visit: VisitNow
) -> Blueprint:
    """Return the form, the lookup and the result under the addresses of the site itself."""
    blueprint = Blueprint("tracking", __name__)
    blueprint.get("/", endpoint="form")(lambda: may_be_indexed(page("tracking/form.html")))
    add_lookup(blueprint, "", lookup, tickets, limit, visit)
    return blueprint


def add_lookup(
    blueprint: Blueprint,
    prefix: str,
    lookup: GuardedLookup,
    tickets: Sealer,
    limit: RequestLimit,
    visit: VisitNow,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Add `POST <prefix>/lacak` and `GET <prefix>/klaim/<ticket>` to a blueprint."""

    @blueprint.post(f"{prefix}/lacak")
    def look_up() -> Response:
        typed = typed_number()
        visitor = visit()
        outcome = limit.take(visitor.network) or lookup.look_up(typed, visitor)
        if not isinstance(outcome, Found):
            return answer(tell(outcome, current_words(), clock(), typed), blueprint.name)
        ticket = tickets.seal(outcome.identifier.canonical)
        if not wants_fragment():
            address = link(f"{blueprint.name}.result", ticket=ticket)
            return redirect(address, 303)  # type: ignore[return-value]
        told = tell(outcome, current_words(), clock(), ticket=ticket)
        return answer(told, blueprint.name, push=True)

    @blueprint.get(f"{prefix}/klaim/<ticket>")
    def result(ticket: str) -> Response:
        number = tickets.open(ticket)
        outcome = limit.take(visit().network) or lookup.look_up_paid(number)
        return answer(tell(outcome, current_words(), clock(), ticket=ticket), blueprint.name)
