"""The frame in a browser that gives third parties neither cookies nor storage."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Frame, expect

from tests.browser.conftest import FRESH_SECONDS, MakeSite, launch_whole
from tests.browser.host import HostPage
from tests.browser.visitor import Visitor
from tests.live import LiveSite
from tests.partners import partner, partners_file
from tests.web.following import change

SEVERAL_CHECKS_MS = 600_000
BEFORE = ("just_registered", "document_check", "approval", "paid_today", "step_back")
STORES = """() => ['localStorage', 'sessionStorage'].filter((name) => {
    try { return window[name]; } catch (error) { return error.name !== 'SecurityError'; }
})"""
KEEP_COOKIE = """() => {
    document.cookie = 'kept=1; SameSite=None; Secure';
    return document.cookie;
}"""


@pytest.fixture(scope="module")
def site(
    make_live_site: MakeSite, host: HostPage, tmp_path_factory: pytest.TempPathFactory
) -> LiveSite:
    folder = tmp_path_factory.mktemp("partners")
    return make_live_site(
        PARTNERS_FILE=str(partners_file(folder, partner("koran", host.origin))),
        GUARD_OFF="0",
        POW_SCALE="0.05",
        CACHE_FRESH_SECONDS=str(FRESH_SECONDS),
    )


@pytest.fixture
def visitor(browser: Browser, site: LiveSite, host: HostPage) -> Iterator[Visitor]:
    """Someone whose browser blocks third parties."""
    strict = launch_whole(browser, "--block-third-party-cookies")
    visitor = Visitor(strict, site.url)
    visitor.allow_host(host.origin)
    yield visitor
    complaints = visitor.leave()
    strict.close()
    assert complaints == []


def open_frame(visitor: Visitor, host: HostPage) -> Frame:
    host.frame(f"{visitor.site}/sematan?mitra=koran")
    return visitor.open_host(host.origin)


def look_up(frame: Frame, number: str) -> None:
    frame.locator("#nomor").fill(number)
    frame.locator("#lacak button[type=submit]").click()
    frame.wait_for_selector("#hasil[data-outcome=found]")
    expect(frame.locator("h1:focus")).to_have_count(1)


def test_the_browser_of_these_tests_blocks_for_real(visitor: Visitor, host: HostPage) -> None:
    frame = open_frame(visitor, host)
    assert frame.evaluate(STORES) == []
    assert frame.evaluate(KEEP_COOKIE) == ""
    assert visitor.page.evaluate("localStorage.length") == 0


def test_the_work_of_the_guard_is_done_inside_the_frame(
    visitor: Visitor, host: HostPage, site: LiveSite
) -> None:
    frame = open_frame(visitor, host)
    for situation in BEFORE:
        look_up(frame, site.sample(situation).nik)
        frame.locator(".actions a").click()
        frame.wait_for_selector("#lacak")
    asked = [each for each in visitor.requests("/sematan/lacak") if each.response().status == 403]
    assert asked, "the guard asked nothing of someone with five numbers"
    assert all("mitra=koran" in each.url for each in visitor.requests("/sematan/lacak"))
    assert visitor.page.url == f"{host.origin}/"


def test_an_open_result_follows_its_claim_inside_the_frame(
    visitor: Visitor, host: HostPage, site: LiveSite
) -> None:
    visitor.hold_clock()
    number = site.sample("approval").nik
    frame = open_frame(visitor, host)
    look_up(frame, number)
    before = frame.locator("h1").inner_text()
    change(site.core, site.sample("approval"), stage="payment")
    for _ in range(4):
        time.sleep(1.5 * FRESH_SECONDS)
        visitor.check_again(SEVERAL_CHECKS_MS, frame)
        if frame.locator("h1").inner_text() != before:
            break
    told = frame.locator("h1").inner_text()
    assert told != before
    expect(frame.locator("[role=status]")).to_have_text(told)
    assert "/sematan/klaim/" in frame.evaluate("location.pathname")
    assert all(number not in each.url for each in visitor.sent)
