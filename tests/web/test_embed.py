"""The frame: for listed origins the form, for everybody else a card with the way to the site."""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from sandbox import Participant
from tests.conftest import HTMX, Visit
from tests.partners import partner, partners_file
from tracking_site.web.embed import theme
from tracking_site.web.embed.theme import theme_css

PARTNERS = (
    partner("koran", accent="#ffee00", accepts=["kpj"]),
    partner("herald", language="en"),
    partner("majalah", disabled=True),
    partner("jurnal", accepts=["nik"]),
)
FRAMED = {"Sec-Fetch-Dest": "iframe"}


@pytest.fixture
def framed(make_site: Callable[..., Flask], tmp_path: Path) -> FlaskClient:
    path = partners_file(tmp_path, *PARTNERS)
    return make_site(PARTNERS_FILE=str(path)).test_client()


def is_form(html: str) -> bool:
    return 'name="nomor"' in html


def test_a_listed_origin_gets_the_form_and_alone_may_frame_it(framed: FlaskClient) -> None:
    headers = {**FRAMED, "Referer": "https://koran.example/"}
    response = framed.get("/sematan?mitra=koran", headers=headers)
    assert is_form(response.text)
    policy = response.headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://koran.example")
    assert 'content="allow-origins=https://koran.example"' in response.text


@pytest.mark.parametrize("query", ["", "?mitra=warta"])
def test_an_origin_is_known_however_the_operator_wrote_it(
    make_site: Callable[..., Flask], tmp_path: Path, query: str
) -> None:
    path = partners_file(tmp_path, partner("warta", origins=["https://warta.example:443"]))
    site = make_site(PARTNERS_FILE=str(path), EMBED_ORIGINS="https://Warta.Example:443")
    headers = {**FRAMED, "Referer": "https://warta.example/"}
    response = site.test_client().get(f"/sematan{query}", headers=headers)
    assert is_form(response.text)
    policy = response.headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://warta.example")
    assert 'content="allow-origins=https://warta.example"' in response.text


@pytest.mark.parametrize(
    ("query", "referer"),
    [
        ("mitra=koran", "https://other.example/"),
        ("mitra=koran", "https://koran.example.evil.example/"),
        ("mitra=majalah", "https://majalah.example/"),
        ("mitra=unknown", "https://koran.example/"),
        ("mitra=<script>", "https://koran.example/"),
        ("", "https://koran.example/"),
    ],
)
def test_everybody_else_gets_the_card_and_may_show_it(
    visit: Visit, framed: FlaskClient, query: str, referer: str
) -> None:
    response = framed.get(f"/sematan?{query}", headers={**FRAMED, "Referer": referer})
    assert response.status_code == 200
    assert not is_form(response.text.split("<template")[0])
    assert response.headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert 'target="_blank"' in response.text


def test_a_browser_that_names_no_page_is_left_to_frame_ancestors(framed: FlaskClient) -> None:
    for named in ({}, {"Referer": "https://[broken"}):
        assert is_form(framed.get("/sematan?mitra=koran", headers={**FRAMED, **named}).text)


@pytest.mark.parametrize(
    ("site_url", "host", "referer", "is_ours"),
    [
        ("", "localhost", "https://localhost/sematan/klaim/x", True),
        ("", "localhost:8000", "http://localhost:8000/sematan", True),
        ("", "localhost:8000", "http://localhost/sematan", False),
        ("https://lacak.example", "node-1:8000", "https://lacak.example/sematan/klaim/x", True),
        ("https://lacak.example", "node-1:8000", "http://node-1:8000/sematan", False),
        ("https://lacak.example", "lacak.example", "https://other.example/", False),
    ],
)
def test_links_within_the_frame_stay_there_whatever_name_a_proxy_gave_the_site(
    make_site: Callable[..., Flask],
    tmp_path: Path,
    site_url: str,
    host: str,
    referer: str,
    is_ours: bool,
) -> None:
    path = partners_file(tmp_path, *PARTNERS)
    site = make_site(PARTNERS_FILE=str(path), SITE_URL=site_url).test_client()
    headers = {**FRAMED, "Referer": referer, "Host": host}
    page = site.get("/sematan?mitra=koran", headers=headers).text
    assert is_form(page.split("<template")[0]) is is_ours


def test_every_address_of_the_frame_keeps_its_partner(
    visit: Visit, framed: FlaskClient, samples: dict[str, Participant]
) -> None:
    kpj = next(iter(samples.values())).kpj
    _, page = visit("/sematan?mitra=koran", via=framed)
    action = page.find("form")["action"]
    assert action == "/sematan/lacak?mitra=koran"
    response, page = visit(action, {"nomor": kpj}, via=framed)
    assert response.status_code == 200
    assert response.request.query_string == b"mitra=koran"
    assert page.find(id="hasil")["hx-get"].partition("?")[2].startswith("mitra=koran")


def test_the_file_says_in_which_language_a_partners_frame_is(
    visit: Visit, framed: FlaskClient
) -> None:
    response = framed.get("/sematan?mitra=herald&amp=1")
    assert response.headers["Location"] == "/en/sematan?mitra=herald&amp=1"
    for query in ("", "?mitra=herald"):
        _, page = visit(f"/en/sematan{query}", via=framed)
        assert str(page.form["action"]).startswith("/en/sematan/lacak")
    assert "/en/sematan?mitra=herald" in framed.get("/mitra?mitra=herald").text


