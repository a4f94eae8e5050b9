"""A link that is passed on has a picture and a sentence, and nothing of a result is in it."""

import json
import struct
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from sandbox import Participant
from tests.web.following import follow, ticket_address

SITE = "https://lacak.example"


def shared(html: str) -> dict[str, str]:
    page = BeautifulSoup(html, "html.parser")
    return {str(tag["property"]): str(tag["content"]) for tag in page.select("meta[property]")}


def test_the_form_has_a_picture_a_sentence_and_a_whole_address(
    make_site: Callable[..., Flask],
) -> None:
    client = make_site(SITE_URL=SITE).test_client()
    for path, locale in (("/", "id_ID"), ("/en/", "en_GB")):
        told = shared(client.get(path).text)
        assert told["og:url"] == SITE + path
        assert told["og:locale"] == locale
        assert told["og:title"]
        assert told["og:description"]
        picture = client.get(told["og:image"].removeprefix(SITE))
        assert picture.status_code == 200
        assert picture.mimetype == "image/png"


def test_each_language_has_a_picture_with_its_own_sentence(
    make_site: Callable[..., Flask],
) -> None:
    client = make_site(SITE_URL=SITE).test_client()
    pictures = set()
    for path in ("/", "/en/"):
        picture = client.get(shared(client.get(path).text)["og:image"].removeprefix(SITE)).data
        # A PNG names its width and height in its first chunk.
        assert struct.unpack(">II", picture[16:24]) == (1200, 630)
        pictures.add(picture)
    assert len(pictures) == 2


def test_without_an_address_of_its_own_nothing_is_claimed(client: FlaskClient) -> None:
    assert shared(client.get("/").text) == {}


@pytest.mark.parametrize("tree", ["", "/en"])
@pytest.mark.parametrize("site_url", [{}, {"SITE_URL": SITE}])
def test_what_a_result_is_passed_on_with_says_what_the_form_says(
    make_site: Callable[..., Flask],
    samples: dict[str, Participant],
    tree: str,
    site_url: dict[str, str],
) -> None:
    client = make_site(SITE_URL=SITE).test_client()
    form = shared(client.get(f"{tree}/").text)
    client = make_site(**site_url).test_client()
    for situation in ("assessment_day_3", "rejected_data_mismatch", "several_claims"):
        sample = samples[situation]
        for address in (tree + ticket_address(client, sample.nik), follow(client, sample, tree)):
            told = shared(client.get(address).text)
            assert told.items() <= form.items()
            assert {"og:title", "og:description"} <= told.keys()
            assert ("og:image" in told) == bool(site_url)


def test_the_manifest_names_the_site_and_icons_that_are_there(client: FlaskClient) -> None:
    for path, start in (("/situs.webmanifest", "/"), ("/en/situs.webmanifest", "/en/")):
        answer = client.get(path)
        assert answer.mimetype == "application/manifest+json"
        told = json.loads(answer.text)
        assert (told["start_url"], told["scope"]) == (start, start)
        for icon in told["icons"]:
            assert client.get(icon["src"]).mimetype == icon["type"]
    page = BeautifulSoup(client.get("/").text, "html.parser")
    assert page.select_one("link[rel=manifest]")
    assert len(page.select("meta[name=theme-color]")) == 2
    assert "manifest-src 'self'" in client.get("/").headers["Content-Security-Policy"]


@pytest.mark.parametrize("tree", ["", "/en"])
def test_every_page_that_may_be_listed_says_what_it_is_in_a_sentence(
    client: FlaskClient, tree: str
) -> None:
    told = []
    for path in ("/", "/bantuan", "/privasi", "/mitra"):
        answer = client.get(tree + path)
        assert answer.headers["X-Robots-Tag"] == "all"
        (tag,) = BeautifulSoup(answer.text, "html.parser").select("meta[name=description]")
        told.append(str(tag["content"]))
    assert all(told)
    assert len(set(told)) == len(told)
