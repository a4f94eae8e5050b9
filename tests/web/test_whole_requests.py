"""A thread is given whole requests only, so nobody who is slow or silent takes one from others."""

import errno
import logging
import os
import re
import select
import selectors
import signal
import socket
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import ExitStack, nullcontext, suppress
from itertools import cycle
from threading import Event
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock
from urllib.parse import urlencode

import pytest
import requests
from gunicorn.config import Config
from gunicorn.http import wsgi
from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import IterUnreader
from gunicorn.workers.gthread import ThreadWorker
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.live import LiveSite
from tests.web.conftest import LiveSiteWith
from tracking_site.records import QUEUE
from tracking_site.web.few_at_once import AT_ONCE
from tracking_site.web.gathering import (
    MAX_BODY,
    MAX_CHUNK_LINE,
    MAX_FORM,
    MAX_HEAD,
    Coming,
    Gathered,
)
from tracking_site.web.whole_requests import MAX_AT_ONCE, NOTIFY_SECONDS, WholeRequests

GET = b"GET /-/healthz HTTP/1.1\r\nHost: a\r\n\r\n"
FORM = b"POST /lacak HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
CHUNKED = FORM + b"Transfer-Encoding: chunked\r\n\r\n"
THREADS = 16
PATIENCE_SECONDS = 8.0
"""Where a thread waits for a client it does so for ever, or for longer than this in all."""


@pytest.mark.parametrize(
    ("came", "what"),
    [
        (b"", Coming.MORE),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", Coming.MORE),
        (GET, Coming.WHOLE),
        (GET + b"GET", Coming.WHOLE),
        (FORM + b"Content-Length: 5\r\n\r\nnomo", Coming.MORE),
        (FORM + b"content-length: \t 5 \r\n\r\nnomor", Coming.WHOLE),
        (FORM + b"Content-Length:" + b" " * 50 + b"5\r\n\r\nnomo", Coming.MORE),
        (FORM + b"Content-Length: %d\r\n\r\n" % MAX_BODY, Coming.MORE),
        (FORM + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1), Coming.TOO_LONG),
        (FORM + b"Content-Length: " + b"9" * 200 + b"\r\n\r\n", Coming.TOO_LONG),
        (FORM + b"Content-Length: five\r\n\r\n", Coming.WHOLE),
        (FORM + b"Transfer-Encoding: other\r\n\r\n", Coming.WHOLE),
        (CHUNKED, Coming.MORE),
        (CHUNKED + b"5\r\nnomor\r\n", Coming.MORE),
        (CHUNKED + b"5\r\nnomor\r\n0\r\n", Coming.MORE),
        (CHUNKED + b"5\r\nnomor\r\n0\r\n\r\n", Coming.WHOLE),
        (CHUNKED + b"5;a=b\r\nnomor\r\n0\r\nA: b\r\n\r\n", Coming.WHOLE),
        (CHUNKED + b"8\r\n0\r\n\r\n", Coming.MORE),
        (CHUNKED + b"000000009\r\nx\r\n\r\n", Coming.MORE),
        (CHUNKED + b"0" * 50 + b"5\r\nnomor\r\n" + b"0" * 50 + b"\r\n\r\n", Coming.WHOLE),
        (CHUNKED + b"zz\r\n", Coming.WHOLE),
        (CHUNKED + b"1;" + b"a" * MAX_CHUNK_LINE, Coming.ENDLESS),
        (CHUNKED + b"1;aaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n" * 3_000, Coming.ENDLESS),
        (CHUNKED + b"%x\r\n" % MAX_FORM, Coming.MORE),
        (CHUNKED + b"%x\r\n" % (MAX_FORM + 1), Coming.ENDLESS),
        (CHUNKED + (b"400\r\n" + b"a" * 0x400 + b"\r\n") * 12 + b"0\r\n\r\n", Coming.WHOLE),
        (CHUNKED + (b"400\r\n" + b"a" * 0x400 + b"\r\n") * 12 + b"1\r\n", Coming.ENDLESS),
        (CHUNKED + b"5\r\nnomor\r\n0\r\n\r\n" + GET * 2_000, Coming.WHOLE),
        (FORM + b"Content-Length: 5\r\n\r\nnomor" + GET * 2_000, Coming.WHOLE),
        (GET[:-2] + b"A: " + b"b" * (MAX_HEAD - 100) + b"\r\n\r\n", Coming.WHOLE),
        (GET[:-2] + b"A: " + b"b" * MAX_HEAD + b"\r\n\r\n", Coming.ENDLESS),
        (b"GET / HTTP/1.1\r\nA: " + b"b" * MAX_HEAD, Coming.ENDLESS),
    ],
)
@pytest.mark.parametrize("size", [100_000, 1_000, 7, 1])
def test_what_has_come_of_a_request(came: bytes, what: Coming, size: int) -> None:
    request = Gathered()
    told = Coming.MORE
    for at in range(0, max(len(came), 1), size):
        told = request.add(came[at : at + size])
        if told is not Coming.MORE:
            break
    assert told is what


