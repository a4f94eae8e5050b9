"""Polls of an open page: no news without a body, news with what is new, a ticket renewed."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from sandbox import Participant, Sandbox
from tests.conftest import HTMX, SiteClock, Visit
from tests.web.following import change, follow, poll, ticket_address

MakeSite = Callable[..., Flask]
Settle = Callable[[str], None]
PAST_ITS_TIME = {"minutes": 11}
"""After this a person who asks waits for a new answer, instead of seeing the older one."""


@pytest.fixture
def site(make_site: MakeSite, core: Sandbox) -> FlaskClient:
    """A site whose answers are fresh for a second, before a core of its own."""
    return make_site(CLAIMS_API_URL=core.url, CACHE_FRESH_SECONDS="1").test_client()


def shown(html: str) -> str:
    """Return the version that a page would send with its polls."""
    result = BeautifulSoup(html, "html.parser").find(id="hasil")
    return result["hx-headers"].split('"')[3]  # type: ignore[index,union-attr,no-any-return]


@pytest.fixture
def settle(site: FlaskClient, site_clock: SiteClock) -> Settle:
    """Let what is kept go past its time, and a request have it fetched anew."""

    def settle(address: str) -> None:
        site_clock.advance(**PAST_ITS_TIME)
        site.get(address)

    return settle


def approved(core: Sandbox) -> Participant:
    return core.sample("approval")


@pytest.mark.parametrize("kind", ["ticket", "key"])
def test_no_news_is_204_without_a_body(site: FlaskClient, core: Sandbox, kind: str) -> None:
    someone = approved(core)
    address = follow(site, someone) if kind == "key" else ticket_address(site, someone.nik)
    version = shown(site.get(address).text)
    response = poll(site, address, version)
    assert (response.status_code, response.data) == (204, b"")
    assert site.get(address, headers={"If-None-Match": version}).status_code == 200


@pytest.mark.parametrize("kind", ["ticket", "key"])
def test_news_are_answered_with_what_is_new_and_where(
    site: FlaskClient, core: Sandbox, kind: str, settle: Settle
) -> None:
    someone = approved(core)
    address = follow(site, someone) if kind == "key" else ticket_address(site, someone.nik)
    version = shown(site.get(address).text)
    change(core, someone, stage="payment")
    settle(address)
    response = poll(site, address, version)
    assert response.status_code == 200
    part = BeautifulSoup(response.text, "html.parser")
    assert part.find("html") is None
    new = part.select(".rail [data-new]")
    assert len(new) == 1
    assert "Pembayaran" in new[0].get_text()
    assert part.select_one(".news li")
    assert part.find(id="hasil")["data-news"]  # type: ignore[index]
    assert poll(site, address, shown(response.text)).status_code == 204


def test_an_address_that_remembers_tells_what_is_new_since(
    site: FlaskClient, core: Sandbox, visit: Visit, settle: Settle
) -> None:
    someone = core.sample("interview_next_week")
    address = follow(site, someone)
    seen = f"{address}?sejak={shown(site.get(address).text)}"
    appointment = {
        "kind": "video_interview",
        "starts_at": "2027-03-01T09:00:00+07:00",
        "ends_at": "2027-03-01T09:30:00+07:00",
    }
    change(core, someone, appointment=appointment)
    settle(address)
    _, page = visit(seen, via=site)
    [line] = page.select(".news li")
    assert "1\xa0Maret 2027" in line.get_text()
    assert not page.select("[data-new]")


def test_what_is_new_stays_marked_while_the_page_is_open(
    site: FlaskClient, core: Sandbox, settle: Settle
) -> None:
    someone = core.sample("interview_next_week")
    address = ticket_address(site, someone.nik)
    first = BeautifulSoup(site.get(address).text, "html.parser").find(id="hasil")
    change(core, someone, stage="assessment")
    settle(address)
    asked = str(first["hx-get"])  # type: ignore[index]
    news = poll(site, asked, "of-another-day").text
    assert len(BeautifulSoup(news, "html.parser").select(".rail [data-new]")) == 1
    change(core, someone, stage="approval")
    settle(address)
    later = BeautifulSoup(poll(site, asked, shown(news)).text, "html.parser")
    assert len(later.select(".rail [data-new]")) == 2


def test_a_poll_that_brings_the_end_brings_no_further_poll(
    site: FlaskClient, core: Sandbox, settle: Settle
) -> None:
    someone = core.sample("payment_scheduled")
    address = ticket_address(site, someone.nik)
    version = shown(site.get(address).text)
    change(core, someone, state="completed")
    settle(address)
    response = poll(site, address, version)
    assert response.status_code == 200
    result = BeautifulSoup(response.text, "html.parser").find(id="hasil")
    assert result is not None
    assert not result.has_attr("hx-get")  # type: ignore[union-attr]


def test_an_open_page_outlives_its_ticket_and_a_kept_address_does_not(
    make_site: MakeSite, samples: dict[str, Participant], site_clock: SiteClock
) -> None:
    client = make_site(TICKET_MINUTES="30", CACHE_FRESH_SECONDS="86400").test_client()
    first = address = ticket_address(client, samples["approval"].nik)
    version = shown(client.get(address).text)
    renewals, statuses = 0, []
    for _ in range(12):
        site_clock.advance(minutes=10)
        response = poll(client, address, version)
        statuses.append(response.status_code)
        renewed = response.headers.get("HX-Replace-Url")
        renewals += renewed is not None
        address = renewed or address
    assert 5 <= renewals <= 6
    # Once, when the page can make no private address any more, it is sent without that button.
    assert statuses == [204, 204, 204, 200, *[204] * 8]
    assert client.get(first).status_code == 410
    site_clock.advance(minutes=20)
    assert "HX-Replace-Url" not in client.get(address).headers
    assert "HX-Replace-Url" not in client.get(address, headers=HTMX).headers


def test_a_page_that_stayed_open_makes_no_private_address(
    make_site: MakeSite, samples: dict[str, Participant], site_clock: SiteClock
) -> None:
    client = make_site(TICKET_MINUTES="30", CACHE_FRESH_SECONDS="86400").test_client()
    first = address = ticket_address(client, samples["approval"].nik)
    version = shown(client.get(address).text)
    assert client.post(f"{first}/pantau").status_code == 303
    for _ in range(2):
        site_clock.advance(minutes=20)
        address = poll(client, address, version).headers.get("HX-Replace-Url") or address
    assert client.get(address).status_code == 200
    assert client.post(f"{address}/pantau").status_code == 410


def test_an_open_page_loses_its_button_once_it_makes_no_private_address(
    make_site: MakeSite, samples: dict[str, Participant], site_clock: SiteClock
) -> None:
    client = make_site(TICKET_MINUTES="30", CACHE_FRESH_SECONDS="86400").test_client()
    address = ticket_address(client, samples["approval"].nik)
    version = shown(client.get(address).text)
    site_clock.advance(minutes=20)
    young = poll(client, address, version)
    address = young.headers["HX-Replace-Url"]
    assert young.status_code == 204
    assert 'id="simpan"' in client.get(address).text
    site_clock.advance(minutes=20)
    old = poll(client, address, version)
    assert old.status_code == 200, "nothing is new but the button that is gone"
    assert 'id="simpan"' not in old.text
    assert shown(old.text) == version
    renewed = old.headers["HX-Replace-Url"]
    assert 'id="simpan"' not in client.get(renewed).text
    assert poll(client, renewed, version).status_code == 204
    fresh = ticket_address(client, samples["approval"].nik)
    assert 'id="simpan"' in client.get(fresh).text, "an old page is kept for nobody else"


def test_clearing_ends_the_copies_of_an_open_page_too(
    make_site: MakeSite, samples: dict[str, Participant], site_clock: SiteClock
) -> None:
    client = make_site(TICKET_MINUTES="30", CACHE_FRESH_SECONDS="86400").test_client()
    first = ticket_address(client, samples["approval"].nik)
    version = shown(client.get(first).text)
    site_clock.advance(minutes=20)
    renewed = poll(client, first, version).headers["HX-Replace-Url"]
    client.post("/bersihkan", data={"tiket": renewed.rsplit("/", 1)[1]})
    for address in (first, renewed):
        assert client.get(address).status_code == 303


def test_news_bring_the_renewed_ticket_too(
    make_site: MakeSite, samples: dict[str, Participant], site_clock: SiteClock
) -> None:
    client = make_site(TICKET_MINUTES="30", CACHE_FRESH_SECONDS="86400").test_client()
    address = ticket_address(client, samples["approval"].nik)
    site_clock.advance(minutes=20)
    response = poll(client, address, "another-version")
    renewed = response.headers["HX-Replace-Url"]
    assert renewed != address
    part = BeautifulSoup(response.text, "html.parser")
    assert part.find(id="hasil")["hx-get"].startswith(renewed)  # type: ignore[index]
    assert part.find(attrs={"name": "tiket"})["value"] == renewed.rpartition("/")[2]  # type: ignore[index]
