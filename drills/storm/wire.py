"""HTTP as a visitor's browser speaks it: one kept connection, and what came back timed."""

import http.client
import time
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

PATIENCE_SECONDS = 30
"""Far beyond the site's own budget, so that an answer that comes too late is seen and counted."""

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HTMX = {"HX-Request": "true"}


@dataclass(frozen=True, slots=True)
class Reply:
    """`status` 0 means that the connection ended without an answer; `seconds` to the last byte."""

    status: int
    seconds: float
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Heard(Protocol):
    def __call__(self, what: str, reply: Reply) -> None: ...


class Browser:
    """One visitor's connection, and the address that a proxy in front would have written down."""

    def __init__(self, port: int, address: str, heard: Heard) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        self._always = {"X-Forwarded-For": address}
        self._heard = heard

    def get(self, what: str, path: str, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.send(what, "GET", path, named)

    def post(self, what: str, path: str, form: dict[str, str], headers: dict[str, str]) -> Reply:
        return self.send(what, "POST", path, headers | FORM, urlencode(form).encode())

    def send(
        self, what: str, method: str, path: str, headers: dict[str, str], body: bytes | None = None
    ) -> Reply:
        begun = time.monotonic()
        is_kept = self._connection.sock is not None
        reply = self._asked(method, path, headers, body, begun)
        if reply.status == 0 and is_kept:
            # A kept connection may be closed at any time: browsers ask again on a new one.
            reply = self._asked(method, path, headers, body, begun)
        self._heard(what, reply)
        return reply

    def _asked(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, begun: float
    ) -> Reply:
        try:
            self._connection.request(method, path, body, headers | self._always)
            response = self._connection.getresponse()
            read = response.read()
        except (OSError, http.client.HTTPException):
            self.close()
            return Reply(0, time.monotonic() - begun)
        told = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, time.monotonic() - begun, told, read)

    def close(self) -> None:
        self._connection.close()