EXPECTS = FORM + b"Expect: 100-Continue\r\n"


@pytest.mark.parametrize(
    ("came", "wants"),
    [
        (EXPECTS + b"Content-Length: 5\r\n\r\n", True),
        (EXPECTS + b"Transfer-Encoding: chunked\r\n\r\n", True),
        (EXPECTS + b"Content-Length: 5\r\n", False),
        (EXPECTS + b"Content-Length: 5\r\n\r\nn", False),
        (EXPECTS.replace(b"1.1", b"1.0", 1) + b"Content-Length: 5\r\n\r\n", False),
        (FORM + b"Content-Length: 5\r\n\r\n", False),
        (FORM + b"Not-Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", False),
    ],
    ids=range(7),
)
def test_who_waits_for_word_is_told_once_to_go_on(came: bytes, wants: bool) -> None:
    request = Gathered()
    assert request.add(came) is Coming.MORE
    assert [request.wants_word(), request.wants_word()] == [wants, False]
    request.add(b"n")
    assert not request.wants_word()


def test_each_byte_is_looked_at_once_however_small_the_parts() -> None:
    request, looks = Gathered(), 0

    class Counted(bytearray):
        def find(self, *args: Any) -> int:
            nonlocal looks
            looks += len(self[args[1] : args[2] if len(args) > 2 else None])
            return super().find(*args)

    request.came = Counted()
    sent = CHUNKED + b"1\r\nx\r\n" * 1_000
    for each in range(len(sent)):
        request.add(sent[each : each + 1])
    assert looks < 40 * len(sent)


