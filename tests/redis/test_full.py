"""A server that others have filled: what forgets and what guards goes on writing."""

import socket
from collections.abc import Callable, Iterator
from hashlib import sha1

import pytest
from flask import Flask

from harness.servers import RedisServer
from sandbox import Participant
from tests.claims_api.raw import RawServer, raw_server
from tests.services import running_redis
from tests.web.following import follow
from tracking_site.operate import problems_of, run
from tracking_site.redis import client
from tracking_site.redis.client import WHEN_FULL, RedisFull, brief_redis
from tracking_site.settings import Settings

SET = "return redis.call('SET', KEYS[1], ARGV[1])"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine answer late: what is asked here is what is written, and not how soon."""
    monkeypatch.setattr(client, "PATIENT", client.Patience(10, 10))
    monkeypatch.setattr(client, "QUICK", client.Patience(10, 10))


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with running_redis() as running:
        with running.client() as operator:
            operator.config_set("maxmemory-policy", "noeviction")
        yield running


@pytest.fixture
def changes(server: RedisServer) -> dict[str, str]:
    return {
        "REDIS_URL": server.url,
        "GUARD_OFF": "0",
        "SECRET_KEYS": "0f8Jq2_vXcR7yLmT5pWz9bNdKs3HgE6a",
        "PURGE_TOKEN": "purge-token-of-these-tests",
    }


def fill(server: RedisServer) -> None:
    with server.client() as operator:
        operator.config_set("maxmemory", "1")


@pytest.mark.redis
def test_an_address_is_taken_back_for_every_node(
    make_site: Callable[..., Flask],
    changes: dict[str, str],
    samples: dict[str, Participant],
    server: RedisServer,
) -> None:
    one, other = (make_site(**changes).test_client() for _ in range(2))
    address = follow(one, samples["approval"])
    assert other.get(address + ".atom").status_code == 200
    fill(server)
    assert one.post(address + "/lupakan").status_code == 303
    assert other.get(address + ".atom").status_code == 410


@pytest.mark.redis
@pytest.mark.parametrize("is_all", [True, False])
def test_a_purge_is_heard(
    make_site: Callable[..., Flask],
    changes: dict[str, str],
    samples: dict[str, Participant],
    server: RedisServer,
    is_all: bool,
) -> None:
    sites = [make_site(**changes).test_client() for _ in range(2)]
    fill(server)
    one = {"identifier": {"type": "nik", "value": samples["approval"].nik}}
    for site in sites:
        told = site.post(
            "/-/purge",
            json={"all": True} if is_all else one,
            headers={"Authorization": "Bearer purge-token-of-these-tests"},
        )
        assert told.status_code == 204
    with server.client() as reader:
        if not is_all:
            # The first one wrote today's bytes, so that both forgot under the same name.
            assert list(reader.scan_iter(match=b"claims:1:day:*"))
        assert list(reader.scan_iter(match=b"claims:1:all" if is_all else b"claims:1:p:*"))


@pytest.mark.redis
def test_a_node_stays_ready_and_check_says_what_to_do(
    make_site: Callable[..., Flask],
    changes: dict[str, str],
    environ: dict[str, str],
    server: RedisServer,
) -> None:
    fill(server)
    told = make_site(**changes).test_client().get("/-/readyz")
    assert told.status_code == 200
    assert "maxmemory" in told.get_json()["redis"]
    assert problems_of(Settings.from_env(environ | changes)) == [told.get_json()["redis"]]


@pytest.mark.redis
def test_the_guard_counts_on_in_all_processes(
    make_site: Callable[..., Flask],
    changes: dict[str, str],
    samples: dict[str, Participant],
    server: RedisServer,
) -> None:
    sites = [make_site(**changes).test_client() for _ in range(3)]
    fill(server)
    # Three numbers are free together, of which guards that count alone would have given one each.
    for site, situation in zip(sites, ("approval", "paid_today", "assessment_day_3"), strict=True):
        told = site.post("/lacak", data={"nomor": samples[situation].nik})
        assert told.status_code == 303, told.text
    settings = Settings.from_env({"CLAIMS_API_URL": "http://127.0.0.1:9"} | changes)
    assert "work_distinct" in "\n".join(run(settings, ["explain", "127.0.0.1"]))
    with server.client() as reader:
        assert list(reader.scan_iter(match=b"limit1:*"))


class Old:
    """Answers scripts as Redis 6.2 does: it cannot read their first line, and counts them.

    Once `is_exchanged` a newer one stands in its place.
    """

    def __init__(self) -> None:
        self.unread = 0
        self.is_full = self.is_exchanged = False
        self.known: set[bytes] = set()

    def serve(self, server: RawServer, connection: socket.socket) -> None:
        while command := connection.recv(65536):
            connection.sendall(self._answer(*command.split(b"\r\n")[2:5:2]))

    def _answer(self, name: bytes, script: bytes) -> bytes:
        if name == b"EVALSHA" and script not in self.known:
            return b"-NOSCRIPT No matching script. Please use EVAL.\r\n"
        has_leave = script.startswith(WHEN_FULL.strip())
        if has_leave and not self.is_exchanged:
            self.unread += 1
            return (
                b"-ERR Error compiling script (new function): user_script:1: "
                b"unexpected symbol near '#'\r\n"
            )
        if name == b"EVAL":
            self.known.add(sha1(script, usedforsecurity=False).hexdigest().encode())
        if self.is_full and not has_leave:
            return b"-OOM command not allowed when used memory > 'maxmemory'.\r\n"
        return b"+OK\r\n"


def test_a_server_that_gives_no_such_leave_is_asked_without_from_then_on() -> None:
    old = Old()
    refusals: list[str] = []
    with raw_server(old.serve) as server:
        asked = brief_redis(
            server.url.replace("http", "redis"),
            observe=lambda event, **_: refusals.append(event),
        )
        run_script = asked.register_script_when_full(SET)
        assert [run_script(["key"], ["value"]) for _ in range(3)] == [b"OK"] * 3
    assert old.unread == 1
    assert refusals == []


def test_a_newer_server_in_its_place_is_written_to_when_it_is_full() -> None:
    old = Old()
    with raw_server(old.serve) as server:
        asked = brief_redis(server.url.replace("http", "redis"))
        run_script = asked.register_script_when_full(SET)
        run_script(["key"], ["value"])
        old.is_full = True
        for _ in range(2):
            with pytest.raises(RedisFull):
                run_script(["key"], ["value"])
        assert old.unread == 3
        old.is_exchanged = True
        old.known.clear()
        assert run_script(["key"], ["value"]) == b"OK"
