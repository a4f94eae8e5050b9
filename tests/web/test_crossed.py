"""Every address, asked for in every way: what holds whatever a request says of itself."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox import Participant
from tests.conftest import HTMX
from tests.partners import partner, partners_file
from tests.web.following import FORMS, follow, ticket_address
from tracking_site.guard.line import InLine
from tracking_site.guard.networks import parse_network

PARTNERS = (
    partner("koran", accent="#ffee00", accepts=["kpj"]),
    partner("herald", language="en"),
    partner("majalah", disabled=True),
    partner("jurnal", appearance="dark", compact=True, radius=3),
)
FRAMES = (
    *("", "?mitra=koran", "?mitra=herald", "?mitra=majalah", "?mitra=jurnal", "?mitra=nobody"),
    *("?mitra=koran&amp=1", "?pratinjau=1&aksen=%23aa00aa&sudut=3&tampilan=dark&ringkas=1"),
)
ASKS: tuple[dict[str, str], ...] = (
    {},
    HTMX,
    {"HX-Request": "true", "HX-Request-Type": "full"},
    {"HX-Request": "true", "HX-History-Restore-Request": "true", "HX-Boosted": "true"},
    {"Accept-Language": "en-GB, en;q=0.9"},
    {"Accept": "application/json"},
    {"Accept-Encoding": "gzip"},
    {"Accept-Encoding": "br, gzip"},
    {"Accept-Encoding": "zstd, identity;q=0"},
    {"Accept-Encoding": "gzip;q=0, br;q=0, *"},
    {"Sec-Fetch-Dest": "iframe", "Referer": "https://koran.example/"},
    {"Sec-Fetch-Dest": "iframe", "Referer": "https://evil.example/"},
    {"Sec-Fetch-Dest": "iframe", "Referer": "http://localhost/sematan"},
    {"Referer": "https://evil.example/"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    {"Sec-Purpose": "prefetch", "Purpose": "prefetch", "Save-Data": "on"},
    {"Cookie": "a=b", "Authorization": "Basic eDp4"},
)
OF_ONE = {"X-Request-ID", "Retry-After"}
LANGUAGE = {"": "id", "/en": "en"}


@pytest.fixture
def site(make_site: Callable[..., Flask], tmp_path: Path) -> Flask:
    settings = {"PARTNERS_FILE": str(partners_file(tmp_path, *PARTNERS))}
    return make_site(WATCH_REQUESTS_PER_MINUTE="100000", **settings)


def addresses(site: Flask, someone: Participant) -> Iterator[str]:
    """Yield every address that a page leads to, and some that none does."""
    client = site.test_client()
    for tree in LANGUAGE:
        yield from (
            f"{tree}/{page}" for page in ("", "bantuan", "privasi", "mitra", "mitra?di=amp")
        )
        yield from (f"{tree}/{page}" for page in ("lacak", "bersihkan", "nothing", "bantuan/"))
        yield from (f"{tree}/{page}" for page in ("situs.webmanifest", "pantau.schema.json"))
        yield from (f"{tree}/{page}/x" for page in ("klaim", "antre", "pantau"))
        yield tree + ticket_address(client, someone.nik)
        followed = follow(client, someone, tree)
        yield from (f"{followed}{form}" for form in FORMS)
        for frame in FRAMES:
            yield from (f"{tree}/sematan{part}{frame}" for part in ("", "/tema.css", "/lacak"))
            wrong = ("/klaim/x", "/antre/x", "/klaim/", "/nothing", "/lacak/nothing")
            yield from (f"{tree}/sematan{part}{frame}" for part in wrong)
            typed = {"nomor": someone.kpj}
            led = client.post(f"{tree}/sematan/lacak{frame}", data=typed).headers.get("Location")
            yield from [led] if led else []
    yield from ("/sematan.js", "/oembed?url=http://localhost/", "/oembed?url=x", "/robots.txt")
    yield from ("/.well-known/security.txt", "/-/healthz")
    files = site.extensions["static_files"]
    yield from (f"/static/{name}" for name in sorted(files._assets.contents)[:5])


def kept(answer: TestResponse) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OF_ONE}


def policy_of(answer: TestResponse) -> str:
    """Return who may frame an answer."""
    return answer.headers.get("Content-Security-Policy", "").rpartition("frame-ancestors")[2]


def varies_by(answer: TestResponse) -> set[str]:
    return {each.strip().lower() for each in answer.headers.get("Vary", "").split(",")}


@pytest.mark.proofs
def test_an_answer_is_what_its_address_and_its_own_headers_say(
    site: Flask, someone: Participant
) -> None:
    client = site.test_client()
    for address in addresses(site, someone):
        plain = client.get(address)
        for asks in ASKS:
            whole = client.get(address, headers=asks)
            where = (re.sub(r"[\w-]{60,}", "…", address), asks)
            # RFC 9110, 9.3.2.
            head = client.head(address, headers=asks)
            assert (head.status, kept(head), head.data) == (whole.status, kept(whole), b""), where
            assert whole.status_code < 500, where
            coding = whole.headers.get("Content-Encoding", "")
            assert coding in asks.get("Accept-Encoding", ""), where
            if whole.status_code != 304:
                assert whole.headers.get("Content-Length") == str(len(whole.data)), where
            if not coding and "<html" in whole.text:
                tree = "/en" if re.match(r"/en(/|$)", address) else ""
                assert f'<html lang="{LANGUAGE[tree]}">' in whole.text, where
            if re.match(r"(/en)?/sematan(/|\?|$)", address) and "Location" not in whole.headers:
                assert "'none'" not in policy_of(whole), where
            # RFC 9111, 4.1: what a cache may keep it gives to whoever differs in nothing else.
            if (whole.status, whole.data) != (plain.status, plain.data):
                may_be_kept = any(
                    "no-store" not in each.headers.get("Cache-Control", "")
                    for each in (whole, plain)
                )
                told = {each.lower() for each in asks} <= varies_by(whole) | varies_by(plain)
                assert told or not may_be_kept, where


def test_whatever_takes_a_form_leads_on_when_it_is_opened(
    site: Flask, someone: Participant
) -> None:
    """As a browser does that opens its tabs again, and asks for what a form was answered with."""
    client = site.test_client()
    ticket = ticket_address(client, someone.nik).rpartition("/")[2]
    framed = client.post("/sematan/lacak", data={"nomor": someone.nik}).headers["Location"]
    line, network = site.extensions["line"], parse_network("127.0.0.1")
    place = line.seal(InLine(line.new_place(network), someone.nik, network), line._clock())
    key = follow(client, someone).rpartition("/")[2]
    given = {"ticket": ticket, "key": key, "place": place}
    led = {}
    for rule in site.url_map.iter_rules():
        if "POST" not in rule.methods or rule.rule.startswith("/-/"):
            continue
        path = re.sub(r"<(\w+)>", lambda name: given[name[1]], rule.rule)
        query = "?mitra=koran&amp=1" if "/sematan" in path else ""
        answer = client.get(path + query)
        assert answer.status_code == 303, path
        led[rule.rule] = answer.headers["Location"]
        page = client.get(led[rule.rule])
        assert page.status_code == 200
        assert path.startswith("/en/") == ('<html lang="en">' in page.text)
        assert ("frame-ancestors 'none'" in page.headers["Content-Security-Policy"]) == (not query)
    assert framed.startswith("/sematan/klaim/")
    assert led["/sematan/lacak"] == led["/sematan/bersihkan"] == "/sematan?mitra=koran&amp=1"
    assert led["/en/lacak"] == "/en/"
    assert len(led) == 16


def test_no_page_around_a_frame_decides_how_others_see_it(site: Flask) -> None:
    client: FlaskClient = site.test_client()
    said = {
        client.get("/sematan/tema.css?mitra=koran", headers=asks).data
        for asks in ASKS
        if "Accept-Encoding" not in asks
    }
    assert len(said) == 1
    assert b"--accent" in said.pop()


@pytest.mark.parametrize("tree", LANGUAGE)
@pytest.mark.parametrize("frame", ["?mitra=majalah", "?mitra=nobody"])
@pytest.mark.parametrize("path", ["", "/nothing", "/x.css", "/klaim/x.css", "/antre/tema.css"])
def test_a_site_that_is_not_listed_frames_no_form(
    site: Flask, tree: str, frame: str, path: str
) -> None:
    shown = site.test_client().get(f"{tree}/sematan{path}{frame}")
    assert policy_of(shown).strip() == "*"
    assert "<form" not in shown.text
    assert 'target="_blank"' in shown.text
