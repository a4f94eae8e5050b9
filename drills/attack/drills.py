"""Copies of the site with one hole each, which the attacks must find. Never a real site.

Most holes are another `Policy`; the others are how such guards are often built.
"""

import json
import random
import re
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask, Response

from drills.holes import LEDGERS, SHARED, naive_policies
from tracking_site.app import create_app
from tracking_site.cache.claims import Claims, build_claims
from tracking_site.cache.config import ClaimsConfig
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.source import ClaimsSource
from tracking_site.domain.claims import Snapshot
from tracking_site.domain.identifiers import Identifier
from tracking_site.guard.challenge import Challenges, Paid, WaitTickets
from tracking_site.guard.guard import Guard, guard_of
from tracking_site.guard.ledger import Ask, Ledger
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.networks import carriers_of
from tracking_site.guard.policy import NEVER, Policy
from tracking_site.guard.redis_ledger import RedisLedger
from tracking_site.guard.resilient import ResilientLedger
from tracking_site.guard.rules import Decision, Weighed, decide
from tracking_site.observing import redaction
from tracking_site.observing.logs import KindHandler, LineHandler
from tracking_site.redis import client
from tracking_site.redis.client import BriefRedis, brief_redis, redis_of
from tracking_site.settings import Settings
from tracking_site.web import layers, pages
from tracking_site.web.layers import OwnOrigin
from tracking_site.web.rendering import Key, Renderings

STATIC = Path(__file__).parents[2] / "static"


class Afterwards:
    """What `ChargesAfterwards` remembers of a number until its answer is there."""

    degraded = False

    def __init__(self, ask: Ask) -> None:
        self.ask = ask


class ChargesAfterwards(MemoryLedger):
    """Looks at the budget before the core is asked, and charges it when the answer is there."""

    def reserve(self, ask: Ask) -> tuple[Decision, Any]:
        seen = self.peek(ask)
        decision = decide(Weighed(seen.first, seen.second, carrier=ask.carrier), Policy())
        return decision, Afterwards(ask) if decision.kind == "ok" else None

    def settle(self, reservation: Any, found: bool | None, now: float) -> None:
        _, charged = super().reserve(reservation.ask._replace(paid=Policy().most_work))
        if charged is not None:
            super().settle(charged, found, now)


class ForgetsWhenFull(MemoryLedger):
    """Clears everything when there is too much of it, as caches do."""

    most_rows = 200

    def reserve(self, ask: Ask) -> tuple[Decision, Any]:
        if self.rows > self.most_rows:
            self._days.clear()
        return super().reserve(ask)


class Gullible(Challenges):
    """Believes whatever comes as a solution."""

    def paid(self, payload: str, identifier: Identifier) -> Paid:
        try:
            solved = json.loads(b64decode(payload))
            return Paid(int(solved["challenge"]["parameters"]["data"]["level"]))
        except (ValueError, KeyError, TypeError):
            return Paid(Policy().most_work)


class GullibleTickets(WaitTickets):
    """Believes whatever comes as a wait ticket."""

    def paid(self, text: str, identifier: Identifier) -> Paid:
        return Paid(Policy().most_work, by_ticket=True)


class AsksFirst(Guard):
    """Asks before it weighs, so that it shows in the time whether a number was asked before."""

    def __init__(self, guard: Guard, source: ClaimsSource) -> None:
        self.challenges, self.tickets = guard.challenges, guard.tickets
        self.paid, self.settle = guard.paid, guard.settle
        self._weigh, self._source = guard.reserve, source

    def reserve(self, network: Any, identifier: Any, *rest: Any) -> Any:
        self._source.claims_of(getattr(identifier, "nik", identifier))
        return self._weigh(network, identifier, *rest)


class OneForAllCards(Renderings):
    """Keeps a rendering for the number, as if everybody with its NIK were shown the same."""

    def key_of(self, *args: Any, **given: Any) -> Key | None:
        key = super().key_of(*args, **given)
        return key and key[1:]


class NumbersAlone:
    """Looks a number up where one card of it is asked, and says so when the end is wrong."""

    def __init__(self, source: ClaimsSource) -> None:
        self._source = source

    def claims_of(self, identifier: Any) -> Snapshot:
        return self._source.claims_of(getattr(identifier, "nik", identifier))


