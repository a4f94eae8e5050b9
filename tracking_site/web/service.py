"""Addresses for machines: health, metrics, robots, how to report a weakness."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, Response, abort, jsonify, request

from ..observing.figures import CONTENT_TYPE
from ..observing.metrics import Metrics
from ..observing.readiness import Readiness
from ..telling.languages import LANGUAGES, in_all
from .identity import Identity
from .layers import Environ, add_what_is_missing
from .operator import IsOperator
from .unread import ShortAnswer

_PRIVATE = in_all("/klaim/")
"""Not the addresses that programs follow: calendars that obey this file must reach them."""

_ROBOTS = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in _PRIVATE)
_SECURITY_TXT_DAYS = 180
_HEALTHZ, _READYZ = "/-/healthz", "/-/readyz"
_OK, _UNAVAILABLE = ({"status": "ok"}, 200), ({"status": "unavailable"}, 503)


def make_blueprint(
    readiness: Readiness,
    metrics: Metrics,
    is_operator: IsOperator,
    identity: Identity,
    clock: Callable[[], datetime],
) -> Blueprint:
    """Return liveness, readiness, metrics and the well-known files.

    What is wrong, and every figure, is told to operators alone.
    """
    blueprint = Blueprint("service", __name__)

    @blueprint.get(_HEALTHZ)
    def healthz() -> Response:
        return jsonify(_OK[0])

    @blueprint.get(_READYZ)
    def readyz() -> tuple[Response, int]:
        said, status = _OK if readiness.is_ready() else _UNAVAILABLE
        found = readiness.lately() if is_operator(request) else {}
        details = {name: problem or "ok" for name, problem in found.items()}
        return jsonify(said | details), status

    @blueprint.get("/-/metrics")
    def exposition() -> Response:
        if not is_operator(request):
            abort(404)
        # Whoever probes may ask for liveness alone, and an alert rests on what is looked at.
        readiness.lately()
        return Response(metrics.exposition(), content_type=CONTENT_TYPE)

    @blueprint.get("/robots.txt")
    def robots() -> Response:
        return Response(_ROBOTS, mimetype="text/plain")

    @blueprint.get("/.well-known/security.txt")
    def security_txt() -> Response:
        expires = clock().astimezone(UTC) + timedelta(days=_SECURITY_TXT_DAYS)
        lines = [
            f"Contact: {identity.security_contact}",
            f"Expires: {expires:%Y-%m-%dT00:00:00Z}",
            f"Preferred-Languages: {', '.join(LANGUAGES)}",
        ]
        return Response("\n".join(lines) + "\n", mimetype="text/plain")

    return blueprint


def probes(readiness: Readiness) -> Callable[[Environ], ShortAnswer | None]:
    """Return what answers the probes of strangers, without Flask; None for what is no probe."""
    ok, unavailable = _said(*_OK), _said(*_UNAVAILABLE)

    def probed(environ: Environ) -> ShortAnswer | None:
        path = environ["PATH_INFO"]
        if path not in (_HEALTHZ, _READYZ) or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        return ok if path == _HEALTHZ or readiness.is_ready() else unavailable

    return probed


def _said(document: dict[str, str], status: int) -> ShortAnswer:
    body = json.dumps(document, separators=(",", ":")).encode() + b"\n"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    add_what_is_missing(headers, "GET")
    return ShortAnswer(f"{status} {HTTPStatus(status).phrase}", headers, body)
