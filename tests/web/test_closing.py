"""Connections end without anybody's waiting for the other end, and no answer loses its end."""

import socket
from collections.abc import Iterator

import pytest

from tests.clock import Clock
from tests.web.conftest import LiveSiteWith
from tracking_site.web import closing
from tracking_site.web.closing import (
    LINGER_SECONDS,
    MAX_HELD,
    SEND_SECONDS,
    Closing,
    Connection,
)

HELD = 20
PATIENCE_SECONDS = 15.0
"""Less than half of what the held ones take where each of them is waited for."""


Pair = tuple[Connection, socket.socket]


@pytest.fixture
def pairs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Pair]]:
    """Connections of a site with their clients; nothing looks on by itself."""
    monkeypatch.setattr(closing.Thread, "start", lambda _: None)
    pairs = [socket.socketpair() for _ in range(MAX_HELD + 1)]
    made = [(Connection.of(ours), theirs) for ours, theirs in pairs]
    yield made
    for each in made:
        for end in each:
            end.close()


def is_open(connection: socket.socket) -> bool:
    return connection.fileno() != -1


def test_the_client_reads_all_of_it_and_closes(
    pairs: list[Pair],
) -> None:
    ours, theirs = pairs[0]
    ending = Closing(Clock(0.0))
    ours.sendall(b"answer")
    ending.close(ours)
    assert (theirs.recv(100), theirs.recv(100)) == (b"answer", b"")
    theirs.sendall(b"more of what nobody reads")
    assert ending.look()
    assert is_open(ours)
    theirs.close()
    assert not ending.look()
    assert not is_open(ours)


def test_a_connection_of_another_worker_ends_alike(
    pairs: list[Pair],
) -> None:
    ours, theirs = socket.socketpair()
    ending = Closing(Clock(0.0))
    ours.sendall(b"answer")
    ending.close(ours)
    assert (theirs.recv(100), theirs.recv(100)) == (b"answer", b"")
    theirs.close()
    assert not ending.look()


@pytest.mark.parametrize("says", [True, False])
def test_a_connection_never_blocks_whatever_is_said(pairs: list[Pair], says: bool) -> None:
    ours, theirs = pairs[0]
    ours.setblocking(says)
    with pytest.raises(BlockingIOError):
        ours.recv(1)
    theirs.sendall(b"a")
    assert ours.recv(1) == b"a"


def test_who_has_closed_is_not_waited_for(
    pairs: list[Pair],
) -> None:
    ours, theirs = pairs[0]
    theirs.close()
    Closing(Clock(0.0)).close(ours)
    assert not is_open(ours)


def test_who_does_not_close_is_closed(pairs: list[Pair]) -> None:
    clock = Clock(0.0)
    ending = Closing(clock)
    (first, _), (second, _) = pairs[:2]
    ending.close(first)
    clock.now = LINGER_SECONDS / 2
    ending.close(second)
    clock.now = LINGER_SECONDS
    assert ending.look()
    assert (is_open(first), is_open(second)) == (False, True)


ANSWER = bytes(range(256)) * 4_000
"""More than the kernel keeps for a client that reads nothing."""


def read_all(theirs: socket.socket, ending: Closing) -> bytes:
    told = b""
    while part := theirs.recv(65_536):
        told += part
        ending.look()
    return told


def test_a_client_that_does_not_read_is_not_waited_for_and_gets_all_of_it(
    pairs: list[Pair],
) -> None:
    ours, theirs = pairs[0]
    ending = Closing(Clock(0.0))
    ours.sendall(ANSWER[:1000])
    ours.sendall(ANSWER[1000:])
    assert ours.left
    assert ANSWER.endswith(ours.left)
    ending.close(ours)
    assert read_all(theirs, ending) == ANSWER
    theirs.close()
    assert not ending.look()
    assert not is_open(ours)


def test_who_has_said_that_no_more_comes_gets_all_of_it_too(pairs: list[Pair]) -> None:
    ours, theirs = pairs[0]
    ending = Closing(Clock(0.0))
    ours.sendall(ANSWER)
    theirs.shutdown(socket.SHUT_WR)
    ending.close(ours)
    assert read_all(theirs, ending) == ANSWER


def test_who_takes_too_long_for_it_is_closed(pairs: list[Pair]) -> None:
    clock = Clock(0.0)
    ending = Closing(clock)
    ours, _ = pairs[0]
    ours.sendall(ANSWER)
    ending.close(ours)
    clock.now = SEND_SECONDS - 1
    assert ending.look()
    clock.now = SEND_SECONDS
    assert not ending.look()
    assert not is_open(ours)


def test_whatever_is_sent_nobody_waits(pairs: list[Pair]) -> None:
    for (ours, theirs), blocks in zip(pairs, (True, False), strict=False):
        ours.setblocking(blocks)
        assert ours.send(ANSWER) == len(ANSWER)
        assert ANSWER.endswith(ours.left)
        theirs.close()
        with pytest.raises(OSError, match=r"pipe|reset"):
            ours.end()


def test_where_no_thread_can_begin_the_next_that_is_closed_begins_it(
    pairs: list[Pair], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[object] = []

    def start(thread: object) -> None:
        begun.append(thread)
        if len(begun) == 1:
            raise RuntimeError("can't start new thread")

    monkeypatch.setattr(closing.Thread, "start", start)
    ending = Closing(Clock(0.0))
    for ours, _ in pairs[:3]:
        ending.close(ours)
    assert len(begun) == 2
    assert ending.look(), "none of them was forgotten"
    for _, theirs in pairs[:3]:
        theirs.close()
    assert not ending.look()


def test_so_many_wait_and_the_oldest_gives_way(
    pairs: list[Pair],
) -> None:
    ending = Closing(Clock(0.0))
    for ours, _ in pairs:
        ending.close(ours)
    assert [is_open(ours) for ours, _ in pairs] == [False] + [True] * MAX_HELD


def test_clients_that_do_not_close_hold_nobody_up(live_site_with: LiveSiteWith) -> None:
    request = b"GET /-/healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    with live_site_with() as site:
        held = []
        for _ in range(HELD):
            held.append(socket.create_connection(("127.0.0.1", site.port), PATIENCE_SECONDS))
            held[-1].sendall(request)
        with socket.create_connection(("127.0.0.1", site.port), PATIENCE_SECONDS) as other:
            other.sendall(request)
            assert other.recv(100).startswith(b"HTTP/1.1 200 ")
        for each in held:
            assert each.recv(100).startswith(b"HTTP/1.1 200 ")
            each.close()
