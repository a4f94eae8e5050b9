"""What is seen of requests: a log line and a few counts for each, whoever answers it.

Counters for Prometheus (figures.py) only grow; an operator who opens a page wants the last hour at
once. So all processes add to one small ring in memory too, 5 kB with a place for each of the last
minutes, which the one that loaded the site left to those that were forked from it.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from mmap import mmap
from random import randbytes
from threading import Lock, local
from time import perf_counter, thread_time, time
from typing import Any

import structlog

from ..claims_api.events import CoreWatch
from ..guard.networks import NETWORK
from ..records import Record, recorded
from .figures import BREAKER, Figures
from .redaction import holds_number, shortened

Environ = dict[str, Any]

_log = structlog.get_logger()

COLUMNS = (
    "answered",
    "waiting",
    "challenged",
    "refused",
    "unavailable",
    "stale",
    "core",
    "core_failed",
    "core_ms",
)
"""What is counted. `core` are questions that the core answered, in `core_ms` altogether."""

_OF_OUTCOME = {
    "found": "answered",
    "not_found": "answered",
    "waiting": "waiting",
    "challenge": "challenged",
    "refused": "refused",
    "unavailable": "unavailable",
}
"""Columns by the outcome of a request; others are not shown there."""

MINUTES = 60
_SLOTS = 64
_WIDTH = 1 + len(COLUMNS)
_NONE = (0,) * len(COLUMNS)
_PLACE = {name: place for place, name in enumerate(COLUMNS, start=1)}


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute, by the epoch's count of them, and what was counted in it."""

    at: int
    counts: Mapping[str, int]


