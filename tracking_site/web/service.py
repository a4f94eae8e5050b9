"""Addresses for machines: health, robots, how to report a weakness."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, jsonify

from .identity import Identity

_PRIVATE = ("/klaim/", "/en/klaim/", "/pantau/", "/en/pantau/", "/sematan")
_ROBOTS = "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in _PRIVATE)
_SECURITY_TXT_DAYS = 180

Probe = Callable[[], bool]
"""Tells whether what it looks at works."""


def make_blueprint(probes: Mapping[str, Probe], identity: Identity) -> Blueprint:
    """Return liveness, readiness and the well-known files; `probes` by what they look at."""
    blueprint = Blueprint("service", __name__)

    @blueprint.get("/-/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/-/readyz")
    def readyz() -> tuple[Response, int]:
        works = {name: probe() for name, probe in probes.items()}
        is_ready = all(works.values())
        told = {name: "ok" if well else "unavailable" for name, well in works.items()}
        return jsonify(status="ok" if is_ready else "unavailable", **told), 200 if is_ready else 503

    @blueprint.get("/robots.txt")
    def robots() -> Response:
        return Response(_ROBOTS, mimetype="text/plain")

    @blueprint.get("/.well-known/security.txt")
    def security_txt() -> Response:
        expires = datetime.now(UTC) + timedelta(days=_SECURITY_TXT_DAYS)
        lines = [
            f"Contact: {identity.security_contact}",
            f"Expires: {expires:%Y-%m-%dT00:00:00Z}",
            "Preferred-Languages: id, en",
        ]
        return Response("\n".join(lines) + "\n", mimetype="text/plain")

    return blueprint
