"""One log line and a few counts for every request, whoever answers it."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from random import randbytes
from threading import local
from time import perf_counter, thread_time
from typing import Any

import structlog

from ..guard.networks import NETWORK
from ..records import Record, recorded
from .metrics import Metrics
from .redaction import holds_number, shortened

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_log = structlog.get_logger()

_OUTCOMES = {404: "no_such_page", 410: "expired", 429: "refused", 503: "unavailable"}
_OURS = "/-/"
_QUIET = (_OURS, "/static/")
NOT_READY = "not_ready"
"""What a 503 is that a probe or the core gets: no visitor was told to come back."""

_SENT = re.compile(r"t=\d{10}\.\d{3}")

REQUESTS = "requests"
"""The rule in the line of a request that the plain limit refused."""

_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LETTERS = bytes(b"bcdfghjkmnpqrstvwxz"[value % 19] for value in range(256))

MAX_QUEUE = 60.0
"""Seconds; what claims more comes from a wrong clock."""


class _Thread(local):
    """A thread that serves: the processor time that it had used when its last request ended."""

    used = 0.0


class Observed:
    """Wraps the whole site.

    The client's network (guard/networks.py) is shortened before it goes anywhere. `clock` gives
    epoch seconds where a proxy in front says when it sent a request (X-Request-Start); without a
    proxy there is none. `served` is given the seconds that each request took, without those that
    it waited for the core. `polled` is given the processor time of each that says no more than to
    wait, with what the server did for it.
    """

    def __init__(
        self,
        site: Application,
        metrics: Metrics,
        clock: Callable[[], float] | None = None,
        served: Callable[[float], None] = lambda seconds: None,
        polled: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._site = site
        self._served = served
        self._polled = polled
        self._thread = _Thread()
        self._metrics = metrics
        self._clock = clock
        self._named = lru_cache(2048)(lambda network: shortened(str(network).partition("/")[0]))

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun = perf_counter()
        record = Record(
            request_id_of(environ.get("HTTP_X_REQUEST_ID")), self._named(environ[NETWORK])
        )
        status = "500"

        def start(line: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            nonlocal status
            status = line[:3]
            headers.append(("X-Request-ID", record.request_id))
            return start_response(line, headers, *rest)

        self._metrics.began(self._queued(environ))
        try:
            with recorded(record):
                return self._site(environ, start)
        finally:
            self._end(environ, record, status, perf_counter() - begun)

    def _queued(self, environ: Environ) -> float | None:
        sent = environ.get("HTTP_X_REQUEST_START") if self._clock else None
        if self._clock is None or sent is None or not _SENT.fullmatch(sent):
            return None
        queued = self._clock() - float(sent[2:])
        # Clocks of two machines differ by a little; a wait beyond a minute is no wait.
        return max(queued, 0.0) if queued < MAX_QUEUE else None

    def _end(self, environ: Environ, record: Record, status: str, seconds: float) -> None:
        # The pattern of the address, which holds neither a ticket nor a query.
        is_file = environ["PATH_INFO"].startswith("/static/")
        route = record.route = "/static/<path>" if is_file else record.route or "none"
        outcome = record.outcome or _outcome_of(int(status), route)
        self._metrics.ended(route, outcome, status, seconds)
        say = _log.info
        if status >= "500":
            say = _log.warning if outcome in ("unavailable", NOT_READY) else _log.error
        elif route.startswith(_QUIET):
            say = _log.debug
        say(
            "request",
            request_id=record.request_id,
            network=record.network,
            method=environ["REQUEST_METHOD"] if environ["REQUEST_METHOD"] in _METHODS else "other",
            route=route,
            status=int(status),
            outcome=outcome,
            **_reason(record, outcome),
            **({"partner": record.partner} if record.partner else {}),
            **({"cache": record.cache} if record.cache else {}),
            **_milliseconds(record, seconds),
        )
        self._served(seconds - record.source)
        # Since this thread's last request ended: the server read this one in between.
        used = thread_time()
        if status == "202" and route.endswith("/antre/<place>"):
            self._polled(used - self._thread.used)
        self._thread.used = used


def request_id_of(given: str | None) -> str:
    """Return the id that a proxy gave, or a new one of letters alone.

    What could be somebody's number is no id: it would stand in logs and in the core's.
    """
    if given and _PLAIN.fullmatch(given) and not holds_number(given):
        return given
    # Nobody gains by guessing it, and the system's own would let other threads run in between.
    return randbytes(16).translate(_LETTERS).decode()  # noqa: S311


_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})


def _reason(record: Record, outcome: str) -> dict[str, Any]:
    """Return which rule kept a lookup back; without the guard's, it was the limit of requests."""
    if record.rule:
        return {"rule": record.rule, "level": record.level}
    return {"rule": REQUESTS} if outcome == "refused" else {}


def _outcome_of(status: int, route: str) -> str:
    if status < 400:
        return "page"
    if status == 503 and route.startswith(_OURS):
        return NOT_READY
    return _OUTCOMES.get(status) or ("bad_request" if status < 500 else "error")


def _milliseconds(record: Record, seconds: float) -> dict[str, float]:
    """Return where the time went; parts that did not happen are left out."""
    parts = {
        "ms": seconds,
        "guard_ms": max(record.guarded - record.looked_up, 0.0),
        "cache_ms": record.source - record.core,
        "core_ms": record.core,
        "render_ms": record.render,
    }
    return {name: round(1000 * part, 2) for name, part in parts.items() if part > 0}
