"""A real Chromium before the site as it runs in production."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.host import HostPage
from tests.browser.visitor import PATIENCE_MS, Visitor
from tests.live import LiveSite
from tests.needs import needed
from tests.web.following import change as move_on

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""The browser speaks to nobody but the site; without a sandbox because tests run as root."""

FRESH_SECONDS = 1

MakeVisitor = Callable[..., Visitor]
MakeSite = Callable[..., LiveSite]


# The driver keeps an event loop running in this thread, which other tests could not bear.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = needed("browser")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=list(FLAGS))
        yield chromium
        chromium.close()


def launch_whole(beside: Browser, *flags: str, **options: Any) -> Browser:
    """Start a Chromium with all that the one without windows lacks."""
    return beside.browser_type.launch(
        executable_path=needed("whole_browser"), args=[*FLAGS, *flags], **options
    )


@pytest.fixture(scope="session")
def make_live_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeSite]:
    """Start sites with settings of their own; their logs are read when the tests are over."""
    sites: list[LiveSite] = []

    def make(**settings: str) -> LiveSite:
        logs = tmp_path_factory.mktemp("site") / "site.log"
        sites.append(LiveSite(logs, **settings).__enter__())
        return sites[-1]

    yield make
    for site in sites:
        site.__exit__(None, None, None)
    shown = [line for site in sites for line in site.numbers_in_log()]
    assert not shown, f"{len(shown)} lines of the logs hold a number"


@pytest.fixture(scope="session")
def live_site(make_live_site: MakeSite) -> LiveSite:
    return make_live_site()


@pytest.fixture(scope="session")
def host() -> Iterator[HostPage]:
    """A page of somebody else who may frame what `framed_site` shows; each test writes it anew."""
    with HostPage() as page:
        yield page


@pytest.fixture(scope="session")
def stranger() -> Iterator[HostPage]:
    """A page of somebody else who may frame nothing."""
    with HostPage() as page:
        yield page


@pytest.fixture(scope="session")
def framed_site(make_live_site: MakeSite, host: HostPage) -> LiveSite:
    return make_live_site(EMBED_ORIGINS=host.origin)


@pytest.fixture(scope="module")
def quick_site(make_live_site: MakeSite) -> LiveSite:
    """A site whose answers are fresh for a second, so that a change shows soon."""
    return make_live_site(CACHE_FRESH_SECONDS=str(FRESH_SECONDS))


@pytest.fixture
def change(quick_site: LiveSite) -> Callable[..., None]:
    """Move a claim of the quick site on at its core."""
    return lambda situation, **what: move_on(quick_site.core, quick_site.sample(situation), **what)


@pytest.fixture
def make_visitor(browser: Browser, live_site: LiveSite) -> Iterator[MakeVisitor]:
    """Bring people to the site; what their browser complained of fails the test."""
    visitors: list[Visitor] = []

    def make(site: LiveSite = live_site, **context: object) -> Visitor:
        visitors.append(Visitor(browser, site.url, **context))
        return visitors[-1]

    yield make
    complaints = [text for visitor in visitors for text in visitor.leave()]
    assert complaints == []


@pytest.fixture
def visitor(make_visitor: MakeVisitor) -> Visitor:
    """Someone with a phone."""
    return make_visitor()


@pytest.fixture
def reader(make_visitor: MakeVisitor, framed_site: LiveSite, host: HostPage) -> Visitor:
    """Someone who reads the page of the host."""
    reader = make_visitor(framed_site)
    reader.allow_host(host.origin)
    reader.bear("Blocked autofocusing")
    return reader
