"""`python -m tracking_site pattern`: every part of the page in every state, for development.

The examples are the sandbox's sample participants, asked over real HTTP, so that the page
shows what people will see. Never part of the site that runs for them.
"""

import argparse
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Flask, Response

from sandbox import Sandbox

from .app import create_app
from .claims_api.client import ClaimsClient
from .claims_api.config import ClientConfig
from .claims_api.contract import ObservedDurations
from .data.facts import load_calendar
from .domain.identifiers import Invalid, InvalidReason, Nik
from .domain.outcomes import Found, LineClosed, NoRoom, Unavailable, Waiting
from .guard.challenge import Challenged, WaitTicket
from .guard.desk import GuardedOutcome, LookupService
from .guard.limits import Refused
from .guard.line import MIN_RELOAD, QUIET
from .settings import Settings
from .telling.languages import LANGUAGES, prefix_of
from .telling.outcomes import present
from .web.rendering import current_words, page

ADDRESS = "/-/pola"

_WAIT = WaitTicket("contoh", 20)
_WITHOUT_CLAIMS: Mapping[str, GuardedOutcome] = {
    **{f"invalid {reason}": Invalid(reason, 13) for reason in InvalidReason},
    "challenge": Challenged("{}", _WAIT),
    "challenge too early": Challenged("{}", _WAIT, is_early=True),
    "waiting": Waiting("contoh", seconds=40, pause=MIN_RELOAD, waited=25),
    "waiting minutes": Waiting("contoh", seconds=400, pause=60, waited=300),
    "waiting quiet": Waiting("contoh", seconds=130, pause=QUIET, waited=0),
    "waiting while down": Waiting("contoh", seconds=20, pause=MIN_RELOAD, waited=65, is_down=True),
    "refused": Refused(900),
    "unavailable": Unavailable(30),
    "unavailable closed": LineClosed(700),
}


def pattern_app(sandbox: Sandbox) -> Flask:
    """Return the site with the pattern page at `/-/pola` and `/en/-/pola`."""
    settings = Settings.from_env(
        {
            "CLAIMS_API_URL": sandbox.url,
            "SECRET_KEYS": secrets.token_urlsafe(32),
            "SITE_NOTICE": "Pola halaman",
            "GUARD_OFF": "1",
        }
    )
    app = create_app(settings)
    client = ClaimsClient(ClientConfig(sandbox.url))
    usual = ObservedDurations(client.stage_durations, time.monotonic)
    lookup = LookupService(client, load_calendar(), durations=usual)
    for language in LANGUAGES:
        prefix = prefix_of(language)
        app.register_blueprint(
            _blueprint(sandbox, lookup), name=f"{language}.pattern", url_prefix=prefix or None
        )
    return app


def main(arguments: Sequence[str]) -> int:
    """Serve the pattern page until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tracking_site pattern")
    parser.add_argument("--port", type=int, default=8001)
    options = parser.parse_args(arguments)
    with Sandbox() as sandbox:
        print(f"http://127.0.0.1:{options.port}{ADDRESS}", flush=True)
        pattern_app(sandbox).run(port=options.port)
    return 0


def _blueprint(sandbox: Sandbox, lookup: LookupService) -> Blueprint:
    blueprint = Blueprint("pattern", __name__)

    @blueprint.get(ADDRESS)
    def pattern() -> Response:
        now = datetime.now(UTC)
        examples = [
            (situation, present(outcome, current_words(), now, ticket="contoh"))
            for situation, outcome in _outcomes(sandbox, lookup, now)
        ]
        examples += [
            (title, present(outcome, current_words(), now, ticket="contoh"))
            for title, outcome in _WITHOUT_CLAIMS.items()
        ]
        return page("pages/pattern.html", examples=examples, came={})

    return blueprint


def _outcomes(
    sandbox: Sandbox, lookup: LookupService, now: datetime
) -> Iterator[tuple[str, GuardedOutcome]]:
    for sample in sandbox.samples:
        outcome = lookup.look_up_identifier(Nik(sample.nik))
        if isinstance(outcome, NoRoom):
            continue
        yield sample.situation, outcome
        if isinstance(outcome, Found) and sample.situation == "assessment_day_3":
            before = now - timedelta(hours=2)
            yield "stale", replace(outcome, as_of=before, checked_at=now, is_stale=True)
