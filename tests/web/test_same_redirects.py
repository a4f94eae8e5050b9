"""Found or not, an answered lookup takes the same way: whoever watches it from outside learns
that something was asked, and nothing else."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sandbox import Participant
from tests.conftest import HTMX, SiteClock, Visit
from tests.web.following import key_in, poll, ticket_address

MakeSite = Callable[..., Flask]
Samples = dict[str, Participant]

TREES = ["", "/en", "/sematan", "/en/sematan"]
TICKET = re.compile(r"(?<=/klaim/)[\w-]+")


@pytest.fixture
def numbers(samples: Samples) -> dict[str, str]:
    """Numbers by what is known of them, two of each kind."""
    claimless = samples["nothing_to_show"]
    return {
        "found": samples["approval"].nik,
        "found by card": samples["approval"].kpj,
        "unknown": claimless.nik[:12] + "98" + claimless.nik[-2:],
        "unknown card": claimless.kpj[:9] + "97",
        "claimless": claimless.nik,
        "claimless card": claimless.kpj,
    }


def seen_from_outside(response: TestResponse) -> tuple[int, list[tuple[str, str]], int]:
    """Return all of a redirect but what is random in it."""
    told = [
        (name, TICKET.sub(lambda found: f"ticket of {len(found[0])}", value))
        for name, value in response.headers
        if name != "X-Request-ID"
    ]
    return response.status_code, told, len(response.data)


def without_its_own(html: str) -> str:
    """Return a page without its ticket and the two last characters of its number."""
    return re.sub(r"(berakhiran|ending in) \w\w", r"\1", TICKET.sub("", html))


@pytest.mark.parametrize("tree", TREES)
def test_every_answer_is_the_same_redirect(
    client: FlaskClient, numbers: dict[str, str], tree: str
) -> None:
    answers = [client.post(f"{tree}/lacak", data={"nomor": each}) for each in numbers.values()]
    assert {each.status_code for each in answers} == {303}
    assert len({str(seen_from_outside(each)) for each in answers}) == 1
    assert len({each.headers["Location"] for each in answers}) == len(answers)
    for answer in answers:
        assert answer.headers["Location"].startswith(f"{tree}/klaim/")
    results = [client.get(each.headers["Location"]).status_code for each in answers]
    assert results == [200, 200, 404, 404, 404, 404]


@pytest.mark.parametrize("tree", TREES)
def test_htmx_pushes_an_address_for_every_answer(
    client: FlaskClient, numbers: dict[str, str], tree: str
) -> None:
    pushed = []
    for number in numbers.values():
        answer = client.post(f"{tree}/lacak", data={"nomor": number}, headers=HTMX)
        pushed.append(answer.headers["HX-Push-Url"])
        assert client.get(pushed[-1]).status_code == answer.status_code
        assert client.get(pushed[-1], headers=HTMX).status_code == answer.status_code
    assert len(set(pushed)) == len(numbers)
    assert {TICKET.sub("ticket", each) for each in pushed} == {f"{tree}/klaim/ticket"}
    assert len({len(each) for each in pushed}) == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize(
    ("typed", "status"),
    [("12345", 422), ("", 422), ("1" * 400, 422)],
    ids=["short", "none", "long"],
)
def test_what_was_not_answered_leads_nowhere(
    client: FlaskClient, headers: dict[str, str], typed: str, status: int
) -> None:
    answer = client.post("/lacak", data={"nomor": typed}, headers=headers)
    assert answer.status_code == status
    assert "Location" not in answer.headers
    assert "HX-Push-Url" not in answer.headers


@pytest.mark.parametrize("tree", TREES)
def test_nothing_found_is_said_at_its_address_in_both_languages(
    client: FlaskClient, visit: Visit, numbers: dict[str, str], tree: str
) -> None:
    response, page = visit(f"{tree}/lacak", {"nomor": numbers["unknown"]})
    assert response.status_code == 404
    address = response.request.path
    assert page.find(id="hasil")["data-outcome"] == "not_found"  # type: ignore[index]
    assert page.find("input", attrs={"name": "nomor"})
    other = page.find(id="hasil")["data-tongue"]  # type: ignore[index]
    assert other == address.removeprefix("/en") if tree.startswith("/en") else f"/en{address}"
    _, part = visit(f"{tree}/lacak", {"nomor": numbers["unknown"]}, htmx=True)
    assert TICKET.sub("", str(part.find(id="hasil")["data-tongue"])) == TICKET.sub("", other)  # type: ignore[index]
    response, _ = visit(str(other))
    assert response.status_code == 404


def test_reading_it_again_was_paid_with_the_lookup(make_site: MakeSite, samples: Samples) -> None:
    client = make_site(GUARD_OFF="0").test_client()
    address = ticket_address(client, samples["nothing_to_show"].nik)
    for _ in range(30):
        assert client.get(address).status_code == 404
        assert client.get(f"/en{address}", headers=HTMX).status_code == 404
    others = [samples[name].nik for name in ("approval", "overdue", "jmo_payment")]
    asked = [client.post("/lacak", data={"nomor": each}).status_code for each in others]
    assert asked == [303, 303, 403], "three numbers are free, however often one is read again"


def test_the_plain_limit_holds_for_it(make_site: MakeSite, samples: Samples) -> None:
    client = make_site(REQUESTS_PER_MINUTE="3").test_client()
    address = ticket_address(client, samples["nothing_to_show"].nik)
    assert [client.get(address).status_code for _ in range(3)] == [404, 404, 429]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_it_makes_no_private_address(
    client: FlaskClient, numbers: dict[str, str], headers: dict[str, str]
) -> None:
    for kind in ("unknown", "claimless"):
        address = ticket_address(client, numbers[kind])
        assert "/pantau" not in client.get(address).text
        answer = client.post(f"{address}/pantau", headers=headers)
        assert answer.status_code == 404
        assert "pantau/" not in answer.text + str(answer.headers)


def test_with_the_second_field_a_wrong_end_goes_the_same_way(
    make_site: MakeSite, samples: Samples, numbers: dict[str, str]
) -> None:
    client = make_site(SECOND_FACTOR="kpj_suffix").test_client()
    sample = samples["approval"]
    wrong = f"{(int(sample.kpj[-2:]) + 1) % 100:02}"
    asked = [(sample.nik, sample.kpj), (sample.nik, wrong), (numbers["unknown"], "12")]
    for tree in TREES:
        answers = [
            client.post(f"{tree}/lacak", data={"nomor": nik, "kartu": card}) for nik, card in asked
        ]
        assert len({str(seen_from_outside(each)) for each in answers}) == 1
        told = [client.get(each.headers["Location"]) for each in answers]
        assert [each.status_code for each in told] == [200, 404, 404]
        wrong_end, unknown = (without_its_own(each.text) for each in told[1:])
        assert wrong_end == unknown


def test_a_ticket_from_before_still_opens_and_says_what_is_so_now(
    make_site: MakeSite, numbers: dict[str, str]
) -> None:
    app = make_site()
    client, tickets = app.test_client(), app.extensions["following"].tickets
    assert client.get(f"/klaim/{tickets.seal(numbers['claimless'])}").status_code == 404
    assert client.get(f"/klaim/{tickets.seal(numbers['found'])}").status_code == 200


def test_nothing_found_is_not_followed_past_its_ticket(
    make_site: MakeSite, numbers: dict[str, str], site_clock: SiteClock
) -> None:
    client = make_site(TICKET_MINUTES="30").test_client()
    address = ticket_address(client, numbers["claimless"])
    site_clock.advance(minutes=20)
    answer = poll(client, address, "what-a-page-shows")
    assert answer.status_code == 404
    assert "HX-Replace-Url" not in answer.headers
    assert key_in(address) in answer.text
    site_clock.advance(minutes=11)
    assert client.get(address).status_code == 410
