"""The least that gunicorn can serve."""

from collections.abc import Callable, Iterable
from typing import Any

BODY = b"Halo"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(BODY)))])
    return [BODY]
