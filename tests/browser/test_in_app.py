"""Browsers inside other programs refuse things: what the page does then (docs/embedding.md)."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakeVisitor
from tests.browser.framing import SANDBOX, frame_tag, look_up, show
from tests.browser.host import HostPage
from tests.browser.visitor import Visitor
from tests.live import LiveSite

NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
REFUSED_CLIPBOARD = """Object.defineProperty(navigator, 'clipboard', {
    value: { writeText: () => Promise.reject(new DOMException('no', 'NotAllowedError')) } })"""
NO_PRINT = "window.print = undefined"
NO_SHARE = "Object.defineProperty(navigator, 'share', { value: undefined })"
SELECTED = "({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd)"
NO_WINDOWS = "window.open = () => null"

EVERYTHING = [NO_CLIPBOARD, NO_PRINT, NO_SHARE, NO_WINDOWS]


def refuse(visitor: Visitor, *what: str) -> None:
    visitor.page.add_init_script(";".join(what))


def keep_address(visitor: Visitor, number: str) -> Page:
    page = visitor.look_up(number)
    page.locator("#simpan button[type=submit]").first.click()
    page.wait_for_url(re.compile("/pantau/"))
    return page


def test_a_lookup_needs_nothing_of_all_that(visitor: Visitor, live_site: LiveSite) -> None:
    refuse(visitor, *EVERYTHING)
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    for refused in ("[data-print]", "[data-share]", "[data-copy]"):
        expect(page.locator(refused).locator("visible=true")).to_have_count(0)
    page.locator(".actions a").first.click()
    expect(page.locator("#nomor")).to_be_visible()


def test_without_a_clipboard_the_private_address_is_a_link_to_hold(
    visitor: Visitor, live_site: LiveSite
) -> None:
    refuse(visitor, *EVERYTHING)
    page = keep_address(visitor, live_site.sample("approval").nik)
    link = page.locator("#pantau p > a")
    expect(link).to_be_visible()
    address = str(link.get_attribute("href"))
    assert "/pantau/" in address
    page.locator("#pantau [data-copy]").click()
    expect(page.locator("#pantau input.refused")).to_be_focused()
    assert page.locator("#pantau input.refused").input_value() == address
    selected = "({ selectionStart, selectionEnd }) => selectionEnd - selectionStart"
    assert page.locator("#pantau input.refused").evaluate(selected) == len(address)


def test_where_downloads_are_refused_the_page_stays(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor(accept_downloads=False)
    page = keep_address(visitor, live_site.sample("approval").nik)
    before = page.url.partition("#")[0].partition("?")[0]
    page.locator(".developers > summary").click()
    page.locator('.developers a[href^="/"][href$=".ics"]').click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert page.url.startswith(before)
    assert ".ics" not in page.url
    # Not by a locator, which waits for the end of the navigation that was refused.
    assert page.evaluate("document.querySelector('#hasil').checkVisibility()")


@pytest.mark.parametrize("refused", [NO_CLIPBOARD, REFUSED_CLIPBOARD])
def test_what_an_editor_cannot_copy_is_selected_for_her(visitor: Visitor, refused: str) -> None:
    refuse(visitor, refused)
    page = visitor.open("/mitra?di=wordpress-penulis")
    button = page.locator("[data-copies=kode]")
    button.click()
    expect(button).to_have_text("Tekan lama untuk menyalin")
    selected = page.evaluate(
        "(({ value, selectionStart, selectionEnd }) => value.slice(selectionStart, selectionEnd))"
        "(document.activeElement)"
    )
    assert selected == page.locator("#kode").input_value()
    assert "/sematan?mitra=" in selected


def test_what_an_editor_copies_is_said_to_be_copied(visitor: Visitor) -> None:
    refuse(
        visitor,
        "window.copied = []",
        REFUSED_CLIPBOARD.replace(
            "() => Promise.reject(new DOMException('no', 'NotAllowedError'))",
            "(text) => { copied.push(text); return Promise.resolve(); }",
        ),
    )
    page = visitor.open("/mitra")
    page.locator("[data-copies=kode]").click()
    expect(page.locator("[data-copies=kode]")).to_have_text("Disalin")
    assert page.evaluate("copied") == [page.locator("#kode").input_value()]
    assert page.evaluate("copied")[0].startswith("<!-- wp:html -->")


def test_in_a_frame_that_opens_no_window_the_address_stands_as_text(
    reader: Visitor, host: HostPage
) -> None:
    reader.bear("allow-popups|Blocked opening")
    allowed = " ".join(each for each in SANDBOX.split() if "popups" not in each)
    frame = show(reader, host, frame_tag(reader.site).replace(SANDBOX, allowed))
    frame.locator(".frame-foot a").click()
    reader.page.wait_for_timeout(300)
    assert len(reader.page.context.pages) == 1
    assert "/sematan" in frame.url
    expect(frame.locator(".frame-address")).to_have_text(reader.site)


def test_in_a_frame_that_opens_no_window_a_press_shows_where_it_would_have_led(
    reader: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    reader.bear("allow-popups|Blocked opening")
    allowed = " ".join(each for each in SANDBOX.split() if "popups" not in each)
    frame = show(reader, host, frame_tag(reader.site).replace(SANDBOX, allowed))
    look_up(frame, framed_site.sample("missing_document").nik)
    button = frame.locator(".band a.button")
    field = frame.locator(".band a.button + input.refused")
    for _ in range(2):
        button.click()
        expect(field).to_be_focused()
        assert field.input_value() == button.get_attribute("href") + "/"
        assert field.evaluate(SELECTED) == field.input_value()


def test_in_a_frame_that_opens_windows_a_press_leads_out_and_shows_nothing(
    reader: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    frame = show(reader, host, frame_tag(reader.site))
    with reader.page.context.expect_page() as opened:
        frame.locator(".frame-foot a").click()
    opened.value.wait_for_url(f"{framed_site.url}/")
    assert opened.value.evaluate("window.opener") is None
    expect(frame.locator(".refused")).to_have_count(0)


def test_in_a_frame_that_sends_no_form_a_press_shows_the_way(
    reader: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    reader.bear("allow-forms|Blocked form|form submission")
    allowed = SANDBOX.replace("allow-forms ", "")
    frame = show(reader, host, frame_tag(reader.site).replace(SANDBOX, allowed))
    frame.locator("#nomor").fill(framed_site.sample("approval").nik)
    frame.locator("#nomor").press("Enter")
    expect(frame.locator(".frame-card")).to_be_visible()
    expect(frame.locator("h1")).to_be_focused()
    expect(frame.locator(".frame-card a")).to_have_attribute("href", re.compile(r"/$"))
    assert reader.requests("/sematan/lacak") == []
