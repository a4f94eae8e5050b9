"""Clearing the screen of a shared device: the browser's copies go, and Back finds the form."""

import pytest
from flask.testing import FlaskClient

from sandbox import Participant
from tests.conftest import HTMX, Visit
from tests.web.following import follow, ticket_address


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
