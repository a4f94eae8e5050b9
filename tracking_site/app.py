"""The composition root: the only place where collaborators are built and handed down."""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Flask, request
from flask_limiter import Limiter
from htmx_flask import Htmx
from jinja2 import StrictUndefined
from whitenoise import WhiteNoise

from .claims_api.build import ClaimsConfig, build_claims
from .claims_api.client import ClaimsClient
from .claims_api.config import CacheConfig, ClientConfig, LifetimeConfig
from .claims_api.durations import ObservedDurations
from .claims_api.errors import CoreError
from .claims_api.source import ClaimsSource
from .data.calendar import load_calendar
from .guard.limits import RequestLimit
from .lookup import LookupService
from .sealing import Purpose, Sealer
from .settings import Settings
from .web import embed, pages, purge, service, tracking
from .web.assets import Assets
from .web.errors import register_errors
from .web.headers import apply_privacy_headers
from .web.identity import Identity
from .web.rendering import prepare_templates
from .web.words import LANGUAGES, SOURCE_LANGUAGE, Words

ROOT = Path(__file__).parent.parent
LARGEST_FORM = 4096
"""Bytes of a form: a number and a proof of work fit several times."""


def create_app(
    settings: Settings,
    source: ClaimsSource | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Flask:
    """Build the site from its settings; `source` stands in for the core in tests.

    Raises ValueError when SITE_FILE is wrong.
    """
    app = Flask("tracking_site", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM, MAX_FORM_PARTS=20)
    app.jinja_options = {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    Htmx(app)

    identity = Identity.read(settings.site_file)
    words = {language: Words.load(language) for language in LANGUAGES}
    assets = Assets.of(ROOT / "static")
    prepare_templates(app, words, assets, identity, settings.site_notice)
    register_errors(app, words)
    app.after_request(apply_privacy_headers)

    tickets = Sealer(settings.secret_keys, Purpose.TICKET, settings.ticket_minutes * 60, time.time)
    claims = build_claims(
        _claims_config(settings), secrets=settings.secret_keys, redis_url=settings.redis_url
    )
    durations = ObservedDurations(claims.client.stage_durations, time.monotonic)
    lookup = LookupService(source or claims.source, load_calendar(), clock, durations)
    limiter = Limiter(lambda: request.remote_addr or "unknown", app=app, storage_uri="memory://")
    limit = RequestLimit(limiter, settings.lookups_per_minute, lambda: request.remote_addr or "?")

    for language in LANGUAGES:
        prefix = "" if language == SOURCE_LANGUAGE else f"/{language}"
        tree = Blueprint(language, __name__, url_prefix=prefix or None)
        tree.register_blueprint(tracking.make_blueprint(lookup, tickets, limit))
        tree.register_blueprint(
            embed.make_blueprint(lookup, tickets, limit, settings.embed_origins)
        )
        tree.register_blueprint(pages.make_blueprint())
        app.register_blueprint(tree)
    probes = {"core": lambda: _is_answering(claims.client)}
    app.register_blueprint(service.make_blueprint(probes, identity))
    app.register_blueprint(purge.make_blueprint(claims.source, settings.purge_token, time.time))
    serve_static(app, assets)
    return app


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
    )


def _is_answering(client: ClaimsClient) -> bool:
    try:
        client.health()
    except CoreError:
        return False
    return True


def serve_static(app: Flask, assets: Assets) -> None:
    """Let WhiteNoise serve the files, compressed and for a year, when no proxy does it."""
    folder = tempfile.TemporaryDirectory(prefix="lacak-klaim-static-")
    assets.write(Path(folder.name))
    app.extensions["static_folder"] = folder
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=folder.name,
        prefix="static/",
        max_age=31_536_000,
        immutable_file_test=lambda path, url: True,
    )
