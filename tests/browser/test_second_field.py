"""The second field in a browser: pasted into, left behind, and in other people's frames."""

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.framing import SANDBOX, frame_tag, show
from tests.browser.host import HostPage
from tests.live import LiveSite


@pytest.fixture(scope="module")
def asking_site(make_live_site: MakeSite, host: HostPage) -> LiveSite:
    return make_live_site(SECOND_FACTOR="kpj_suffix", EMBED_ORIGINS=host.origin)


def test_a_card_number_that_is_pasted_in_groups_is_taken_whole(
    make_visitor: MakeVisitor, asking_site: LiveSite
) -> None:
    """Cut to as many characters as a card has, it ended in other ones: nothing was found."""
    sample = asking_site.sample("approval")
    page = make_visitor(asking_site).open("/")
    page.locator("#nomor").fill(sample.nik)
    page.locator("#kartu").focus()
    page.keyboard.insert_text(f"{sample.kpj[:4]} {sample.kpj[4:8]} {sample.kpj[8:]}")
    page.keyboard.press("Enter")
    expect(page.locator("#hasil[data-outcome=found]")).to_be_visible()


def test_a_page_that_the_browser_kept_shows_nothing_that_was_typed(
    make_visitor: MakeVisitor, asking_site: LiveSite
) -> None:
    page = make_visitor(asking_site).open("/")
    for field in ("#nomor", "#kartu"):
        page.locator(field).fill("45")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert [each.input_value() for each in page.locator(".field").all()] == ["", ""]


def test_the_page_of_an_accident_keeps_the_end_of_the_card(
    make_visitor: MakeVisitor, asking_site: LiveSite
) -> None:
    sample = asking_site.sample("approval")
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    accident = requests.get(f"{asking_site.url}/klaim/x", headers=headers, timeout=10).text
    visitor = make_visitor(asking_site)
    visitor.bear("status of 500")
    page = visitor.open("/")
    page.route(
        "**/lacak",
        lambda route: route.fulfill(status=500, body=accident, content_type="text/html"),
        times=1,
    )
    page.locator("#nomor").fill(sample.nik)
    page.locator("#kartu").fill(sample.kpj[-2:])
    page.keyboard.press("Enter")
    expect(page.locator("#hasil[data-error] h1")).to_be_focused()
    page.locator("#kartu").press("Enter")
    expect(page.locator("#hasil[data-outcome=found]")).to_be_visible()


def test_a_frame_that_sends_no_form_shows_the_way(
    make_visitor: MakeVisitor, asking_site: LiveSite, host: HostPage
) -> None:
    reader = make_visitor(asking_site)
    reader.allow_host(host.origin)
    reader.bear("Blocked autofocusing|allow-forms|Blocked form|form submission")
    allowed = SANDBOX.replace("allow-forms ", "")
    frame = show(reader, host, frame_tag(asking_site.url).replace(SANDBOX, allowed))
    frame.locator("#kartu").fill("45")
    frame.locator("#kartu").press("Enter")
    expect(frame.locator(".frame-card")).to_be_visible()