def test_a_thread_knows_how_long_its_request_had_come(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    monkeypatch.setattr(ThreadWorker, "handle", lambda _worker, _conn: seen.append(QUEUE.seconds))
    monkeypatch.setattr(ThreadWorker, "enqueue_req", lambda _worker, _conn: None)
    worker = object.__new__(WholeRequests)
    conn = SimpleNamespace(init=lambda: None, next=Gathered(), parser=SimpleNamespace())
    assert conn.next.add(GET) is Coming.WHOLE
    worker._serve_or_end(conn)
    conn.came_at -= 2
    worker.handle(conn)
    assert 2 <= seen[0] < 60
    assert QUEUE.seconds == 0, "the thread's next request is another's"
    assert conn.parser.unreader.read() == GET
    assert conn.parser.unreader.read() == b"", "a thread waits for nothing more"


def test_a_request_asks_for_a_logger_only_where_it_has_something_to_write(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """All threads stand at the lock of the loggers, however few of them write."""
    asked: list[str] = []
    known = logging.getLogger

    def logger(name: str) -> logging.Logger:
        asked.append(name)
        return known(name)

    monkeypatch.setattr(wsgi, "logging", SimpleNamespace(getLogger=logger))
    errors = wsgi.base_environ(Config())["wsgi.errors"]
    assert asked == []
    errors.write("what went wrong")
    assert asked == ["gunicorn.error"]
    assert capsys.readouterr().err == "what went wrong"


def test_the_master_is_told_now_and_then_that_a_worker_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[float] = []
    now = [1_000.0]
    monkeypatch.setattr(ThreadWorker, "notify", lambda _worker: told.append(now[0]))
    monkeypatch.setattr("tracking_site.web.whole_requests.time.monotonic", lambda: now[0])
    worker = object.__new__(WholeRequests)
    for _ in range(100):
        worker.notify()
        now[0] += 0.05
    assert len(told) == pytest.approx(5.0 / NOTIFY_SECONDS, abs=1)
    assert Config().timeout > 20 * NOTIFY_SECONDS


HEADERS = (
    b"Content-Length: 5",
    b"Content-Length: 0",
    b"Content-Length: 50",
    b"content-length:\t005 ",
    b"Content-Length : 5",
    b"Content-Length: 5, 5",
    b"Content-Length: +5",
    b"X: a\nContent-Length: 5",
    b"X:\r\n Content-Length: 5",
    b"Transfer-Encoding: chunked",
    b"transfer-encoding:gzip,Chunked",
    b"Transfer-Encoding: chunked, gzip",
    b"Transfer-Encoding: xchunked",
    b"Transfer_Encoding: chunked",
    b"Expect: 100-continue",
    b"X: y",
)
PIECES = (
    b"nomor", b"5\r\nnomor\r\n", b"000000005\r\nnomor\r\n", b"00000000", b"5;a=b\r\nnomor\r\n",
    b"0", b"0\r\n", b"0;a\r\n", b"A: b\r\n", b"\r\n", b"\r\n\r\n", b"\n", b"ffffffff1\r\n",
    b"5 \r\n",
)  # fmt: skip


@settings(max_examples=300)
@given(
    st.sampled_from([b"POST /lacak HTTP/1.1", b"GET / HTTP/1.0", b"GET /"]),
    st.lists(st.sampled_from(HEADERS), max_size=4),
    st.lists(st.sampled_from(PIECES), max_size=6),
)
@example(b"POST / HTTP/1.1", [HEADERS[9]], [b"000000009\r\nx", b"\r\n\r\n"])
def test_where_a_request_is_called_whole_gunicorn_reads_no_further(
    line: bytes, headers: list[bytes], pieces: list[bytes]
) -> None:
    """By nothing else are threads kept from waiting for a client than by both reading alike."""
    request = Gathered()
    came = b"\r\n".join([line, b"Host: a", *headers, b"", b""]) + b"".join(pieces)
    if request.add(came) is not Coming.WHOLE:
        return
    further = []

    class Source(IterUnreader):
        def chunk(self, size_hint: int | None = None) -> bytes:
            part: bytes = super().chunk(size_hint)
            if not part:
                further.append(size_hint)
            return part

    parser = RequestParser(Config(), [], ("127.0.0.1", 1))
    parser.unreader = Source([bytes(request.came)])
    with suppress(ParseException, NoMoreData):
        next(parser).body.read()
    assert not further


@pytest.fixture(scope="module")
def site(live_site_with: LiveSiteWith) -> Iterator[LiveSite]:
    with live_site_with(WEB_THREADS=str(THREADS)) as running:
        yield running


def connect(site: LiveSite) -> socket.socket:
    return socket.create_connection(("127.0.0.1", site.port), PATIENCE_SECONDS)


def is_answered(site: LiveSite) -> bool:
    with connect(site) as other:
        other.sendall(GET)
        return other.recv(100).startswith(b"HTTP/1.1 200 ")


GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"


def test_a_body_is_sent_when_the_site_says_that_it_may(site: LiveSite) -> None:
    body = b"nomor=1234"
    head = EXPECTS + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    with connect(site) as client:
        client.sendall(head)
        assert client.recv(100) == GO_ON
        client.sendall(body)
        assert _told(client).startswith(b"HTTP/1.1 422 "), "no second word"
    with connect(site) as client:
        client.sendall(GET + head)
        told = b""
        while not told.endswith(GO_ON):
            told += client.recv(100)
        client.sendall(body)
        assert _told(client).startswith(b"HTTP/1.1 422 ")


@pytest.mark.parametrize(
    ("sent", "first"),
    [
        (EXPECTS + b"Connection: close\r\nContent-Length: 7\r\n\r\nnomor=1", b"HTTP/1.1 422 "),
        (EXPECTS + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1), b"HTTP/1.1 413 "),
        (GET[:-2] + b"Expect: 100-continue\r\nConnection: close\r\n\r\n", b"HTTP/1.1 200 "),
    ],
    ids=["it came", "too long", "none"],
)
def test_where_no_body_is_wanted_nobody_asks_for_one(
    site: LiveSite, sent: bytes, first: bytes
) -> None:
    with connect(site) as client:
        client.sendall(sent)
        assert _told(client).startswith(first)


@pytest.mark.parametrize("path", [b"/", b"/bantuan", b"/-/healthz"])
def test_a_request_names_a_host(site: LiveSite, path: bytes) -> None:
    with connect(site) as client:
        client.sendall(b"GET %s HTTP/1.1\r\n\r\n" % path)
        assert _told(client).startswith(b"HTTP/1.1 400 ")
    with connect(site) as client:
        client.sendall(b"GET %s HTTP/1.0\r\n\r\n" % path)
        assert b" 200 " in _told(client)[:20], "there was none in HTTP/1.0"


@pytest.mark.parametrize(
    "asks", [b"close", b"keep-alive, Close", b"TE,close", b"TE\r\nConnection: close"]
)
def test_who_asks_to_close_is_told_so(site: LiveSite, asks: bytes) -> None:
    for path in (b"/", b"/bantuan"):
        with connect(site) as client:
            client.sendall(b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: %s\r\n\r\n" % (path, asks))
            assert b"\r\nConnection: close\r\n" in _told(client)


def _told(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(65_536), b""))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HT",
        b"\r\n\r\n",
        FORM + b"Content-Length: 30\r\n\r\nnom",
        CHUNKED + b"5\r\nno",
        CHUNKED + b"1;" + b"a" * 90,
        CHUNKED + b"1;aaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n" * 3_000,
        FORM + b"Content-Length: 9999999\r\n\r\nnom",
        GET + b"GET / HT",
        GET + FORM + b"Content-Length: 30\r\n\r\nnom",
        GET + CHUNKED,
        CHUNKED + b"000000009\r\nx\r\n\r\n",
    ],
    ids=range(12),
)
def test_who_begins_and_does_not_end_takes_no_thread(site: LiveSite, sent: bytes) -> None:
    slow = [connect(site) for _ in range(2 * THREADS)]
    for each in slow:
        each.sendall(sent)
    assert is_answered(site)
    for each in slow:
        each.close()


