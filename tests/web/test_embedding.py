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
from tracking_site.web.embed.guide import PLACES, written

SITE = "http://localhost"


@pytest.mark.parametrize("path", ["/mitra", "/en/mitra"])
def test_the_page_shows_previews_and_one_thing_to_copy_for_each_place(
    visit: Visit, client: FlaskClient, path: str
) -> None:
    copied = set()
    for place in PLACES:
        _, page = visit(f"{path}?di={place}&aksen=%23aa00aa&sudut=4&tampilan=dark&ringkas=1")
        previews = [frame["src"] for frame in page.find_all("iframe")]
        assert len(previews) == 2
        for preview in previews:
            # What WordPress makes of an author's address is the card, in no look of a partner's.
            is_form = place != "wordpress-penulis"
            assert ("pratinjau=1" in preview) is is_form
            assert ("aksen=%23aa00aa" in preview) is is_form
            assert ("frame-card" in client.get(preview).text.split("<template")[0]) is not is_form
        assert page.find("option", value=place).has_attr("selected")
        assert [option["value"] for option in page.find(id="di").find_all("option")] == [*PLACES]
        copied.add(page.find(id="kode").get_text())
        assert bool(page.find(id="baris")) is bool(PLACES[place].also)
    assert len(copied) == len(PLACES) - 1, "Blogger takes plain HTML"


@pytest.mark.parametrize("path", ["/mitra", "/en/mitra"])
def test_the_other_language_keeps_what_was_chosen(visit: Visit, path: str) -> None:
    def chosen(page: BeautifulSoup) -> list[str]:
        fields = page.find("main").find_all(["option", "input"])
        said = ("selected", "checked", "value")
        return [f"{each.name} {[each.get(name) for name in said]}" for each in fields]

    query = "?di=amp&mitra=koran&aksen=%23aa00aa&sudut=4&tampilan=dark&ringkas=1"
    _, page = visit(path + query)
    _, other = visit(page.find("a", class_="tongue")["href"])
    _, back = visit(other.find("a", class_="tongue")["href"])
    assert chosen(page) == chosen(other) == chosen(back)
    assert page.find("html")["lang"] == back.find("html")["lang"] != other.find("html")["lang"]


def test_an_unknown_place_shows_the_first(visit: Visit) -> None:
    _, page = visit("/mitra?di=nirwana")
    assert page.find("option", value=next(iter(PLACES))).has_attr("selected")


def test_only_this_page_may_hold_frames_and_only_ours(client: FlaskClient) -> None:
    assert "frame-src 'self'" in client.get("/mitra").headers["Content-Security-Policy"]
    assert "frame-src" not in client.get("/").headers["Content-Security-Policy"]


def test_the_snippet_has_every_attribute_that_matters(client: FlaskClient) -> None:
    html = written(PLACES["html"].snippet, f"{SITE}/sematan?mitra=koran", SITE, 'Lacak "Klaim"')
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
    oembed = BeautifulSoup(told["html"], "html.parser")
    quotation = oembed.find("blockquote", class_="wp-embedded-content")
    assert quotation is not None
    assert quotation.find("a", href=f"{SITE}/")
    assert f"min-height: {told['height']}px" in str(oembed.iframe["style"])
    frame = BeautifulSoup(client.get("/sematan").text, "html.parser")
    tag = frame.find("link", type="application/json+oembed")
    assert tag is not None
    answer = client.get(str(tag["href"]).removeprefix(SITE)).get_json()
    assert f'src="{SITE}/sematan"' in answer["html"]


def test_amp_pages_are_given_the_extension_that_they_need() -> None:
    text = written(PLACES["amp"].snippet, f"{SITE}/sematan?mitra=koran", SITE, "Lacak")
    amp = BeautifulSoup(text, "html.parser")
    assert amp.find("script", attrs={"custom-element": "amp-iframe"}) is not None
    assert amp.find("amp-iframe")["src"] == f"{SITE}/sematan?mitra=koran&amp=1"


def test_only_the_frame_that_no_script_may_grow_has_a_height() -> None:
    for place, kind in PLACES.items():
        text = written(kind.snippet, f"{SITE}/sematan", SITE, "x")
        frame = BeautifulSoup(f"<p>{text}</p>", "html.parser").iframe
        assert frame is None or frame.has_attr("height") is (place == "lain"), place


@pytest.mark.parametrize("way", ["Https://localhost", "HTTPS://LOCALHOST:443", "https://localhost"])
def test_oembed_knows_our_address_however_it_is_written(
    make_site: Callable[..., Flask], way: str
) -> None:
    """Telephones write the first letter large, and WordPress hands on what was pasted."""
    client = make_site(SITE_URL="https://localhost").test_client()
    told = client.get("/oembed", query_string={"url": f"{way}/sematan?mitra=koran"})
    assert told.status_code == 200
    assert 'src="https://localhost/sematan"' in told.get_json()["html"]
    for other in ("http://localhost", f"{way}.example", f"{way}1", f"https://x@{way[8:]}"):
        assert client.get("/oembed", query_string={"url": f"{other}/"}).status_code == 404


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
