"""The composition root: the only place where collaborators are built and handed down."""

import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, g, request
from flask_limiter import Limiter
from htmx_flask import Htmx
from jinja2 import StrictUndefined
from limits.strategies import RateLimiter

from .claims_api.build import ClaimsConfig, build_claims
from .claims_api.client import ClaimsClient
from .claims_api.config import CacheConfig, ClientConfig, LifetimeConfig, MemoryConfig
from .claims_api.durations import ObservedDurations
from .claims_api.source import ClaimsSource
from .data.calendar import load_calendar
from .data.facts import load_facts
from .following.build import build_following
from .guard.build import build_guard, redis_client
from .guard.guard import Guard
from .guard.guarded_lookup import Visit
from .guard.limits import Rates, RequestLimit
from .guard.networks import Carriers
from .observing.looks import look_at_core, look_at_keys, look_at_redis
from .observing.metrics import Metrics
from .observing.middleware import Observed
from .observing.readiness import Look, Readiness
from .observing.records import current_id
from .observing.timed import (
    TimedClaims,
    TimedCore,
    TimedGuardedLookup,
    TimedLimit,
    TimedLookup,
    observer,
)
from .sealing import derive
from .settings import Settings, SettingsError
from .web import embed, embedding, follow, pages, purge, service, tracking
from .web.assets import Assets
from .web.constant_pages import ConstantPages
from .web.errors import register_errors
from .web.feeds.answers import Feeds
from .web.headers import PrivateByDefault
from .web.identity import Identity
from .web.operators import operators
from .web.partners import Partner, Partners
from .web.quick import QuickAnswers
from .web.rendering import prepare_templates
from .web.requests import LeanRequest
from .web.static_files import StaticFiles
from .web.theme import Tokens, recoloured, theme_css
from .web.visits import network_behind, visit_of
from .web.words import LANGUAGES, SOURCE_LANGUAGE, Words

ROOT = Path(__file__).parent.parent
CARRIERS = Path(__file__).parent / "data" / "carriers.txt"
_ICON = "img/icon.svg"
_CONSTANT = ("/", "/en/", "/bantuan", "/en/bantuan", "/privasi", "/en/privasi")
LARGEST_FORM = 4096
"""Bytes of a form: a number and a proof of work fit several times."""


