"""nginx in front of the site: who is counted, how long a slow client holds on, what is refused."""

import re
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from harness.servers import free_port
from tests.deploy.proxy import NAME, Nginx
from tests.live import LiveSite
from tracking_site.web.unread import HEADERS

pytestmark = pytest.mark.nginx

MAX_HEADER_SECONDS = 5
"""client_header_timeout of deploy/nginx."""

ANSWERED = {303}
"""What a lookup says that the guard let through, whether there is anything to show or not."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    logs = tmp_path_factory.mktemp("site") / "log"
    settings = {"TRUSTED_PROXIES": "1", "SITE_URL": f"https://{NAME}"}
    with LiveSite(logs, GUARD_OFF="0", **settings) as live:
        yield live


@pytest.fixture(scope="module")
def nginx(site: LiveSite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with Nginx(tmp_path_factory.mktemp("nginx"), [site.port]) as proxy:
        yield proxy


def looked_up(visitor: requests.Session, nginx: Nginx, nik: str, **headers: str) -> int:
    told = visitor.post(
        f"{nginx.url}/lacak",
        data={"nomor": nik},
        headers=headers,
        allow_redirects=False,
        timeout=20,
    )
    return told.status_code


def test_a_lookup_passes_and_its_result_is_read(nginx: Nginx, site: LiveSite) -> None:
    visitor = nginx.session("127.0.50.1")
    form = {"nomor": site.sample("paid_today").nik}
    told = visitor.post(f"{nginx.url}/lacak", data=form, allow_redirects=False, timeout=20)
    assert told.status_code == 303
    page = visitor.get(f"{nginx.url}{told.headers['Location']}", timeout=20)
    assert page.status_code == 200
    assert 'data-outcome="found"' in page.text
    assert page.headers["Strict-Transport-Security"].startswith("max-age=")
    assert page.headers["Cache-Control"] == "no-store"


def test_the_id_of_a_request_is_one_in_both_logs(nginx: Nginx, site: LiveSite) -> None:
    told = nginx.session().get(f"{nginx.url}/bantuan", headers={"X-Request-ID": "mine"}, timeout=20)
    given = told.headers["X-Request-ID"]
    assert given != "mine"
    assert given in site.logged()
    assert given in nginx.logged()


def test_http2_is_spoken_and_another_name_gets_no_certificate(nginx: Nginx) -> None:
    with nginx.tls(protocols=["h2", "http/1.1"]) as connection:
        assert connection.selected_alpn_protocol() == "h2"
        assert connection.version() == "TLSv1.3"
    with pytest.raises(ssl.SSLError):
        nginx.tls("elsewhere.example")


def test_plain_http_is_sent_to_tls_under_the_sites_own_name(nginx: Nginx) -> None:
    told = requests.get(
        f"http://127.0.0.1:{nginx.plain_port}/bantuan",
        headers={"Host": "evil.example"},
        allow_redirects=False,
        timeout=5,
    )
    assert (told.status_code, told.headers["Location"]) == (301, f"https://{NAME}/bantuan")


@pytest.mark.parametrize(
    "place, header",
    [
        (1, "X-Forwarded-For"),
        (2, "Forwarded"),
        (3, "X-Real-IP"),
        (4, "X-Forwarded-Host"),
        (5, "Via"),
    ],
)
def test_whatever_a_client_claims_of_itself_it_stays_one_network(
    nginx: Nginx, site: LiveSite, place: int, header: str
) -> None:
    visitor = nginx.session(f"127.0.{place}.1")
    numbers = [sample.nik for sample in site.core.samples][10 * place : 10 * place + 8]
    forms = {"Forwarded": "for=203.0.113.{}", "Via": "1.1 proxy{}"}
    claimed = forms.get(header, "203.0.113.{}")
    told = [
        looked_up(visitor, nginx, nik, **{header: claimed.format(last)})
        for last, nik in enumerate(numbers)
    ]
    assert [status in ANSWERED for status in told] == [True] * 3 + [False] * 5, told
    assert set(told[3:]) == {403}


def test_two_visitors_are_two_networks(nginx: Nginx, site: LiveSite) -> None:
    numbers = [sample.nik for sample in site.core.samples][70:74]
    for nik in numbers[:3]:
        assert looked_up(nginx.session("127.0.60.1"), nginx, nik) in ANSWERED
    assert looked_up(nginx.session("127.0.60.1"), nginx, numbers[3]) == 403
    assert looked_up(nginx.session("127.0.61.1"), nginx, numbers[3]) in ANSWERED


def test_two_hundred_slow_clients_are_dropped_and_others_served_meanwhile(nginx: Nginx) -> None:
    slow = []
    for number in range(200):
        connection = nginx.tls()
        body = "POST /lacak HTTP/1.1\r\nHost: lacak.example\r\nContent-Length: 900\r\n\r\nno"
        connection.sendall(body.encode() if number % 2 else b"GET / HTTP/1.1\r\nHo")
        slow.append(connection)
    begun = time.monotonic()
    for _ in range(20):
        assert nginx.session().get(nginx.url, timeout=3).status_code == 200
    for connection in slow:
        connection.settimeout(MAX_HEADER_SECONDS + 10)
        assert is_dropped(connection)
    assert time.monotonic() - begun < MAX_HEADER_SECONDS + 10


def is_dropped(connection: ssl.SSLSocket) -> bool:
    """Wait for the other side to end it; a timeout is raised instead."""
    try:
        told = connection.recv(4000)
        return told == b"" or b" 408 " in told[:20]
    except (ConnectionError, ssl.SSLError):
        return True
    finally:
        connection.close()


def test_a_header_that_drips_is_not_waited_for(nginx: Nginx) -> None:
    with nginx.tls() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        begun = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - begun < MAX_HEADER_SECONDS + 10:
                connection.sendall(b"X")
                time.sleep(0.5)


def test_a_body_beyond_any_form_gets_a_plain_answer(nginx: Nginx) -> None:
    told = nginx.session().post(f"{nginx.url}/lacak", data={"nomor": "1" * 17_000}, timeout=5)
    assert told.status_code == 413
    assert told.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert told.text.startswith("Kiriman terlalu besar.")
    assert told.headers["Server"] == "nginx"


def test_files_are_sent_as_the_site_compressed_them_and_kept_for_a_year(
    nginx: Nginx, site: LiveSite
) -> None:
    visitor = nginx.session()
    page = visitor.get(nginx.url, timeout=5).text
    asked_before = site.logged().count("/static/<path>")
    path = re.search(r"/static/css/site\.[0-9a-f]+\.css", page)
    assert path is not None
    sizes = {}
    for asked in ("br, gzip", "gzip", "identity"):
        for _ in range(2):
            told = visitor.get(
                f"{nginx.url}{path[0]}", headers={"Accept-Encoding": asked}, stream=True, timeout=5
            )
            sizes[asked] = len(told.raw.read(decode_content=False))
            expected = None if asked == "identity" else asked.partition(",")[0]
            assert told.headers.get("Content-Encoding") == expected
            assert "immutable" in told.headers["Cache-Control"]
    assert sizes["br, gzip"] < sizes["gzip"] < sizes["identity"] / 2
    assert site.logged().count("/static/<path>") == asked_before + len(sizes)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "gzip"),
        ("br;q=1.0, gzip;q=0.5", "gzip"),
        ("gzip", "gzip"),
        ("br, gzip;q=0", None),
        ("br", None),
        ("identity", None),
    ],
)
def test_a_result_comes_as_the_site_compressed_it(
    nginx: Nginx, site: LiveSite, accepted: str, coding: str | None
) -> None:
    number = site.sample("assessment_day_3").nik
    told = nginx.session().post(
        f"{nginx.url}/lacak",
        data={"nomor": number},
        headers={"Accept-Encoding": accepted},
        timeout=5,
    )
    assert told.headers.get("Content-Encoding") == coding
    assert 'data-outcome="found"' in told.text


def test_what_is_for_the_inside_is_not_there_from_outside(nginx: Nginx) -> None:
    visitor = nginx.session()
    for path in ("/-/readyz", "/-/metrics", "/-/purge"):
        assert visitor.get(f"{nginx.url}{path}", timeout=5).status_code == 404
        assert visitor.post(f"{nginx.url}{path}", timeout=5).status_code == 404
    assert visitor.get(f"{nginx.url}/-/healthz", timeout=5).status_code == 200


def test_a_flood_is_told_to_wait_in_plain_words(site: LiveSite, tmp_path: Path) -> None:
    with Nginx(tmp_path, [site.port], rate="1r/m", burst=4) as strict:
        told = [strict.session().get(f"{strict.url}/-/healthz", timeout=20) for _ in range(6)]
    assert [each.status_code for each in told] == [200] * 5 + [429]
    assert told[-1].headers["Retry-After"] == "5"
    assert told[-1].text.startswith("Terlalu banyak permintaan.")


def test_what_nginx_says_itself_has_the_headers_of_a_page(tmp_path: Path) -> None:
    with Nginx(tmp_path, [free_port()], rate="1r/m", burst=3) as strict:
        visitor = strict.session()
        told = [
            visitor.get(f"{strict.url}/%00", timeout=5),
            visitor.post(f"{strict.url}/lacak", data=b"1" * 17_000, timeout=5),
            *(visitor.get(strict.url, timeout=5) for _ in range(5)),
        ]
    assert {each.status_code for each in told} == {400, 413, 503, 429}
    for each in told:
        assert each.headers["Strict-Transport-Security"].startswith("max-age="), each
        said = {name: each.headers[name] for name, _ in HEADERS if name != "Content-Type"}
        assert said == {name: value for name, value in HEADERS if name != "Content-Type"}


def test_no_number_ticket_query_or_whole_address_is_in_its_logs(
    nginx: Nginx, site: LiveSite
) -> None:
    visitor = nginx.session("127.0.80.9")
    nik = site.sample("paid_today").nik
    told = visitor.post(
        f"{nginx.url}/lacak", data={"nomor": nik}, allow_redirects=False, timeout=20
    )
    ticket = told.headers["Location"].rpartition("/")[2]
    for path in (told.headers["Location"], f"/{nik}?nomor={nik}", f"/klaim/{nik}", f"/en/{nik}"):
        visitor.get(f"{nginx.url}{path}", timeout=20)
    for tree in ("", "/en", "/sematan"):
        visitor.get(f"{nginx.url}{tree}/antre/{nik}?tadi=1", timeout=20)
    with socket.create_connection(("127.0.0.1", nginx.port), 5) as connection:
        connection.sendall(f"GET /{nik} HTTP/1.1\r\n\r\n".encode())
        connection.recv(1000)
    logged = nginx.logged()
    for route in (
        "/klaim/<ticket>",
        "/antre/<place>",
        "/en/antre/<place>",
        "/sematan/antre/<place>",
    ):
        assert f'"route":"{route}"' in logged
    assert '"network":"127.0.80.0/24"' in logged
    for private in (nik, ticket, "127.0.80.9", "nomor"):
        assert private not in logged


def test_another_name_on_a_connection_of_ours_gets_nothing(nginx: Nginx) -> None:
    with nginx.tls() as connection:
        connection.sendall(b"GET /secret-part HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n")
        assert connection.recv(1000) == b""
    logged = nginx.logged()
    assert "secret-part" not in logged
    assert "elsewhere" not in logged


def test_no_redirect_before_tls_leads_elsewhere(nginx: Nginx) -> None:
    for path in (b"//evil.example", b"/\\evil.example", b"http://evil.example/x", b"/en"):
        with socket.create_connection(("127.0.0.1", nginx.plain_port), 5) as connection:
            head = b"GET " + path + b" HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
            connection.sendall(head)
            told = connection.recv(4000).decode()
        assert f"\r\nLocation: https://{NAME}/" in told, told


def test_the_redirects_of_the_site_come_out_as_paths(nginx: Nginx) -> None:
    for path, location in {b"/en": "/en/", b"//en": "/en/", b"/en//bantuan": "/en/bantuan"}.items():
        with nginx.tls() as connection:
            head = (
                b"GET " + path + f" HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode()
            )
            connection.sendall(head)
            told = connection.recv(4000).decode()
        assert f"\r\nLocation: {location}\r\n" in told, told
