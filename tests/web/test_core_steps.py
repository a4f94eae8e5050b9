"""Each way to the core, with the core failing in turn: who asks is told when to come again.

Asked again everybody is answered, was charged once, and has left nothing behind.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest
import requests
from flask import Flask
from werkzeug.test import TestResponse

from harness.servers import RedisServer
from sandbox import Participant, Sandbox
from tests.claims_api.fakes import eventually
from tests.conftest import HTMX, SiteClock
from tests.partners import partner, partners_file
from tests.services import running_redis
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.gate import Gate, Place
from tracking_site.following.keys import Following
from tracking_site.guard.guard import Guard
from tracking_site.guard.line import Line
from tracking_site.guard.networks import parse_network
from tracking_site.web.layers import HURRIED

pytestmark = [pytest.mark.redis, pytest.mark.proofs]

FAULTS: Mapping[str, dict[str, object]] = {
    "down": {"mode": "down"},
    "busy": {"mode": "error", "retry_after": 7},
    "too many": {"mode": "error", "status": 429},
    "broken": {"mode": "error", "status": 500},
    "late": {"mode": "slow", "latency_ms": 800},
    "malformed": {"mode": "malformed"},
    "truncated": {"mode": "truncated"},
    "html": {"mode": "html"},
}
FRAME = "/sematan/lacak?mitra=koran"
LONG = 60.0
"""Seconds after which a core that failed is asked again."""


@dataclass
class Asker:
    """Somebody of a network of their own, with a number that nobody else asks."""

    app: Flask
    number: str
    host: str
    is_hurried: bool = False

    def send(self, path: str, *, posts: bool = False, **headers: str) -> TestResponse:
        return self.app.test_client().open(
            path,
            method="POST" if posts else "GET",
            data={"nomor": self.number} if posts else None,
            headers={"X-Forwarded-For": self.host, **headers},
            environ_overrides={HURRIED: self.is_hurried},
        )

    def place(self) -> str:
        gate, names = self.app.extensions["gate"], [b"%016d" % each for each in range(200)]
        filled = [each for each in names if gate.enter(b"other", Place(each), None) == "go"]
        told = self.send("/lacak", posts=True, **HTMX)
        for name in filled:
            gate.leave(b"other", name, None)
        return told.headers["HX-Push-Url"]

    def promised(self) -> str:
        hurried = replace(self, is_hurried=True)
        return hurried.send("/lacak", posts=True, **HTMX).headers["HX-Push-Url"]

    def result(self) -> str:
        following: Following = self.app.extensions["following"]
        return f"/klaim/{following.tickets.seal(self.number)}"

    def followed(self) -> str:
        following: Following = self.app.extensions["following"]
        return f"/pantau/{following.keys.seal(self.number)}"


Begin = Callable[[Asker], str]
WAYS: Mapping[str, tuple[Begin, bool, dict[str, str]]] = {
    "page": (lambda _: "/lacak", True, {}),
    "fragment": (lambda _: "/en/lacak", True, HTMX),
    "frame": (lambda _: FRAME, True, HTMX),
    "place": (Asker.place, False, HTMX),
    "promise": (Asker.promised, False, HTMX),
    "result": (Asker.result, False, {}),
    "private address": (Asker.followed, False, {}),
    "feed": (lambda asker: f"{asker.followed()}.json", False, {}),
}


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@pytest.mark.parametrize("store", ["memory", "redis"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_core_that_fails_once_costs_nobody_more_than_time(
    make_site: Callable[..., Flask], core: Sandbox, samples: dict[str, Participant],
    redis_server: RedisServer, tmp_path: Path, site_clock: SiteClock, fault: str, store: str,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    of = ClientConfig.of
    briefly = {"hold_seconds": 0.01, "total_seconds": 0.6}
    monkeypatch.setattr(ClientConfig, "of", lambda settings: replace(of(settings), **briefly))
    with redis_server.client() as client:
        client.flushall()
    file = partners_file(tmp_path, partner("koran", daily_lookups=2))
    shared = {"REDIS_URL": redis_server.url} if store == "redis" else {}
    settings = {"GUARD_OFF": "0", "TRUSTED_PROXIES": "1", "PARTNERS_FILE": str(file), **shared}
    app = make_site(CLAIMS_API_URL=core.url, **settings)
    gate: Gate = app.extensions["gate"]
    line: Line = app.extensions["line"]
    guard: Guard = app.extensions["guard"]
    numbers = (each.nik for each in samples.values() if each.specs)
    hosts = (f"198.51.{each}.7" for each in count(1))
    for way, (begin, posts, headers) in WAYS.items():
        asker = Asker(app, next(numbers), next(hosts))
        address = begin(asker)
        site_clock.advance(seconds=5)
        requests.post(f"{core.url}/sandbox/faults", json=FAULTS[fault], timeout=5)
        told = asker.send(address, posts=posts, **headers)
        assert told.status_code in (202, 503), (way, told.status_code)
        assert int(told.headers["Retry-After"]) >= 1, way
        assert asker.number in told.text or not posts, way
        eventually(lambda: gate.look().in_flight == 0)
        requests.post(f"{core.url}/sandbox/faults", json={"mode": "none"}, timeout=5)
        # A place that waits is asked for before it lapses.
        site_clock.advance(seconds=LONG)
        again = asker.send(address, posts=posts, **headers)
        assert again.status_code == (303 if way == "page" else 200), (way, again.status_code)
        eventually(lambda: gate.look().in_flight == 0)
        network = parse_network(asker.host)
        assert gate.look(line.new_place(network).name[:8])[-2:] == (0, 0), way
        row = guard.explain(network).seen.first
        assert (row.distinct, row.suspicion < 0) in ((1, True), (0, False)), way
    neighbour = Asker(app, next(numbers), next(hosts))
    assert neighbour.send(FRAME, posts=True, **HTMX).status_code == 200
    assert not any(each.nik in caplog.text for each in samples.values())
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]
