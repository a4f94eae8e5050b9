"""The pages of a lookup: private, never stored, never framed."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, Response, redirect, request

from ..following.keys import Addresses, CannotTell, TakenBack
from ..guard.guarded_lookup import GuardedLookup, Visit
from ..guard.limits import RequestLimit
from ..lookup import Found, NotFound
from ..sealing import Expired, NotSealed
from .headers import may_be_indexed
from .live import fresh_ticket, no_news, seen_version, shown_version
from .outcomes import tell
from .quick import DECIDED
from .rendering import (
    answer,
    current_words,
    found_again,
    link,
    page,
    typed_number,
    wants_fragment,
)
from .renderings import Renderings

VisitNow = Callable[[], Visit]
"""Tells who sends the request that is being served."""


def make_blueprint(
    lookup: GuardedLookup,
    tickets: Addresses,
    limit: RequestLimit,
    visit: VisitNow,
    renderings: Renderings,
    clock: Callable[[], datetime],
) -> Blueprint:
    """Return the form, the lookup and the result under the addresses of the site itself."""
    blueprint = Blueprint("tracking", __name__)
    blueprint.get("/", endpoint="form")(lambda: may_be_indexed(page("tracking/form.html")))
    add_lookup(blueprint, "", lookup, tickets, limit, visit, renderings, clock)
    return blueprint


def add_lookup(
    blueprint: Blueprint,
    prefix: str,
    lookup: GuardedLookup,
    tickets: Addresses,
    limit: RequestLimit,
    visit: VisitNow,
    renderings: Renderings,
    clock: Callable[[], datetime],
) -> None:
    """Add looking up, the result and clearing the screen to a blueprint, under a prefix."""

    def decided() -> Any:
        """Return what was decided in front of Flask already (quick.py); raise an accident."""
        outcome = request.environ.pop(DECIDED, None)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @blueprint.post(f"{prefix}/lacak")
    def look_up() -> Response:
        typed = typed_number()
        visitor = visit()
        outcome = decided() or limit.take(visitor.network) or lookup.look_up(typed, visitor)
        if not isinstance(outcome, Found | NotFound):
            told = tell(outcome, current_words(), clock(), typed, card=visitor.card)
            return answer(told, blueprint.name)
        # The same way whether found or not: other sites can count redirects and history entries.
        ticket = tickets.seal(lookup.paid_form(outcome, visitor))
        if not wants_fragment():
            address = link(f"{blueprint.name}.result", ticket=ticket)
            return redirect(address, 303)  # type: ignore[return-value]
        if isinstance(outcome, Found):
            return found_again(renderings, outcome, ticket, blueprint.name, push=True)
        told = tell(outcome, current_words(), clock(), ticket=ticket)
        return answer(told, blueprint.name, push=True)

    @blueprint.get(f"{prefix}/klaim/<ticket>")
    def result(ticket: str) -> Response:
        address = tickets.open(ticket)
        outcome = decided() or limit.take(visit().network) or lookup.look_up_paid(address.number)
        versions = {"since": seen_version(), "shown": shown_version()}
        if isinstance(outcome, Found) and not any(versions.values()):
            return found_again(renderings, outcome, ticket, blueprint.name)
        renewed = fresh_ticket(tickets, ticket, address) if isinstance(outcome, Found) else ticket
        told = partial(tell, outcome, current_words(), clock(), ticket=renewed, **versions)
        response = no_news(outcome, renderings) or answer(told(), blueprint.name)
        if renewed != ticket:
            response.headers["HX-Replace-Url"] = link(f"{blueprint.name}.result", ticket=renewed)
        return response

    @blueprint.post(f"{prefix}/bersihkan")
    def clear() -> Response:
        with suppress(NotSealed, Expired, TakenBack, CannotTell):
            tickets.forget(request.form.get("tiket", ""))
        response: Response = redirect(link(f"{blueprint.name}.form"), 303)  # type: ignore[assignment]
        # Nothing of ours is in the cache: every page is no-store. To empty it takes browsers long.
        response.headers["Clear-Site-Data"] = '"storage"'
        return response
