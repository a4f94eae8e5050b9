"""Bytes that are no request get a page with a next step, and nothing of them back."""

import socket
from collections.abc import Callable, Iterator

import pytest

from tests.deploy.proxy import CONFIGURATION, NAME, Nginx
from tests.live import LiveSite
from tracking_site.web.unread import TOO_LARGE, UNREAD

Connect = Callable[[], socket.socket]

COOKIES = b"Cookie: " + b"; ".join(b"c%d=" % place + b"v" * 500 for place in range(32))
MANY_COOKIES = COOKIES[: len("Cookie: ") + 16_384]
TOO_MANY_COOKIES = COOKIES[:16_000] * 2

BROKEN = [
    (414, b"GET /secret-part?" + b"x" * 3_000 + b" HTTP/1.1\r\nHost: %s\r\n\r\n"),
    (414, b"GET /secret-part?" + b"x" * 40_000 + b" HTTP/1.1\r\nHost: %s\r\n\r\n"),
    (431, b"GET / HTTP/1.1\r\nHost: %s\r\n" + b"Secret-Part: 1\r\n" * 60 + b"\r\n"),
    (431, b"GET / HTTP/1.1\r\nHost: %s\r\nSecret-Part: " + b"x" * 30_000 + b"\r\n\r\n"),
    (431, b"GET / HTTP/1.1\r\nHost: %s\r\n" + TOO_MANY_COOKIES + b"\r\n\r\n"),
    (400, b"secret-part\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: secret part\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: lacak.example/secret-part\r\n\r\n"),
    (400, b"GET /secret-part\xff HTTP/1.1\r\nHost: %s\r\n\r\n"),
]
BROKEN_FOR_GUNICORN = [
    *BROKEN,
    (400, b"GET / HTTP/1.1\r\nSecret-Part: 1\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: %s\r\nSecret Part: 1\r\n\r\n"),
    (400, b'GET / HTTP/1.1\r\nHost: "><secret-part>\r\n\r\n'),
    (400, b"GET / HTTP/1.0\r\nHost: secret-part@a\r\n\r\n"),
    (501, b"POST /lacak HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: secret-part\r\n\r\n"),
]
BROKEN_FOR_NGINX = [
    *BROKEN,
    (400, b"GET / HTTP/1.1\r\nSecret-Part: 1\r\n\r\n"),
    (400, b"GET / HTTP/1.1\r\nHost: %s\r\nContent-Length: secret-part\r\n\r\n"),
    (405, b"TRACE /secret-part HTTP/1.1\r\nHost: %s\r\n\r\n"),
    (501, b"POST /lacak HTTP/1.1\r\nHost: %s\r\nTransfer-Encoding: secret-part\r\n\r\n"),
    (505, b"GET /secret-part HTTP/3.0\r\nHost: %s\r\n\r\n"),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    settings = {"TRUSTED_PROXIES": "1", "SITE_URL": f"https://{NAME}"}
    with LiveSite(tmp_path_factory.mktemp("unread") / "site.log", **settings) as running:
        yield running


@pytest.fixture(scope="module")
def nginx(site: LiveSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with Nginx(tmp_path_factory.mktemp("nginx"), [site.port]) as proxy:
        yield proxy


def plain(port: int) -> Connect:
    return lambda: socket.create_connection(("127.0.0.1", port), 10)


def answer_to(connect: Connect, sent: bytes) -> str:
    with connect() as client:
        client.sendall(sent.replace(b"Host: %s", f"Host: {NAME}\r\nConnection: close".encode()))
        return b"".join(iter(lambda: client.recv(65_536), b"")).decode()


def is_our_page(told: str, status: int) -> None:
    head, _, body = told.partition("\r\n\r\n")
    assert head.startswith(f"HTTP/1.1 {status} "), told[:200]
    assert body.strip() == (TOO_LARGE if status == 431 else UNREAD).strip()
    assert "content-type: text/html; charset=utf-8" in head.lower()
    assert "cache-control: no-store" in head.lower()
    assert "referrer-policy: same-origin" in head.lower()
    assert '<a href="/">Buka halaman depan</a>' in body
    assert '<a href="/en/">Open the front page</a>' in body
    assert body.index('lang="id"') < body.index('lang="en"')
    assert "secret" not in told.lower()


@pytest.mark.parametrize(("status", "sent"), BROKEN_FOR_GUNICORN)
def test_gunicorn_gives_a_page_with_a_next_step(site: LiveSite, status: int, sent: bytes) -> None:
    is_our_page(answer_to(plain(site.port), sent), status)


@pytest.mark.nginx
@pytest.mark.parametrize(("status", "sent"), BROKEN_FOR_NGINX)
def test_nginx_gives_the_same_page(nginx: Nginx, status: int, sent: bytes) -> None:
    is_our_page(answer_to(nginx.tls, sent), status)


@pytest.mark.nginx
@pytest.mark.parametrize(("status", "sent"), [BROKEN[1], BROKEN[3], BROKEN[4], BROKEN[5]])
def test_so_it_does_before_tls(nginx: Nginx, status: int, sent: bytes) -> None:
    is_our_page(answer_to(plain(nginx.plain_port), sent), status)


@pytest.mark.parametrize("path", ["/", "/bantuan", "/lacak", "/static/x"])
def test_cookies_of_the_domain_above_shut_nobody_out(site: LiveSite, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n".encode()
    told = answer_to(plain(site.port), request + MANY_COOKIES + b"\r\n\r\n")
    assert told.startswith("HTTP/1.1 200 ") or path in ("/lacak", "/static/x"), told[:100]
    assert not told.startswith(("HTTP/1.1 400", "HTTP/1.1 431"))


@pytest.mark.nginx
def test_nor_do_they_in_front_where_they_end(nginx: Nginx) -> None:
    request = f"GET / HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n".encode()
    assert answer_to(nginx.tls, request + MANY_COOKIES + b"\r\n\r\n").startswith("HTTP/1.1 200 ")
    told = answer_to(plain(nginx.plain_port), request + MANY_COOKIES + b"\r\n\r\n")
    assert told.startswith("HTTP/1.1 301 ")


def test_nginx_says_word_for_word_what_the_site_says() -> None:
    configuration = CONFIGURATION.read_text(encoding="utf-8")
    assert f"default '{UNREAD.strip()}';" in configuration
    assert f"431 '{TOO_LARGE.strip()}';" in configuration


def test_a_request_that_can_be_read_is_answered_by_the_site(site: LiveSite) -> None:
    sent = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    told = answer_to(plain(site.port), sent)
    assert told.startswith("HTTP/1.1 200 ")
    assert "Buka halaman depan" not in told


@pytest.mark.parametrize("host", ["", "127.0.0.1:8000", "[::1]:8000", "web_1", "xn--9ca.example."])
def test_so_is_whoever_names_a_host_in_any_form_that_one_has(site: LiveSite, host: str) -> None:
    sent = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    assert answer_to(plain(site.port), sent).startswith("HTTP/1.1 200 ")
