"""Following a claim: private addresses, never stored or framed, with a rate limit of their own.

Whoever holds the address sees the page; nobody else does. It costs no budget of the guard, and
counts as every request for the network that asks. Programs that follow a claim (Atom, calendar,
JSON) hear that nothing is new, or get a document and its version.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response

from ..domain.outcomes import Found, Version, Waiting
from ..following.keys import Address, Following, LinkOver, OpenedKey, Revoked, TooManyKeys
from ..following.sightings import Sighting, Sightings, content_of
from ..guard.desk import Answered
from ..sealing import Expired
from ..telling import atom, facts_json, icalendar
from ..telling.outcomes import JAKARTA, present
from ..telling.source import Count, FeedSource
from .polling import (
    add_validators,
    carried,
    is_known,
    no_news,
    seen_version,
    sent_to_the_line,
    shown_version,
)
from .rendering import answer, current_words, link, see_other, sentence, wants_fragment
from .tracking import Lookups

FORMS: Mapping[str, tuple[str, Callable[[FeedSource], bytes]]] = {
    "atom": (atom.MEDIA_TYPE, atom.write),
    "ics": (icalendar.MEDIA_TYPE, icalendar.write),
    "json": (facts_json.MEDIA_TYPE, facts_json.write),
}


@dataclass(frozen=True, slots=True)
class Feeds:
    """`row` names where what was seen of a number stands (following/sightings.py).

    `origin` gives scheme and host of the site as the public knows it.
    """

    sightings: Sightings
    row: Callable[[str], Sequence[str]]
    schema: bytes
    site_name: str
    origin: Callable[[], str]
    clock: Callable[[], datetime]

    def answer(self, form: str, key: str, address: Address, found: Found) -> Response:
        """Return the claims in a form, or 304 to a reader that has this version."""
        version = Version.of(found)
        now = self.clock()
        row, made_at = self.row(address.number), address.opened.first_at

        def see(contents: Mapping[str, bytes], count: Count) -> dict[str, Sighting]:
            seen = self.sightings.see(row, contents, now.timestamp(), count(now))
            as_made = Sighting(float(made_at), count(datetime.fromtimestamp(made_at, UTC)))
            # What others saw of the number before the address was made would say that somebody
            # follows it too, and when.
            return {name: as_made if each.since < made_at else each for name, each in seen.items()}

        def last_changed() -> float:
            return see({"shown": content_of(version.etag)}, lambda _: 0)["shown"].since

        if is_known(version, last_changed):
            return add_validators(Response(status=304), version.etag, None)
        media_type, write = FORMS[form]
        origin, words = self.origin(), current_words()
        source = FeedSource(
            presented=present(found, words, now),
            words=words,
            site_name=self.site_name,
            authority=urlsplit(origin).hostname or "localhost",
            key=address.digest[:16],
            form_url=origin + link("tracking.form"),
            page_url=origin + link("follow.page", key=key),
            self_url=origin + link("follow.feed", key=key, form=form),
            see=see,
            now=now,
        )
        response = Response(write(source), content_type=f"{media_type}; charset=utf-8")
        if form == "json":
            response.headers["Link"] = f'<{link("follow.schema")}>; rel="describedby"'
        if form == "ics":
            # A download would be named by its address, and lie for others to read in a list.
            response.headers["Content-Disposition"] = 'inline; filename="lacak-klaim.ics"'
        return add_validators(response, version.etag, last_changed())

    def failure(self, form: str, outcome: Answered) -> Response | None:
        """Return what JSON says where there are no claims; None for forms that cannot say it."""
        if form != "json":
            return None
        presented = present(outcome, current_words(), self.clock())
        title = sentence("partials/_headline.html", outcome=presented, kept=True)
        facts = {"outcome": presented.name, "retry_after": presented.retry_after}
        problem = facts_json.write_problem(presented.name, title, presented.status, **facts)
        response = Response(problem, presented.status, mimetype=facts_json.PROBLEM_TYPE)
        if presented.retry_after:
            response.headers["Retry-After"] = str(presented.retry_after)
        return response


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
            return answer(present(outcome, current_words(), clock(), ticket=ticket))
        refusal = desk.refusal_of_key(address.number, visitor)
        if refusal is not None:
            ends_at = present(refusal, current_words(), clock()).come_back_at
            raise TooManyKeys(refusal.retry_after, ends_at, ticket)
        key = following.keys.seal(address.number, address.opened.family)
        if wants_fragment():
            return show(key, following.keys.just_sealed(key), outcome, push=True)
        return see_other(link("follow.page", key=key))

    @blueprint.get("/klaim/<ticket>/pantau")
    def back_to_result(ticket: str) -> Response:
        # A tab that is opened again asks for the address on which a form was answered.
        return see_other(link("tracking.result", ticket=ticket))

    @blueprint.get("/pantau/<key>/lupakan")
    def back_to_page(key: str) -> Response:
        return see_other(link("follow.page", key=key))

    @blueprint.get("/pantau/<key>")
    def page(key: str) -> Response:
        address, outcome = ask(key, stands=not shown_version())
        if isinstance(outcome, Waiting):
            return sent_to_the_line(outcome, clock(), pantau=key)
        return no_news(outcome, lookups.versions) or show(key, address, outcome)

    @blueprint.get("/pantau/<key>.<any(atom, ics, json):form>")
    def feed(key: str, form: str) -> Response:
        address, outcome = ask(key, stands=False)
        if isinstance(outcome, Found):
            return feeds.answer(form, key, address, outcome)
        return feeds.failure(form, outcome) or show(key, address, outcome)

    @blueprint.get("/pantau.schema.json")
    def schema() -> Response:
        return Response(feeds.schema, mimetype="application/schema+json")

    @blueprint.post("/pantau/<key>/lupakan")
    def forget(key: str) -> Response:
        with only_what_lives():
            following.keys.forget(key)
        return see_other(link("follow.page", key=key))

    def ask(key: str, *, stands: bool) -> tuple[Address, Answered]:
        with only_what_lives():
            address = following.keys.open(key)
        visitor = lookups.visit()
        return address, desk.look_up_paid(address.number, visitor, address.digest, stands=stands)

    def show(key: str, address: Address, outcome: Answered, push: bool = False) -> Response:
        since, shown = seen_version(), shown_version()
        ends_at = datetime.fromtimestamp(address.expires_at, JAKARTA)
        kept = OpenedKey(
            key,
            ends_at,
            is_compared=bool(since) and not shown,
            is_new=following.keys.is_of_today(address),
        )
        presented = present(outcome, current_words(), clock(), since=since, shown=shown)
        return answer(presented, push, kept, came=carried("sejak"))

    return blueprint


@contextmanager
def only_what_lives() -> Iterator[None]:
    """Raise LinkOver for a private address that was good once."""
    try:
        yield
    except (Expired, Revoked) as error:
        raise LinkOver from error
