"""Whatever bytes are sent, the others are answered meanwhile, and nothing of it is in a log.

The promise is half a second; a busy machine is given more, and a filter that backtracks took
five to thirty.
"""

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest
import requests

from drills.attack.malformed import CHUNKED, freezing, malformed
from tests.deploy.proxy import NAME, Nginx
from tests.live import LiveSite
from tests.services import running_redis

PATIENCE_SECONDS = 3.0
"""Longest wait for `/-/healthz`; what is broken takes longer, what works some milliseconds."""

ANSWER_SECONDS = 20.0

Connect = Callable[[], socket.socket]

MARKS = (":" * 60, "a:" * 30, "1." * 30, "x" * 60, "nomor", "b: 1", "HTTP/9.9", "\\xff", "\\x")
"""What was sent, and forms in which logs quote bytes."""


def answer_to(connect: Connect, sent: bytes) -> bytes:
    """Send bytes, say that no more come, and read what is answered until the end."""
    with connect() as connection:
        connection.settimeout(ANSWER_SECONDS)
        told = b""
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            connection.sendall(sent)
            if not isinstance(connection, ssl.SSLSocket):
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65_536):
                told += part
        return told


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    with LiveSite(tmp_path_factory.mktemp("hostile") / "site.log") as running:
        yield running


def straight_to(site: LiveSite) -> Connect:
    return lambda: socket.create_connection(("127.0.0.1", site.port), 5)


def test_nothing_that_is_sent_holds_the_others_up(site: LiveSite) -> None:
    worker = site.workers()
    for sent in [*freezing(), *malformed()]:
        with straight_to(site)() as connection:
            with contextlib.suppress(ConnectionError):
                connection.sendall(sent)
                connection.shutdown(socket.SHUT_WR)
            told = requests.get(f"{site.url}/-/healthz", timeout=PATIENCE_SECONDS)
            assert told.status_code == 200, sent[:80]
    assert site.workers() == worker


def test_everything_gets_an_answer_that_is_nobodys_fault_but_the_senders(site: LiveSite) -> None:
    for sent in malformed():
        told = answer_to(straight_to(site), sent)
        assert not told or 200 <= int(told[9:12]) < 500 or told[9:12] == b"501", (
            sent[:80],
            told[:40],
        )


def test_a_form_in_broken_chunks_gets_a_page_that_says_so(site: LiveSite) -> None:
    for chunks in (b"zz\r\nnomor\r\n0\r\n\r\n", b"5\r\nnomorX\r\n0\r\n\r\n", b"55\r\nnomor"):
        told = answer_to(straight_to(site), CHUNKED + chunks)
        assert told.startswith(b"HTTP/1.1 400 ")
        assert b"<h1" in told
        assert b'lang="id"' in told


def test_nothing_of_it_is_in_the_log_but_its_kind(site: LiveSite) -> None:
    for sent in malformed():
        answer_to(straight_to(site), sent)
    logged = site.logged()
    assert '"level":"error"' not in logged
    assert [mark for mark in MARKS if mark in logged] == []
    for kind in ("InvalidRequestLine", "InvalidHeaderName", "LimitRequestLine", "NoMoreData"):
        assert f'"error":"{kind}"' in logged


class Pair(NamedTuple):
    nodes: tuple[LiveSite, LiveSite]
    nginx: Nginx


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    with ExitStack() as running:
        redis = running.enter_context(running_redis())
        settings = {"REDIS_URL": redis.url, "TRUSTED_PROXIES": "1", "SITE_URL": f"https://{NAME}"}
        first = running.enter_context(LiveSite(folder / "first.log", **settings))
        settings["CLAIMS_API_URL"] = first.core.url
        second = running.enter_context(LiveSite(folder / "second.log", **settings))
        nginx = running.enter_context(Nginx(folder, [first.port, second.port], rate="9000r/s"))
        yield Pair((first, second), nginx)


@pytest.mark.nginx
@pytest.mark.redis
def test_nothing_that_is_sent_through_nginx_holds_the_others_up(pair: Pair) -> None:
    workers = [node.workers() for node in pair.nodes]
    visitor = pair.nginx.session()
    for sent in [*freezing(), *malformed()]:
        named = sent.replace(b"Host: a\r\n", f"Host: {NAME}\r\n".encode())
        # Two of each, so that each node gets one.
        with pair.nginx.tls() as one, pair.nginx.tls() as other:
            for connection in (one, other):
                with contextlib.suppress(ConnectionError, ssl.SSLError):
                    connection.sendall(named)
            for _ in range(2):
                told = visitor.get(f"{pair.nginx.url}/-/healthz", timeout=PATIENCE_SECONDS)
                assert told.status_code == 200, sent[:80]
    assert [node.workers() for node in pair.nodes] == workers
    logged = "".join(node.logged() for node in pair.nodes)
    assert [mark for mark in MARKS if mark in logged + pair.nginx.logged()] == []
