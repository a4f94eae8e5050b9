"""The composition root: the only place where the parts of the site are put together."""

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask import Blueprint, Flask
from htmx_flask import Htmx
from jinja2 import StrictUndefined

from .claims_api.build import Claims
from .claims_api.contract import ObservedDurations
from .claims_api.source import ClaimsSource
from .data.calendar import load_calendar
from .data.facts import Facts, load_facts
from .following.keys import Following
from .guard.desk import Desk
from .guard.guard import Guard
from .guard.line import Line
from .guard.networks import Carriers, network_behind, peers
from .lookup import Durations, LookupService
from .observing.looks import look_at_core, look_at_keys, look_at_redis
from .observing.metrics import Metrics
from .observing.middleware import Observed
from .observing.overview import Overviews
from .observing.readiness import Look, Readiness
from .parts import (
    alarm_of,
    carriers_of,
    claims_of,
    floods_of,
    following_of,
    guard_of,
    guard_redis_of,
    identity_of,
    line_of,
    notices_of,
    partners_of,
    redis_of,
    request_limit_of,
    strategy_of,
)
from .redis.client import RedisClients, unrested
from .settings import Settings
from .telling.languages import LANGUAGES, in_all, prefix_of
from .telling.words import Words
from .web import follow, operator, pages, purge, service, tracking
from .web.assets import Assets
from .web.embed import frames, guide
from .web.embed.partners import Partner
from .web.embed.theme import Tokens, recoloured, theme_css
from .web.errors import refusing, register_errors
from .web.feeds import Feeds
from .web.folding import FoldingEnvironment
from .web.headers import CrossOrigin, OwnOrigin, PrivateByDefault, SameOriginOnly
from .web.identity import Identity
from .web.layers import AskedFirst, ConstantPages, Shedding, StaticFiles, ticket_in
from .web.operator import operators
from .web.rendering import Renderings, origin_of_site
from .web.still_waiting import StillWaiting
from .web.templates import prepare_templates
from .web.tracking import Lookups, visitors

ROOT = Path(__file__).parent.parent
_ICON = "img/icon.svg"
_CONSTANT = in_all("/", "/bantuan", "/privasi")
LARGEST_FORM = 4096
"""Bytes of a form: a number and a proof of work fit several times."""


@dataclass(frozen=True, slots=True)
class _Site:
    """What blueprints and layers are made of."""

    settings: Settings
    identity: Identity
    metrics: Metrics
    tokens: Tokens
    assets: Assets
    claims: Claims
    guard: Guard | None
    desk: Desk
    following: Following
    redis: RedisClients | None
    guard_redis: RedisClients | None
    renderings: Renderings
    clock: Callable[[], datetime]
    seconds: Callable[[], float]
    monotonic: Callable[[], float]
    url: Callable[[], str]
    carriers: Carriers
    line: Line


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
    app = _flask()
    metrics = Metrics()
    identity = identity_of(settings)
    tokens = Tokens.of((ROOT / "static/css/tokens.css").read_text(encoding="utf-8"))
    assets = _assets(identity, tokens)
    words = {language: Words.load(language, metrics.unknown_code) for language in LANGUAGES}
    prepare_templates(app, words, assets, identity, notices_of(settings))
    register_errors(app, words)
    seconds, monotonic = _seconds_of(clock)
    redis = redis or redis_of(settings, metrics)
    guard_redis = guard_redis_of(settings, redis, metrics)
    claims = claims_of(settings, redis, metrics, seconds, monotonic)
    carriers = carriers_of(settings)
    asks_card = settings.second_factor == "kpj_suffix"
    kept = claims.cards if asks_card else claims.source
    line = line_of(settings, carriers, claims.gate, kept.is_at_hand, seconds, random_bytes)
    guard = guard or guard_of(settings, carriers, guard_redis, metrics, seconds)
    desk = Desk(
        _unguarded(source or kept, durations or _observed(claims, monotonic), clock, metrics),
        guard,
        request_limit_of(settings, carriers, strategy_of(guard_redis, seconds), seconds),
        line,
        asks_card=asks_card,
    )
    following = following_of(settings, redis, seconds, random_bytes)
    site = _Site(
        settings,
        identity,
        metrics,
        tokens,
        assets,
        claims,
        guard,
        desk,
        following,
        redis,
        guard_redis,
        renderings or Renderings(host_matters=settings.site_url is None),
        clock,
        seconds,
        monotonic,
        origin_of_site(settings.site_url),
        carriers,
        line,
    )
    facts = load_facts()
    app.jinja_env.globals.update(
        asks_card=asks_card,
        site_url=site.url,
        # Where links that are passed on lead, with their picture: only where the operator said so.
        shared_at=settings.site_url or "",
        facts=facts,
    )
    readiness = Readiness(_looks(site), monotonic, metrics.ready)
    app.extensions |= {
        "following": following,
        "readiness": readiness,
        "metrics": metrics,
        "gate": claims.gate,
        "line": line,
        "guard": guard,
    }
    _register_pages(app, site, facts)
    _register_services(app, site, readiness)
    _put_layers_in_front(app, site, words)
    return app


def _seconds_of(
    clock: Callable[[], datetime],
) -> tuple[Callable[[], float], Callable[[], float]]:
    """Return the epoch seconds of a clock, and those that only pass.

    A clock that is given stands for both; the machine's own may be set back.
    """
    if clock is MACHINE_CLOCK:
        return time.time, time.monotonic
    return (lambda: clock().timestamp(),) * 2


