"""Polls of an open page: they carry the version that it shows, and hear of news alone."""

from flask import Response
from htmx_flask import request

from ..following.keys import Address, Addresses
from .rendering import Renderings, wants_fragment


def shown_version() -> str:
    """Return the version that a poll says its page shows; nothing for any other request."""
    return request.headers.get("If-None-Match", "").strip() if wants_fragment() else ""


def seen_version() -> str:
    """Return the version from which on everything is new to the person, where it is known."""
    seen: str = request.args.get("sejak", "")
    return seen


def no_news(outcome: object, renderings: Renderings) -> Response | None:
    """Return 204 without a body where the page that polls shows all there is."""
    shown = shown_version()
    return Response(status=204) if shown and renderings.shows_all_of(outcome, shown) else None


def fresh_ticket(tickets: Addresses, ticket: str, address: Address) -> str:
    """Return the ticket for the page that is sent: a new one once half its time is over.

    Only polls are given new ones, so that an open page outlives its ticket and a kept
    address does not; after a day the family ends, and the page asks for the number again.
    """
    if shown_version() and tickets.is_half_over(address):
        return tickets.renew(ticket, address)
    return ticket
