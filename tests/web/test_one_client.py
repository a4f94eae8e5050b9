"""Whatever one client does to its connection, the process that serves it goes on for the others."""

import os
import signal
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.workers.gthread import ThreadWorker

from tests.live import LiveSite
from tests.web.conftest import LiveSiteWith
from tracking_site.web.gathering import MAX_HEAD, Gathered
from tracking_site.web.whole_requests import WholeRequests

KEPT = b"GET /-/healthz HTTP/1.1\r\nHost: a\r\n\r\n"
GET = KEPT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
TOO_MUCH = b"b" * (MAX_HEAD + 1)
CONNECTIONS = 40


def connect(site: LiveSite) -> socket.socket:
    return socket.create_connection(("127.0.0.1", site.port), 10)


def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def is_answered(site: LiveSite) -> bool:
    with connect(site) as other:
        other.sendall(GET)
        return other.recv(100).startswith(b"HTTP/1.1 200 ")


@contextmanager
def held_still(site: LiveSite) -> Iterator[None]:
    """While inside, what comes waits: the worker finds all of it in one turn."""
    (worker,) = site.workers()
    os.kill(worker, signal.SIGSTOP)
    while Path(f"/proc/{worker}/stat").read_text().split()[2] != "T":
        time.sleep(0.001)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


@pytest.mark.parametrize(
    "begins",
    [
        b"GET / HTTP/1.1\r\nA: ",
        b"POST /lacak HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    ],
    ids=["head", "chunks"],
)
def test_who_sends_too_much_and_is_gone_ends_alone(
    live_site_with: LiveSiteWith, begins: bytes
) -> None:
    with live_site_with() as site:
        workers = site.workers()
        for _ in range(10):
            client = connect(site)
            client.sendall(begins)
            assert is_answered(site)
            with held_still(site):
                client.sendall(TOO_MUCH)
                reset(client)
            assert is_answered(site)
        assert site.workers() == workers


@pytest.mark.parametrize("sent", [b"G", KEPT], ids=["begun", "kept"])
def test_who_sends_in_the_moment_that_makes_room_for_another_ends_alone(
    live_site_with: LiveSiteWith, sent: bytes
) -> None:
    limit = f"--worker-connections {CONNECTIONS} --threads 1"
    with live_site_with(GUNICORN_CMD_ARGS=limit) as site:
        workers = site.workers()
        idle = []
        # The answers to the first and the last say that others are closed, and these are taken.
        for sends in (KEPT, *[sent] * (CONNECTIONS - 3), KEPT):
            idle.append(connect(site))
            idle[-1].sendall(sends)
            assert sends != KEPT or idle[-1].recv(1000)
        with held_still(site):
            new = [connect(site) for _ in range(5)]
            for each in idle:
                each.sendall(b"E")
        assert is_answered(site)
        assert site.workers() == workers
        for each in (*idle, *new):
            each.close()


def test_nothing_more_is_read_while_a_request_waits_that_came_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever sends one after the other without end would fill the memory, and be copied anew."""
    served: list[bytes] = []
    monkeypatch.setattr(
        ThreadWorker, "enqueue_req", lambda _, conn: served.append(bytes(conn.next.came))
    )
    worker = object.__new__(WholeRequests)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(KEPT)
        for left in (KEPT * 100, KEPT, KEPT + b"GET"):
            unreader = SimpleNamespace(take_buffered=lambda left=left: left)
            conn = SimpleNamespace(
                sock=ours, next=Gathered(), parser=SimpleNamespace(unreader=unreader)
            )
            worker.enqueue_req(conn)
            assert served.pop() == left
        assert ours.recv(100) == KEPT


def test_whatever_goes_wrong_with_one_connection_is_said_without_what_it_sent() -> None:
    said: list[str] = []
    worker: Any = object.__new__(WholeRequests)
    worker.log = SimpleNamespace(warning=lambda text, *args: said.append(text % args))
    worker.poller = SimpleNamespace(unregister=lambda _: None)
    ours, theirs = socket.socketpair()
    conn = SimpleNamespace(sock=ours, close=ours.close)
    worker.pending_conns, worker.keepalived_conns, worker.nr_conns = [conn], [], 2

    def fails(_: object) -> None:
        raise ValueError("what somebody sent")

    with ours, theirs:
        worker._tend(fails, conn)
        assert ours.fileno() < 0
        worker._tend(fails, conn)
    assert said == ["a connection was given up: ValueError"]
    assert (worker.pending_conns, worker.nr_conns) == ([], 1)
