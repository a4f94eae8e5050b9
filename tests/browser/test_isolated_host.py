"""The frame in a page that isolates itself (COEP): it shows only frames that agree to it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Frame

from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.framing import frame_tag, host_script, show
from tests.browser.host import HostPage
from tests.live import LiveSite

NUMBERS = ("just_registered", "document_check", "approval", "paid_today")
"""The last of them costs work: three are free."""


@pytest.fixture(scope="module")
def isolated() -> Iterator[HostPage]:
    with HostPage() as page:
        page.headers = {
            "Cross-Origin-Embedder-Policy": "require-corp",
            "Cross-Origin-Opener-Policy": "same-origin",
        }
        yield page


@pytest.fixture(scope="module")
def site(make_live_site: MakeSite, isolated: HostPage) -> LiveSite:
    return make_live_site(EMBED_ORIGINS=isolated.origin, GUARD_OFF="0", POW_SCALE="0.05")


def look_up_and_go_back(frame: Frame, number: str) -> None:
    """Press by script: such a page's frames are processes of their own, which no key reaches."""
    frame.locator("#nomor").fill(number)
    frame.locator("#lacak").evaluate("(form) => form.requestSubmit()")
    frame.wait_for_selector("#hasil[data-outcome=found]")
    frame.locator(".actions a").evaluate("(link) => link.click()")
    frame.wait_for_selector("#lacak")


@pytest.mark.parametrize("scripts", [True, False], ids=["htmx", "without scripts"])
def test_such_a_page_shows_the_whole_lookup(
    make_visitor: MakeVisitor, site: LiveSite, isolated: HostPage, scripts: bool
) -> None:
    visitor = make_visitor(site, java_script_enabled=scripts)
    visitor.allow_host(isolated.origin)
    isolated.frame(f"{site.url}/sematan")
    frame = visitor.open_host(isolated.origin)
    look_up_and_go_back(frame, site.sample(NUMBERS[0]).nik)


def test_the_work_of_the_guard_is_done_there(
    make_visitor: MakeVisitor, site: LiveSite, isolated: HostPage
) -> None:
    visitor = make_visitor(site)
    visitor.allow_host(isolated.origin)
    frame = show(visitor, isolated, frame_tag(site.url) + host_script(site.url))
    assert visitor.page.evaluate("crossOriginIsolated")
    for name in NUMBERS:
        look_up_and_go_back(frame, site.sample(name).nik)
    assert visitor.requests("/static/vendor/altcha"), "the guard asked for no work"
