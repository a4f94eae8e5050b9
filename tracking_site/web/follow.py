"""Following a claim: private addresses, never stored or framed, with a rate limit of their own.

Whoever holds the address sees the page; nobody else does. It costs no budget of the guard, and
counts as every request for the network that asks.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect

from ..domain.outcomes import Found, Outcome, Unavailable, Waiting
from ..following.keys import Address, Following, LinkOver, OpenedKey, TakenBack, TooManyKeys
from ..guard.limits import Refused
from ..guard.line import MIN_RELOAD
from ..sealing import Expired
from ..telling.outcomes import JAKARTA, tell
from .feeds import Feeds
from .polling import no_news, seen_version, sent_to_the_line, shown_version
from .rendering import answer, current_words, link, wants_fragment
from .tracking import Lookups


@dataclass(frozen=True, slots=True)
class Asked:
    """A private address that is asked for, and the outcome of its number."""

    key: str
    address: Address
    outcome: Outcome | Refused


def make_blueprint(lookups: Lookups, following: Following, feeds: Feeds) -> Blueprint:
    """Return `/pantau/<key>` in all its forms, and how it is made and taken back."""
    blueprint = Blueprint("follow", __name__)
    desk, clock = lookups.desk, lookups.clock

    @blueprint.post("/klaim/<ticket>/pantau")
    def keep(ticket: str) -> Response:
        address = following.tickets.open(ticket)
        if not following.tickets.is_young(address):
            # A page that stays open for hours is no proof that its reader knows the number.
            raise Expired
        visitor = lookups.visit()
        outcome = desk.look_up_paid(address.number, visitor)
        if isinstance(outcome, Waiting):
            return sent_to_the_line(outcome, clock(), tiket=ticket)
        if not isinstance(outcome, Found):
            return answer(tell(outcome, current_words(), clock()))
        refusal = desk.refusal_of_key(address.number, visitor)
        if refusal is not None:
            raise TooManyKeys(refusal.retry_after)
        key = following.keys.seal(address.number, made_from=address)
        if wants_fragment():
            return show(Asked(key, following.keys.open(key), outcome), push=True)
        return redirect(link("follow.page", key=key), 303)  # type: ignore[return-value]

    @blueprint.get("/pantau/<key>")
    def page(key: str) -> Response:
        asked = ask(key)
        if isinstance(asked.outcome, Waiting):
            return sent_to_the_line(asked.outcome, clock(), pantau=key)
        return no_news(asked.outcome, lookups.renderings) or show(asked)

    @blueprint.get("/pantau/<key>.<any(atom, ics, json):form>")
    def feed(key: str, form: str) -> Response:
        asked = ask(key)
        if isinstance(asked.outcome, Found):
            return feeds.answer(form, key, asked.address, asked.outcome)
        if isinstance(asked.outcome, Waiting):
            # A program stands in no line: it comes back when it would have been its turn.
            later = Unavailable(max(asked.outcome.seconds, MIN_RELOAD))
            asked = Asked(key, asked.address, later)
        return feeds.failure(form, asked.outcome) or show(asked)

    @blueprint.get("/pantau.schema.json")
    def schema() -> Response:
        return Response(feeds.schema, mimetype="application/schema+json")

    @blueprint.post("/pantau/<key>/lupakan")
    def forget(key: str) -> Response:
        with only_what_lives():
            following.keys.forget(key)
        return redirect(link("follow.page", key=key), 303)  # type: ignore[return-value]

    def ask(key: str) -> Asked:
        with only_what_lives():
            address = following.keys.open(key)
        outcome = desk.look_up_paid(address.number, lookups.visit(), address.digest)
        return Asked(key, address, outcome)

    def show(asked: Asked, push: bool = False) -> Response:
        since, shown = seen_version(), shown_version()
        ends_at = datetime.fromtimestamp(asked.address.expires_at, JAKARTA)
        kept = OpenedKey(
            asked.key,
            ends_at,
            is_compared=bool(since) and not shown,
            is_new=following.keys.is_of_today(asked.address),
        )
        told = tell(asked.outcome, current_words(), clock(), since=since, shown=shown)
        return answer(told, push, kept)

    return blueprint


@contextmanager
def only_what_lives() -> Iterator[None]:
    """Raise LinkOver for a private address that was good once."""
    try:
        yield
    except (Expired, TakenBack) as error:
        raise LinkOver from error
