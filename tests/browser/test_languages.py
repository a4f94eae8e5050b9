"""Indonesian first, English complete; changing between them loses nothing."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MakeVisitor
from tests.browser.visitor import Visitor
from tests.live import LiveSite


def ticket_of(address: str) -> str:
    return address.rpartition("/klaim/")[2]


def test_a_lookup_in_english_stays_in_english(visitor: Visitor, live_site: LiveSite) -> None:
    page = visitor.look_up(live_site.sample("missing_document").nik, path="/en/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert "/en/klaim/" in page.url
    expect(page.locator("#bahasa[lang=id]")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with_scripts", "without_scripts"])
def test_the_other_language_of_a_result_keeps_its_ticket(
    make_visitor: MakeVisitor, live_site: LiveSite, scripts: bool
) -> None:
    visitor = make_visitor(java_script_enabled=scripts)
    page = visitor.look_up(live_site.sample("missing_document").nik)
    ticket, state = ticket_of(page.url), page.locator("[data-state]").get_attribute("data-state")
    told = page.locator("h1").inner_text()
    page.locator("#bahasa").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert ticket_of(page.url) == ticket
    expect(page.locator("[data-state]").first).to_have_attribute("data-state", str(state))
    assert page.locator("h1").inner_text() != told
    page.locator("#bahasa").click()
    expect(page.locator("h1")).to_have_text(told)
    assert ticket_of(page.url) == ticket


def test_after_a_mistake_the_other_language_offers_the_form(visitor: Visitor) -> None:
    page = visitor.look_up("12345", outcome="invalid")
    page.locator("#bahasa").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#nomor")).to_be_visible()


@pytest.mark.parametrize("path", ["/", "/bantuan", "/privasi"])
def test_every_page_without_a_person_leads_to_its_twin(visitor: Visitor, path: str) -> None:
    page = visitor.open(path)
    page.locator("#bahasa").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("#bahasa").click()
    expect(page.locator("html")).to_have_attribute("lang", "id")
    expect(page).to_have_url(visitor.site + path)
