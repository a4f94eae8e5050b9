"""The pages of a lookup: private, never stored, never framed."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Blueprint, Response, redirect

from ..guard.limits import RequestLimit
from ..lookup import Found, LookupService
from ..sealing import Sealer
from .headers import may_be_indexed
from .outcomes import tell
from .rendering import answer, current_words, link, page, typed_number, wants_fragment


def make_blueprint(lookup: LookupService, tickets: Sealer, limit: RequestLimit) -> Blueprint:
    """Return the form, the lookup and the result under the addresses of the site itself."""
    blueprint = Blueprint("tracking", __name__)
    blueprint.get("/", endpoint="form")(lambda: may_be_indexed(page("tracking/form.html")))
    add_lookup(blueprint, "", lookup, tickets, limit)
    return blueprint


def add_lookup(
    blueprint: Blueprint,
    prefix: str,
    lookup: LookupService,
    tickets: Sealer,
    limit: RequestLimit,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Add `POST <prefix>/lacak` and `GET <prefix>/klaim/<ticket>` to a blueprint."""

    @blueprint.post(f"{prefix}/lacak")
    def look_up() -> Response:
        typed = typed_number()
        outcome = limit.take() or lookup.look_up(typed)
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
        outcome = limit.take() or lookup.look_up(number)
        return answer(tell(outcome, current_words(), clock(), ticket=ticket), blueprint.name)
