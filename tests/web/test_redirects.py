"""Every redirect leads to a path of the site itself, whatever host and path were asked for."""

import re
import string
from collections.abc import Callable
from io import BytesIO
from itertools import product
from typing import NamedTuple
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox import Participant
from tests.conftest import HTMX
from tests.web.following import follow, ticket_address
from tracking_site.app import create_app
from tracking_site.settings import Settings
from tracking_site.web.layers import path_alone

PATHS = [
    "/en", "//en", "/en//bantuan", "//", "///en", "/en//", "/klaim//x", "//klaim/x", "/\\en",
    "/\\/en", "//evil.example/en", "//evil.example//en/bantuan", "/en//evil.example",
    "//evil.example",
    "/en/\\evil.example", "/sematan//lacak", "/en/sematan//klaim/x", "/static//css", "/static",
    "//static/x", "/pantau//x", "/mitra//", "/en?a=//evil.example", "/en?http://evil.example/",
    "/./en", "/../en", "/en/../", "/\t/evil.example/en", "/\t/en", "/-//healthz", "http://evil.example/en",
    "/en\r\nX: y", "/en//bantuan\r\nX: y", "//\x00en", "en", "", "*",
]  # fmt: skip
"""As a server hands them on, percent-encoding undone."""

HOSTS = [
    "evil.example", "evil.example:81", "", "a b", "\\\\evil.example", "evil.example/x", "evil@x",
    "[::1]", "[::1", "x" * 300, "." * 40, "-" * 70, "é", "evil.example\t", "evil.example:x",
    "?", "#",
]  # fmt: skip

ALPHABET = "/\\.:@?#%\t\r\n \x00enklaimbtusvi" + string.digits

OWN = re.compile(r"/(?![/\\])[^\\\s\x00-\x1f]*")
"""Path and query of our own: exactly one slash, and nothing that browsers leave out or turn."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]


@pytest.fixture(scope="module", params=["", "https://lacak.example"], ids=["unnamed", "named"])
def site(request: pytest.FixtureRequest, environ: dict[str, str]) -> Flask:
    return create_app(Settings.from_env(environ | {"SITE_URL": request.param}))


def ask(site: Flask, path: str, host: str | None, method: str = "GET") -> Answer:
    """Ask as a server does that has read these bytes and undone what was encoded in the path."""
    told: list[Answer] = []
    plain, _, query = path.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": plain.encode().decode("latin-1"),
        "QUERY_STRING": quote(query, safe=string.punctuation),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "203.0.113.9",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
    }
    if host is not None:
        environ["HTTP_HOST"] = host

    def start(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
        told.append(Answer(int(status[:3]), dict(headers)))
        # A second address would stand behind the first, which is the one that is followed.
        assert len({name.lower() for name, _ in headers}) == len(headers)
        return lambda _: None

    b"".join(site.wsgi_app(environ, start))  # type: ignore[arg-type]
    return told[0]


def leads_home(answer: Answer) -> bool:
    """Return whether an answer is none of ours that fails, and sends to nobody else."""
    location = answer.headers.get("Location", "/")
    return answer.status < 500 and OWN.fullmatch(location) is not None


@pytest.mark.parametrize("path", PATHS)
def test_a_redirect_is_path_and_query_of_our_own(site: Flask, path: str) -> None:
    for host, method in product(HOSTS, ("GET", "POST", "HEAD")):
        answer = ask(site, path, host, method)
        assert leads_home(answer), (host, method, answer)


@given(
    path=st.text(ALPHABET, max_size=24),
    head=st.sampled_from(["/", "//", "/en/", "/en//", "/klaim/", "/sematan//", "/pantau//", ""]),
    host=st.sampled_from(HOSTS) | st.text(ALPHABET, max_size=12),
)
@example(path="en", head="/", host="evil.example")
@example(path="\n/", head="/klaim/", host="evil.example")
def test_no_path_and_no_host_leads_elsewhere(site: Flask, path: str, head: str, host: str) -> None:
    answer = ask(site, head + path, host)
    assert leads_home(answer), answer


def test_the_slashes_are_mended_and_the_query_is_kept(site: Flask) -> None:
    for path, location in {
        "/en": "/en/",
        "//en": "/en/",
        "/en//bantuan": "/en/bantuan",
        "/en//bantuan?a=1&b=%2F": "/en/bantuan?a=1&b=%2F",
        "/klaim//x": "/klaim/x",
        "/bantuan/?a=1&b=%2F": "/bantuan?a=1&b=%2F",
        "/klaim/a b%\r\n#/": "/klaim/a%20b%25%0D%0A%23",
    }.items():
        answer = ask(site, path, "evil.example")
        assert (answer.status, answer.headers["Location"]) == (308, location)
        assert answer.headers.get("Content-Length", "0") == "0"


@pytest.mark.parametrize("host", ["web_1", "lacak_klaim:8000"])
def test_a_host_as_containers_and_upstreams_have_is_one(
    make_site: Callable[..., Flask], samples: dict[str, Participant], host: str
) -> None:
    """nginx sends the name of its `upstream` where its file says nothing of the host."""
    site = make_site()
    assert ask(site, "/en//bantuan", host).headers["Location"] == "/en/bantuan"
    for path in ("/", "/mitra", ticket_address(site.test_client(), samples["approval"].nik)):
        assert "//" + host in site.test_client().get(path, headers={"Host": host}).text


def test_the_redirects_of_views_are_paths_too(site: Flask, samples: dict[str, Participant]) -> None:
    client = site.test_client()
    nik = samples["approval"].nik
    address = ticket_address(client, nik)
    key = follow(client, samples["approval"])
    told = [
        client.post("/lacak", data={"nomor": nik}, headers={"Host": "evil.example"}),
        client.post("/lacak", data={"nomor": nik}, headers={"Host": "evil.example", **HTMX}),
        client.post(f"{address}/pantau", headers={"Host": "evil.example"}),
        client.post(f"{key}/lupakan", headers={"Host": "evil.example"}),
        client.post("/bersihkan", data={"tiket": ""}, headers={"Host": "evil.example"}),
        client.get("/sematan?mitra=x", headers={"Host": "evil.example"}),
    ]
    for response in told:
        for name in ("Location", "HX-Push-Url", "HX-Replace-Url", "HX-Redirect", "HX-Location"):
            assert OWN.fullmatch(response.headers.get(name, "/")), response.headers


@given(st.text(ALPHABET + string.ascii_letters, max_size=40))
def test_whatever_an_address_is_its_path_is_our_own(text: str) -> None:
    for address in (text, "/" + text, "//" + text, "http://" + text, "https://evil.example" + text):
        assert OWN.fullmatch(path_alone(address)), path_alone(address)
    assert path_alone("/" + quote(text)).startswith("/")


def test_a_host_that_is_none_gets_a_page_and_no_accident(site: Flask) -> None:
    # None: a program of HTTP/1.0 names no host at all.
    for host in (*HOSTS, None):
        for path in ("/", "/bantuan", "/mitra", "/tidak-ada", "/-/healthz"):
            assert ask(site, path, host).status in (200, 404), (path, host)
