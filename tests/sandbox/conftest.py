"""A sandbox of its own for each test, at a clock that stands still until it is moved."""

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox import Participant, Sandbox

# A Wednesday, 14.05 in Jakarta.
WEDNESDAY = datetime(2026, 11, 18, 7, 5, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = WEDNESDAY

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    json: Any = field(default=None)


@dataclass
class Caller:
    """Asks a sandbox over one kept connection."""

    url: str
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, body, sent)
        response = self.connection.getresponse()
        read = response.read()
        is_json = "json" in (response.getheader("Content-Type") or "")
        return Reply(
            response.status, response.headers, read, json.loads(read) if is_json and read else None
        )

    def post(self, path: str, document: Any) -> Reply:
        return self.ask(
            "POST", path, json.dumps(document).encode(), Content_Type="application/json"
        )

    def look_up(self, kind: str, value: str) -> Reply:
        return self.post("/v1/claim-lookups", {"identifier": {"type": kind, "value": value}})

    def look_up_sample(self, sample: Participant) -> Reply:
        return self.look_up("nik", sample.nik)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def core(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(participants=1000, clock=clock) as running:
        yield running


@pytest.fixture
def call(core: Sandbox) -> Iterator[Caller]:
    caller = Caller(core.url)
    yield caller
    caller.connection.close()


@pytest.fixture
def new_caller(core: Sandbox) -> Callable[[], Caller]:
    return lambda: Caller(core.url)