def _flask() -> Flask:
    app = Flask("tracking_site", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_PARTS=20)
    app.jinja_options = {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.jinja_environment = FoldingEnvironment
    Htmx(app)
    return app


def _assets(identity: Identity, tokens: Tokens) -> Assets:
    theme = theme_css(tokens, accent=identity.accent, accent_dark=identity.accent_dark)
    icon = recoloured((ROOT / "static" / _ICON).read_bytes(), tokens, identity.accent)
    return Assets.of(ROOT / "static", theme, {_ICON: icon, **identity.files})


def _unguarded(
    source: ClaimsSource, durations: Durations, clock: Callable[[], datetime], metrics: Metrics
) -> LookupService:
    calendar = load_calendar()
    metrics.calendar_ends(datetime.combine(calendar.until, datetime.max.time(), UTC).timestamp())
    return LookupService(source, calendar, clock, durations)


def _observed(claims: Claims, monotonic: Callable[[], float]) -> Durations:
    return ObservedDurations(claims.client.stage_durations, monotonic)


def _register_pages(app: Flask, site: _Site, facts: Facts) -> None:
    """Add what people, readers of feeds and partners see, once for each language."""
    schema = (ROOT / "docs" / "follow.schema.json").read_bytes()
    following = site.following
    feeds = Feeds(
        following.sightings, following.row, schema, site.identity.name, site.url, site.clock
    )
    host_script = (ROOT / "static/js/host.js").read_bytes()
    partners = partners_of(site.settings, site.monotonic)
    unnamed = Partner("", "", site.settings.embed_origins)
    name, days_known_until = site.identity.name, load_calendar().until
    lookups = Lookups(
        site.desk,
        site.following.tickets,
        site.following.keys,
        visitors(site.settings.trusted_proxies),
        site.renderings,
        site.clock,
    )
    app.register_blueprint(guide.make_service_blueprint(partners, host_script, site.url, name))
    for language in LANGUAGES:
        tree = Blueprint(language, __name__, url_prefix=prefix_of(language) or None)
        for blueprint in (
            tracking.make_blueprint(lookups),
            frames.make_blueprint(
                lookups,
                partners,
                unnamed,
                OwnOrigin(site.settings.site_url),
                site.tokens,
                site.metrics.partner_event,
            ),
            follow.make_blueprint(lookups, site.following, feeds),
            pages.make_blueprint(facts, days_known_until, site.url),
            guide.make_blueprint(partners, site.url, name),
        ):
            tree.register_blueprint(blueprint)
        app.register_blueprint(tree)


def _register_services(app: Flask, site: _Site, readiness: Readiness) -> None:
    """Add what the operator and the core ask."""
    is_operator = operators(site.settings.metrics_token)
    app.register_blueprint(
        service.make_blueprint(readiness, site.metrics, is_operator, site.identity, site.clock)
    )
    app.register_blueprint(
        operator.make_blueprint(
            Overviews(site.metrics, readiness, lambda: alarm_of(site.guard), site.clock),
            is_operator,
            site.settings.metrics_token is not None,
        )
    )
    app.register_blueprint(
        purge.make_blueprint(site.claims.source, site.settings.purge_token, site.seconds)
    )


def _put_layers_in_front(app: Flask, site: _Site, words: Mapping[str, Words]) -> None:
    """Let plain WSGI answer what needs no Flask, the outermost layer last."""
    settings = site.settings
    standing = StillWaiting(words, app.extensions["templates"], site.desk.still_waits, site.clock)
    private = AskedFirst(PrivateByDefault(app.wsgi_app), "antre", standing)
    pages_of_all = ConstantPages(
        private, _CONSTANT, host_matters=settings.site_url is None, clock=site.monotonic
    )
    files = StaticFiles(pages_of_all, site.assets)
    app.extensions["static_files"] = files
    refuse = PrivateByDefault(refusing(app, CrossOrigin()))
    own_pages = SameOriginOnly(files, refuse, OwnOrigin(settings.site_url))
    clock_of_proxy = site.seconds if settings.trusted_proxies else None
    floods = floods_of(settings, site.carriers)
    app.extensions["floods"] = floods
    site.metrics.looks_at(site.line.figures, lambda: floods.wait)
    observed = Observed(
        own_pages,
        site.metrics,
        peers(settings.trusted_proxies),
        clock_of_proxy,
        floods.served,
        site.line.polled,
    )
    following = site.following
    sealed = {
        "klaim": following.tickets.open,
        "pantau": following.keys.open,
        "antre": site.line.open,
    }
    app.wsgi_app = Shedding(  # type: ignore[method-assign]
        observed,
        floods,
        partial(network_behind, trusted_proxies=settings.trusted_proxies),
        ticket_in(sealed),
        site.metrics.flood_shed,
    )


def _looks(site: _Site) -> dict[str, Look]:
    settings = site.settings
    looks = {
        "core": look_at_core(site.claims.client, site.seconds),
        "keys": look_at_keys(settings.secret_keys),
        "assets": site.assets.look(ROOT / "templates"),
    }
    if site.redis is not None:
        looks["redis"] = look_at_redis(unrested(site.redis.patient), site.seconds)
    if site.guard_redis is not None and site.guard_redis is not site.redis:
        looks["guard_redis"] = look_at_redis(
            unrested(site.guard_redis.patient), site.seconds, "GUARD_REDIS_URL"
        )
    return looks
