"""Bytes that are no request get a page with a next step, and nothing of them back."""

import socket
from collections.abc import Iterator

import pytest

from tests.live import LiveSite


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    with LiveSite(tmp_path_factory.mktemp("unread") / "site.log") as running:
        yield running


def answer_to(site: LiveSite, sent: bytes) -> str:
    host, port = site.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(sent)
        return b"".join(iter(lambda: client.recv(65_536), b"")).decode()


@pytest.mark.parametrize(
    ("status", "sent"),
    [
        (414, b"GET /secret-part?" + b"x" * 3000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
        (431, b"GET / HTTP/1.1\r\n" + b"Secret-Part: 1\r\n" * 60 + b"\r\n"),
        (431, b"GET / HTTP/1.1\r\nSecret-Part: " + b"x" * 5000 + b"\r\n\r\n"),
        (400, b"secret-part\r\n\r\n"),
        (400, b"GET / HTTP/1.1\r\nSecret Part: 1\r\n\r\n"),
    ],
)
def test_what_cannot_be_read_gets_a_page_with_a_next_step(
    site: LiveSite, status: int, sent: bytes
) -> None:
    told = answer_to(site, sent)
    head, _, body = told.partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} ")
    assert f"Content-Length: {len(body.encode())}" in head
    assert "Cache-Control: no-store" in head
    assert "Referrer-Policy: same-origin" in head
    assert '<a href="/">Buka halaman depan</a>' in body
    assert '<a href="/en/">Open the front page</a>' in body
    assert "secret" not in told.lower()


def test_a_request_that_can_be_read_is_answered_by_the_site(site: LiveSite) -> None:
    told = answer_to(site, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert told.startswith("HTTP/1.1 200 ")
    assert "Buka halaman depan" not in told