def create_app(
    settings: Settings,
    source: ClaimsSource | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    guard: Guard | None = None,
) -> Flask:
    """Build the site from its settings; `source` stands in for the core in tests.

    `guard` stands in for the one that the settings ask for, in drills.
    Raises SettingsError when a file that they name is wrong.
    """
    app = Flask("tracking_site", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_PARTS=20)
    app.jinja_options = {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    Htmx(app)
    app.request_class = LeanRequest

    metrics = Metrics()
    identity = _identity(settings)
    words = {language: Words.load(language, metrics.unknown_code) for language in LANGUAGES}
    tokens = Tokens.of((ROOT / "static/css/tokens.css").read_text(encoding="utf-8"))
    theme = theme_css(tokens, accent=identity.accent, accent_dark=identity.accent_dark)
    icon = recoloured((ROOT / "static" / _ICON).read_bytes(), tokens, identity.accent)
    assets = Assets.of(ROOT / "static", theme, {_ICON: icon, **identity.files})
    prepare_templates(app, words, assets, identity, _notices(settings))
    register_errors(app, words)

    claims = build_claims(
        _claims_config(settings),
        secrets=settings.secret_keys,
        redis_url=settings.redis_url,
        observe=observer(metrics),
        request_id=current_id,
        around=lambda core: TimedCore(core, metrics),
    )
    durations = ObservedDurations(claims.client.stage_durations, time.monotonic)
    asks_card = settings.second_factor == "kpj_suffix"
    app.jinja_env.globals["asks_card"] = asks_card
    timed = TimedClaims(source or claims.source)
    calendar = load_calendar()
    metrics.calendar_ends(datetime.combine(calendar.until, datetime.max.time(), UTC).timestamp())
    unguarded = TimedLookup(timed, calendar, clock, durations)
    carriers = carriers_of(settings)
    guard = guard or guard_of(settings, carriers, metrics)
    lookup = TimedGuardedLookup(unguarded, guard, asks_card=asks_card)
    strategy = _strategy(settings)
    limit = _request_limit(settings, carriers, strategy)
    following = build_following(
        settings.secret_keys,
        ticket_minutes=settings.ticket_minutes,
        watch_days=settings.watch_days,
        revoked=settings.revoked_keys,
        requests_per_minute=settings.watch_requests_per_minute,
        strategy=strategy,
        redis_url=settings.redis_url,
        clock=time.time,
    )
    app.extensions["following"] = following
    tickets = following.tickets

    def visit() -> Visit:
        return visit_of(request, settings.trusted_proxies, g.get("partner"))

    def site_url() -> str:
        return settings.site_url or request.host_url.rstrip("/")

    app.jinja_env.globals["site_url"] = site_url
    schema = (ROOT / "docs" / "follow.schema.json").read_bytes()
    feeds = Feeds(following.sightings, schema, identity.name, site_url, clock)
    host_script = (ROOT / "static/js/host.js").read_bytes()
    partners = _partners(settings)
    app.register_blueprint(
        embedding.make_service_blueprint(partners, host_script, site_url, identity.name)
    )
    facts = load_facts()
    unnamed = Partner("", "", settings.embed_origins)
    for language in LANGUAGES:
        tree = Blueprint(language, __name__, url_prefix=_prefix_of(language) or None)
        tree.register_blueprint(tracking.make_blueprint(lookup, tickets, limit, visit))
        tree.register_blueprint(
            embed.make_blueprint(
                lookup, tickets, limit, visit, partners, unnamed, tokens, metrics.partner_event
            )
        )
        tree.register_blueprint(
            follow.make_blueprint(lookup, following, limit, visit, feeds, clock)
        )
        tree.register_blueprint(pages.make_blueprint(facts, site_url))
        tree.register_blueprint(embedding.make_blueprint(partners, site_url, identity.name))
        app.register_blueprint(tree)
    readiness = Readiness(_looks(settings, claims.client, assets), time.monotonic, metrics.ready)
    app.extensions |= {"readiness": readiness, "metrics": metrics}
    is_operator = operators(settings.metrics_token)
    app.register_blueprint(service.make_blueprint(readiness, metrics, is_operator, identity))
    app.register_blueprint(purge.make_blueprint(claims.source, settings.purge_token, time.time))
    quick = QuickAnswers(
        PrivateByDefault(app.wsgi_app),
        lookup,
        tickets,
        limit,
        lambda environ: network_behind(environ, settings.trusted_proxies),
        {_prefix_of(language): language for language in LANGUAGES},
    )
    pages_of_all = ConstantPages(quick, _CONSTANT, host_matters=settings.site_url is None)
    files = StaticFiles(pages_of_all, assets)
    clock_of_proxy = time.time if settings.trusted_proxies else None
    app.wsgi_app = Observed(  # type: ignore[method-assign]
        files, metrics, _peer_behind(settings), clock_of_proxy
    )
    return app


def _prefix_of(language: str) -> str:
    return "" if language == SOURCE_LANGUAGE else f"/{language}"


def _claims_config(settings: Settings) -> ClaimsConfig:
    return ClaimsConfig(
        client=ClientConfig(
            url=settings.claims_api_url,
            token=settings.claims_api_token,
            connect_seconds=settings.core_connect_seconds,
            total_seconds=settings.core_total_seconds,
            in_flight=settings.core_connections,
        ),
        cache=CacheConfig(wait_seconds=settings.core_total_seconds),
        lifetimes=LifetimeConfig(fresh_seconds=settings.cache_fresh_seconds),
        memory=MemoryConfig(most_bytes=settings.cache_megabytes << 20),
    )


def _notices(settings: Settings) -> dict[str, str | None]:
    in_source = dict.fromkeys(LANGUAGES, settings.site_notice)
    return in_source | {"en": settings.site_notice_en or settings.site_notice}


def _identity(settings: Settings) -> Identity:
    try:
        return Identity.read(settings.site_file)
    except ValueError as error:
        raise SettingsError([f"{error}."]) from None


def _partners(settings: Settings) -> Partners:
    try:
        return Partners(settings.partners_file, time.monotonic)
    except ValueError as error:
        raise SettingsError([f"PARTNERS_FILE: {error}."]) from None


def carriers_of(settings: Settings) -> Carriers:
    """Read the carriers' prefixes; raises SettingsError that names the wrong lines."""
    path = settings.carriers_file or CARRIERS
    try:
        # Strange bytes may stand in a comment; elsewhere they make their line a wrong one.
        return Carriers.parse(path.read_text(encoding="utf-8-sig", errors="replace"))
    except OSError as error:
        raise SettingsError([f"CARRIERS_FILE: {error.strerror}."]) from None
    except ValueError as error:
        raise SettingsError([f"CARRIERS_FILE: {error}."]) from None


def guard_of(
    settings: Settings, carriers: Carriers, metrics: Metrics | None = None
) -> Guard | None:
    """Build the guard that these settings ask for; None when they switch it off."""
    if settings.guard_off:
        return None
    metrics = metrics or Metrics()
    return build_guard(
        settings.secret_keys,
        carriers,
        redis_url=settings.redis_url,
        processes=settings.web_concurrency,
        pow_scale=settings.pow_scale,
        clock=time.time,
        on_decision=metrics.guard_decided,
        on_failure=metrics.guard_store_failed,
    )


def _strategy(settings: Settings) -> RateLimiter:
    options: dict[str, Any] = {}
    if settings.redis_url is not None:
        pool = redis_client(settings.redis_url).connection_pool
        options = {"connection_pool": pool, "wrap_exceptions": True, "key_prefix": "limit1"}
    limiter = Limiter(
        lambda: "unused: only the strategy is asked",
        # An application of its own: the hooks cost every request more than the counting.
        app=Flask("request_limit"),
        storage_uri=settings.redis_url or "counters://",
        storage_options=options,
        strategy="fixed-window",
    )
    return limiter.limiter


def _request_limit(settings: Settings, carriers: Carriers, strategy: RateLimiter) -> RequestLimit:
    key = derive(settings.secret_keys[0], "request limit")
    return TimedLimit(
        strategy,
        Rates(
            settings.requests_per_minute,
            settings.carrier_requests_per_minute,
            settings.requests_per_second,
        ),
        carriers,
        lru_cache(8192)(lambda network: hmac.digest(key, network.first, "sha256")[:12].hex()),
        settings.web_concurrency,
    )


def _peer_behind(settings: Settings) -> Callable[[dict[str, Any]], str]:
    named = lru_cache(4096)(lambda network: str(network).partition("/")[0])
    return lambda environ: named(network_behind(environ, settings.trusted_proxies))


def _looks(settings: Settings, client: ClaimsClient, assets: Assets) -> dict[str, Look]:
    looks = {
        "core": look_at_core(client, time.time),
        "keys": look_at_keys(settings.secret_keys),
        "assets": assets.look(ROOT / "templates"),
    }
    if settings.redis_url is not None:
        looks["redis"] = look_at_redis(redis_client(settings.redis_url), time.time)
    return looks
