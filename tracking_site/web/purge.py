"""`POST /-/purge`: the core says that a number's claims changed, and every node forgets them.

Whoever asks shows the token, or signs the body with it as Standard Webhooks describes
(headers webhook-id, webhook-timestamp, webhook-signature; HMAC-SHA256 over
`id.timestamp.body`). Asking twice does no harm.
"""

import base64
import hmac
import json
from collections.abc import Callable
from functools import partial
from io import BytesIO

from flask import Blueprint, Response
from htmx_flask import request
from werkzeug.datastructures import EnvironHeaders, Headers

from ..cache.answers import CachedClaims
from ..domain.identifiers import Kpj, Nik, parse_identifier
from .layers import Environ

SIGNATURE_SECONDS = 300
"""How far the clock of the sender may be from ours; older bodies could be replays."""


_PATH = "/-/purge"


def is_from_core(
    token: str | None, clock: Callable[[], float], max_body: int
) -> Callable[[Environ], bool]:
    """Return what says whether a request is a purge that shows the token, or is signed with it."""

    def is_purge(environ: Environ) -> bool:
        if token is None or environ["PATH_INFO"] != _PATH:
            return False
        body = b""
        if "HTTP_WEBHOOK_SIGNATURE" in environ and "HTTP_AUTHORIZATION" not in environ:
            body = environ["wsgi.input"].read(max_body + 1)
            environ["wsgi.input"] = BytesIO(body)
        return _is_allowed(EnvironHeaders(environ), body, token, clock())

    return is_purge


def make_blueprint(
    claims: CachedClaims, token: str | None, clock: Callable[[], float]
) -> Blueprint:
    """Return the address; without a token nobody may use it. `clock` gives epoch seconds."""
    blueprint = Blueprint("purge", __name__)

    @blueprint.post(_PATH)
    def purge() -> Response:
        body = request.get_data(cache=False)
        if token is None or not _is_allowed(request.headers, body, token, clock()):
            return _problem(401, "Show the purge token, or sign the body with it.")
        try:
            forget = _what_to_forget(json.loads(body), claims)
        except (ValueError, RecursionError):
            return _problem(
                400, 'Send {"identifier": {"type": "nik" or "kpj", "value": "…"}} or {"all": true}.'
            )
        if not forget():
            return _problem(503, "Not every node could be told. Send the same again.", "5")
        return Response(status=204)

    return blueprint


def _what_to_forget(asked: object, claims: CachedClaims) -> Callable[[], bool]:
    if asked == {"all": True}:
        return claims.forget_all
    match asked:
        case {"identifier": {"type": ("nik" | "kpj") as kind, "value": str(value)}}:
            read = parse_identifier(value)
            if isinstance(read, Nik | Kpj) and read.kind == kind:
                return partial(claims.forget, read)
    raise ValueError


def _is_allowed(headers: Headers, body: bytes, token: str, now: float) -> bool:
    shown = headers.get("Authorization", "")
    if shown:
        return hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
    sent_at = headers.get("webhook-timestamp", "")
    if not (sent_at.isascii() and sent_at.isdecimal() and len(sent_at) < 12):
        return False
    if abs(now - int(sent_at)) > SIGNATURE_SECONDS:
        return False
    signed = f"{headers.get('webhook-id', '')}.{sent_at}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(token.encode(), signed, "sha256"))
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(each.encode(), expected) for each in given[:5])


def _problem(status: int, detail: str, retry_after: str | None = None) -> Response:
    response = Response(json.dumps({"status": status, "detail": detail}), status)
    response.mimetype = "application/problem+json"
    if retry_after:
        response.headers["Retry-After"] = retry_after
    return response
