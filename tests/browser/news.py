"""What happens at the core reaches an open page, or one that is opened again."""

import time

from playwright.sync_api import Page

from tests.browser.conftest import FRESH_SECONDS
from tests.browser.visitor import Visitor

A_CHECK_MS = 600_000
"""Later than the next check of a page that is open, however long that one waits."""


def keep(visitor: Visitor, number: str) -> Page:
    """Look a number up and make a private address of the result."""
    page = visitor.look_up(number)
    page.locator("#simpan button").first.click()
    page.wait_for_selector("#pantau")
    return page


def check(visitor: Visitor) -> None:
    """Let the page ask once more, when what the site holds is no longer fresh."""
    time.sleep(1.5 * FRESH_SECONDS)
    visitor.check_again(A_CHECK_MS)


def check_until(visitor: Visitor, selector: str) -> None:
    """Let the page ask until the site has heard of a change: at first it may give the old answer,
    while it fetches the new one."""
    for _ in range(5):
        check(visitor)
        if visitor.page.locator(selector).count():
            return


def reload_until(page: Page, selector: str) -> None:
    """Load the page until the site has heard of a change, each time as it was first left."""
    address = page.url
    for _ in range(10):
        time.sleep(FRESH_SECONDS)
        page.goto(address)
        if page.locator(selector).count():
            return
