"""Whoever asked by an address and is turned away asks by it again: there is nothing to type."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from sandbox import Participant
from tests.conftest import SiteClock

MINUTE = 61


def again(html: str) -> str:
    """Return where the page leads to be asked again; it has no field that came empty."""
    page = BeautifulSoup(html, "html.parser")
    assert page.select("#nomor") == []
    (button,) = page.select("main a.button")
    return str(button["href"])


@pytest.mark.parametrize("door", ["", "/en", "/sematan"])
def test_a_result_that_is_refused_after_the_redirect_is_there_a_minute_later(
    make_site: Callable[..., Flask], someone: Participant, site_clock: SiteClock, door: str
) -> None:
    client = make_site(REQUESTS_PER_MINUTE="1").test_client()
    address = client.post(f"{door}/lacak", data={"nomor": someone.nik}).headers["Location"]
    refused = client.get(address)
    assert refused.status_code == 429
    assert someone.nik not in refused.text
    assert again(refused.text) == address
    site_clock.advance(seconds=MINUTE)
    assert client.get(address).status_code == 200


def test_what_was_typed_is_given_back_where_the_form_itself_is_refused(
    make_site: Callable[..., Flask], someone: Participant
) -> None:
    client = make_site(REQUESTS_PER_MINUTE="1").test_client()
    client.post("/lacak", data={"nomor": someone.nik})
    refused = client.post("/lacak", data={"nomor": someone.kpj})
    assert refused.status_code == 429
    (field,) = BeautifulSoup(refused.text, "html.parser").select("#nomor")
    assert field["value"] == someone.kpj


def test_a_private_address_that_is_refused_leads_to_itself(
    make_site: Callable[..., Flask], someone: Participant, site_clock: SiteClock
) -> None:
    client = make_site(REQUESTS_PER_MINUTE="3").test_client()
    address = client.post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    key = client.post(f"{address}/pantau").headers["Location"]
    client.get(key)
    refused = client.get(key)
    assert refused.status_code == 429
    assert again(refused.text) == key


def test_a_private_address_that_is_refused_while_it_is_made_leads_to_the_result(
    make_site: Callable[..., Flask], someone: Participant
) -> None:
    client = make_site(REQUESTS_PER_MINUTE="1").test_client()
    address = client.post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    refused = client.post(f"{address}/pantau")
    assert refused.status_code == 429
    assert again(refused.text) == address


def test_a_result_whose_core_does_not_answer_leads_to_itself(
    make_site: Callable[..., Flask], someone: Participant
) -> None:
    first = make_site().test_client()
    address = first.post("/lacak", data={"nomor": someone.nik}).headers["Location"]
    # Another process, which knows no answer.
    unanswered = make_site(CLAIMS_API_URL="http://127.0.0.1:9").test_client().get(address)
    assert unanswered.status_code == 503
    assert again(unanswered.text) == address