def test_who_does_not_read_takes_no_thread(site: LiveSite) -> None:
    slow = []
    for _ in range(2 * THREADS):
        each = socket.socket()
        each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        each.settimeout(PATIENCE_SECONDS)
        each.connect(("127.0.0.1", site.port))
        # More than any buffer of the kernel holds.
        each.sendall(b"GET /bantuan HTTP/1.1\r\nHost: a\r\n\r\n" * 40)
        slow.append(each)
    for _ in range(40):
        # In turn with each of them.
        assert is_answered(site)
    for each in slow:
        each.close()


def test_who_does_not_read_keeps_nobody_from_the_form(site: LiveSite) -> None:
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        slow.settimeout(PATIENCE_SECONDS)
        slow.connect(("127.0.0.1", site.port))
        for _ in range(40):
            slow.sendall(b"GET /bantuan HTTP/1.1\r\nHost: a\r\n\r\n")
            assert is_answered(site)


@pytest.fixture
def site_of_one_thread(live_site_with: LiveSiteWith) -> Iterator[LiveSite]:
    """Of more than a few an eighth never waits."""
    with live_site_with(WEB_THREADS="1") as running:
        yield running


def test_what_lies_ready_is_given_while_every_thread_waits(site_of_one_thread: LiveSite) -> None:
    site = site_of_one_thread
    asked = urlencode({"nomor": site.sample("paid_today").nik}).encode()
    lookup = FORM + b"Content-Length: %d\r\n\r\n" % len(asked) + asked
    fault = {"mode": "slow", "latency_ms": 2_000}
    requests.post(f"{site.core.url}/sandbox/faults", json=fault, timeout=5)
    lookups = [connect(site) for _ in range(2 * THREADS)]
    try:
        for each in lookups:
            each.sendall(lookup)
        with connect(site) as last:
            # What needs a thread stands behind them; it was sent first, and is answered last.
            last.sendall(GET)
            form = requests.get(site.url, timeout=PATIENCE_SECONDS)
            files = re.findall(r"/static/[\w./-]+", form.text)
            assert len(files) > 2
            for path in ("/en/bantuan", *files):
                given = requests.get(f"{site.url}{path}", timeout=PATIENCE_SECONDS)
                assert given.status_code == 200
            assert not select.select([*lookups, last], [], [], 0)[0]
            assert last.recv(100).startswith(b"HTTP/1.1 200 ")
    finally:
        requests.delete(f"{site.core.url}/sandbox/faults", timeout=5)
        for each in lookups:
            each.close()


