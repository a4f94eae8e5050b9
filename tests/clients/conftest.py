"""The same people, sites and hosts as in `tests/browser`, before the Firefox of the system."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.conftest import (  # noqa: F401
    framed_site,
    host,
    live_site,
    make_live_site,
    reader,
    stranger,
    visitor,
)
from tests.browser.visitor import PATIENCE_MS, Visitor
from tests.clients.firefox import start_firefox
from tests.live import LiveSite

MakeFirefox = Callable[..., Browser]


class FirefoxVisitor(Visitor):
    """A person with Firefox.

    Without scripts it loads none of them: the switch in Firefox itself also stops whoever
    drives it.
    """

    def __init__(self, browser: Browser, site: str, **context: Any) -> None:
        super().__init__(browser, site, **context)
        if not self._has_scripts:
            self._context.route("**/*.js", lambda route: route.abort())
            self.bear("hashes in the integrity attribute")


# The driver keeps an event loop running in this thread, which other tests could not bear.
@pytest.fixture(scope="package")
def driver() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def make_firefox(
    driver: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MakeFirefox]:
    """Start a Firefox with preferences of its own, by their names in about:config."""
    running: list[Browser] = []

    def make(preferences: dict[str, Any] | None = None) -> Browser:
        running.append(start_firefox(driver, tmp_path_factory.mktemp("firefox"), preferences))
        return running[-1]

    yield make
    for each in running:
        each.close()


@pytest.fixture(scope="package")
def browser(make_firefox: MakeFirefox) -> Browser:
    return make_firefox()


@pytest.fixture
def make_visitor(browser: Browser, live_site: LiveSite) -> Iterator[Callable[..., Visitor]]:  # noqa: F811
    """Bring people to the site; what their browser complained of fails the test."""
    visitors: list[Visitor] = []

    def make(site: LiveSite = live_site, **context: object) -> Visitor:
        visitors.append(FirefoxVisitor(browser, site.url, **context))
        return visitors[-1]

    yield make
    complaints = [text for each in visitors for text in each.leave()]
    assert complaints == []