def test_the_frame_prints_the_sites_own_address(framed: FlaskClient) -> None:
    for query in ("?mitra=koran", "?mitra=unknown"):
        page = BeautifulSoup(framed.get(f"/sematan{query}").text, "html.parser")
        footer = page.find("footer")
        assert footer is not None
        assert "http://localhost" in footer.get_text()
        assert footer.find("a", target="_blank") is not None


def test_a_partner_takes_only_the_kinds_it_accepts(
    visit: Visit, framed: FlaskClient, samples: dict[str, Participant]
) -> None:
    nik = next(iter(samples.values())).nik
    response, page = visit("/sematan/lacak?mitra=koran", {"nomor": nik}, via=framed)
    assert response.status_code == 422
    assert page.find(id="nomor-galat")


@pytest.mark.parametrize(
    ("slug", "prefix", "own", "other"),
    [
        ("koran", "", "KPJ", "NIK"),
        ("koran", "/en", "KPJ", "NIK"),
        ("jurnal", "", "NIK", "KPJ"),
        ("jurnal", "/en", "NIK", "KPJ"),
    ],
)
def test_a_frame_that_takes_one_kind_speaks_of_no_other(
    visit: Visit,
    framed: FlaskClient,
    samples: dict[str, Participant],
    slug: str,
    prefix: str,
    own: str,
    other: str,
) -> None:
    nobody, somebody = samples["nothing_to_show"], samples["approval"]
    typed = {"KPJ": nobody.kpj, "NIK": nobody.nik}
    both = {"KPJ": f"{nobody.kpj} {somebody.kpj}", "NIK": f"{nobody.nik} {somebody.nik}"}[own]
    _, form = visit(f"{prefix}/sematan?mitra={slug}", via=framed)
    address = f"{prefix}/sematan/lacak?mitra={slug}"
    mistakes = ("", "081234567890", "1234567890123", both, "12")
    pages = [form, *(visit(address, {"nomor": each}, via=framed)[1] for each in mistakes)]
    for page in pages:
        assert own in page.find("label").get_text()
        told = [page.find("form"), page.find(class_="band")]
        assert not [part for part in told if other in part.get_text()], slug
    for wrong in (typed[other], typed[other][:-1]):
        response, page = visit(address, {"nomor": wrong}, via=framed)
        assert response.status_code == 422
        # It is named once: as what this is, and where it can be looked up.
        galat = page.find(id="nomor-galat").get_text()
        assert galat.count(other) == 2
        assert other not in page.find("form").get_text().replace(galat, "")
    _, page = visit(address, {"nomor": typed[own]}, via=framed)
    assert other not in page.find("form").get_text()


def test_a_frame_open_on_a_partner_that_was_switched_off_loads_the_card(
    framed: FlaskClient,
) -> None:
    response = framed.post("/sematan/lacak?mitra=majalah", data={"nomor": "1"}, headers=HTMX)
    assert response.headers["HX-Redirect"].startswith("/sematan?mitra=majalah")
    assert response.data == b""


def test_the_look_is_a_style_sheet_of_our_own_that_can_be_read(framed: FlaskClient) -> None:
    assert "/sematan/tema.css?mitra=koran" in framed.get("/sematan?mitra=koran").text
    response = framed.get("/sematan/tema.css?mitra=koran")
    assert response.mimetype == "text/css"
    assert "--accent:" in response.text
    assert "--accent:#ffee00" not in response.text.split("@media")[0]
    assert framed.get("/sematan/tema.css?mitra=unknown").text == ""


def test_the_look_is_worked_out_once_for_all_who_read_it(
    framed: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme_css.cache_clear()
    asked = Mock(wraps=theme.readable_on)
    monkeypatch.setattr(theme, "readable_on", asked)
    first = framed.get("/sematan/tema.css?mitra=koran").data
    calls = asked.call_count
    assert framed.get("/en/sematan/tema.css?mitra=koran&amp=1").data == first
    assert asked.call_count == calls > 0
    # What is tried out is each its own.
    assert framed.get("/sematan/tema.css?pratinjau=1&aksen=%23aa00aa").data != first


def test_a_preview_may_be_framed_by_the_site_alone(framed: FlaskClient) -> None:
    response = framed.get("/sematan?pratinjau=1&aksen=%23aa00aa&sudut=99&tampilan=dark")
    assert is_form(response.text)
    assert response.headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
    look = framed.get("/sematan/tema.css?pratinjau=1&aksen=%23aa00aa&sudut=99&tampilan=dark")
    assert "color-scheme:dark" in look.text
    assert "--round" not in look.text


def test_switching_off_and_breaking_the_file_are_seen_by_the_next_reader(
    make_site: Callable[..., Flask], tmp_path: Path
) -> None:
    path = partners_file(tmp_path, *PARTNERS)
    site = make_site(PARTNERS_FILE=str(path)).test_client()
    asked = "/sematan?mitra=koran"
    assert is_form(site.get(asked).text)
    path.write_text("[[partner")
    with capture_logs() as said:
        assert is_form(site.get(asked).text)
    told = [line for line in said if "partners file" in line["event"]]
    assert [line["log_level"] for line in told] == ["error"]
    assert "not TOML" in told[0]["error"]
    partners_file(tmp_path, partner("koran", disabled=True), *PARTNERS[1:])
    assert not is_form(site.get(asked).text.split("<template")[0])


def test_a_wrong_partners_file_stops_the_start(
    make_site: Callable[..., Flask], tmp_path: Path
) -> None:
    path = tmp_path / "partners.toml"
    path.write_text("[[partner]]\nslug = 'koran'")
    with pytest.raises(Exception, match=r"PARTNERS_FILE: partner 1: .*is missing"):
        make_site(PARTNERS_FILE=str(path))
