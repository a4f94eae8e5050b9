"""The pages of a lookup over real HTTP to the sandbox."""

import pytest
from flask.testing import FlaskClient

from sandbox import Participant, Sandbox
from tests.conftest import HTMX, Visit
from tests.web.following import key_in, ticket_address

Samples = dict[str, Participant]


def outcome_of(page: object) -> str:
    return page.find(id="hasil")["data-outcome"]  # type: ignore[attr-defined,no-any-return]


def test_the_form_is_a_whole_page_in_both_languages(visit: Visit) -> None:
    for path in ("/", "/en/"):
        response, page = visit(path)
        assert response.status_code == 200
        assert page.find("input", attrs={"name": "nomor"})
        assert page.find("a", hreflang=True)


@pytest.mark.parametrize("kind", ["nik", "kpj"])
def test_a_number_leads_to_its_claim_by_a_ticket(visit: Visit, samples: Samples, kind: str) -> None:
    number = getattr(next(iter(samples.values())), kind)
    response, page = visit("/lacak", {"nomor": number})
    assert response.status_code == 200
    assert response.request.path.startswith("/klaim/")
    assert number not in response.request.path
    assert outcome_of(page) == "found"
    assert page.find(attrs={"data-stage": True})["data-state"]


def test_without_htmx_the_answer_is_see_other(client: FlaskClient, samples: Samples) -> None:
    number = next(iter(samples.values())).nik
    response = client.post("/lacak", data={"nomor": number})
    assert response.status_code == 303
    assert response.headers["Location"].startswith("/klaim/")


def test_htmx_gets_the_fragment_and_the_address(visit: Visit, samples: Samples) -> None:
    number = next(iter(samples.values())).nik
    response, part = visit("/lacak", {"nomor": number}, htmx=True)
    assert response.status_code == 200
    assert response.headers["HX-Push-Url"].startswith("/klaim/")
    assert part.find("html") is None
    assert outcome_of(part) == "found"


def test_the_page_and_the_fragment_hold_the_same_result(
    client: FlaskClient, visit: Visit, samples: Samples
) -> None:
    number = next(iter(samples.values())).nik
    address = client.post("/lacak", data={"nomor": number}).headers["Location"]
    _, whole = visit(address)
    _, part = visit(address, htmx=True)
    told = [str(found.find(id="hasil").get_text(" ", strip=True)) for found in (whole, part)]
    assert told[0] == told[1]


def test_history_gets_the_whole_page(client: FlaskClient, samples: Samples) -> None:
    number = next(iter(samples.values())).nik
    address = client.post("/lacak", data={"nomor": number}).headers["Location"]
    response = client.get(address, headers={**HTMX, "HX-Request-Type": "full"})
    assert "<html" in response.text


@pytest.mark.proofs
def test_every_sample_is_told_in_both_languages(visit: Visit, sandbox: Sandbox) -> None:
    for sample in sandbox.samples:
        for prefix in ("", "/en"):
            response, page = visit(f"{prefix}/lacak", {"nomor": sample.nik})
            expected = {200: "found", 404: "not_found"}
            assert outcome_of(page) == expected[response.status_code], sample.situation


def test_the_language_link_of_a_result_keeps_its_ticket(visit: Visit, samples: Samples) -> None:
    number = next(iter(samples.values())).nik
    response, page = visit("/lacak", {"nomor": number})
    other = page.find("a", hreflang="en")["href"]
    assert other == "/en" + response.request.path
    visit(other)


def test_unknown_numbers_and_known_ones_without_claims_look_the_same(
    client: FlaskClient, sandbox: Sandbox
) -> None:
    known = next(each for each in sandbox.samples if each.situation == "nothing_to_show")
    unknown = known.nik[:12] + "98" + known.nik[-2:]
    addresses = [ticket_address(client, each) for each in (known.nik, unknown)]
    pages = [client.get(each) for each in addresses]
    assert [page.status_code for page in pages] == [404, 404]
    bodies = [
        page.text.replace(key_in(address), "…")
        for page, address in zip(pages, addresses, strict=True)
    ]
    assert bodies[0] == bodies[1]
    told = [
        {name: value for name, value in page.headers if name != "X-Request-ID"} for page in pages
    ]
    assert told[0] == told[1]