@pytest.mark.parametrize("situations", [["assessment_day_3"], ["approval", "missing_document"]])
def test_who_waits_for_the_core_keeps_nobody_from_being_served(
    site: LiveSite, situations: list[str]
) -> None:
    """Few threads run at once: those that wait, for an answer or for another's, are none of them.

    Each of some numbers is asked so often that its lookups alone would fill all turns.
    """
    asked = [urlencode({"nomor": site.sample(each).kpj}).encode() for each in situations]
    fault = {"mode": "slow", "latency_ms": 2_000}
    requests.post(f"{site.core.url}/sandbox/faults", json=fault, timeout=5)
    lookups = [connect(site) for _ in range(AT_ONCE + 1)]
    try:
        for each, form in zip(lookups, cycle(asked), strict=False):
            each.sendall(FORM + b"Content-Length: %d\r\n\r\n" % len(form) + form)
        assert is_answered(site)
        assert not select.select(lookups, [], [], 0)[0]
        assert all(each.recv(100).startswith(b"HTTP/1.1 303 ") for each in lookups)
    finally:
        requests.delete(f"{site.core.url}/sandbox/faults", timeout=5)
        for each in lookups:
            each.close()


def _asks(worker: WholeRequests, sent: bytes) -> bool:
    conn = SimpleNamespace(next=Gathered())
    assert conn.next.add(sent) is Coming.WHOLE
    return worker._is_for_what_is_ready(conn)


FOR_FORM = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        GET,
        FOR_FORM * 2,
        FOR_FORM + b"GET",
        FOR_FORM.replace(b"/ ", b"/x?a=b "),
        FOR_FORM.replace(b"/ ", b"/x?GET / "),
        FOR_FORM.replace(b"GET", b"POST"),
        FOR_FORM.replace(b"\r\n\r\n", b"\r\nContent-Length: 1\r\n\r\na"),
        FOR_FORM.replace(b"1.1", b"1.0"),
    ],
)
def test_only_one_request_for_a_page_that_lies_ready_is_served_at_once(sent: bytes) -> None:
    worker = object.__new__(WholeRequests)
    worker.has_ready(["/"])
    assert _asks(worker, FOR_FORM)
    # As links in other apps come.
    assert _asks(worker, FOR_FORM.replace(b"/ ", b"/?fbclid=a&b=?c "))
    assert not _asks(worker, sent)


SEALED = ["/antre/", "/en/antre/", "/klaim/", "/sematan/berita/klaim/", "/pantau/"]
NOT_SEALED = ["GET /lacak", "POST /lacak", "POST /antre/", "GET /en?/antre/", "GET /antrean/"]


