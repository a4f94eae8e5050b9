"""What is counted of a partner's frames, read back over HTTP as the operator reads it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox import Participant
from tests.conftest import HTMX
from tests.partners import partner, partners_file

PARTNERS = (partner("koran"), partner("majalah", disabled=True))
SERIES = re.compile(r'^tracking_partner_events_total\{event="(\w+)",partner="([^"]*)"\} ([\d.]+)$')
Samples = dict[str, Participant]


@pytest.fixture
def site(make_site: Callable[..., Flask], tmp_path: Path) -> FlaskClient:
    path = partners_file(tmp_path, *PARTNERS)
    return make_site(PARTNERS_FILE=str(path), GUARD_OFF="0", POW_SCALE="0.01").test_client()


def counted(site: FlaskClient) -> dict[tuple[str, str], int]:
    rows = map(SERIES.match, site.get("/-/metrics").text.splitlines())
    return {(row[2], row[1]): int(float(row[3])) for row in rows if row}


def look_up(site: FlaskClient, number: str, query: str = "mitra=koran") -> int:
    return site.post(f"/sematan/lacak?{query}", data={"nomor": number}, headers=HTMX).status_code


def test_frames_lookups_and_misses_of_a_partner_are_counted_by_its_slug(
    site: FlaskClient, samples: Samples
) -> None:
    site.get("/sematan?mitra=koran")
    site.get("/en/sematan?mitra=koran")
    site.get("/sematan/tema.css?mitra=koran")
    assert look_up(site, samples["assessment_day_3"].nik) == 200
    assert look_up(site, samples["nothing_to_show"].nik) == 404
    assert look_up(site, "12345") == 422
    assert counted(site) == {
        ("koran", "frame"): 2,
        ("koran", "lookup"): 2,
        ("koran", "miss"): 1,
    }


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_who_is_shown_nothing_counts_as_nothing(site: FlaskClient, method: str) -> None:
    for address in ("/sematan?mitra=koran", "/en/sematan?mitra=majalah", "/sematan"):
        assert site.open(address, method=method).status_code == 200
    assert counted(site) == {}


def test_reading_a_result_again_is_no_lookup(site: FlaskClient, samples: Samples) -> None:
    data = {"nomor": samples["assessment_day_3"].nik}
    address = site.post("/sematan/lacak?mitra=koran", data=data).headers["Location"]
    for _ in range(3):
        assert site.get(address, headers=HTMX).status_code == 200
    assert counted(site) == {("koran", "lookup"): 1}


def test_challenges_and_refusals_are_counted(
    make_site: Callable[..., Flask], tmp_path: Path, samples: Samples
) -> None:
    path = partners_file(tmp_path, *PARTNERS)
    limits = {"GUARD_OFF": "0", "REQUESTS_PER_MINUTE": "8"}
    site = make_site(PARTNERS_FILE=str(path), **limits).test_client()
    asked = [look_up(site, sample.nik) for sample in list(samples.values())[:12]]
    told = counted(site)
    assert 403 in asked
    assert told["koran", "challenge"] == asked.count(403)
    assert told["koran", "refusal"] == asked.count(429) == 4


def test_cards_count_for_the_partner_that_is_off_and_for_nobody_else_by_name(
    site: FlaskClient, samples: Samples
) -> None:
    site.get("/sematan?mitra=majalah")
    for slug in ("unknown", "evil.example", samples["paid_today"].nik, "a" * 300, '"} 1'):
        site.get("/sematan", query_string={"mitra": slug})
    site.get("/sematan")
    stranger = {"Sec-Fetch-Dest": "iframe", "Referer": "https://stranger.example/"}
    site.get("/sematan?mitra=koran", headers=stranger)
    assert counted(site) == {
        ("majalah", "card"): 1,
        ("none", "card"): 5,
        ("none", "frame"): 1,
        ("koran", "card"): 1,
    }


def test_no_host_name_and_no_number_stands_in_any_label(
    site: FlaskClient, samples: Samples
) -> None:
    numbers = [number for each in list(samples.values())[:6] for number in (each.nik, each.kpj)]
    for number in numbers:
        look_up(site, number, f"mitra={number}")
        site.get(f"/sematan?mitra={number}")
        look_up(site, number)
        referer = {"Referer": f"https://koran.example/{number}", "Sec-Fetch-Dest": "iframe"}
        site.get("/sematan?mitra=koran", headers=referer)
    text = site.get("/-/metrics").text
    assert not [number for number in numbers if number in text]
    assert ".example" not in text
    assert {partner for partner, _ in counted(site)} == {"koran", "none"}


def test_the_preview_on_our_own_page_is_nobodys_frame(site: FlaskClient) -> None:
    site.get("/sematan?pratinjau=1&aksen=%23aa00aa")
    assert counted(site) == {}