class Minutes:
    """The last hour of this process and of all that are forked from it, the dead ones too.

    `clock` gives epoch seconds. Of a process one thread counts at a time; two processes that count
    in the very same moment may lose a count between them.
    """

    def __init__(self, clock: Callable[[], float] = time) -> None:
        self._clock = clock
        self._ring = memoryview(mmap(-1, 8 * _SLOTS * _WIDTH)).cast("q")

    def add(self, column: str, count: int = 1) -> None:
        at = int(self._clock() // 60)
        first, ring = at % _SLOTS * _WIDTH, self._ring
        if ring[first] != at:
            for place in range(first, first + _WIDTH):
                ring[place] = 0
            ring[first] = at
        ring[first + _PLACE[column]] += count

    def last_hour(self) -> list[Minute]:
        """Return the last sixty minutes, the present one last; none is left out."""
        now = int(self._clock() // 60)
        return [self._minute(at) for at in range(now - MINUTES + 1, now + 1)]

    def _minute(self, at: int) -> Minute:
        first = at % _SLOTS * _WIDTH
        found, *counts = self._ring[first : first + _WIDTH]
        return Minute(at, dict(zip(COLUMNS, counts if found == at else _NONE, strict=True)))


class Metrics(CoreWatch):
    """All that is counted; `minutes` holds a few of these by the minute.

    Children of labels are looked up once and kept.
    """

    def __init__(self) -> None:
        self.minutes = Minutes()
        self._figures = figures = Figures()
        self._kept: dict[tuple[Any, ...], Any] = {}
        self._due: deque[tuple[Callable[[Any], None], float]] = deque()
        self._writing = Lock()
        # Called with the labels, in their order; the last one with epoch seconds.
        self.guard_decided = partial(self._update, figures.guard, "inc", 1.0)
        self.guard_store_failed = partial(self._update, figures.guard_failures, "inc", 1.0)
        self.flood_shed = partial(self._update, figures.shed, "inc", 1.0)
        self.unknown_code = partial(self._update, figures.unknown, "inc", 1.0)
        self.partner_event = partial(self._update, figures.partner, "inc", 1.0)
        self.line_lost = partial(self._update, figures.lost, "inc", 1.0)
        self.calendar_ends = partial(self._update, figures.calendar_ends, "set")
        self._look_at_line: Callable[[], tuple[float, ...]] = tuple
        self._look_at_busy: Callable[[], float] = float

    def began(self, queued: float | None = None) -> None:
        """Count a request in; `queued` seconds after the proxy in front sent it, if it said so."""
        self._update(self._figures.in_flight, "inc", 1.0)
        if queued is not None:
            self._update(self._figures.queue_seconds, "observe", queued)

    def core_waited(self, seconds: float) -> None:
        self._update(self._figures.core_waits, "observe", seconds)

    def core_asked(self) -> None:
        self._update(self._figures.core_in_flight, "inc", 1.0)

    def ended(self, route: str, outcome: str, status: str, seconds: float) -> None:
        """Count a request out, with how it ended and how long it took."""
        self._update(self._figures.in_flight, "dec", 1.0)
        self._update(self._figures.requests, "inc", 1.0, route, outcome, status)
        self._update(self._figures.seconds, "observe", seconds, route)
        if outcome in _OF_OUTCOME:
            self._count(_OF_OUTCOME[outcome])

    def core_answered(self, result: str, seconds: float) -> None:
        self._update(self._figures.core_in_flight, "dec", 1.0)
        self._update(self._figures.core_seconds, "observe", seconds, result)
        if result == "answered":
            self._count("core")
            self._count("core_ms", round(1000 * seconds))
        else:
            self._count("core_failed")

    def claims_event(self, event: str, /, **labels: str) -> None:
        if event == "breaker":
            self._update(self._figures.breaker, "set", BREAKER.get(labels["state"], 0))
        if event == "stale":
            self._count("stale")
        self._update(self._figures.claims, "inc", 1.0, event, "/".join(labels.values()))

    def ready(self, works: Mapping[str, bool]) -> None:
        """Say what of the things that the site needs was in order a moment ago."""
        for what, well in works.items():
            self._update(self._figures.ready, "set", float(well), what)

    def looks_at(self, line: Callable[[], tuple[float, ...]], busy: Callable[[], float]) -> None:
        """Say where to look, when figures are asked for: at the line, in the order of LINE, and
        at how long requests wait to be served."""
        self._look_at_line, self._look_at_busy = line, busy

    def exposition(self) -> bytes:
        for gauge, value in zip(self._figures.line.values(), self._look_at_line(), strict=False):
            self._update(gauge, "set", value)
        self._update(self._figures.busy, "set", self._look_at_busy())
        with self._writing:
            self._write_due()
        return self._figures.exposition()

    def _count(self, column: str, count: int = 1) -> None:
        self._do(partial(self.minutes.add, column), count)

    def _update(self, metric: Any, verb: str, value: float, *labels: str | int) -> None:
        key = (metric, verb, *labels)
        try:
            act = self._kept.get(key)
            if act is None:
                act = self._kept[key] = getattr(metric.labels(*labels) if labels else metric, verb)
        except (OSError, TypeError, ValueError):
            # Whoever removes the files of the counters must not stop the site with them.
            return
        self._do(act, value)

    def _do(self, act: Callable[[Any], None], value: float) -> None:
        self._due.append((act, value))
        # There is one lock for all that is counted: of 256 threads up to 190 have stood at it.
        # Now one writes for all, and no other waits. Looked at again, since what came in the
        # moment before the lock was given back found it taken.
        while self._due and self._writing.acquire(blocking=False):
            try:
                self._write_due()
            finally:
                self._writing.release()

    def _write_due(self) -> None:
        while self._due:
            act, value = self._due.popleft()
            with suppress(OSError, TypeError, ValueError):
                act(value)


_OUTCOMES = {404: "no_such_page", 410: "expired", 429: "refused", 503: "unavailable"}
_OURS = "/-/"
_QUIET = (_OURS, "/static/")
NOT_READY = "not_ready"
"""What a 503 is that a probe or the core gets: no visitor was told to come back."""

_SENT = re.compile(r"t=(\d{10}\.\d{3})")
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LETTERS = bytes(b"bcdfghjkmnpqrstvwxz"[value % 19] for value in range(256))

MAX_QUEUE = 60.0
"""Seconds; what claims more comes from a wrong clock. Those of two machines differ by a little."""


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
        site: Callable[..., Iterable[bytes]],
        metrics: Metrics,
        clock: Callable[[], float] | None = None,
        served: Callable[[float], None] = lambda seconds: None,
        polled: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        self._site = site
        self._served = served
        self._polled = polled
        self._thread = local()
        self._metrics = metrics
        self._clock = clock
        self._named = lru_cache(2048)(lambda network: shortened(str(network).partition("/")[0]))

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        begun = perf_counter()
        named = request_id_of(environ.get("HTTP_X_REQUEST_ID"))
        record = Record(named, self._named(environ[NETWORK]))
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
        sent = _SENT.fullmatch(environ.get("HTTP_X_REQUEST_START", ""))
        queued = self._clock() - float(sent[1]) if self._clock and sent else MAX_QUEUE
        return max(queued, 0.0) if queued < MAX_QUEUE else None

    def _end(self, environ: Environ, record: Record, status: str, seconds: float) -> None:
        # The pattern of the address, which holds neither a ticket nor a query.
        is_file = environ["PATH_INFO"].startswith("/static/")
        route = record.route = "/static/<path>" if is_file else record.route or "none"
        # An accident is one, whatever was found before it happened.
        found = "" if status == "500" else record.outcome
        outcome = found or _outcome_of(int(status), route)
        self._metrics.ended(route, outcome, status, seconds)
        say = _log.info
        if status >= "500":
            say = _log.error if outcome == "error" else _log.warning
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
        before, used = getattr(self._thread, "used", 0.0), thread_time()
        if status == "202" and route.endswith("/antre/<place>"):
            self._polled(used - before)
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
    return {"rule": "requests"} if outcome == "refused" else {}


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
