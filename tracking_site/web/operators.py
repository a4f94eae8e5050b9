"""Who may read what is for operators: whoever has the token, or sits on this very machine.

Programs show the token as Bearer; browsers, which cannot, as the password of HTTP Basic.
"""

import hmac
from collections.abc import Callable
from ipaddress import ip_address

from flask import Request

_SIGNS_OF_A_PROXY = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")

IsOperator = Callable[[Request], bool]


def operators(token: str | None) -> IsOperator:
    """Return the judgement of a request; without a token only the loopback address passes.

    A proxy on the same machine connects from there too, for everybody: what came through one
    does not count as local.
    """

    def is_operator(request: Request) -> bool:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if token and scheme.lower() == "bearer":
            return hmac.compare_digest(given.strip().encode(), token.encode())
        if token and scheme.lower() == "basic":
            shown = request.authorization and request.authorization.password
            return hmac.compare_digest((shown or "").encode(), token.encode())
        if any(name in request.headers for name in _SIGNS_OF_A_PROXY):
            return False
        return _is_loopback(request.remote_addr)

    return is_operator


def _is_loopback(address: str | None) -> bool:
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False
