"""`/-/operator`: how this node does, for whoever has the metrics token or sits on this machine.

Read-only, drawn on the server, refreshed by htmx; it says nothing of any person or address.
"""

import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from ipaddress import ip_address

from flask import Blueprint, Response, abort, make_response, render_template, request
from werkzeug import Request

from ..observing.overview import Overview

_SIGNS_OF_A_PROXY = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")
_PORT = re.compile(r":\d+$")

IsOperator = Callable[[Request], bool]


def operators(token: str | None) -> IsOperator:
    """Return the judgement of a request; without a token only the loopback address passes.

    A proxy on the same machine connects from there too, for everybody: what came through one
    does not count as local, nor what was asked for by another name than this machine's own, as
    from a proxy that says nothing of itself, or from a page elsewhere whose name leads here.
    """

    def is_operator(request: Request) -> bool:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if token and scheme.lower() == "bearer":
            return hmac.compare_digest(given.strip().encode(), token.encode())
        if token and scheme.lower() == "basic":
            return hmac.compare_digest(_password_in(request).encode(), token.encode())
        if any(name in request.headers for name in _SIGNS_OF_A_PROXY):
            return False
        asked = _PORT.sub("", request.host).strip("[]")
        is_asked_here = asked == "localhost" or _is_loopback(asked)
        return is_asked_here and _is_loopback(request.remote_addr)

    return is_operator


def _password_in(request: Request) -> str:
    try:
        shown = request.authorization and request.authorization.password
    except ValueError:
        # Werkzeug lets a text that is not ASCII through to what decodes base64.
        shown = None
    return shown or ""


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False


WIB = timezone(timedelta(hours=7), "WIB")
HEIGHT = 100
"""Of a plot, in its own units; a minute is 10 of them wide."""

KEPT_BACK = ("waiting", "challenged", "refused", "unavailable")


@dataclass(frozen=True, slots=True)
class Bar:
    """One minute of a plot: from the ground up, first the `plain` part, then the `marked` one."""

    x: int
    plain: float
    marked: float


@dataclass(frozen=True, slots=True)
class Plot:
    """`most` is what the highest bar stands for."""

    bars: tuple[Bar, ...]
    most: int

    @classmethod
    def of(cls, pairs: Sequence[tuple[int, int]]) -> "Plot":
        """Draw pairs of a plain and a marked number, one for each minute."""
        most = max(sum(pair) for pair in pairs)
        scale = HEIGHT / most if most else 0.0
        bars = tuple(
            Bar(10 * place, round(plain * scale, 1), round(marked * scale, 1))
            for place, (plain, marked) in enumerate(pairs)
            if plain or marked
        )
        return cls(bars, most)


def make_blueprint(
    look: Callable[[], Overview], is_operator: IsOperator, has_token: bool
) -> Blueprint:
    """Return the page. Without a token to ask for, others get the page of what is not there."""
    blueprint = Blueprint("operator", __name__)

    @blueprint.get("/-/operator")
    def page() -> Response:
        if not is_operator(request):
            return _refusal(has_token)
        return make_response(render_template("operator/page.html", **_shown(look())))

    return blueprint


def _shown(overview: Overview) -> dict[str, object]:
    counts = [minute.counts for minute in overview.minutes]
    kept_back = [sum(each[name] for name in KEPT_BACK) for each in counts]
    return {
        "now": overview,
        "visitors": Plot.of([*zip((each["answered"] for each in counts), kept_back, strict=True)]),
        "core": Plot.of([(round(each["core_ms"] / max(each["core"], 1)), 0) for each in counts]),
        "height": HEIGHT,
        "at": overview.at.astimezone(WIB).strftime("%H.%M.%S WIB"),
        "from_": overview.at.astimezone(WIB) - timedelta(minutes=59),
    }


def _refusal(has_token: bool) -> Response:
    if not has_token:
        abort(404)
    refused = Response("Give the metrics token as the password; the name does not matter.\n", 401)
    refused.headers["WWW-Authenticate"] = 'Basic realm="operator", charset="UTF-8"'
    refused.mimetype = "text/plain"
    return refused