@pytest.mark.parametrize("line", [*(f"GET {path}" for path in SEALED), *NOT_SEALED])
def test_who_asks_with_what_was_sealed_waits_behind_no_row_of_newcomers(line: str) -> None:
    worker = object.__new__(WholeRequests)
    worker.cfg = SimpleNamespace(threads=THREADS)
    pool, goes_on = worker.get_thread_pool(), [Event() for _ in range(AT_ONCE)]
    begun: list[Any] = []
    newcomers = [SimpleNamespace(next=Gathered()) for _ in range(5)]
    waits = [lambda _, each=each: each.wait(PATIENCE_SECONDS) for each in goes_on]
    before = [pool.submit(each, newcomers[0]) for each in waits]
    asking = SimpleNamespace(next=Gathered())
    for newcomer in newcomers:
        newcomer.next.add(FORM + b"Content-Length: 0\r\n\r\n")
    asking.next.add(f"{line}abc HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".encode())
    done = [pool.submit(begun.append, each) for each in (*newcomers, asking)]
    # One thread alone goes on: what it takes up comes one after the other.
    goes_on[0].set()
    wait(done, PATIENCE_SECONDS)
    for each in goes_on:
        each.set()
    wait(before, PATIENCE_SECONDS)
    pool.shutdown()
    is_sealed = line not in NOT_SEALED
    assert (begun.index(asking) < len(newcomers) - 1) == is_sealed


def test_few_are_served_in_one_turn_and_a_flood_waits_where_it_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = object.__new__(WholeRequests)
    worker.has_ready(["/"])
    at_once: list[bool] = []
    to_threads: list[bool] = []
    monkeypatch.setattr(WholeRequests, "handle", lambda *_: at_once.append(QUEUE.is_passed))
    monkeypatch.setattr(ThreadWorker, "finish_request", lambda *_: None)
    monkeypatch.setattr(ThreadWorker, "enqueue_req", lambda *_: to_threads.append(QUEUE.is_passed))

    def ten_are_ready(_worker: WholeRequests, _timeout: float) -> None:
        for _ in range(10):
            conn = SimpleNamespace(next=Gathered())
            conn.next.add(FOR_FORM)
            worker._serve_or_end(conn)

    monkeypatch.setattr(ThreadWorker, "wait_for_and_dispatch_events", ten_are_ready)
    for turn in (1, 2):
        worker.wait_for_and_dispatch_events(1.0)
        assert at_once == [True] * turn * MAX_AT_ONCE
        assert to_threads == [False] * turn * (10 - MAX_AT_ONCE)


@pytest.mark.parametrize(
    ("older", "newcomers", "taken"), [(0, 5, 1), (1, 5, 1), (3, 5, 3), (20, 5, 5), (20, 0, 0)]
)
def test_as_many_newcomers_are_taken_in_a_turn_as_older_connections_have_something_to_say(
    older: int, newcomers: int, taken: int
) -> None:
    worker = object.__new__(WholeRequests)
    worker.cfg, worker.alive, worker.worker_connections = Config(), True, 1_000
    worker.nr_conns, worker._accepting = 0, False
    worker.pending_conns, worker.keepalived_conns = deque(), deque()
    with (
        ExitStack() as opened,
        selectors.DefaultSelector() as worker.poller,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):

        def come() -> socket.socket:
            return opened.enter_context(socket.create_connection(listener.getsockname()))

        worker.sockets = [listener]
        worker.set_accept_enabled(True)
        clients = [come() for _ in range(older)]
        for _ in clients:
            worker.accept(listener)
        for each in clients:
            each.sendall(b"G")
        for _ in range(newcomers):
            come()
        worker.wait_for_and_dispatch_events(1.0 if older or newcomers else 0.0)
        assert worker.nr_conns - older == taken
        for conn in worker.pending_conns:
            conn.close()


@pytest.mark.parametrize(
    ("code", "gives_way", "ends"),
    [
        (errno.EAGAIN, False, False),
        (errno.ECONNABORTED, False, False),
        (errno.EPROTO, False, False),
        (errno.EPERM, False, False),
        (errno.ENETUNREACH, False, False),
        (errno.EMFILE, True, False),
        (errno.ENFILE, True, False),
        (errno.ENOBUFS, True, False),
        (errno.ENOMEM, True, False),
        (errno.EBADF, False, True),
        (errno.EINVAL, False, True),
    ],
)
def test_only_a_listener_that_is_gone_ends_a_worker(code: int, gives_way: bool, ends: bool) -> None:
    worker = object.__new__(WholeRequests)
    idle = Mock()
    worker.nr_conns, worker.poller = 1, Mock()
    worker.pending_conns, worker.keepalived_conns = deque([idle]), deque()
    with pytest.raises(OSError, match="accept") if ends else nullcontext():
        worker.accept(Mock(accept=Mock(side_effect=OSError(code, "accept"))))
    assert idle.close.called is gives_way
    assert worker.nr_conns == 1 - gives_way


