"""What is on the wire: headers sent, heads that drip or lie, connections that fail."""

import gzip
import socket
import time
from codecs import BOM_UTF8

import pytest

from harness.servers import free_port
from tests.claims_api.fakes import MOVING, number
from tests.claims_api.raw import RawServer, always, dripping, ok, raw_server
from tracking_site.claims_api.client import ClaimsClient
from tracking_site.claims_api.config import HEALTH_PATH, ClientConfig
from tracking_site.claims_api.contract import ContractCore
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.claims_api.exchange import Exchange
from tracking_site.claims_api.source import Answer

SLACK = 1.5
ONE = number(1)


def asked(server: RawServer, **config: object) -> Answer:
    client = ClaimsClient(
        ClientConfig(server.url, **config),  # type: ignore[arg-type]
        request_id=lambda: "request-7",
    )
    try:
        return client.answer_for(ONE)
    finally:
        client.close()


def test_the_request_is_what_the_contract_says() -> None:
    with raw_server(always(ok(MOVING))) as server:
        asked(server, token="secret-token")
        (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v1/claim-lookups HTTP/1.1"
    assert "Authorization: Bearer secret-token" in lines
    assert "X-Request-ID: request-7" in lines
    assert "Content-Type: application/json" in lines
    assert ONE.canonical.encode() in body
    assert ONE.canonical not in head.decode()


def test_the_token_is_in_no_text_about_the_client() -> None:
    assert "secret" not in repr(ClientConfig("http://core.invalid", token="secret-token"))


def test_a_head_that_drips_is_cut_at_the_end_of_the_budget() -> None:
    with raw_server(dripping(ok(MOVING), 0.02)) as server:
        began = time.monotonic()
        with pytest.raises(CoreError) as failed:
            asked(server, total_seconds=0.4, late_seconds=0.1)
    assert failed.value.kind == Trouble.TIMEOUT
    assert time.monotonic() - began < 0.4 + SLACK


def test_neither_proxies_nor_netrc_of_the_machine_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with raw_server(always(ok(MOVING))) as server:
        assert asked(server).snapshot.claims


def test_no_cookie_of_the_core_comes_back_to_it() -> None:
    with raw_server(always(ok(MOVING, "Set-Cookie: a=b; Path=/"))) as server:
        client = ClaimsClient(ClientConfig(server.url))
        client.claims_of(ONE)
        client.claims_of(ONE)
        client.close()
        assert not any(b"ookie" in request for request in server.requests)
        assert server.connections == 1


@pytest.mark.parametrize(
    ("header", "max_age"),
    [
        ("max-age=90", 90),
        ("private, Max-Age = 5", 5),
        ("no-store", 0),
        ("no-cache, max-age=60", 0),
        ("s-maxage=9", None),
        ("max-age=soon", None),
        ("", None),
    ],
)
def test_the_time_that_the_core_vouches_for_is_read(header: str, max_age: float | None) -> None:
    with raw_server(always(ok(MOVING, f"Cache-Control: {header}"))) as server:
        assert asked(server).max_age == max_age


@pytest.mark.parametrize("before", ["100 Continue", "102 Processing", "103 Early Hints"])
def test_what_a_gateway_says_before_the_answer_is_passed_over(before: str) -> None:
    said = f"HTTP/1.1 {before}\r\nLink: </style.css>; rel=preload\r\n\r\n".encode()
    with raw_server(always(2 * said + ok(MOVING))) as server:
        assert asked(server).body == MOVING


def test_a_compressed_answer_is_read() -> None:
    with raw_server(always(ok(gzip.compress(MOVING), "Content-Encoding: gzip"))) as server:
        assert asked(server).body == MOVING


@pytest.mark.parametrize("is_compressed", [False, True])
def test_a_mark_of_the_byte_order_is_passed_over(is_compressed: bool) -> None:
    sent = BOM_UTF8 + MOVING
    reply = ok(gzip.compress(sent), "Content-Encoding: gzip") if is_compressed else ok(sent)
    with raw_server(always(reply)) as server:
        assert asked(server).body == MOVING


def chunked(*chunks: bytes) -> bytes:
    parts = [b"%x\r\n%s\r\n" % (len(each), each) for each in chunks]
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    return head + b"".join(parts)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (b"hello\r\n\r\n", Trouble.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", Trouble.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 300 + b"\r\n", Trouble.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-", Trouble.CONTENT_TYPE),
        (chunked(MOVING[:50]), Trouble.TRUNCATED),
        (chunked(MOVING[:50]) + b"zz\r\n", Trouble.TRUNCATED),
        (chunked() + b"-5\r\n" + MOVING, Trouble.PROTOCOL),
        (ok(MOVING).replace(b"Length: ", b"Length: " + b"9" * 5_000), Trouble.PROTOCOL),
        (b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n", Trouble.REDIRECT),
        (b"HTTP/1.1 503 No\r\nRetry-After: " + b"9" * 5_000 + b"\r\n\r\n", Trouble.SERVER_ERROR),
        (chunked(*[b" " * 60_000] * 30) + b"0\r\n\r\n", Trouble.TOO_LARGE),
        (ok(MOVING)[:-10], Trouble.TRUNCATED),
        (ok(MOVING, "Content-Encoding: gzip"), Trouble.ENCODING),
        (ok(gzip.compress(MOVING)[:80], "Content-Encoding: gzip"), Trouble.SHAPE),
        (ok(MOVING, "Content-Encoding: br"), Trouble.ENCODING),
        (ok(MOVING, kind="application/json-ish"), Trouble.CONTENT_TYPE),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", Trouble.STATUS),
        (b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", Trouble.REDIRECT),
        (b"", Trouble.CONNECTION),
    ],
)
def test_a_reply_outside_the_contract_has_its_kind(reply: bytes, kind: Trouble) -> None:
    def serve(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        connection.sendall(reply)

    with raw_server(serve) as server, pytest.raises(CoreError) as failed:
        asked(server)
    assert failed.value.kind == kind


def test_the_body_of_a_redirect_is_not_waited_for() -> None:
    def serve(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        connection.sendall(b"HTTP/1.1 307 No\r\nLocation: /x\r\nContent-Length: 9999999\r\n\r\n")
        server.stopping.wait(10)

    with raw_server(serve) as server, pytest.raises(CoreError) as failed:
        asked(server)
    assert failed.value.kind == Trouble.REDIRECT


def test_a_failed_connection_is_tried_once_more() -> None:
    port = free_port()
    came_up: list[RawServer] = []

    def random() -> float:
        came_up.append(RawServer(always(ok(MOVING)), port))
        return 0.0

    config = ClientConfig(f"http://127.0.0.1:{port}")
    client = ClaimsClient(config, core=ContractCore(Exchange(config, random=random), HEALTH_PATH))
    assert client.claims_of(ONE).claims
    client.close()
    assert len(came_up) == 1
    came_up[0].stop()


def test_a_connection_is_not_tried_a_third_time() -> None:
    pauses: list[float] = []
    config = ClientConfig(f"http://127.0.0.1:{free_port()}")
    exchange = Exchange(config, random=lambda: pauses.append(0) or 0.0)
    client = ClaimsClient(config, core=ContractCore(exchange, HEALTH_PATH))
    with pytest.raises(CoreError) as failed:
        client.claims_of(ONE)
    client.close()
    assert failed.value.kind == Trouble.CONNECTION
    assert len(pauses) == 1


def test_a_request_that_was_sent_is_never_sent_again() -> None:
    def serve(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)

    with raw_server(serve) as server:
        with pytest.raises(CoreError, match=Trouble.CONNECTION):
            asked(server)
        assert server.connections == 1


def test_a_date_as_retry_after_is_a_number_of_seconds() -> None:
    reply = (
        b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
        b"Retry-After: Sun, 22 Nov 2026 07:01:00 GMT\r\nContent-Length: 2\r\n\r\n{}"
    )
    with raw_server(always(reply)) as server:
        config = ClientConfig(server.url)
        client = ClaimsClient(
            config, core=ContractCore(Exchange(config, clock=lambda: 1_795_330_830.0), HEALTH_PATH)
        )
        with pytest.raises(CoreError, match=Trouble.SERVER_ERROR) as failed:
            client.claims_of(ONE)
        client.close()
    assert failed.value.retry_after == 30
