"""The lookup inside a page of another origin, for those who may frame it and nobody else."""

from pathlib import Path

import pytest
from playwright.sync_api import Frame, expect

from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.host import HostPage
from tests.browser.visitor import Visitor
from tests.live import LiveSite
from tests.partners import partner, partners_file


@pytest.fixture
def visitor(make_visitor: MakeVisitor, framed_site: LiveSite) -> Visitor:
    return make_visitor(framed_site)


def open_host(visitor: Visitor, host: HostPage, path: str) -> Frame:
    host.frame(visitor.site + path)
    visitor.allow_host(host.origin)
    return visitor.open_host(host.origin)


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_partner_can_frame_the_whole_lookup(
    visitor: Visitor, framed_site: LiveSite, host: HostPage, prefix: str
) -> None:
    number = framed_site.sample("assessment_day_3").nik
    frame = open_host(visitor, host, f"{prefix}/sematan")
    frame.locator("#nomor").fill(number)
    frame.locator("#lacak button[type=submit]").click()
    frame.wait_for_selector("#hasil[data-outcome=found]")
    assert f"{prefix}/sematan/klaim/" in frame.evaluate("location.pathname")
    expect(frame.locator("h1")).to_be_focused()
    assert visitor.page.url == host.origin + "/"
    assert all(number not in each.url for each in visitor.sent)
    frame.locator(".leave > a").click()
    expect(frame.locator("#hasil")).to_have_count(0)
    expect(frame.locator("h1")).to_be_focused()
    # The heading is heard already.
    expect(frame.locator("#kabar")).to_have_text("")


def test_a_mistake_in_the_frame_stays_in_the_frame(visitor: Visitor, host: HostPage) -> None:
    visitor.bear("Blocked autofocusing")
    frame = open_host(visitor, host, "/sematan")
    frame.locator("#nomor").fill("12345")
    frame.locator("#nomor").press("Enter")
    frame.wait_for_selector("#hasil[data-outcome=invalid]")
    expect(frame.locator("#nomor")).to_have_value("12345")
    expect(frame.locator("#nomor")).to_be_focused()


def test_the_frame_works_without_javascript(
    make_visitor: MakeVisitor, framed_site: LiveSite, host: HostPage
) -> None:
    visitor = make_visitor(framed_site, java_script_enabled=False)
    frame = open_host(visitor, host, "/sematan")
    frame.locator("#nomor").fill(framed_site.sample("assessment_day_3").nik)
    frame.locator("#lacak button[type=submit]").click()
    frame.wait_for_selector("#hasil[data-outcome=found]")
    assert "/sematan/klaim/" in frame.url


def test_a_compact_frame_leaves_out_help_and_no_word_of_an_answer(
    make_visitor: MakeVisitor, make_live_site: MakeSite, host: HostPage, tmp_path: Path
) -> None:
    compact = partners_file(tmp_path, partner("koran", host.origin, compact=True))
    site = make_live_site(PARTNERS_FILE=str(compact))
    frame = open_host(make_visitor(site), host, "/sematan?mitra=koran")
    expect(frame.get_by_text("Tidak ada kartu?")).to_be_hidden()
    # The keyboard of a phone shows digits, until this is pressed.
    expect(frame.get_by_role("button", name="KPJ saya pakai huruf")).to_be_visible()
    frame.locator("#nomor").fill(site.sample("assessment_day_3").nik)
    frame.locator("#nomor").press("Enter")
    expect(frame.get_by_text("Hak Anda sedang dihitung. Bisa cair lebih cepat.")).to_be_visible()


def test_the_way_out_of_the_frame_opens_the_site_in_a_window_of_its_own(
    visitor: Visitor, host: HostPage
) -> None:
    frame = open_host(visitor, host, "/sematan")
    with visitor.page.context.expect_page() as opened:
        frame.locator(".frame-foot a").click()
    expect(opened.value).to_have_url(f"{visitor.site}/")
    assert opened.value.evaluate("opener") is None


def test_a_stranger_gets_no_form_to_frame(visitor: Visitor, stranger: HostPage) -> None:
    visitor.bear("frame-ancestors|chrome-error")
    frame = open_host(visitor, stranger, "/sematan")
    assert frame.locator("form").count() == 0
    result = open_host(visitor, stranger, "/sematan/klaim/anything")
    assert result.locator("form").count() == 0


@pytest.mark.parametrize("path", ["/", "/bantuan", "/mitra"])
def test_not_even_a_partner_may_frame_another_page(
    visitor: Visitor, host: HostPage, path: str
) -> None:
    visitor.bear("frame-ancestors|chrome-error|X-Frame-Options")
    frame = open_host(visitor, host, path)
    assert frame.url.startswith("chrome-error:")
