"""What arrives on a socket, well formed or not."""

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from sandbox import Sandbox
from tests.sandbox.conftest import Caller

Send = Callable[[bytes], bytes]
BODY = b'{"identifier":{"type":"nik","value":"3174054501900005"}}'
LOOKUP = b"POST /v1/claim-lookups HTTP/1.1\r\nHost: core\r\nContent-Type: application/json\r\n"


def connect(core: Sandbox) -> socket.socket:
    parts = urlsplit(core.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=20)


def read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


@pytest.fixture
def send(core: Sandbox) -> Iterator[Send]:
    """Sends bytes on a fresh connection and reads until the sandbox closes it."""

    def exchange(sent: bytes) -> bytes:
        with connect(core) as connection:
            connection.sendall(sent)
            return read_all(connection)

    yield exchange


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (LOOKUP + b"\r\n" + BODY, b"411"),
        (LOOKUP + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", b"411"),
        (LOOKUP + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", b"400"),
        (LOOKUP + b"Content-Length: -1\r\n\r\n", b"400"),
        (LOOKUP + b"Content-Length: many\r\n\r\n", b"400"),
        (LOOKUP + b"Content-Length: 100000\r\n\r\n" + b" " * 100_000, b"413"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET /v1/health HTTP/9.9\r\n\r\n", b"505"),
        (b"GET / spaced out HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", b"431"),
        (b"GET / HTTP/1.1\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", b"431"),
    ],
    ids=[
        "no length",
        "chunked",
        "two lengths",
        "negative length",
        "length in words",
        "oversized",
        "no request line",
        "unknown version",
        "spaces in the path",
        "long line",
        "many headers",
        "long header",
    ],
)
def test_what_cannot_be_read_is_refused_and_the_connection_closed(
    send: Send, sent: bytes, status: bytes
) -> None:
    answer = send(sent)
    assert answer.split(b" ", 2)[1] == status
    assert b"application/problem+json" in answer
    assert b"Connection: close" in answer
    assert b"Traceback" not in answer
    assert b"3174054501900005" not in answer


def test_a_reset_needs_no_body(send: Send) -> None:
    reset = b"POST /sandbox/stats/reset HTTP/1.1\r\nHost: core\r\nConnection: close\r\n\r\n"
    assert send(reset).startswith(b"HTTP/1.1 200 OK")


def test_requests_that_come_at_once_are_answered_in_order(send: Send) -> None:
    lookup = LOOKUP + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
    health = b"GET /v1/health HTTP/1.1\r\nHost: core\r\nConnection: close\r\n\r\n"
    answer = send(lookup + lookup + health)
    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.rindex(b'"status":"ok"') > answer.rindex(b'"claims"')


def test_an_http_1_0_request_is_answered_and_closed(send: Send) -> None:
    assert b'"status":"ok"' in send(b"GET /v1/health HTTP/1.0\r\n\r\n")


def test_a_body_that_ends_early_is_answered_with_nothing(core: Sandbox) -> None:
    with connect(core) as connection:
        connection.sendall(LOOKUP + b"Content-Length: 500\r\n\r\n" + BODY)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == b""


def test_a_client_that_waits_for_100_is_told_to_go_on(send: Send) -> None:
    head = LOOKUP + b"Expect: 100-continue\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    answer = send(head % len(BODY) + BODY)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK")


def test_the_answer_has_a_date_and_needs_no_delay(call: Caller) -> None:
    assert call.ask("GET", "/v1/health").headers["Date"].endswith("GMT")


def test_six_hundred_connections_at_once_are_all_answered(core: Sandbox, call: Caller) -> None:
    call.post("/sandbox/faults", {"mode": "slow", "latency_ms": 1500})
    lookup = LOOKUP + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY

    def ask(connection: socket.socket) -> bytes:
        with connection:
            return read_all(connection)

    connections = [connect(core) for _ in range(600)]
    for connection in connections:
        connection.sendall(lookup)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, connections))
    assert all(answer.startswith(b"HTTP/1.1 200 OK") for answer in answers)
    stats = call.ask("GET", "/sandbox/stats").json
    assert stats["lookups"] == 600
    assert stats["in_flight"] == 0
    assert stats["max_in_flight"] > 300


def test_stopping_cuts_connections_that_wait(core: Sandbox, call: Caller) -> None:
    call.post("/sandbox/faults", {"mode": "slow", "latency_ms": 60_000})
    with connect(core) as connection:
        connection.sendall(LOOKUP + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY)
        until = time.monotonic() + 20
        while not call.ask("GET", "/sandbox/stats").json["in_flight"] and time.monotonic() < until:
            time.sleep(0.02)
        core.stop()
        assert read_all(connection) == b""


def test_a_sandbox_can_be_started_again() -> None:
    core = Sandbox()
    for _ in range(2):
        with core:
            caller = Caller(core.url)
            assert caller.ask("GET", "/v1/health").status == 200
            caller.connection.close()
        with pytest.raises(RuntimeError, match="not running"):
            core.url.upper()


def test_its_port_is_its_own_again_while_closed_connections_linger() -> None:
    core = Sandbox()
    with core:
        port = urlsplit(core.url).port or 0
        # Stopping closes it from the core's side, which leaves it lingering there.
        lingering = Caller(core.url)
        assert lingering.ask("GET", "/v1/health").status == 200
    with Sandbox(port=port) as again:
        assert Caller(again.url).ask("GET", "/v1/health").status == 200
    lingering.connection.close()


def test_a_taken_port_is_said_to_be(core: Sandbox) -> None:
    with pytest.raises(OSError, match="in use"):
        Sandbox(port=urlsplit(core.url).port or 0).start()
