"""Privacy headers stand on every answer; only the frame's pages may be framed."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import ROOT
from tracking_site.web.assets import Assets

ASSETS = Assets.of(ROOT / "static")
WORKER = "vendor/altcha-3.2.2-pbkdf2.worker.js"
PATHS = ["/", "/en/", "/bantuan", "/privasi", "/sematan", "/klaim/x", "/nothing", "/-/healthz"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_private_and_strict(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("path", [*PATHS, "/mitra", "/en/mitra", "/robots.txt"])
def test_what_is_asked_for_without_its_body_says_the_same_of_it(
    client: FlaskClient, path: str
) -> None:
    """RFC 9110, 9.3.2."""
    whole, head = client.get(path), client.head(path)
    of_one = {"X-Request-ID"}
    assert head.status == whole.status
    assert [each for each in head.headers if each[0] not in of_one] == [
        each for each in whole.headers if each[0] not in of_one
    ]


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/sematan"])
def test_no_page_but_the_frame_may_be_framed(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


def test_no_route_but_the_frames_may_be_framed_whatever_it_answers(app: Flask) -> None:
    client = app.test_client()
    seen = set()
    for rule in app.url_map.iter_rules():
        if "/sematan" in rule.rule and not rule.rule.endswith(".js"):
            continue
        path = re.sub(r"<[^>]+>", "x", rule.rule)
        for method in rule.methods & {"GET", "POST"}:
            headers = client.open(path, method=method).headers
            assert headers["Content-Security-Policy"].endswith("frame-ancestors 'none'"), rule
            assert headers["X-Frame-Options"] == "DENY", rule
            seen.add(rule.endpoint)
    assert len(seen) > 20


def test_the_frame_may_be_framed_by_the_named_origins_only(client: FlaskClient) -> None:
    for response in (client.get("/sematan"), client.post("/sematan/lacak", data={"nomor": ""})):
        # Of two policies a browser keeps both.
        (policy,) = response.headers.getlist("Content-Security-Policy")
        assert policy.endswith("frame-ancestors 'self' https://news.example")
        assert "X-Frame-Options" not in response.headers


def test_only_pages_without_a_person_are_indexed(client: FlaskClient) -> None:
    for path in ("/", "/bantuan", "/privasi"):
        assert client.get(path).headers["X-Robots-Tag"] == "all"
    for path in ("/sematan", "/klaim/x", "/nothing"):
        assert "noindex" in client.get(path).headers["X-Robots-Tag"]


@pytest.mark.parametrize("path", ["/", "/klaim/x"])
def test_caches_are_told_what_the_answer_depends_on(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Vary"].startswith("HX-Request, HX-Request-Type")


FOR_OTHERS = ["/sematan", "/en/sematan", "/sematan.js", "/sematan/tema.css", "/sematan/klaim/x"]


@pytest.mark.parametrize("path", [path for path in PATHS if path not in FOR_OTHERS])
def test_what_is_not_meant_for_other_sites_is_not_loaded_by_them(
    client: FlaskClient, path: str
) -> None:
    headers = client.get(path).headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Cross-Origin-Embedder-Policy" not in headers


def test_the_frame_and_what_it_needs_can_be_loaded_by_hosts_with_policies(
    client: FlaskClient,
) -> None:
    page = client.get("/sematan")
    files = re.findall(r"/static/[^\"' ]+", page.text)
    assert len(files) > 4
    for path in [*FOR_OTHERS, *files, "/oembed?url=http://localhost/"]:
        headers = client.get(path).headers
        assert headers.getlist("Cross-Origin-Resource-Policy") == ["cross-origin"], path
    answers = [client.get(path) for path in FOR_OTHERS if path != "/sematan.js"]
    answers.append(client.post("/sematan/lacak", data={"nomor": ""}))
    answers.append(client.post("/sematan/lacak", headers={"Sec-Fetch-Site": "cross-site"}))
    worker = client.get(f"/static/{ASSETS.path_of[WORKER]}")
    for answer in (*answers, worker):
        assert answer.headers["Cross-Origin-Embedder-Policy"] == "require-corp"


def test_files_say_no_more_of_where_they_were_asked_than_pages(client: FlaskClient) -> None:
    for name in ("css/site.css", "js/site.js", "img/icon.svg", WORKER):
        headers = client.get(f"/static/{ASSETS.path_of[name]}").headers
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["X-Content-Type-Options"] == "nosniff"
