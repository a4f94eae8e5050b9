"""On a phone of somebody else: clear the screen, pass the site on, take a print along."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.visitor import Visitor
from tests.live import LiveSite

CLEAR = "form[data-clear] button"
FORM = re.compile(r":\d+/$")
TO_CLIPBOARD = ["clipboard-read", "clipboard-write"]


def is_empty_form(page: Page) -> None:
    expect(page).to_have_url(FORM)
    expect(page.locator("#nomor")).to_have_value("")
    expect(page.locator("#hasil")).to_have_count(0)


def test_clearing_shows_the_empty_form_and_so_does_back(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    result = page.url
    with page.expect_response("**/bersihkan") as answer:
        page.locator(CLEAR).click()
    assert answer.value.all_headers()["clear-site-data"] == '"storage"'
    is_empty_form(page)
    page.go_back()
    is_empty_form(page)
    page.goto(result)
    is_empty_form(page)


@contextmanager
def never_answering(site: LiveSite) -> Iterator[None]:
    """While inside, connections are accepted and nothing is answered."""
    workers = site.workers()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)


def leavings(visitor: Visitor, path: str) -> int:
    """Return how often the browser set out for a page."""
    return sum(each.is_navigation_request() for each in visitor.requests(path))


def is_cleared(page: Page) -> None:
    expect(page.locator("#hasil")).to_have_count(0)
    expect(page.locator("body")).to_have_text("Sudah dihapus dari layar ini.")
    assert FORM.search(page.url)
    assert page.title() == "Lacak Klaim"


def test_a_server_that_never_answers_holds_nobody_up(
    make_visitor: MakeVisitor, make_live_site: MakeSite
) -> None:
    site = make_live_site()
    visitor = make_visitor(site)
    visitor.hold_clock()
    page = visitor.look_up(site.sample("assessment_day_3").nik)
    result, before = page.url, leavings(visitor, "/")
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    with never_answering(site):
        page.locator(CLEAR).click()
        is_cleared(page)
        page.clock.fast_forward(1_900)
        is_cleared(page)
        assert leavings(visitor, "/") == before
        with page.expect_request(lambda request: request.is_navigation_request()):
            page.clock.fast_forward(100)
    is_empty_form(page)
    page.go_back()
    is_empty_form(page)
    page.goto(result)
    is_empty_form(page)


def test_a_server_that_is_gone_holds_nobody_up(
    make_visitor: MakeVisitor, make_live_site: MakeSite
) -> None:
    site = make_live_site()
    visitor = make_visitor(site)
    visitor.bear("ERR_CONNECTION_REFUSED")
    visitor.hold_clock()
    page = visitor.look_up(site.sample("assessment_day_3").nik)
    site.stop()
    with page.expect_request(lambda request: request.is_navigation_request()) as left:
        page.locator(CLEAR).click()
    assert FORM.search(left.value.url)
    expect(page.locator("#hasil")).to_have_count(0)
    site.start()
    page.goto(left.value.url)
    is_empty_form(page)


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_clearing_ends_the_private_address_where_that_is_ticked(
    make_visitor: MakeVisitor, live_site: LiveSite, has_script: bool
) -> None:
    page = make_visitor(java_script_enabled=has_script).look_up(live_site.sample("approval").nik)
    result = page.url
    page.locator("#simpan button[type=submit]").first.click()
    expect(page.locator("#pantau")).to_be_visible()
    private = page.url
    page.get_by_label("Matikan juga link pribadi ini").check()
    page.locator(CLEAR).click()
    is_empty_form(page)
    page.go_back()
    expect(page.locator("#hasil article")).to_have_count(0)
    page.goto(result)
    is_empty_form(page)
    gone = page.goto(private)
    assert gone is not None and gone.status == 410


def test_without_javascript_clearing_works_as_well(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor(java_script_enabled=False)
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    page.locator(CLEAR).click()
    is_empty_form(page)
    page.go_back()
    is_empty_form(page)


def test_a_followed_page_that_was_cleared_is_not_behind_back(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    page.locator("#simpan button").first.click()
    page.wait_for_selector("#pantau")
    address = page.url
    page.locator(CLEAR).click()
    is_empty_form(page)
    page.goto(address)
    expect(page.locator("#pantau")).to_be_visible()


def kept(visitor: Visitor, site: LiveSite) -> Page:
    """Look up, and make the private link."""
    page = visitor.look_up(site.sample("assessment_day_3").nik)
    page.locator("#simpan button").first.click()
    page.wait_for_selector("#pantau")
    return page


def test_sharing_hands_on_the_private_link_and_never_the_ticket(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor()
    visitor.page.add_init_script(
        "window.shared = []; navigator.share = async (what) => { window.shared.push(what); };"
    )
    page = kept(visitor, live_site)
    page.locator("[data-share]").click()
    assert page.evaluate("window.shared") == [{"url": page.url}]


@pytest.mark.parametrize(("failure", "leads_on"), [("AbortError", 0), ("NotAllowedError", 1)])
def test_whatsapp_stands_in_for_a_sheet_that_fails_and_not_for_one_that_is_closed(
    make_visitor: MakeVisitor, live_site: LiveSite, failure: str, leads_on: int
) -> None:
    visitor = make_visitor()
    visitor.page.add_init_script(
        f"""window.opened = []; window.open = (address) => {{ window.opened.push(address); }};
        navigator.share = async () => {{ throw new DOMException('no', '{failure}'); }};"""
    )
    link = kept(visitor, live_site).locator("[data-share]")
    link.click()
    opened = visitor.page.evaluate("new Promise((done) => setTimeout(() => done(window.opened)))")
    assert opened == [link.get_attribute("href")] * leads_on


def test_without_a_sheet_whatsapp_is_a_plain_link_to_oneself(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor(java_script_enabled=False)
    page = kept(visitor, live_site)
    link = page.locator("#pantau a.button")
    address = unquote(str(link.get_attribute("href")))
    assert address.startswith(f"https://wa.me/?text={live_site.url}/pantau/")
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_the_private_link_is_copied_and_the_button_says_so(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor(permissions=TO_CLIPBOARD)
    visitor.hold_clock()
    page = kept(visitor, live_site)
    button = page.locator("#pantau [data-copy]")
    expect(button).to_be_visible()
    before = button.inner_text()
    for _ in range(2):
        button.click()
        expect(button).to_have_text("Disalin")
    expect(page.locator("[role=status]")).to_have_text("Disalin")
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.clock.run_for(10_000)
    expect(button).to_have_text(before)


def test_where_copying_is_refused_the_address_stands_selected(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor()
    visitor.page.add_init_script(
        "navigator.clipboard.writeText = () => Promise.reject(new Error('refused'));"
    )
    page = kept(visitor, live_site)
    page.locator("#pantau [data-copy]").click()
    field = page.locator("#pantau input.refused")
    expect(field).to_be_focused()
    chosen = "(field) => field.value.slice(field.selectionStart, field.selectionEnd)"
    assert field.evaluate(chosen) == page.url


def test_a_print_carries_address_time_and_freshness_and_no_buttons(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    page.emulate_media(media="print")
    expect(page.locator(".end > .printed")).to_have_text(f"{live_site.url}/")
    whole_date = page.locator(".meta .printed")
    expect(whole_date).to_be_visible()
    expect(whole_date).to_have_text(re.compile(r"^Data \w+, \d+\s\w+ \d{4}, \d\d\.\d\d WIB$"))
    expect(page.locator("[data-fresh]")).to_be_hidden()
    for hidden in ("#simpan", ".actions", ".tongue"):
        expect(page.locator(hidden).first).to_be_hidden()
    ticket = page.url.rpartition("/")[2]
    assert ticket not in page.locator("body").inner_text()
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert pages <= 2
