"""Pages that say the same to everybody: help and privacy; and how such pages and files are kept.

They are rendered once, with their compressed twins. Nothing of a person is in them, so compressing
them tells nobody anything (BREACH needs a secret and an input of the attacker in one body).
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from hashlib import sha256
from math import inf
from typing import Any

from flask import Blueprint, Response, render_template

from ..cache.stores import BoundedLru
from ..data.facts import Facts
from ..domain.timeline import PROCESSES
from ..records import note
from ..telling.words import Words
from .assets import CODINGS, READING, Coded, Headers, sent
from .layers import VARY, Application, Environ, Start, base_of
from .rendering import current_words, link, may_be_indexed, page


def make_blueprint(facts: Facts, calendar_until: date, site_url: Callable[[], str]) -> Blueprint:
    """Return the pages that hold nothing of anybody and may be indexed.

    `calendar_until` is the last date for which days off are known.
    """
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/bantuan", endpoint="help")
    def help_page() -> Response:
        return may_be_indexed(
            page(
                "pages/help.html",
                values=_values(facts, calendar_until, current_words()),
                processes={service: process.stages for service, process in PROCESSES.items()},
                canonical_form_url=site_url() + link("tracking.form"),
            )
        )

    @blueprint.get("/privasi")
    def privacy() -> Response:
        return may_be_indexed(page("pages/privacy.html"))

    @blueprint.get("/situs.webmanifest")
    def manifest() -> Response:
        return Response(
            render_template("pages/manifest.json"), mimetype="application/manifest+json"
        )

    return blueprint


def _values(facts: Facts, calendar_until: date, words: Words) -> Mapping[str, str]:
    """Return the figures that answers name, each taken from its one place."""
    times = {each.service: each for each in facts.times}
    experiences = {each.code: f"{each.low}–{each.high}" for each in facts.experiences}
    return {
        "limit": words.working_days(times["jht"].working_days),
        "late_per_cent": str(times["jkk"].late_per_cent),
        "bank_days": words.working_days(facts.bank.working_days),
        "complaint_days": words.working_days(facts.complaint.working_days),
        "limit_million": str(facts.jmo_limit_million),
        "before": experiences["before_interview"],
        "after": experiences["after_interview"],
        "until": words.day(calendar_until),
    }


MAX_KEPT = 64
"""Pages kept; the one asked for longest ago leaves. More come only from made-up host names."""

MINUTE = 60.0
MAX_NEW_A_MINUTE = 16
"""Pages compressed in a minute where pages name their host: made-up ones would cost 10 ms each."""


class ConstantPages:
    """Answers for pages what the site behind it answered the first time; it is asked for no others.

    None of them shows what is asked of it: links in the news and in other apps carry marks of their
    own (`?fbclid=`, `?utm_source=`), and lead to the same page.

    `host_matters` where pages name the host by which they were asked for; then only so many are
    made a minute, and the others come from the site itself, not compressed. `clock` gives seconds.
    """

    def __init__(
        self,
        site: Application,
        host_matters: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._site = site
        self._host_matters = host_matters
        self._kept = BoundedLru[tuple[str, ...], Mapping[str, Coded]](MAX_KEPT, MAX_KEPT)
        self._clock = clock
        self._since, self._new = -inf, 0

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        path, base = environ["PATH_INFO"], base_of(environ, self._host_matters)
        is_read = environ["REQUEST_METHOD"] in READING
        if base is None or not is_read or "HTTP_HX_REQUEST" in environ:
            return self._site(environ, start_response)
        kept = self._kept.get((path, *base))
        if kept is None and not self._may_make_one():
            return self._site(environ, start_response)
        if kept is None:
            started: list[Any] = []
            parts = self._site(
                {**environ, "REQUEST_METHOD": "GET", "QUERY_STRING": ""},
                lambda *answer: started.extend(answer),
            )
            body = b"".join(parts)
            if not started[0].startswith("200"):
                start_response(*started)
                return [body]
            kept = {coding: _coded(coding, started[1], body) for coding in CODINGS}
            self._kept.put((path, *base), kept, 1)
        note(route=path)
        return sent(kept, environ, start_response)

    def _may_make_one(self) -> bool:
        """Return whether one more page may be made, and count it; not locked, so about so many."""
        if not self._host_matters:
            return True
        now = self._clock()
        if now - self._since >= MINUTE:
            self._since, self._new = now, 0
        self._new += 1
        return self._new <= MAX_NEW_A_MINUTE


def _coded(coding: str, headers: Headers, body: bytes) -> Coded:
    etag = f'"{sha256(body).hexdigest()[:16]}{coding}"'
    kept = [pair for pair in headers if pair[0].lower() not in ("content-length", "vary")]
    return Coded.of(coding, body, [*kept, ("Vary", f"{VARY}, Accept-Encoding")], etag)
