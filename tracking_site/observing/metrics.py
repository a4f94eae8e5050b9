"""Counters and histograms for Prometheus, right across the processes of a node.

Labels are codes of closed sets: routes, outcomes, rules, families of codes, partners. No
number, ticket, address or digest is ever a label.
"""

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.values import ValueClass

from ..claims_api.events import CoreWatch
from ..guard.floods import NO_WIDTH, WIDTHS
from .minutes import Minutes

SECONDS = (0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0)
"""Bounds of the histograms; a person waits at most CORE_TOTAL_SECONDS (5) and a little."""

BREAKER = {"closed": 0, "half_open": 1, "open": 2}

RARE = (("forgotten", "one/no"), ("forgotten", "all/no"), ("store", "open"), ("store_refused", ""))
"""Events that are said from the start, as 0: Prometheus sees no rise in what begins at 1."""

RARE_RESULTS = (
    "credentials",
    "token_refused",
    "signature_refused",
    "client_certificate",
    "shape",
    "content_type",
    "encoding",
    "protocol",
    "too_large",
)
"""What the core comes to that one alert waits for, said from the start in the same way."""

RARE_CODES = (
    "appointment",
    "cause",
    "channel",
    "claim_cause",
    "document",
    "document_cause",
    "document_state",
    "kind",
    "means",
    "next_step",
    "note",
    "notice",
    "result",
    "service",
    "stage",
    "state",
)
"""Families of the contract's codes; of each an unknown one is counted."""

