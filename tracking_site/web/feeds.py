"""The answers to programs that follow a claim: nothing new, or a document and its version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Response

from ..domain.outcomes import Found, Outcome
from ..following.keys import Address
from ..following.sightings import Sighting, Sightings, SightsRow, content_of
from ..following.versions import Version
from ..guard.limits import Refused
from ..telling import atom, facts_json, icalendar
from ..telling.outcomes import tell
from ..telling.source import FeedSource
from .polling import add_validators, is_known
from .rendering import current_words, link, sentence


class Form(NamedTuple):
    media_type: str
    write: Callable[[FeedSource], bytes]


FORMS: Mapping[str, Form] = {
    "atom": Form(atom.MEDIA_TYPE, atom.write),
    "ics": Form(icalendar.MEDIA_TYPE, icalendar.write),
    "json": Form(facts_json.MEDIA_TYPE, facts_json.write),
}


@dataclass(frozen=True, slots=True)
class Feeds:
    """`row` names where what was seen of a number stands (following/sightings.py).

    `origin` gives scheme and host of the site as the public knows it.
    """

    sightings: Sightings
    row: Callable[[str, str], SightsRow]
    schema: bytes
    site_name: str
    origin: Callable[[], str]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def answer(self, form: str, key: str, address: Address, found: Found) -> Response:
        """Return the claims in a form, or 304 to a reader that has this version."""
        version = Version.of(found)
        now = self.clock()
        row = self.row(address.number, address.digest)
        # An address of form 1 does not know its first moment: no entry of it becomes new.
        made_at = address.opened.first_at if address.opened.family else 0

        def see(contents: Mapping[str, bytes], least: int) -> dict[str, Sighting]:
            seen = self.sightings.see(row, contents, now.timestamp(), least)
            return {name: _since_made(each, made_at) for name, each in seen.items()}

        def last_changed() -> float:
            return see({"shown": content_of(version.etag)}, least=0)["shown"].since

        if is_known(version, last_changed):
            return add_validators(Response(status=304), version.etag, None)
        media_type, write = FORMS[form]
        origin, words = self.origin(), current_words()
        source = FeedSource(
            told=tell(found, words, now),
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
        return add_validators(response, version.etag, last_changed())

    def failure(self, form: str, outcome: Outcome | Refused) -> Response | None:
        """Return what JSON says where there are no claims; None for forms that cannot say it."""
        if form != "json":
            return None
        told = tell(outcome, current_words(), self.clock())
        title = sentence("partials/_headline.html", outcome=told, kept=True)
        facts = {"outcome": told.name, "retry_after": told.retry_after}
        problem = facts_json.write_problem(told.name, title, told.status, **facts)
        response = Response(problem, told.status, mimetype=facts_json.PROBLEM_TYPE)
        if told.retry_after:
            response.headers["Retry-After"] = str(told.retry_after)
        return response


def _since_made(sighting: Sighting, made_at: int) -> Sighting:
    """Return a sight as whoever has the address may know it: nothing is older than the address.

    What others saw of the number before would say that somebody follows it too, and when.
    """
    return replace(sighting, since=float(made_at)) if sighting.since < made_at else sighting
