"""Clearing the screen of a shared device: the browser's copies go, and Back finds the form."""

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from sandbox import Participant
from tests.conftest import HTMX, SiteClock, Visit
from tests.web.following import follow, key_in, ticket_address
from tracking_site.redis.client import RedisDown


@pytest.fixture
def someone(samples: dict[str, Participant]) -> Participant:
    return samples["approval"]


@pytest.mark.parametrize("tree", ["", "/en", "/sematan"])
def test_the_button_clears_and_leads_to_the_empty_form(
    client: FlaskClient, visit: Visit, someone: Participant, tree: str
) -> None:
    response = client.post(f"{tree}/lacak", data={"nomor": someone.nik})
    result = response.headers["Location"]
    page = client.get(result)
    assert f'action="{tree}/bersihkan"' in page.text
    ticket = result.rpartition("/")[2]
    cleared = client.post(f"{tree}/bersihkan", data={"tiket": ticket})
    assert cleared.status_code == 303
    assert cleared.headers["Location"] in (tree, f"{tree}/")
    assert cleared.headers["Clear-Site-Data"] == '"storage"'
    assert cleared.headers["Cache-Control"] == "no-store"
    back = client.get(result)
    assert (back.status_code, back.headers["Location"]) == (303, cleared.headers["Location"])


def test_an_open_page_whose_ticket_was_cleared_ends(
    client: FlaskClient, someone: Participant
) -> None:
    address = ticket_address(client, someone.nik)
    client.post("/bersihkan", data={"tiket": address.rpartition("/")[2]})
    response = client.get(address, headers=HTMX)
    assert response.status_code == 410
    assert "hx-get" not in response.text
    assert client.post(f"{address}/pantau").status_code == 303


@pytest.mark.parametrize("ticket", ["", "nonsense", "a" * 3000])
def test_clearing_works_whatever_comes_with_it(client: FlaskClient, ticket: str) -> None:
    response = client.post("/bersihkan", data={"tiket": ticket})
    assert (response.status_code, response.headers["Location"]) == (303, "/")


def test_clearing_a_followed_page_keeps_the_private_address(
    client: FlaskClient, visit: Visit, someone: Participant
) -> None:
    address = follow(client, someone)
    _, page = visit(address)
    form = page.select_one("form[data-clear]")
    assert form is not None
    field = form.find("input")
    client.post(str(form["action"]), data={str(field["name"]): str(field["value"])})  # type: ignore[index]
    assert client.get(address).status_code == 200


def clearing(client: FlaskClient, address: str) -> tuple[str, dict[str, Any]]:
    """Return where the form of clearing leads, and its fields as they stand unticked."""
    form = BeautifulSoup(client.get(address).text, "html.parser").select_one("form[data-clear]")
    assert form is not None
    fields = form.find_all("input", type="hidden")
    return str(form["action"]), {each["name"]: each["value"] for each in fields}


@pytest.mark.parametrize(
    ("tree", "asks"), [("", "Matikan juga"), ("/en", "Switch off this private link")]
)
def test_who_made_a_private_address_is_asked_whether_it_is_to_end_too(
    client: FlaskClient, someone: Participant, tree: str, asks: str
) -> None:
    ticket = tree + ticket_address(client, someone.nik)
    for is_ticked in (False, True):
        address = client.post(f"{ticket}/pantau").headers["Location"]
        page = BeautifulSoup(client.get(address).text, "html.parser")
        box = page.select_one('form[data-clear] input[type="checkbox"]')
        assert box is not None and not box.has_attr("checked")
        label = page.find("label", attrs={"for": box["id"]})
        assert label is not None and asks in label.get_text()
        action, fields = clearing(client, address)
        ticked = {str(box["name"]): str(box["value"])} if is_ticked else {}
        assert client.post(action, data=fields | ticked).status_code == 303
        assert client.get(address).status_code == (410 if is_ticked else 200)
        # Back leads to the result that the address was made on.
        assert client.get(ticket).status_code == 303
        ticket = tree + ticket_address(client, someone.nik)


def test_the_part_that_a_press_puts_into_the_page_asks_too(
    client: FlaskClient, someone: Participant
) -> None:
    ticket = ticket_address(client, someone.nik)
    part = client.post(f"{ticket}/pantau", headers=HTMX)
    page = BeautifulSoup(part.text, "html.parser")
    field = page.select_one('form[data-clear] input[name="kunci"]')
    assert field is not None and field["value"] == key_in(part.headers["HX-Push-Url"])
    assert page.select_one('form[data-clear] input[name="matikan"]') is not None


def test_where_no_private_address_was_made_nothing_is_asked(
    make_site: Callable[..., Flask], site_clock: SiteClock, someone: Participant
) -> None:
    client = make_site(EMBED_ORIGINS="https://host.example").test_client()
    for tree in ("", "/sematan"):
        result = client.post(f"{tree}/lacak", data={"nomor": someone.nik}).headers["Location"]
        assert set(clearing(client, result)[1]) == {"tiket"}
    address = follow(client, someone)
    site_clock.advance(hours=25)
    assert set(clearing(client, address)[1]) == {"tiket"}


@pytest.mark.parametrize("key", ["", "nonsense", "a" * 3000])
def test_an_address_that_is_none_of_ours_is_no_accident(client: FlaskClient, key: str) -> None:
    response = client.post("/bersihkan", data={"kunci": key, "matikan": "1"})
    assert (response.status_code, response.headers["Location"]) == (303, "/")


def fails(*_: object) -> None:
    raise RedisDown


def test_who_wants_an_address_ended_hears_when_it_could_not_be(
    make_site: Callable[..., Flask], someone: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_site()
    client = app.test_client()
    address = follow(client, someone)
    action, fields = clearing(client, address)
    with monkeypatch.context() as away:
        away.setattr(app.extensions["following"].keys._forgotten, "add", fails)
        for path, sent in ((action, fields | {"matikan": "1"}), (f"{address}/lupakan", {})):
            told = client.post(path, data=sent)
            page = BeautifulSoup(told.text, "html.parser")
            assert (told.status_code, told.headers["Retry-After"]) == (503, "5")
            again = page.select_one("main form")
            assert again is not None
            assert again["action"] == f"{address}/lupakan"
        assert client.get(address).status_code == 200
    assert client.post(str(again["action"])).status_code == 303
    assert client.get(address).status_code == 410


def test_what_is_cleared_while_redis_is_away_is_ended_here_at_once(
    make_site: Callable[..., Flask], someone: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_site()
    client = app.test_client()
    results = [ticket_address(client, someone.nik) for _ in range(2)]
    key = key_in(client.post(f"{results[1]}/pantau").headers["Location"])
    for act in ("add", "holds"):
        monkeypatch.setattr(app.extensions["following"].keys._forgotten, act, fails)
    assert client.get(results[0]).status_code == 200
    for sent in ({"tiket": results[0].rpartition("/")[2]}, {"kunci": key}):
        assert client.post("/bersihkan", data=sent).status_code == 303
    for result in results:
        assert (client.get(result).status_code, client.get(result, headers=HTMX).status_code) == (
            303,
            410,
        )
