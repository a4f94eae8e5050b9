"""No answer, a late one or a stranger's: said within ten seconds, with the number kept."""

import re
from collections.abc import Callable, Iterator

import pytest
import requests
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.visitor import NO_FADE, Visitor, without_own_headers
from tests.live import LiveSite

MAX_SILENCE_MS = 10_000
NO_ANSWER = r"net::ERR_|Failed to fetch|htmx:error: timeout"


@pytest.fixture(scope="module")
def live_site(make_live_site: MakeSite) -> LiveSite:
    """A site of these tests' own: what it has not been asked yet, it cannot answer from a copy."""
    return make_live_site()


@pytest.fixture
def break_core(live_site: LiveSite) -> Iterator[Callable[..., None]]:
    """Let the core of the site fail in a way; it works again when the test is over."""

    def set_fault(mode: str, **more: int) -> None:
        fault = {"mode": mode, **more}
        requests.post(f"{live_site.core.url}/sandbox/faults", json=fault, timeout=5)

    yield set_fault
    set_fault("none")


def expect_trouble(page: Page, typed: str) -> None:
    """The message stands beside the form, is spoken, and its button has the focus."""
    expect(page.locator(".trouble")).to_be_visible()
    expect(page.locator("#nomor")).to_have_value(typed)
    expect(page.locator("[data-retry]")).to_be_focused()
    expect(page.locator("[role=status]")).to_have_text(page.locator(".trouble h2").inner_text())
    expect(page.locator("#lacak button[type=submit]")).to_be_enabled()


def test_a_site_that_is_gone_is_told_and_one_press_tries_again(
    make_live_site: MakeSite, make_visitor: MakeVisitor
) -> None:
    site = make_live_site()
    visitor = make_visitor(site)
    visitor.bear(NO_ANSWER)
    number = site.sample("assessment_day_3").nik
    visitor.open()
    site.stop()
    visitor.type_number(number)
    visitor.press()
    expect_trouble(visitor.page, number)
    site.start()
    visitor.page.locator("[data-retry]").click()
    visitor.page.wait_for_selector("#hasil[data-outcome=found]")
    expect(visitor.page.locator(".trouble")).to_have_count(0)


def test_silence_is_told_within_ten_seconds(visitor: Visitor, live_site: LiveSite) -> None:
    number = live_site.sample("assessment_day_3").nik
    visitor.bear(NO_ANSWER)
    page = visitor.open()
    page.clock.install()
    held: list[Route] = []
    page.route("**/lacak", lambda route: held.append(route))
    visitor.type_number(number)
    with page.expect_request("**/lacak"):
        visitor.press()
    expect(page.locator("#lacak .htmx-indicator")).to_be_visible()
    expect(page.locator(".trouble")).to_have_count(0)
    page.clock.run_for(MAX_SILENCE_MS)
    expect_trouble(page, number)


def test_being_offline_is_told_as_such(make_visitor: MakeVisitor, live_site: LiveSite) -> None:
    visitor = make_visitor()
    visitor.bear(NO_ANSWER)
    page = visitor.open()
    visitor.type_number(live_site.sample("assessment_day_3").nik)
    page.context.set_offline(True)
    visitor.press()
    expect(page.locator(".trouble h2")).to_have_text("Internet Anda terputus.")
    page.context.set_offline(False)
    page.locator("[data-retry]").click()
    page.wait_for_selector("#hasil[data-outcome=found]")


@pytest.mark.parametrize("status", [200, 502], ids=["login_page_of_a_network", "proxy_error"])
def test_a_page_of_somebody_else_is_never_shown_as_an_answer(
    visitor: Visitor, live_site: LiveSite, status: int
) -> None:
    number = live_site.sample("assessment_day_3").nik
    visitor.bear("502")
    page = visitor.open()
    strange = "<!doctype html><title>Wi-Fi</title><h1>Log in to the network</h1>"
    page.route("**/lacak", lambda route: route.fulfill(status=status, body=strange))
    visitor.type_number(number)
    visitor.press()
    expect_trouble(page, number)
    assert "Log in" not in page.content()


