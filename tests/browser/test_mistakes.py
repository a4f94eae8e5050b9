"""What cannot be a number, or has no claim, is told where the person stands."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakeVisitor
from tests.browser.visitor import Visitor
from tests.live import SECRET, LiveSite
from tracking_site.domain.identifiers import MAX_TEXT_LENGTH
from tracking_site.sealing import Purpose, Sealer

MISTAKES = {
    "empty": "",
    "short": "12345",
    "health_card": "0001234567890",
    "phone": "081234567890",
    "letter_o": "317405450190O005",
    "no_such_day": "3174053201900005",
}
TICKET_SECONDS = 1800


def expired_ticket(number: str) -> str:
    """Return a ticket that the site itself sealed so long ago that it has run out."""
    then = time.time() - 2 * TICKET_SECONDS
    sealer = Sealer((SECRET.encode(),), Purpose.TICKET, TICKET_SECONDS, lambda: then)
    return sealer.seal(number)


def expect_told(page: Page, typed: str) -> str:
    """Check the field of a refused number and return what describes it."""
    field = page.locator("#nomor")
    expect(field).to_have_value(typed)
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    error = page.locator("#nomor-galat")
    expect(error).to_be_visible()
    told = " ".join(error.inner_text().split())
    expect(field).to_have_accessible_description(re.compile(f"^{re.escape(told)}"))
    return told


@pytest.mark.parametrize("typed", MISTAKES.values(), ids=MISTAKES)
def test_an_impossible_number_stays_in_the_focused_field_with_its_reason(
    visitor: Visitor, typed: str
) -> None:
    page = visitor.look_up(typed, outcome="invalid")
    expect_told(page, typed)
    assert not page.url.endswith("lacak")
    page.reload()
    expect(page.locator("#nomor")).to_have_value("")


def test_a_text_that_no_server_takes_is_too_long_where_it_stands(visitor: Visitor) -> None:
    page = visitor.open()
    page.locator("#nomor").focus()
    page.keyboard.insert_text("halo " * 20_000)
    visitor.press()
    expect(page.locator("#nomor-galat")).to_contain_text("terlalu panjang")
    expect_told(page, ("halo " * 201)[: MAX_TEXT_LENGTH + 1])


def test_thirteen_digits_are_called_a_health_card(visitor: Visitor) -> None:
    page = visitor.look_up(MISTAKES["health_card"], outcome="invalid")
    assert "BPJS Kesehatan" in expect_told(page, MISTAKES["health_card"])


def test_a_mistake_can_be_put_right_at_once(visitor: Visitor, live_site: LiveSite) -> None:
    number = live_site.sample("assessment_day_3").nik
    page = visitor.look_up(number[:-1], outcome="invalid")
    page.keyboard.press("End")
    page.keyboard.type(number[-1])
    page.keyboard.press("Enter")
    page.wait_for_selector("#hasil[data-outcome=found]")


def test_a_mistake_without_javascript_is_told_in_the_page(make_visitor: MakeVisitor) -> None:
    page = make_visitor(java_script_enabled=False).look_up("12345", outcome="invalid")
    expect(page.locator("#nomor")).to_have_value("12345")
    expect(page.locator("#nomor-galat")).to_be_visible()
    expect(page.locator("#nomor")).to_be_focused()


@pytest.mark.parametrize("situation", ["nothing_to_show", "nothing_to_show_old_card"])
def test_nothing_found_says_what_to_check_and_offers_the_form(
    visitor: Visitor, live_site: LiveSite, situation: str
) -> None:
    page = visitor.look_up(live_site.sample(situation).kpj, outcome="not_found")
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("#nomor")).to_be_visible()
    assert page.locator("dl.advice dt").count() >= 4


def test_nothing_found_has_an_address_that_says_so_again(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    number = live_site.sample("nothing_to_show").nik
    for scripts in (True, False):
        visitor = make_visitor(java_script_enabled=scripts)
        page = visitor.look_up(number, outcome="not_found")
        address = page.url
        assert "/klaim/" in address
        said = page.locator("h1").inner_text()
        page.reload()
        expect(page.locator("#hasil[data-outcome=not_found] h1")).to_have_text(said)
        page.locator("#bahasa").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("#hasil[data-outcome=not_found]")).to_be_visible()
        page.go_back()
        page.go_back()
        expect(page).to_have_url(f"{visitor.site}/")
        page.go_forward()
        expect(page.locator("#hasil[data-outcome=not_found] h1")).to_have_text(said)
        assert page.url == address


def test_a_number_with_letters_can_be_typed_on_a_phone(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = visitor.open()
    expect(page.locator("#nomor")).to_have_attribute("inputmode", "numeric")
    page.locator("[data-letters]").click()
    expect(page.locator("#nomor")).to_be_focused()
    expect(page.locator("#nomor")).to_have_attribute("inputmode", "text")
    page.keyboard.type(live_site.sample("kpj_with_letter").kpj.lower())
    page.keyboard.press("Enter")
    page.wait_for_selector("#hasil[data-outcome=found]")


def test_an_expired_result_offers_the_form_and_it_works(
    visitor: Visitor, live_site: LiveSite
) -> None:
    number = live_site.sample("assessment_day_3").nik
    page = visitor.open(f"/klaim/{expired_ticket(number)}")
    assert "kedaluwarsa" in page.locator("h1").inner_text()
    visitor.type_number(number)
    visitor.press()
    page.wait_for_selector("#hasil[data-outcome=found]")


def test_a_result_that_expires_while_open_tells_it_when_it_is_refreshed(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = visitor.open()
    page.clock.install()
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    gone = expired_ticket(live_site.sample("assessment_day_3").nik)
    page.route("**/klaim/*", lambda route: route.continue_(url=f"{live_site.url}/klaim/{gone}"))
    page.clock.fast_forward(60_000)
    expect(page.locator("#hasil[data-error=expired] h1")).to_be_visible()
    expect(page.locator("#nomor")).to_be_visible()


def test_an_unknown_address_is_a_page_with_the_form(visitor: Visitor) -> None:
    page = visitor.open("/tidak-ada")
    expect(page.locator("h1")).to_have_text("Halaman ini tidak ada.")
    expect(page.locator("#nomor")).to_be_visible()
