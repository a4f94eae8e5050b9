"""The plain site with the very page of the site: its templates, words, calendar and deadlines.

A dict remembers the core's answers, and the page is worked out and rendered for each visitor by
Flask and Jinja. There is no guard, no limit, no log, no metric and no ticket, and nothing is said
of how long a stage usually takes.
"""

import os
import time
from datetime import UTC, datetime
from typing import Any

import requests
from flask import Flask, Response, request

from tracking_site.app import create_app
from tracking_site.claims_api.contract import decode_snapshot
from tracking_site.data.facts import load_calendar
from tracking_site.domain.claims import Snapshot
from tracking_site.domain.identifiers import Identifier, Invalid, parse_identifier
from tracking_site.guard.desk import LookupService
from tracking_site.settings import Settings
from tracking_site.telling.outcomes import present
from tracking_site.web.rendering import answer, current_words

FRESH_SECONDS = 60
TICKET = "t" * 70
"""Stands in the page's addresses where the site puts a sealed number."""


class RememberedClaims:
    def __init__(self, core: str) -> None:
        self._core = core
        self._session = requests.Session()
        self._kept: dict[Identifier, tuple[float, Snapshot]] = {}

    def claims_of(self, identifier: Identifier) -> Snapshot:
        fresh_until, snapshot = self._kept.get(identifier, (0.0, None))
        if snapshot is not None and time.time() < fresh_until:
            return snapshot
        reply = self._session.post(
            f"{self._core}/v1/claim-lookups",
            json={"identifier": {"type": identifier.kind, "value": identifier.canonical}},
            timeout=5,
        )
        reply.raise_for_status()
        snapshot = decode_snapshot(reply.content)
        self._kept[identifier] = time.time() + FRESH_SECONDS, snapshot
        return snapshot


def make_app() -> Flask:
    # For its templates and the addresses in them; the lookup itself is the one below.
    app = create_app(Settings.from_env(os.environ))
    lookup = LookupService(
        RememberedClaims(os.environ["CLAIMS_API_URL"]),
        load_calendar(),
        # Another mapping each time: nothing that was worked out is kept.
        durations=lambda: dict[Any, Any](),
    )

    def look_up() -> Response:
        typed = request.form.get("nomor", "")
        now = datetime.now(UTC)
        read = parse_identifier(typed)
        outcome = read if isinstance(read, Invalid) else lookup.look_up_identifier(read)
        told = present(outcome, current_words(), now, typed, TICKET)
        return answer(told, push=bool(told.journeys))

    app.view_functions["id.tracking.look_up"] = look_up
    app.wsgi_app = Flask.wsgi_app.__get__(app)  # type: ignore[method-assign]
    return app


application = make_app()
