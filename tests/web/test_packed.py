"""A result comes compressed, and what a stranger sends is never compressed with it (BREACH)."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox import Participant
from tests.conftest import HTMX, SiteClock
from tests.partners import partner, partners_file
from tracking_site.web.embed.partners import OPTIONS

PACKED = {"Accept-Encoding": "gzip, deflate, br, zstd"}
DOORS = ["", "/en", "/sematan", "/en/sematan"]

HEADERS = [
    *("Host", "User-Agent", "Referer", "Origin", "Accept", "Accept-Language", "Cookie", "From"),
    *("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix"),
    *("Forwarded", "Via", "X-Real-IP", "X-Original-URL", "X-Script-Name", "Script-Name"),
    *("X-Request-ID", "X-Request-Start", "Authorization", "Range", "If-Modified-Since", "Prefer"),
    *("HX-Current-URL", "HX-Target", "HX-Trigger", "HX-Source", "HX-Boosted", "HX-Prompt"),
    *("Sec-Fetch-Mode", "Sec-Fetch-User", "Sec-CH-UA", "Save-Data", "Content-Language", "X-Any"),
]
"""Headers that a page of another site, or its user, may fill with what it likes."""

QUERY = [
    *("sejak", "tadi", "diam", "tiket", "pantau", "mitra", "pratinjau", "aksen", "sudut"),
    *("tampilan", "ringkas", "amp", "nomor", "kunci", "host", "x"),
]
FIELDS = ["altcha", "tunggu", "kartu", "kunci", "tiket", "antre", "x"]

UNKNOWN = ["qzxjvkwq", "jjxqzvwk", "aaaaaaaa"]
"""Guesses that no page bears out; all guesses have one length."""


@pytest.fixture(autouse=True)
def same_minute(site_clock: SiteClock) -> None:
    """What is compared is of one minute."""
    site_clock.begin_minute()


def asked_by_address(client: FlaskClient, address: str, **sent: Any) -> TestResponse:
    return client.get(address, headers=PACKED | sent.get("headers", {}), query_string=sent.get("q"))


def asked_by_form(client: FlaskClient, door: str, number: str, **sent: Any) -> TestResponse:
    return client.post(
        f"{door}/lacak",
        data={"nomor": number} | sent.get("form", {}),
        headers=HTMX | PACKED | sent.get("headers", {}),
        query_string=sent.get("q"),
    )


def address_of(client: FlaskClient, door: str, number: str) -> str:
    return client.post(f"{door}/lacak", data={"nomor": number}).headers["Location"]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("situation", ["assessment_day_3", "several_claims", "paid_today"])
def test_a_result_says_the_same_packed_and_plain(
    make_site: Callable[..., Flask],
    samples: dict[str, Participant],
    door: str,
    situation: str,
) -> None:
    client, number = make_site().test_client(), samples[situation].nik
    address = address_of(client, door, number)
    plain = client.get(address)
    assert "Content-Encoding" not in plain.headers
    for _ in range(2):
        packed = client.get(address, headers=PACKED)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == plain.data
        assert len(packed.data) == int(packed.headers["Content-Length"]) < len(plain.data) / 2
    head = client.head(address, headers=PACKED)
    assert dict(head.headers) | {"X-Request-ID": ""} == dict(packed.headers) | {"X-Request-ID": ""}
    for answer in (plain, packed, head):
        assert answer.headers.getlist("Vary") == ["HX-Request, HX-Request-Type, Accept-Encoding"]
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("door", DOORS)
def test_a_part_for_htmx_says_the_same_packed_and_plain(
    make_site: Callable[..., Flask], someone: Participant, door: str
) -> None:
    client = make_site().test_client()
    packed = asked_by_form(client, door, someone.nik)
    plain = client.post(f"{door}/lacak", data={"nomor": someone.nik}, headers=HTMX)
    tickets = [each.headers["HX-Push-Url"].rpartition("/")[2] for each in (packed, plain)]
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data).decode().replace(*tickets) == plain.text


@pytest.mark.parametrize(
    "accepted", ["", "br", "identity", "gzip;q=0", "gzip; q=0.000, br", "x-gzip", "deflate"]
)
def test_who_takes_no_gzip_gets_it_as_it_is(
    make_site: Callable[..., Flask], someone: Participant, accepted: str
) -> None:
    client = make_site().test_client()
    address = address_of(client, "", someone.nik)
    client.get(address, headers=PACKED)
    answer = client.get(address, headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.text.startswith("<!doctype html>")


def test_tickets_of_another_length_have_renderings_of_their_own(
    make_site: Callable[..., Flask], someone: Participant
) -> None:
    """What is packed around one fits no other."""
    app = make_site()
    client, sealer = app.test_client(), app.extensions["following"].tickets._sealer
    short = address_of(client, "", someone.nik)
    sealer._padded_bytes *= 2
    long = address_of(client, "", someone.nik)
    assert len(short) < len(long)
    for address in (long, short, long):
        packed = client.get(address, headers=PACKED)
        assert gzip.decompress(packed.data) == client.get(address).data


def written(answer: TestResponse, host: str) -> bytes:
    """Return a compressed body without its ticket, the host, and the sum at its end."""
    path = answer.headers.get("HX-Push-Url") or answer.request.path
    body = answer.data[:-8].replace(path.rpartition("/")[2].encode(), b"<ticket>")
    return body.replace(host.encode(), b"<host>") if host else body


WAYS = [
    *(("headers", name) for name in HEADERS),
    *(("q", name) for name in QUERY),
    *(("form", name) for name in FIELDS),
]


@pytest.mark.proofs
@pytest.mark.parametrize("site_url", ["", "https://lacak.example"], ids=["any host", "own host"])
@pytest.mark.parametrize("door", ["", "/en/sematan"])
def test_no_guess_makes_what_is_compressed_any_shorter(
    make_site: Callable[..., Flask],
    someone: Participant,
    tmp_path: Any,
    door: str,
    site_url: str,
) -> None:
    """Whatever is sent, and wherever: the compressed bytes are those of any other guess.

    Only a host that is asked for may stand in them, as it was sent, where the site has no address
    of its own.
    """
    changes = {"SITE_URL": site_url} if site_url else {}
    app = make_site(PARTNERS_FILE=str(partners_file(tmp_path, partner("koran"))), **changes)
    client = app.test_client()
    address = address_of(client, door, someone.nik)
    page = client.get(address).text
    known = sorted(set(re.findall("[a-z]{8}", page)))
    guesses = [*known[:: len(known) // 3], *UNKNOWN]
    assert not any(each in page for each in UNKNOWN)
    packed = dict.fromkeys(WAYS, 0)
    for way in WAYS:
        where, name = way
        bodies: dict[str, set[bytes]] = {"page": set(), "part": set()}
        for guess in guesses:
            sent = {where: {name: guess}}
            answers = {"part": asked_by_form(client, door, someone.nik, **sent)}
            if where != "form":
                answers["page"] = asked_by_address(client, address, **sent)
            for kind, answer in answers.items():
                if "Content-Encoding" in answer.headers:
                    packed[way] += 1
                    host = guess if name == "Host" and not site_url else ""
                    shown = gzip.decompress(answer.data).decode()
                    assert guess in page or guess not in shown or host, name
                    bodies[kind].add(written(answer, host))
        assert all(len(each) <= 1 for each in bodies.values()), name
    # A form has no page, and another origin no answer.
    once = {("headers", "Origin"), *(("form", name) for name in FIELDS)}
    # A frame of nobody's, or whose looks are tried out, is not compressed.
    never = {("q", name) for name in OPTIONS} if "sematan" in door else set()
    assert packed == {
        way: len(guesses) * (0 if way in never else 1 if way in once else 2) for way in WAYS
    }


def test_what_shows_something_that_was_sent_goes_as_it_is(
    make_site: Callable[..., Flask], someone: Participant
) -> None:
    client = make_site().test_client()
    address = address_of(client, "", someone.nik)
    page = client.get(address)
    version = re.findall(r'"If-None-Match": "([^"]+)"', page.text)[0]
    key = client.post(f"{address}/pantau").headers["Location"]
    answers = [
        client.post("/lacak", data={"nomor": "<i>typed</i>"}, headers=PACKED),
        asked_by_form(client, "", "<i>typed</i>"),
        asked_by_form(client, "/sematan", someone.nik, q={"pratinjau": "1", "aksen": "#0a5c66"}),
        client.get(address, headers=PACKED, query_string={"sejak": version}),
        client.get(address, headers=HTMX | PACKED | {"If-None-Match": "other"}),
        client.get(key, headers=PACKED),
        client.get("/klaim/<i>typed</i>", headers=PACKED),
        client.get("/mitra?x=<i>typed</i>", headers=PACKED),
    ]
    assert [each.status_code for each in answers] == [422, 422, 200, 200, 200, 200, 404, 200]
    assert not any("Content-Encoding" in each.headers for each in answers)


def test_lengths_say_less_of_a_result_than_its_plain_ones(
    make_site: Callable[..., Flask], samples: dict[str, Participant]
) -> None:
    client = make_site().test_client()
    plain, packed = set(), set()
    for sample in [*samples.values()][::3]:
        answer = asked_by_form(client, "", sample.nik)
        if "Content-Encoding" in answer.headers:
            packed.add(len(answer.data))
            plain.add(len(gzip.decompress(answer.data)))
    assert all(length % 128 == 0 for length in packed)
    assert len(packed) < len(plain) / 2