@pytest.mark.parametrize("size", [1, 7])
def test_a_request_that_comes_in_pieces_is_answered(site: LiveSite, size: int) -> None:
    sent = b"\r\n" + CHUNKED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    sent += b"5\r\nnomor\r\n2\r\n=1\r\n0\r\n\r\n"
    with connect(site) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(sent), size):
            client.sendall(sent[at : at + size])
            time.sleep(0.001)
        told = b"".join(iter(lambda: client.recv(65_536), b""))
    assert told.startswith(b"HTTP/1.1 ")
    assert b'name="nomor"' in told


def test_requests_that_come_together_are_answered_in_their_order(site: LiveSite) -> None:
    last = GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    with connect(site) as client:
        client.sendall(GET + b"HEAD /bantuan HTTP/1.1\r\nHost: a\r\n\r\n" + last[:20])
        client.sendall(last[20:])
        told = b"".join(iter(lambda: client.recv(65_536), b""))
    assert told.count(b"HTTP/1.1 200 ") == 3
    assert told.find(b"application/json") < told.find(b"text/html") < told.rfind(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("sent", "status", "says"),
    [
        (b"GET / HTTP/1.1\r\nA: " + b"b" * 2 * MAX_HEAD, 431, "jendela samaran"),
        (CHUNKED + b"1;" + b"a" * 2 * MAX_BODY, 413, "Mulailah lagi"),
        (CHUNKED + b"%x\r\nnomor=" % (MAX_FORM + 1) + b"1" * (MAX_FORM - 5), 413, "Mulailah lagi"),
        (FORM + b"Content-Length: 100000\r\n\r\n", 413, "Isian terlalu panjang."),
    ],
)
def test_what_is_too_long_is_refused_with_a_next_step(
    site: LiveSite, sent: bytes, status: int, says: str
) -> None:
    with connect(site) as client:
        client.sendall(sent)
        told = b"".join(iter(lambda: client.recv(65_536), b"")).decode()
    assert told.startswith(f"HTTP/1.1 {status} ")
    assert "connection: close" in told.lower()
    assert says in told


def test_idle_connections_give_way_to_new_ones(live_site_with: LiveSiteWith) -> None:
    limit = "--worker-connections 40 --threads 4"
    with live_site_with(GUNICORN_CMD_ARGS=limit) as site:
        silent = [connect(site) for _ in range(100)]
        assert is_answered(site)
        assert silent[0].recv(10) == b""
        for each in silent:
            each.close()


def test_a_worker_that_stops_does_not_wait_for_the_silent(live_site_with: LiveSiteWith) -> None:
    with live_site_with() as site:
        silent = connect(site)
        silent.sendall(b"GET /")
        assert is_answered(site)
        begun = time.monotonic()
        site.stop()
        # A thread that waits for it lets the whole time for what is under way pass.
        assert time.monotonic() - begun < 15
        silent.close()


def test_a_site_that_stops_takes_nobody_in_while_it_gives_its_last_answers(
    live_site_with: LiveSiteWith,
) -> None:
    """Or nginx gives it half of those who come, and sends them elsewhere only when it has ended."""
    with live_site_with() as site:
        asked = urlencode({"nomor": site.sample("paid_today").nik}).encode()
        fault = {"mode": "slow", "latency_ms": 3_000}
        requests.post(f"{site.core.url}/sandbox/faults", json=fault, timeout=5)
        with connect(site) as lookup:
            lookup.sendall(FORM + b"Content-Length: %d\r\n\r\n" % len(asked) + asked)
            while not requests.get(f"{site.core.url}/sandbox/stats", timeout=5).json()["lookups"]:
                time.sleep(0.01)
            os.kill(site.pid, signal.SIGTERM)
            with pytest.raises(ConnectionRefusedError):
                while not select.select([lookup], [], [], 0.05)[0]:
                    connect(site).close()
            assert lookup.recv(100).startswith(b"HTTP/1.1 303 ")
