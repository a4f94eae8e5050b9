"""The people of these tests hear what a browser keeps, also where they leave on the way."""

from playwright.sync_api import Browser

from tests.browser.visitor import Visitor
from tests.live import LiveSite

GO_ON = """() => {
    indexedDB.databases = () => { location.assign('/'); return new Promise(() => {}); };
}"""
KEEP = "localStorage.setItem('nomor', 'x')"


def test_what_is_kept_is_found_on_the_next_page(browser: Browser, live_site: LiveSite) -> None:
    visitor = Visitor(browser, live_site.url)
    visitor.open().evaluate(KEEP)
    visitor.page.evaluate(GO_ON)
    assert visitor.leave() == ["kept nomor"]