class TellsByRedirects:
    """Leads to what was found alone, and says the rest at once."""

    def __init__(self, site: Any) -> None:
        self._site = site

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        answer = Response.from_app(self._site, environ, buffered=True)
        if environ["REQUEST_METHOD"] == "POST" and answer.status_code == 303:
            path, _, query = answer.headers["Location"].partition("?")
            asked = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}
            led_to = Response.from_app(self._site, environ | asked, buffered=True)
            answer = led_to if led_to.status_code == 404 else answer
        return list(answer(environ, start_response))


class TellsByHeight:
    """Has its frame as tall as what is in it, to the pixel."""

    changes = ((b"const STEP = 800", b"const STEP = 1"), (b".answered", b".nothing"))

    def __init__(self, site: Any) -> None:
        self._site = site
        kept = b"".join(path.read_bytes() for path in STATIC.rglob("*.*s"))
        for before, _ in self.changes:
            if before not in kept:
                raise ValueError(f"nothing to change: {before.decode()} stands in no static file")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        plain = {"HTTP_ACCEPT_ENCODING": "identity"}
        answer = Response.from_app(self._site, environ | plain, buffered=True)
        if environ["PATH_INFO"].startswith("/static/"):
            for before, after in self.changes:
                answer.data = answer.data.replace(before, after)
        return list(answer(environ, start_response))


def overwrite(place: object, name: str, value: object) -> None:
    """Put a hole where something is. Raises AttributeError where nothing of that name is."""
    getattr(place, name)
    setattr(place, name, value)


def drilled(settings: Settings, name: str) -> Flask:
    """The site with the hole of this name, "" for none. Raises KeyError for a name that is none."""
    return DRILLS[name](settings) if name else create_app(settings)


def wait_for_redis(seconds: float) -> None:
    """Wait so long for each answer of Redis: on a busy machine a healthy one is late, too.

    Where it is, each process counts alone, and an attack measures the machine.
    """
    for name in ("PATIENT", "QUICK"):
        overwrite(client, name, client.Patience(seconds, seconds))


def _over(ledger: Ledger, settings: Settings) -> Guard:
    return Guard(
        ledger,
        settings.secret_keys,
        carriers_of(settings),
        time.time,
        pow_scale=settings.pow_scale,
    )


def _with(settings: Settings, policy: Policy | None = None, shared: bool = True) -> Guard:
    redis = redis_of(settings) if shared else None
    guard = guard_of(settings, carriers_of(settings), redis, policy=policy)
    if guard is None:
        raise ValueError("a drill of the guard needs one: leave GUARD_OFF out")
    return guard


def _policy(policy: Policy, settings: Settings) -> Flask:
    return create_app(settings, guard=_with(settings, policy))


def _private_ledgers(settings: Settings) -> Flask:
    return create_app(settings, guard=_with(settings, shared=False))


def _with_evidence_used_twice(name: str, settings: Settings) -> Flask:
    if settings.redis_url is None:
        return create_app(settings, guard=_over(LEDGERS[name](Policy()), settings))
    shared = SHARED[name](_redis_at(settings.redis_url), Policy())
    return create_app(settings, guard=_over(shared, settings))


def _charges_afterwards(settings: Settings) -> Flask:
    return create_app(settings, guard=_over(ChargesAfterwards(Policy()), settings))


def _forgets_when_full(settings: Settings) -> Flask:
    return create_app(settings, guard=_over(ForgetsWhenFull(Policy()), settings))


def _redis_at(url: str) -> BriefRedis:
    return brief_redis(url, client.PATIENT)


def _in_redis(settings: Settings) -> RedisLedger:
    assert settings.redis_url is not None
    return RedisLedger(_redis_at(settings.redis_url), Policy())


def _nothing_without_redis(settings: Settings) -> Flask:
    return create_app(settings, guard=_over(_in_redis(settings), settings))


def _nothing_when_full(settings: Settings) -> Flask:
    # Scripts without their flag: a newer server refuses them when it is full, as older ones do.
    overwrite(client, "WHEN_FULL", b"")
    return _nothing_without_redis(settings)


def _all_without_redis(settings: Settings) -> Flask:
    alone = MemoryLedger(naive_policies()["no_ledger"])
    ledger = ResilientLedger(_in_redis(settings), alone)
    return create_app(settings, guard=_over(ledger, settings))


