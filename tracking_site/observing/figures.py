"""The figures for Prometheus: their names, what they say, and what is said from the start.

Labels are codes of closed sets: routes, outcomes, rules, families of codes, partners. No
number, ticket, address or digest is ever a label.

A process counts on in the files of one that is gone, so that recycling leaves no heap of files, and
nothing that was counted is lost.
"""

import errno
import os
from functools import partial
from mmap import PAGESIZE
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    values,
)
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

from ..guard.floods import NO_WIDTH, WIDTHS
from ..guard.resilient import LABELS

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

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

LINE = {
    "tracking_core_bound": "Requests that may be at the core at once now, over all nodes.",
    "tracking_core_bounded": "Requests that are at the core now, over all nodes.",
    "tracking_line_pace": "Places a second that the line before the core moves.",
    "tracking_line_length": "Places in the line before the core.",
    "tracking_line_oldest_seconds": "How long the oldest place in the line waits.",
}
"""Figures of the line, in the order in which they are looked at."""

ENTRY_BYTES = 32
"""Of a value in a file of the library's, beside its name, at most."""


class ReservedDict(MmapedDict):
    """The library's file of values, in which nothing is written that has no room.

    To write into a mapped page for which a full file system has none ends the process (SIGBUS).
    Here it is an OSError: the value is not counted, and the site goes on.
    """

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if not read_mode:
            try:
                with Path(filename).open("ab") as file:
                    reserve(file.fileno(), PAGESIZE)
            except OSError:
                # An empty one could not be read.
                if not Path(filename).stat().st_size:
                    Path(filename).unlink()
                raise
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]

    def _init_value(self, key: str) -> None:
        reserve(self._f.fileno(), self._used + len(key.encode()) + ENTRY_BYTES)
        super()._init_value(key)  # type: ignore[no-untyped-call]


def reserve(descriptor: int, size: int) -> None:
    """Take room for so many bytes of a file; raises OSError where the file system has none."""
    try:
        os.posix_fallocate(descriptor, 0, size)
    except AttributeError:
        # Not on macOS, as not on some file systems: the library writes there as it always does.
        pass
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise


values.MmapedDict = ReservedDict  # type: ignore[attr-defined]


class _Place:
    """Under which name this process counts: its own number, until it is told one."""

    name = ""

    def __call__(self) -> str:
        return self.name or str(os.getpid())


_place = _Place()
if values.ValueClass._multiprocess:
    values.ValueClass = values.MultiProcessValue(_place)


def count_as(name: str) -> None:
    """Count on in the files of this name, under which no other living process counts."""
    _place.name = name


class Figures:
    """One registry, and everything in it.

    Where PROMETHEUS_MULTIPROC_DIR was set before the library was loaded, values live in files
    that every process of the node reads.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        counter = partial(Counter, registry=registry)
        gauge = partial(Gauge, registry=registry)
        histogram = partial(Histogram, buckets=SECONDS, registry=registry)
        self.requests = counter(
            "tracking_requests", "Requests answered.", ["route", "outcome", "status"]
        )
        self.seconds = histogram(
            "tracking_request_seconds", "Time until the answer was ready.", ["route"]
        )
        self.in_flight = gauge(
            "tracking_requests_in_flight", "Requests being answered.", multiprocess_mode="livesum"
        )
        self.queue_seconds = histogram(
            "tracking_queue_seconds",
            "Time between the proxy in front and the thread that took the request.",
        )
        self.core_in_flight = gauge(
            "tracking_core_in_flight", "Lookups that are at the core.", multiprocess_mode="livesum"
        )
        self.core_seconds = histogram(
            "tracking_core_seconds",
            "Time that the core took for a lookup, failures included.",
            ["result"],
        )
        self.core_waits = histogram(
            "tracking_core_wait_seconds",
            "Time that a lookup was held before the core had room, or it was sent to the line.",
        )
        self.line = {
            name: gauge(name, says, multiprocess_mode="livemostrecent")
            for name, says in LINE.items()
        }
        self.busy = gauge(
            "tracking_busy_seconds",
            "Time that requests waited lately to be served, the core's left out.",
            multiprocess_mode="livemostrecent",
        )
        self.claims = counter(
            "tracking_claims_events",
            "What the cached client did (claims_api/events.py).",
            ["event", "detail"],
        )
        self.breaker = gauge(
            "tracking_core_breaker",
            "0 closed, 1 half open, 2 open; the worst of the processes.",
            multiprocess_mode="livemax",
        )
        self.guard = counter(
            "tracking_guard_decisions", "Decisions of the guard.", ["kind", "rule", "level"]
        )
        self.guard_failures = counter(
            "tracking_guard_store_failures",
            "Times that the guard could not use its shared ledger.",
            ["error"],
        )
        self.shed = counter(
            "tracking_floods_shed",
            "Requests refused because their network, or the one around it, sent too many.",
            ["width"],
        )
        self.unknown = counter(
            "tracking_unknown_codes",
            "Codes of the core that the site has no words for.",
            ["family"],
        )
        self.partner = counter(
            "tracking_partner_events",
            "What happened in a partner's frames: frame, card, lookup, miss, challenge, refusal.",
            ["partner", "event"],
        )
        self.lost = counter("tracking_log_lines_lost", "Log lines that could not be written.")
        self.ready = gauge(
            "tracking_ready",
            "1 where the last look at what the site needs found it in order.",
            ["what"],
            multiprocess_mode="livemostrecent",
        )
        self.calendar_ends = gauge(
            "tracking_calendar_ends_timestamp_seconds",
            "When the known days off end; later legal deadlines are not said.",
            multiprocess_mode="livemax",
        )
        self.breaker.set(BREAKER["closed"])
        for width in (*WIDTHS, NO_WIDTH):
            self.shed.labels(width)
        for event, detail in RARE:
            self.claims.labels(event, detail)
        for result in RARE_RESULTS:
            self.core_seconds.labels(result)
        for family in RARE_CODES:
            self.unknown.labels(family)
        for decision in RARE_DECISIONS:
            self.guard.labels(*decision)
        for error in LABELS.values():
            self.guard_failures.labels(error)

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format, of all processes of the node."""
        if not values.ValueClass._multiprocess:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
        return generate_latest(registry)
