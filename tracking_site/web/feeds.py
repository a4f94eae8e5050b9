"""The answers to programs that follow a claim: nothing new, or a document and its version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import Response

from ..domain.outcomes import Found, Outcome
from ..following.keys import Address
from ..following.sightings import Row, Sightings, content_of
from ..following.versions import Version
from ..guard.limits import Refused
from ..telling import atom, facts_json, icalendar
from ..telling.outcomes import tell
from ..telling.source import Source
from .rendering import current_words, link, sentence
from .validators import add_validators, is_known


class Form(NamedTuple):
    media_type: str
    write: Callable[[Source], bytes]


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
    row: Callable[[str, str], Row]
    schema: bytes
    site_name: str
    origin: Callable[[], str]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def answer(self, form: str, key: str, address: Address, found: Found) -> Response:
        """Return the claims in a form, or 304 to a reader that has this version."""
        version = Version.of(found)
        now = self.clock()
        row = self.row(address.number, address.digest)
        see = partial(self.sightings.see, row, now=now.timestamp())

        def last_changed() -> float:
            return see({"shown": content_of(version.etag)}, least=0)["shown"].since

        if is_known(version, last_changed):
            return add_validators(Response(status=304), version.etag, None)
        media_type, write = FORMS[form]
        origin, words = self.origin(), current_words()
        source = Source(
            told=tell(found, words, now),
            words=words,
            site_name=self.site_name,
            authority=urlsplit(origin).hostname or "localhost",
            key=address.digest[:16],
            form_url=origin + link("tracking.form"),
            page_url=origin + link("follow.page", key=key),
            self_url=origin + link("follow.feed", key=key, form=form),
            see=lambda contents, least: see(contents, least=least),
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