def _believing(settings: Settings) -> Guard:
    guard, keys = _with(settings), settings.secret_keys
    gullible = Gullible(keys, time.time, random.SystemRandom(), settings.pow_scale)
    overwrite(guard, "challenges", gullible)
    overwrite(guard, "tickets", GullibleTickets(keys, time.time, settings.pow_scale))
    return guard


def _gullible(settings: Settings) -> Flask:
    return create_app(settings, guard=_believing(settings))


def _gullible_and_asks_first(settings: Settings) -> Flask:
    source = _claims(settings).source
    return create_app(settings, source, guard=AsksFirst(_believing(settings), source))


def _claims(settings: Settings) -> Claims:
    config = ClaimsConfig(client=ClientConfig(settings.claims_api_url))
    return build_claims(config, secrets=settings.secret_keys)


def _asks_first(settings: Settings) -> Flask:
    source = _claims(settings).source
    return create_app(settings, source, guard=AsksFirst(_with(settings), source))


def _one_rendering_for_all_cards(settings: Settings) -> Flask:
    return create_app(settings, renderings=OneForAllCards(host_matters=False))


def _tells_wrong_ends(settings: Settings) -> Flask:
    return create_app(settings, NumbersAlone(_claims(settings).source))


def _answers_other_sites(settings: Settings) -> Flask:
    overwrite(OwnOrigin, "sent", lambda own, environ: True)
    app = create_app(settings)
    app.wsgi_app = TellsByRedirects(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _tells_by_height(settings: Settings) -> Flask:
    app = create_app(settings)
    app.wsgi_app = TellsByHeight(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _counts_nothing(settings: Settings) -> Flask:
    # Nor does the circuit: an alarm would ask for work.
    policy = replace(naive_policies()["no_ledger"], bin_least=NEVER)
    return create_app(settings, _claims(settings).client, guard=_with(settings, policy))


def _keeps_nothing(settings: Settings) -> Flask:
    # Rows that no file keeps die with their process.
    return create_app(settings, guard=_with(replace(settings, guard_file=None)))


def _quotes_what_it_cannot_read(settings: Settings) -> Flask:
    """gunicorn's own messages, through a filter with a pattern that goes back and forth."""
    slow = re.compile(r"(?<![\w:])[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?![\w:])")
    overwrite(redaction, "MAX_TEXT_LENGTH", 1_000_000)
    overwrite(redaction, "_IPV6", slow)
    overwrite(KindHandler, "fields", LineHandler.fields)
    return create_app(settings)


def _redirects_to_any_host(settings: Settings) -> Flask:
    """As Werkzeug mends slashes: to the host that was asked for."""
    overwrite(layers, "_lead_to_own_path", lambda pairs: False)
    return create_app(settings)


def _compresses_for_any_host(settings: Settings) -> Flask:
    overwrite(pages, "MAX_NEW_A_MINUTE", NEVER)
    return create_app(settings)


DRILLS: dict[str, Callable[[Settings], Flask]] = {
    **{name: partial(_policy, policy) for name, policy in naive_policies().items()},
    **{name: partial(_with_evidence_used_twice, name) for name in LEDGERS},
    "private_ledgers": _private_ledgers,
    "charges_afterwards": _charges_afterwards,
    "forgets_when_full": _forgets_when_full,
    "nothing_without_redis": _nothing_without_redis,
    "nothing_when_full": _nothing_when_full,
    "all_without_redis": _all_without_redis,
    "gullible": _gullible,
    "asks_first": _asks_first,
    "gullible_and_asks_first": _gullible_and_asks_first,
    "counts_nothing": _counts_nothing,
    "one_rendering_for_all_cards": _one_rendering_for_all_cards,
    "tells_wrong_ends": _tells_wrong_ends,
    "redirects_to_any_host": _redirects_to_any_host,
    "compresses_for_any_host": _compresses_for_any_host,
    "keeps_nothing": _keeps_nothing,
    "quotes_what_it_cannot_read": _quotes_what_it_cannot_read,
    "answers_other_sites": _answers_other_sites,
    "tells_by_height": _tells_by_height,
}
"""Each hole by the name that the environment variable DRILL takes."""
