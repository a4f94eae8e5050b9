"""The composition root: here, and only here, the parts of the site are put together.

Each part is built beside its own class, from settings and what is handed to it.
"""

import random
import re
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask import Blueprint, Flask
from htmx_flask import Htmx
from jinja2 import StrictUndefined
from werkzeug import Request

from .cache.claims import build_claims
from .cache.config import ClaimsConfig
from .claims_api.contract import Durations, ObservedDurations
from .claims_api.own_source import core_of
from .claims_api.source import ClaimsSource
from .data.facts import load_calendar, load_facts
from .following.keys import Following
from .guard.desk import Desk, LookupService
from .guard.floods import Floods
from .guard.guard import Guard, guard_of
from .guard.limits import Rates, request_limit_of
from .guard.line import PLACE_BYTES, Line
from .guard.networks import carriers_of, network_behind
from .observing.metrics import Metrics, Observed
from .observing.overview import overview_of
from .observing.readiness import Readiness, look_at_core, look_at_keys, look_at_redis
from .records import current_id
from .redis.client import RedisClients, guard_redis_of, redis_of, unrested
from .sealing import Purpose, Sealer, derive
from .settings import Settings
from .telling.languages import LANGUAGES, in_all, prefix_of
from .telling.words import Words
from .web import follow, operator, pages, purge, service, tracking
from .web.assets import Assets, StaticFiles
from .web.embed import frames, guide
from .web.embed.partners import Partner, partners_of
from .web.embed.theme import Tokens, recoloured, theme_css
from .web.errors import refusing, register_errors
from .web.folding import FoldingEnvironment
from .web.follow import Feeds
from .web.gathering import MAX_FORM
from .web.identity import Identity, identity_of
from .web.layers import (
    PREFIX,
    CrossOrigin,
    OwnOrigin,
    asked_first,
    origin_of_site,
    private_by_default,
    same_origin_only,
    shedding,
)
from .web.operator import operators
from .web.pages import ConstantPages
from .web.polling import StillWaiting, ticket_in
from .web.rendering import Renderings
from .web.templates import prepare_templates
from .web.tracking import Lookups, visitors

ROOT = Path(__file__).parent.parent
_ICON = "img/icon.svg"
# The script stands in every article with our frame, and the manifest in every page.
_FILES = ("/sematan.js", "/robots.txt", *in_all("/situs.webmanifest"))
_CONSTANT = (*in_all("/", "/bantuan", "/privasi"), *_FILES)

MACHINE_CLOCK = partial(datetime.now, UTC)