@pytest.mark.parametrize("way", ["/", "/sematan"])
def test_where_a_proxy_drops_our_headers_no_page_stands_within_another(
    visitor: Visitor, live_site: LiveSite, way: str
) -> None:
    visitor.bear(NO_FADE)
    page = visitor.open(way)
    page.route("**/*", without_own_headers)
    visitor.type_number("12345")
    visitor.press()
    expect(page.locator(".field-error")).to_be_visible()
    expect(page.locator("main")).to_have_count(1)
    visitor.type_number(live_site.sample("missing_document").nik)
    visitor.press()
    page.wait_for_selector("#hasil[data-outcome=found]")
    expect(page).to_have_url(re.compile(r"/klaim/[\w-]+$"))
    with page.expect_response("**/klaim/**"):
        page.evaluate("document.body.dispatchEvent(new Event('perbarui'))")
    page.wait_for_timeout(500)
    expect(page.locator("main")).to_have_count(1)
    expect(page.locator("#hasil")).to_have_count(1)


def test_a_slow_core_shows_that_the_search_goes_on_and_then_the_claim(
    visitor: Visitor, live_site: LiveSite, break_core: Callable[..., None]
) -> None:
    break_core("slow", latency_ms=3000)
    page = visitor.open()
    visitor.type_number(live_site.sample("partial_10").nik)
    visitor.press()
    expect(page.locator("#lacak .htmx-indicator")).to_be_visible()
    expect(page.locator("#lacak button[type=submit]")).to_be_disabled()
    # Who does not see it hears the same.
    expect(page.locator("#lacak button[type=submit]")).to_have_accessible_name("Mencari…")
    page.wait_for_selector("#hasil[data-outcome=found]")


def test_a_core_that_is_down_keeps_the_number_and_names_the_phone(
    visitor: Visitor, live_site: LiveSite, break_core: Callable[..., None]
) -> None:
    number = live_site.sample("long_names").nik
    break_core("down")
    page = visitor.look_up(number, outcome="unavailable")
    expect(page.locator("#nomor")).to_have_value(number)
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("main a[href='tel:175']").first).to_be_visible()
    break_core("none")
    # The site leaves a core alone for a moment after it failed.
    for _ in range(10):
        visitor.press()
        page.wait_for_timeout(1000)
        if page.locator("#hasil[data-outcome=found]").count():
            return
    pytest.fail("the core is back and the site has not noticed")


def test_the_form_works_before_any_script_has_arrived(
    visitor: Visitor, live_site: LiveSite
) -> None:
    visitor.bear(NO_ANSWER)
    # Chromium reports that it left out the fade between the two pages.
    visitor.bear(NO_FADE)
    visitor.page.route("**/*.js", lambda route: route.abort())
    page = visitor.open()
    expect(page.locator("[data-letters]")).to_be_hidden()
    visitor.type_number(live_site.sample("assessment_day_3").nik)
    visitor.press()
    page.wait_for_selector("#hasil[data-outcome=found]")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_the_page_of_an_accident_keeps_the_number(
    visitor: Visitor, live_site: LiveSite, status: int
) -> None:
    """It knows no number itself; whoever typed one presses again."""
    number = live_site.sample("assessment_day_3").nik
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    accident = requests.get(f"{live_site.url}/klaim/x", headers=headers, timeout=10).text
    visitor.bear(f"status of {status}")
    page = visitor.open()
    page.route(
        "**/lacak",
        lambda route: route.fulfill(status=status, body=accident, content_type="text/html"),
        times=1,
    )
    visitor.type_number(number)
    visitor.press()
    expect(page.locator("#hasil[data-error] h1")).to_be_focused()
    expect(page.locator("#nomor")).to_have_value(number)
    visitor.press()
    page.wait_for_selector("#hasil[data-outcome=found]")
