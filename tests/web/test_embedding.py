"""What a host needs: the page, the snippets, the script, the oEmbed answer."""

from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Visit
from tests.partners import partner, partners_file
from tracking_site.web.snippets import SNIPPETS

SITE = "http://localhost"


@pytest.mark.parametrize("path", ["/mitra", "/en/mitra"])
def test_the_page_shows_a_preview_and_a_snippet_for_each_kind(visit: Visit, path: str) -> None:
    _, page = visit(f"{path}?aksen=%23aa00aa&sudut=4&tampilan=dark&ringkas=1")
    preview = page.find("iframe")["src"]
    assert "pratinjau=1" in preview
    assert "aksen=%23aa00aa" in preview
    assert len(page.find_all("pre")) == len(SNIPPETS)


def test_only_this_page_may_hold_frames_and_only_ours(client: FlaskClient) -> None:
    assert "frame-src 'self'" in client.get("/mitra").headers["Content-Security-Policy"]
    assert "frame-src" not in client.get("/").headers["Content-Security-Policy"]


def test_the_snippet_has_every_attribute_that_matters(client: FlaskClient) -> None:
    html = SNIPPETS["HTML"](f"{SITE}/sematan?mitra=koran", SITE, 'Lacak "Klaim"')
    frame = BeautifulSoup(html, "html.parser").find("iframe")
    assert frame is not None
    assert frame["src"] == f"{SITE}/sematan?mitra=koran"
    assert frame["title"] == 'Lacak "Klaim"'
    assert frame["loading"] == "lazy"
    assert frame["referrerpolicy"] == "strict-origin"
    assert "allow-forms" in frame["sandbox"]
    assert "height" not in frame.attrs
    assert "frame-sizing: content-height" in frame["style"]


def test_the_host_script_is_small_and_open_to_other_origins(client: FlaskClient) -> None:
    response = client.get("/sematan.js")
    assert len(brotli.compress(response.data, quality=11)) <= 1024
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.mimetype == "text/javascript"


def test_public_pages_tell_where_the_oembed_answer_is(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/").text, "html.parser")
    tag = page.find("link", type="application/json+oembed")
    assert tag is not None
    answer = client.get(str(tag["href"]).removeprefix(SITE))
    told = answer.get_json()
    assert (told["version"], told["type"]) == ("1.0", "rich")
    assert isinstance(told["width"], int)
    assert isinstance(told["height"], int)
    assert told["html"].startswith("<iframe")


def test_oembed_keeps_within_what_is_asked_and_answers_for_nobody_else(
    client: FlaskClient,
) -> None:
    told = client.get(f"/oembed?url={SITE}/en/&maxwidth=300&maxheight=200").get_json()
    assert (told["width"], told["height"]) == (300, 200)
    assert f"{SITE}/en/sematan" in told["html"]
    assert client.get("/oembed?url=https://other.example/").status_code == 404
    assert client.get(f"/oembed?url={SITE}/klaim/x").status_code == 404
    assert client.get("/oembed").status_code == 404
    assert client.get("/oembed?url=http://[broken").status_code == 404
    assert client.get(f"/oembed?url={SITE}/&format=xml").status_code == 501


def test_oembed_keeps_a_partner_that_the_address_names_and_no_other(
    make_site: Callable[..., Flask], tmp_path: Path
) -> None:
    path = partners_file(tmp_path, partner("koran"))
    site = make_site(PARTNERS_FILE=str(path)).test_client()
    for slug, kept in (("koran", "/sematan?mitra=koran"), ("stranger", "/sematan")):
        asked = {"url": f"{SITE}/sematan?mitra={slug}"}
        html = BeautifulSoup(
            site.get("/oembed", query_string=asked).get_json()["html"], "html.parser"
        )
        assert html.iframe["src"] == f"{SITE}{kept}"
