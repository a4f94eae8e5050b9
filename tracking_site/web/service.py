"""Addresses for machines: health, metrics, robots, how to report a weakness."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, abort, jsonify, request

from ..observing.metrics import CONTENT_TYPE, Metrics
from ..observing.readiness import Readiness, Shortage
from ..telling.languages import LANGUAGES, in_all
from .identity import Identity
from .operator import IsOperator

_PRIVATE = in_all("/klaim/")
"""Not the addresses that programs follow: calendars that obey this file must reach them."""

_ROBOTS = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in _PRIVATE)
_SECURITY_TXT_DAYS = 180


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

    @blueprint.get("/-/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/-/readyz")
    def readyz() -> tuple[Response, int]:
        found = readiness.lately()
        is_ready = not any(each and not isinstance(each, Shortage) for each in found.values())
        said = {name: problem or "ok" for name, problem in found.items()}
        details = said if is_operator(request) else {}
        status = "ok" if is_ready else "unavailable"
        return jsonify(status=status, **details), 200 if is_ready else 503

    @blueprint.get("/-/metrics")
    def exposition() -> Response:
        if not is_operator(request):
            abort(404)
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