def create_app(
    settings: Settings,
    source: ClaimsSource | None = None,
    clock: Callable[[], datetime] = MACHINE_CLOCK,
    guard: Guard | None = None,
    redis: RedisClients | None = None,
    *,
    renderings: Renderings | None = None,
    durations: Durations | None = None,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> Flask:
    """Build the site from its settings; `source` and `durations` stand in for the core in tests.

    `guard`, `redis` and `renderings` stand in for those that the settings ask for, in drills and
    benchmarks. `clock` says what time it is to everything; only what waits for an answer, of the
    core or of Redis, waits by the machine's own. `random_bytes` are those of tickets and keys.
    Raises SettingsError when a file that they name is wrong.
    """
    # What everything takes.
    seconds, monotonic = _seconds_of(clock)
    metrics, identity, carriers = Metrics(), identity_of(settings), carriers_of(settings)
    observe, url = metrics.claims_event, origin_of_site(settings.site_url)
    keys, redis = settings.secret_keys, redis or redis_of(settings, observe)
    guard_redis = guard_redis_of(settings, redis, observe)

    # A lookup, from the core upwards: cache, outcome, guard and limit behind one door.
    claims = build_claims(
        ClaimsConfig.of(settings),
        secrets=keys,
        redis=redis,
        clock=seconds,
        monotonic=monotonic,
        observe=observe,
        watch=metrics,
        request_id=current_id,
        core=core_of(settings, observe),
    )
    asks_card = settings.second_factor == "kpj_suffix"
    kept = claims.cards if asks_card else claims.source
    calendar = load_calendar()
    metrics.calendar_ends(datetime.combine(calendar.until, datetime.max.time(), UTC).timestamp())
    durations = durations or ObservedDurations(claims.client.stage_durations, monotonic)
    guard = guard or guard_of(
        settings,
        carriers,
        guard_redis,
        seconds,
        on_decision=metrics.guard_decided,
        on_failure=metrics.guard_store_failed,
    )
    # A place in the line is good as long as a ticket.
    lifetime = settings.ticket_minutes * 60
    places = Sealer(keys, Purpose.PLACE, lifetime, seconds, random_bytes, PLACE_BYTES)
    names = derive(keys[0], "places")
    line = Line(
        claims.gate,
        places,
        names,
        carriers,
        kept.is_at_hand,
        random.random,
        is_crowded=kept.is_crowded,
        clock=seconds,
    )
    desk = Desk(
        LookupService(source or kept, calendar, clock, durations),
        guard,
        request_limit_of(settings, carriers, guard_redis, seconds),
        line,
        asks_card=asks_card,
        is_down=lambda: claims.breaker.is_open,
    )
    following = Following.of(settings, redis, seconds, random_bytes)

    # What pages are made with.
    app = _flask()
    tokens = Tokens.of(_text("static/css/tokens.css"))
    assets, facts = _assets(identity, tokens), load_facts()
    words = {language: Words.load(language, metrics.unknown_code) for language in LANGUAGES}
    prepare_templates(app, words, assets, identity, settings.notice_in)
    app.jinja_env.globals.update(
        asks_card=asks_card,
        site_url=url,
        # Where links that are passed on lead, with their picture: only where the operator said so.
        shared_at=settings.site_url or "",
        facts=facts,
    )
    register_errors(app)

    # What people, readers of feeds and partners see, once for each language.
    partners = partners_of(settings)
    own_origin, host_matters = OwnOrigin(settings.site_url), settings.site_url is None
    lookups = Lookups(
        desk,
        following.tickets,
        following.keys,
        visitors(settings.trusted_proxies),
        renderings or Renderings(host_matters=host_matters),
        clock,
    )
    schema = _text("docs/follow.schema.json").encode()
    feeds = Feeds(following.sightings, following.row, schema, identity.name, url, clock)
    unnamed = Partner("", "", settings.embed_origins)
    for language in LANGUAGES:
        tree = Blueprint(language, __name__, url_prefix=prefix_of(language) or None)
        for blueprint in (
            tracking.make_blueprint(lookups),
            frames.make_blueprint(
                lookups, partners, unnamed, own_origin, tokens, metrics.partner_event
            ),
            follow.make_blueprint(lookups, following, feeds),
            pages.make_blueprint(facts, calendar.until, url),
            guide.make_blueprint(partners, url, identity.name),
        ):
            tree.register_blueprint(blueprint)
        app.register_blueprint(tree)

    # What the operator, the core and partners' pages ask.
    looks = {
        "core": look_at_core(claims.client, seconds),
        "keys": look_at_keys(keys),
        "assets": assets.look(ROOT / "templates"),
    }
    if redis is not None:
        looks["redis"] = look_at_redis(unrested(redis.patient), seconds)
    if guard_redis is not None and guard_redis is not redis:
        own = unrested(guard_redis.patient)
        looks["guard_redis"] = look_at_redis(own, seconds, "GUARD_REDIS_URL")
    readiness = Readiness(looks, monotonic, metrics.ready)
    token = settings.metrics_token
    is_operator = operators(token)
    is_purge = purge.is_from_core(settings.purge_token, seconds, MAX_FORM)
    for blueprint in (
        guide.make_service_blueprint(
            partners, _text("static/js/host.js").encode(), url, identity.name
        ),
        service.make_blueprint(readiness, metrics, is_operator, identity, clock),
        operator.make_blueprint(
            lambda: overview_of(metrics, readiness, guard, clock()), is_operator, token is not None
        ),
        purge.make_blueprint(claims.source, settings.purge_token, seconds),
    ):
        app.register_blueprint(blueprint)

    # Plain WSGI answers what needs no Flask, the outermost layer last.
    standing = StillWaiting(words, app.extensions["templates"], desk.still_waits, clock)
    private = private_by_default(app.wsgi_app)
    constant = ConstantPages(private, host_matters=host_matters, clock=monotonic)
    files = StaticFiles(private, assets)
    behind = asked_first(private, re.compile("/antre/").search, standing)
    behind = asked_first(behind, frozenset(_CONSTANT).__contains__, constant)
    behind = asked_first(behind, re.compile(PREFIX).match, files)
    refuse = private_by_default(refusing(app, CrossOrigin()))
    floods = Floods(
        carriers, time.monotonic, max(settings.requests_per_minute / Rates().per_network, 1.0)
    )
    metrics.looks_at(line.figures, lambda: floods.wait)
    observed = Observed(
        same_origin_only(behind, refuse, own_origin),
        metrics,
        seconds if settings.trusted_proxies else None,
        floods.served,
        line.polled,
    )
    ready = frozenset([*_CONSTANT, *(PREFIX + name for name in assets.contents)])
    sealed = {"klaim": following.tickets.open, "pantau": following.keys.open, "antre": line.open}
    app.wsgi_app = shedding(  # type: ignore[assignment, method-assign]
        observed,
        floods,
        partial(network_behind, trusted_proxies=settings.trusted_proxies),
        ticket_in(sealed),
        metrics.flood_shed,
        lambda environ: is_operator(Request(environ)) or is_purge(environ),
        service.probes(readiness),
        # Typed without its last slash, an address leads to what lies ready.
        ready.union(in_all("")).__contains__,
    )

    # For the server's hooks, commands, drills and tests.
    app.extensions |= {
        "following": following,
        "readiness": readiness,
        "metrics": metrics,
        "gate": claims.gate,
        "line": line,
        "guard": guard,
        "static_files": files,
        "floods": floods,
        "ready_paths": ready,
    }
    return app


def _seconds_of(clock: Callable[[], datetime]) -> tuple[Callable[[], float], Callable[[], float]]:
    """Return the epoch seconds of a clock, and those that only pass.

    A clock that is given stands for both; the machine's own may be set back.
    """
    if clock is MACHINE_CLOCK:
        return time.time, time.monotonic
    return (lambda: clock().timestamp(),) * 2


def _flask() -> Flask:
    app = Flask("tracking_site", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=MAX_FORM, MAX_FORM_PARTS=20)
    app.jinja_options = {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
        # A dict: at the lock of a bounded cache of templates half of 256 threads have stood.
        "cache_size": -1,
    }
    app.jinja_environment = FoldingEnvironment
    Htmx(app)
    return app


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _assets(identity: Identity, tokens: Tokens) -> Assets:
    theme = theme_css(tokens, accent=identity.accent, accent_dark=identity.accent_dark)
    icon = recoloured((ROOT / "static" / _ICON).read_bytes(), tokens, identity.accent)
    return Assets.of(ROOT / "static", theme, {_ICON: icon, **identity.files})