RARE_DECISIONS = (
    *(("challenge", rule, level) for rule in ("work_alarm", "work_ceiling") for level in "1234"),
    *(("refuse", rule, "0") for rule in ("alarm", "ceiling")),
)
"""Decisions of the guard under alarm."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


LINE = {
    "tracking_core_bound": "Requests that may be at the core at once now, over all nodes.",
    "tracking_core_bounded": "Requests that are at the core now, over all nodes.",
    "tracking_line_pace": "Places a second that the line before the core moves.",
    "tracking_line_length": "Places in the line before the core.",
    "tracking_line_oldest_seconds": "How long the oldest place in the line waits.",
}
"""Figures of the line, in the order in which they are looked at."""
_OF_OUTCOME = {
    "found": "answered",
    "not_found": "answered",
    "waiting": "waiting",
    "challenge": "challenged",
    "refused": "refused",
    "unavailable": "unavailable",
}
"""Columns of observing/minutes.py by the outcome of a request; others are not shown there."""


class Metrics(CoreWatch):
    """All that is counted. Children of labels are looked up once and kept.

    `minutes` holds a few of these by the minute.

    Where PROMETHEUS_MULTIPROC_DIR was set before the library was loaded, values live in files
    that every process of the node reads.
    """

    def __init__(self) -> None:
        self.minutes = Minutes(_folder())
        self._registry = registry = CollectorRegistry()
        self._kept: dict[tuple[Any, ...], Any] = {}
        self._due: deque[tuple[Callable[[float], None], float]] = deque()
        self._writing = Lock()
        counter = partial(Counter, registry=registry)
        gauge = partial(Gauge, registry=registry)
        histogram = partial(Histogram, buckets=SECONDS, registry=registry)
        self._requests = counter(
            "tracking_requests", "Requests answered.", ["route", "outcome", "status"]
        )
        self._seconds = histogram(
            "tracking_request_seconds", "Time until the answer was ready.", ["route"]
        )
        self._in_flight = gauge(
            "tracking_requests_in_flight", "Requests being answered.", multiprocess_mode="livesum"
        )
        self._queue_seconds = histogram(
            "tracking_queue_seconds",
            "Time between the proxy in front and the thread that took the request.",
        )
        self._core_in_flight = gauge(
            "tracking_core_in_flight", "Lookups that are at the core.", multiprocess_mode="livesum"
        )
        self._core_seconds = histogram(
            "tracking_core_seconds",
            "Time that the core took for a lookup, failures included.",
            ["result"],
        )
        self._core_waits = histogram(
            "tracking_core_wait_seconds",
            "Time that a lookup was held before the core had room, or it was sent to the line.",
        )
        self._line = {
            name: gauge(name, says, multiprocess_mode="livemostrecent")
            for name, says in LINE.items()
        }
        self._busy = gauge(
            "tracking_busy_seconds",
            "Time that requests waited lately to be served, the core's left out.",
            multiprocess_mode="livemax",
        )
        self._claims = counter(
            "tracking_claims_events",
            "What the cached client did (claims_api/events.py).",
            ["event", "detail"],
        )
        self._breaker = gauge(
            "tracking_core_breaker",
            "0 closed, 1 half open, 2 open; the worst of the processes.",
            multiprocess_mode="livemax",
        )
        self._guard = counter(
            "tracking_guard_decisions", "Decisions of the guard.", ["kind", "rule", "level"]
        )
        guard_failures = counter(
            "tracking_guard_store_failures",
            "Times that the guard could not use its shared ledger.",
            ["error"],
        )
        shed = counter(
            "tracking_floods_shed",
            "Requests refused because their network, or the one around it, sent too many.",
            ["width"],
        )
        unknown = counter(
            "tracking_unknown_codes",
            "Codes of the core that the site has no words for.",
            ["family"],
        )
        partner = counter(
            "tracking_partner_events",
            "What happened in a partner's frames: frame, card, lookup, miss, challenge, refusal.",
            ["partner", "event"],
        )
        lost = counter("tracking_log_lines_lost", "Log lines that could not be written.")
        self._ready = gauge(
            "tracking_ready",
            "1 where the last look at what the site needs found it in order.",
            ["what"],
            multiprocess_mode="livemin",
        )
        calendar_ends = gauge(
            "tracking_calendar_ends_timestamp_seconds",
            "When the known days off end; later legal deadlines are not said.",
            multiprocess_mode="livemax",
        )
        # Called with the labels, in their order; the last one with epoch seconds.
        self.guard_store_failed = partial(self._update, guard_failures, "inc", 1.0)
        self.flood_shed = partial(self._update, shed, "inc", 1.0)
        self.unknown_code = partial(self._update, unknown, "inc", 1.0)
        self.partner_event = partial(self._update, partner, "inc", 1.0)
        self.line_lost = partial(self._update, lost, "inc", 1.0)
        self.calendar_ends = partial(self._update, calendar_ends, "set")
        self._look_at_line: Callable[[], tuple[float, ...]] = tuple
        self._look_at_busy: Callable[[], float] = float
        self._update(self._breaker, "set", BREAKER["closed"])
        for width in (*WIDTHS, NO_WIDTH):
            self._update(shed, "inc", 0.0, width)
        for event, detail in RARE:
            self._update(self._claims, "inc", 0.0, event, detail)
        for result in RARE_RESULTS:
            self._core_seconds.labels(result)
        for family in RARE_CODES:
            self._update(unknown, "inc", 0.0, family)
        for decision in RARE_DECISIONS:
            self._update(self._guard, "inc", 0.0, *decision)
        self._update(guard_failures, "inc", 0.0, "RedisDown")

    def began(self, queued: float | None = None) -> None:
        """Count a request in; `queued` seconds after the proxy in front sent it, if it said so."""
        self._update(self._in_flight, "inc", 1.0)
        if queued is not None:
            self._update(self._queue_seconds, "observe", queued)

    def core_waited(self, seconds: float) -> None:
        """Count how long a lookup was held before it was let to the core, or was not."""
        self._update(self._core_waits, "observe", seconds)

    def core_asked(self) -> None:
        self._update(self._core_in_flight, "inc", 1.0)

    def ended(self, route: str, outcome: str, status: str, seconds: float) -> None:
        """Count a request out, with how it ended and how long it took."""
        self._update(self._in_flight, "dec", 1.0)
        self._update(self._requests, "inc", 1.0, route, outcome, status)
        self._update(self._seconds, "observe", seconds, route)
        if outcome in _OF_OUTCOME:
            self.minutes.add(_OF_OUTCOME[outcome])

    def core_answered(self, result: str, seconds: float) -> None:
        """Count what the core said to a lookup: "answered", or the kind of its failure."""
        self._update(self._core_in_flight, "dec", 1.0)
        self._update(self._core_seconds, "observe", seconds, result)
        if result == "answered":
            self.minutes.add("core")
            self.minutes.add("core_ms", round(1000 * seconds))
        else:
            self.minutes.add("core_failed")

    def claims_event(self, event: str, /, **labels: str) -> None:
        if event == "breaker":
            self._update(self._breaker, "set", BREAKER.get(labels["state"], 0))
        if event == "stale":
            self.minutes.add("stale")
        self._update(self._claims, "inc", 1.0, event, "/".join(labels.values()))

    def guard_decided(self, kind: str, rule: str, level: int) -> None:
        self._update(self._guard, "inc", 1.0, kind, rule, str(level))

    def ready(self, works: Mapping[str, bool]) -> None:
        """Say what of the things that the site needs was in order a moment ago."""
        for what, well in works.items():
            self._update(self._ready, "set", float(well), what)

    def looks_at(self, line: Callable[[], tuple[float, ...]], busy: Callable[[], float]) -> None:
        """Say where to look, when figures are asked for: at the line, in the order of LINE, and
        at how long requests wait to be served."""
        self._look_at_line, self._look_at_busy = line, busy

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format, of all processes of the node."""
        for gauge, value in zip(self._line.values(), self._look_at_line(), strict=False):
            self._update(gauge, "set", value)
        self._update(self._busy, "set", self._look_at_busy())
        with self._writing:
            self._write_due()
        registry = self._registry
        if ValueClass._multiprocess:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        return generate_latest(registry)

    def _update(self, metric: Any, verb: str, value: float, *labels: str) -> None:
        key = (metric, verb, *labels)
        try:
            act = self._kept.get(key)
            if act is None:
                act = self._kept[key] = getattr(metric.labels(*labels) if labels else metric, verb)
        except (OSError, TypeError, ValueError):
            # Whoever removes the files of the counters must not stop the site with them.
            return
        self._due.append((act, value))
        # The library has one lock for all that is counted: of 256 threads up to 190 stood at it.
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


def _folder() -> Path | None:
    """Return where the processes of the node keep what they count; None where there is one."""
    if not ValueClass._multiprocess:
        return None
    return Path(MultiProcessCollector(CollectorRegistry())._path)
