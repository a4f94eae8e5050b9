"""Each route, with each command that it sends to Redis failing in turn: nobody gets an error.

What was begun is given back, and what was charged is charged once.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from harness.servers import RedisServer
from sandbox import Participant, Sandbox
from tests.conftest import HTMX, SECRET
from tests.losing import LOSSES, Losing, Loss
from tests.services import running_redis
from tracking_site.app import create_app
from tracking_site.claims_api.client import ClaimsClient, Leave
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.gate import Place
from tracking_site.claims_api.redis_gate import SharedGate
from tracking_site.guard.guard import Guard
from tracking_site.guard.networks import parse_network
from tracking_site.redis.client import Patience, RedisClients, brief_redis
from tracking_site.settings import Settings

pytestmark = [pytest.mark.redis, pytest.mark.proofs]

PURGE = {"Authorization": "Bearer " + "p" * 40}
LEAD_MS = 1_500
NODE = b"node0001"


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


class Site:
    """The site over a Redis that may fail, and what a visitor of it does. Each site begins anew."""

    def __init__(self, server: RedisServer, core: Sandbox, number: str) -> None:
        self.redis = server.client()
        self.redis.flushall()
        # It is tried again at once: only what is lost is missing.
        pair = [brief_redis(server.url, Patience(5.0, 5.0, rest=0.0)) for _ in range(2)]
        self.losing = Losing(*pair)
        environ = {
            "CLAIMS_API_URL": core.url,
            "SECRET_KEYS": SECRET,
            "REDIS_URL": server.url,
            "PURGE_TOKEN": "p" * 40,
            "EMBED_ORIGINS": "https://news.example",
        }
        self.app: Flask = create_app(Settings.from_env(environ), redis=RedisClients(*pair))
        self.client: FlaskClient = self.app.test_client()
        self.number = number
        self.gate: SharedGate = self.app.extensions["gate"]
        self._filled: list[bytes] = []

    def fill(self) -> str:
        """Let others take all the room that there is at the core."""
        while self.gate.enter(NODE, Place(name := b"%016d" % len(self._filled)), None) == "go":
            self._filled.append(name)
        return ""

    def place(self) -> str:
        self.fill()
        found = re.search(r'data-place="([^"]+)"', self.looked_up(**HTMX).text)
        assert found
        return found[1]

    def close(self) -> None:
        self.redis.close()

    def looked_up(self, prefix: str = "", **headers: str) -> TestResponse:
        data = {"nomor": self.number}
        return self.client.post(f"{prefix}/lacak", data=data, headers=headers)

    def ticket(self) -> str:
        return self.looked_up().headers["Location"].rpartition("/")[2]

    def key(self) -> str:
        made = self.client.post(f"/klaim/{self.ticket()}/pantau")
        return made.headers["Location"].rpartition("/")[2]

    def purged(self) -> TestResponse:
        asked = {"identifier": {"type": "nik", "value": self.number}}
        return self.client.post("/-/purge", json=asked, headers=PURGE)

    def is_settled(self) -> None:
        """Assert that nothing is kept for a request that is over, but what lapses in a moment."""
        gate = self.gate
        for name in self._filled:
            gate.leave(NODE, name, None)
        gate.call(NODE)
        assert gate._shared.look().in_flight == 0
        assert not gate._inside
        assert not gate._alone
        for key in self.redis.keys("*"):
            if b":l:" in key:
                assert self.redis.pttl(key) <= LEAD_MS
            elif b"circuit" not in key:
                assert self.redis.ttl(key) > 0, key

    def is_charged_once(self) -> None:
        """Assert that the network has one number at most, that nothing is under way for good."""
        guard: Guard = self.app.extensions["guard"]
        row = guard.explain(parse_network("127.0.0.1")).seen.first
        assert row.distinct <= 1
        assert row.unproven <= 2
        assert row.strikes == 0


Begin = Callable[[Site], str]
Ask = Callable[[Site, str], TestResponse]


def nothing(_: Site) -> str:
    return ""


ROUTES: dict[str, tuple[Begin, Ask, *tuple[int, ...]]] = {
    "lookup": (nothing, lambda site, _: site.looked_up(), 303),
    "fragment": (nothing, lambda site, _: site.looked_up(**HTMX), 200),
    "frame": (nothing, lambda site, _: site.looked_up("/sematan", **HTMX), 200),
    # Where Redis is away there is room for a few.
    "line": (Site.fill, lambda site, _: site.looked_up(**HTMX), 202, 200),
    "place": (
        Site.place,
        lambda site, of: site.client.get(f"/antre/{of}", headers=HTMX),
        202,
        200,
    ),
    "repeat": (Site.ticket, lambda site, _: site.looked_up(**HTMX), 200),
    "result": (Site.ticket, lambda site, of: site.client.get(f"/klaim/{of}"), 200),
    "follow": (Site.ticket, lambda site, of: site.client.post(f"/klaim/{of}/pantau"), 303),
    "follow_fragment": (
        Site.ticket,
        lambda site, of: site.client.post(f"/klaim/{of}/pantau", headers=HTMX),
        200,
    ),
    # Whether it was ended must be known.
    "private": (Site.key, lambda site, of: site.client.get(f"/pantau/{of}"), 200, 503),
    "atom": (Site.key, lambda site, of: site.client.get(f"/pantau/{of}.atom"), 200, 503),
    "json": (Site.key, lambda site, of: site.client.get(f"/pantau/{of}.json"), 200, 503),
    "end": (Site.key, lambda site, of: site.client.post(f"/pantau/{of}/lupakan"), 303, 503),
    "clear": (
        Site.ticket,
        lambda site, of: site.client.post("/bersihkan", data={"tiket": of}),
        303,
    ),
    "purge": (Site.ticket, lambda site, _: site.purged(), 204, 503),
}


@pytest.fixture(autouse=True)
def holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    of = ClientConfig.of
    monkeypatch.setattr(
        ClientConfig, "of", lambda settings: replace(of(settings), hold_seconds=0.02)
    )


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """Each is set when a request has given its room back, which is after its answer."""
    submit, events = ClaimsClient._submit, []

    def and_note(client: ClaimsClient, work: Callable[[], Any], leave: Leave) -> Any:
        events.append(has_left := Event())

        def leave_and_say(has_failed: bool | None) -> None:
            leave(has_failed)
            has_left.set()

        return submit(client, work, leave_and_say)

    monkeypatch.setattr(ClaimsClient, "_submit", and_note)
    return events


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("route", ROUTES)
def test_a_step_that_redis_does_not_answer_is_nobodys_error(
    redis_server: RedisServer,
    sandbox: Sandbox,
    someone: Participant,
    left: list[Event],
    route: str,
    loss: Loss,
) -> None:
    begin, ask, usual, *others = ROUTES[route]
    step, steps = 0, 1
    while step <= steps:
        site = Site(redis_server, sandbox, someone.nik)
        given = begin(site)
        assert all(each.wait(10) for each in left)
        site.losing.lose(loss, *([step] if step else []))
        answer = ask(site, given)
        assert all(each.wait(10) for each in left)
        # Scripts are known to the server after the first time.
        steps = len(site.losing.asked)
        site.losing.lose(loss)
        assert answer.status_code in (usual, *others), step
        if not step:
            assert answer.status_code == usual
        site.is_settled()
        site.is_charged_once()
        site.close()
        step += 1
    assert step > 1
