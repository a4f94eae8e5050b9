"""The challenge in the page: same bytes for any number, nothing typed is lost, no script needed."""

import json
import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from drills.attack.work import solve
from sandbox import Participant
from tests.conftest import SiteClock, Visit
from tracking_site.domain.identifiers import MAX_TEXT_LENGTH

Samples = dict[str, Participant]
WAIT_SECONDS = 60
"""More than the longest wait in the place of work (guard/challenge.py)."""


@pytest.fixture
def guarded(make_site: Callable[..., Flask], samples: Samples) -> FlaskClient:
    return used_up(make_site(GUARD_OFF="0", POW_SCALE="0.01").test_client(), samples)


def used_up(client: FlaskClient, samples: Samples) -> FlaskClient:
    """Return a client whose network has used up what is free."""
    for sample in list(samples.values())[:3]:
        assert client.post("/lacak", data={"nomor": sample.nik}).status_code == 303
    return client


def a_number(samples: Samples, place: int = 10) -> str:
    return list(samples.values())[place].nik


@pytest.mark.parametrize("path", ["/lacak", "/en/lacak", "/sematan/lacak"])
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
def test_the_page_carries_the_challenge_the_number_and_the_wait(
    visit: Visit, guarded: FlaskClient, samples: Samples, path: str, htmx: bool
) -> None:
    number = a_number(samples)
    response, page = visit(path, {"nomor": number}, htmx=htmx, via=guarded)
    assert response.status_code == 403
    assert page.find(id="hasil")["data-outcome"] == "challenge"
    form = page.find("form", attrs={"data-challenge": True})
    assert "parameters" in json.loads(form["data-challenge"])
    assert form.find("input", attrs={"name": "nomor"})["value"] == number
    assert form.find("input", attrs={"name": "tunggu"})["value"]
    assert form.find("button", attrs={"type": "submit"})


def test_the_wait_alone_leads_on_without_any_script(
    make_site: Callable[..., Flask], samples: Samples, site_clock: SiteClock
) -> None:
    # The wait of a smaller scale is over before a busy machine asks again.
    client = used_up(make_site(GUARD_OFF="0").test_client(), samples)
    number = a_number(samples)
    page = client.post("/lacak", data={"nomor": number}).text
    ticket = re.search(r'name="tunggu" value="([^"]+)"', page)
    assert ticket is not None
    fields = {"nomor": number, "tunggu": ticket.group(1), "altcha": ""}
    assert client.post("/lacak", data=fields).status_code == 403
    site_clock.advance(seconds=WAIT_SECONDS)
    assert client.post("/lacak", data=fields).status_code == 303


@pytest.mark.parametrize("around", ["\u3000", "\U0001f64f"], ids=["three bytes", "emojis"])
def test_a_text_as_long_as_the_field_takes_passes_the_challenge(
    guarded: FlaskClient, samples: Samples, site_clock: SiteClock, around: str
) -> None:
    number = a_number(samples)
    # Browsers count as UTF-16 does.
    each = len(around.encode("utf-16-le")) // 2
    typed = number + around * ((MAX_TEXT_LENGTH - len(number)) // each)
    page = BeautifulSoup(guarded.post("/lacak", data={"nomor": typed}).text, "html.parser")
    form = page.select_one("form[data-challenge]")
    assert form is not None
    challenge = json.loads(str(form["data-challenge"]))
    fields = {str(field["name"]): str(field["value"]) for field in form.select("input")}
    assert fields["nomor"] == typed
    # The library of the work looks at the machine's clock, so what passes is the wait.
    fields["altcha"] = solve(challenge)
    site_clock.advance(seconds=WAIT_SECONDS)
    assert guarded.post("/lacak", data=fields).status_code == 303


def test_whoever_presses_too_early_is_told_so(
    make_site: Callable[..., Flask], samples: Samples
) -> None:
    client = used_up(make_site(GUARD_OFF="0", POW_SCALE="10").test_client(), samples)
    number = a_number(samples)
    page = client.post("/lacak", data={"nomor": number}).text
    ticket = re.search(r'name="tunggu" value="([^"]+)"', page)
    assert ticket is not None
    again = client.post("/lacak", data={"nomor": number, "tunggu": ticket.group(1)}).text
    assert "Belum waktunya" not in page
    assert "Belum waktunya" in again


def test_existing_and_missing_numbers_are_challenged_with_the_same_bytes(
    guarded: FlaskClient, samples: Samples
) -> None:
    existing = a_number(samples)
    missing = existing[:12] + "9" + existing[13:]
    pages = [guarded.post("/lacak", data={"nomor": each}) for each in (existing, missing)]
    assert [page.status_code for page in pages] == [403, 403]
    bodies = [without_randomness(page.text) for page in pages]
    assert bodies[0].replace(existing, "N") == bodies[1].replace(missing, "N")
    assert len(pages[0].data) == len(pages[1].data)


def without_randomness(html: str) -> str:
    html = re.sub(r'data-challenge="[^"]+"', "", html)
    return re.sub(r'name="tunggu" value="[^"]+"', "", html)


@pytest.mark.parametrize("junk", ["x", "e30=", "{}", "A" * 3000, "\x00"])
def test_junk_in_place_of_work_is_worth_nothing_and_breaks_nothing(
    guarded: FlaskClient, samples: Samples, junk: str
) -> None:
    for field in ("altcha", "tunggu"):
        response = guarded.post("/lacak", data={"nomor": a_number(samples), field: junk})
        assert response.status_code == 403


def test_the_result_of_a_paid_number_can_be_read_again(
    guarded: FlaskClient, samples: Samples
) -> None:
    first = next(iter(samples.values())).nik
    address = guarded.post("/lacak", data={"nomor": first}).headers["Location"]
    assert [guarded.get(address).status_code for _ in range(30)] == [200] * 30
