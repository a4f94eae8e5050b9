"""Bad input gets a proper page: what is wrong, what to do, and nothing typed is lost."""

import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from sandbox import Participant
from tests.conftest import Visit
from tests.pages import assert_keeps_house_rules
from tracking_site.domain.identifiers import MAX_TEXT_LENGTH, InvalidReason
from tracking_site.web.gathering import MAX_FORM

MISTAKES = {
    "": InvalidReason.EMPTY,
    "0001234567890": InvalidReason.HEALTH_CARD,
    "081234567890": InvalidReason.PHONE,
    "01.234.567.8-901.000": InvalidReason.TAX_ID,
    "12345": InvalidReason.LENGTH,
    "317405450190000": InvalidReason.NIK_ONE_SHORT,
    "31740545019000055": InvalidReason.NIK_ONE_LONG,
    "317405450190O005": InvalidReason.LETTER_O,
    "317405450I900005": InvalidReason.LETTER_I,
    "1074054501900005": InvalidReason.NIK_PROVINCE,
    "3174053201900005": InvalidReason.NIK_DAY,
    "3174050113900005": InvalidReason.NIK_MONTH,
    "3174053102900005": InvalidReason.NIK_DATE,
    "3174054501900000": InvalidReason.NIK_SERIAL,
    "nomor\x00rusak": InvalidReason.STRANGE_CHARACTER,
    "JHT-2611-190248": InvalidReason.CLAIM_NUMBER,
    "3174054501900005 dan 21049873145": InvalidReason.TWO_NUMBERS,
}


@pytest.mark.parametrize("path", ["/lacak", "/en/lacak", "/sematan/lacak", "/en/sematan/lacak"])
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
def test_each_mistake_keeps_the_field_and_describes_it(visit: Visit, path: str, htmx: bool) -> None:
    told = set()
    for typed in MISTAKES:
        response, page = visit(path, {"nomor": typed}, htmx=htmx)
        assert response.status_code == 422
        assert page.find(id="hasil")["data-outcome"] == "invalid"
        field = page.find("input", attrs={"name": "nomor"})
        assert field["value"].replace("\ufffd", "\x00") == typed or "\x00" in typed
        assert field["aria-invalid"] == "true"
        described = field["aria-describedby"].split()[0]
        told.add(page.find(id=described).get_text(" ", strip=True))
    assert len(told) == len(MISTAKES)


@pytest.mark.parametrize("path", ["/lacak", "/en/lacak"])
def test_what_is_wrong_counts_as_the_card_drawn_above_it_does(visit: Visit, path: str) -> None:
    """The card says "11 angka"; "11 karakter" below it would be another thing to count."""
    for typed in (*MISTAKES, "94B3007156"):
        _, page = visit(path, {"nomor": typed})
        described = page.find("input", attrs={"name": "nomor"})["aria-describedby"].split()
        error, hint = (page.find(id=each).get_text(" ", strip=True) for each in described)
        assert re.search("11 (angka|digits)", hint)
        assert not re.search("karakter|character", error), typed
    # A letter of an old card is one of the eleven; that it is none of the number is not so.
    assert re.search("KPJ lama.* 11|old KPJ.* 11", error)
    assert not re.search("bukan bagian|not belong", error)


@pytest.mark.parametrize(("prefix", "branch"), [("", "kantor cabang"), ("/en", "a branch")])
def test_a_refusal_says_when_to_come_back_and_which_other_ways_there_are(
    make_site: Callable[..., Flask], samples: dict[str, Participant], prefix: str, branch: str
) -> None:
    client = make_site(REQUESTS_PER_MINUTE="1", GUARD_OFF="0").test_client()
    form = {"nomor": samples["approval"].nik}
    answers = [client.post(f"{prefix}/lacak", data=form) for _ in range(2)]
    assert answers[1].status_code == 429
    assert int(answers[1].headers["Retry-After"]) > 0
    page = BeautifulSoup(answers[1].text, "html.parser").main
    assert page is not None
    assert re.search(r"\d\d[.:]\d\d WIB", page.get_text())
    assert page.select("a[href='tel:175']")
    assert branch in page.get_text()


@pytest.mark.parametrize("path", ["/tidak-ada", "/en/tidak-ada", "/klaim/", "/klaim/bukan-tiket"])
def test_an_unknown_address_is_a_page_with_a_way_on(visit: Visit, path: str) -> None:
    response, page = visit(path)
    assert response.status_code == 404
    assert page.find("form") or page.find("main").find("a")


@pytest.mark.parametrize(
    ("method", "path"), [("delete", "/lacak"), ("post", "/"), ("put", "/lacak")]
)
def test_a_wrong_method_is_a_page_that_names_no_internals(
    client: FlaskClient, method: str, path: str
) -> None:
    response = client.open(path, method=method.upper())
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"] or "GET" in response.headers["Allow"]
    assert "<h1" in response.text


def test_an_oversized_form_is_refused(client: FlaskClient) -> None:
    response = client.post("/lacak", data={"nomor": "1" * (MAX_FORM + 1)})
    assert response.status_code == 413
    assert "<h1" in response.text


def test_a_text_that_is_too_long_is_given_back_as_far_as_it_is_read(visit: Visit) -> None:
    typed = "halo " * (MAX_TEXT_LENGTH // 5 + 20)
    response, page = visit("/lacak", {"nomor": typed})
    assert response.status_code == 422
    assert "terlalu panjang" in page.find(id="nomor-galat").get_text()
    assert len(page.find("input", attrs={"name": "nomor"})["value"]) > MAX_TEXT_LENGTH


def test_invalid_utf_8_is_an_invalid_number(client: FlaskClient) -> None:
    response = client.post(
        "/lacak", data=b"nomor=31\xff\xfe740", content_type="application/x-www-form-urlencoded"
    )
    assert response.status_code == 422


@pytest.mark.parametrize("path", [b"/klaim/%ff%fe", b"/%00", b"/klaim/%00"])
def test_broken_addresses_are_not_found(client: FlaskClient, path: bytes) -> None:
    assert client.get(path.decode()).status_code == 404


def test_markup_that_was_typed_is_shown_as_text(client: FlaskClient) -> None:
    response = client.post("/lacak", data={"nomor": '"><script>alert(1)</script>'})
    assert response.status_code == 422
    assert "<script>alert" not in response.text


def test_markup_that_the_core_sends_is_shown_as_text(
    client: FlaskClient, samples: dict[str, Participant]
) -> None:
    number = samples["markup_in_names"].nik
    response = client.post("/lacak", data={"nomor": number}, follow_redirects=True)
    assert response.status_code == 200
    assert "&lt;" in response.text
    assert_keeps_house_rules(response.text, "id")


def test_no_number_at_all_is_an_empty_one(client: FlaskClient) -> None:
    assert client.post("/lacak", data={}).status_code == 422
    assert client.post("/lacak", json={"nomor": "1"}).status_code == 422


def test_the_field_takes_as_much_as_is_read_and_one_more(visit: Visit) -> None:
    for path in ("/", "/en/sematan"):
        _, page = visit(path)
        assert page.find(id="nomor")["maxlength"] == str(MAX_TEXT_LENGTH + 1)
