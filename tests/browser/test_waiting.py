"""A place in the line before the core, in a real browser: it comes to its answer by itself."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import MakeSite, MakeVisitor
from tests.live import LiveSite

SLOW_MS = 4000


@pytest.fixture(scope="module")
def narrow_site(make_live_site: MakeSite) -> LiveSite:
    """A site that has one request at the core, and no more."""
    return make_live_site(CORE_CONNECTIONS="1", EMBED_ORIGINS="https://news.example")


@pytest.fixture(params=["paid_today"])
def occupied(request: pytest.FixtureRequest, narrow_site: LiveSite) -> Iterator[LiveSite]:
    """Somebody else's number is at the core, which takes its time."""
    fault(narrow_site, "slow", latency_ms=SLOW_MS)
    number = narrow_site.sample(request.param).nik

    def ask() -> None:
        body = urlencode({"nomor": number}).encode()
        with urlopen(Request(f"{narrow_site.url}/lacak", body), timeout=30) as answer:
            answer.read()

    other = threading.Thread(target=ask)
    other.start()
    wait_until(lambda: stats(narrow_site)["in_flight"] == 1)
    yield narrow_site
    fault(narrow_site, "none")
    other.join()


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def fault(site: LiveSite, mode: str, **more: object) -> None:
    body = json.dumps({"mode": mode, **more}).encode()
    headers = {"Content-Type": "application/json"}
    urlopen(Request(f"{site.core.url}/sandbox/faults", body, headers), timeout=5).close()


def stats(site: LiveSite) -> dict[str, int]:
    with urlopen(f"{site.core.url}/sandbox/stats", timeout=5) as answer:
        counts: dict[str, int] = json.load(answer)
        return counts


def test_who_waits_comes_to_the_answer_without_doing_anything(
    make_visitor: MakeVisitor, occupied: LiveSite
) -> None:
    visitor = make_visitor(occupied)
    visitor.open()
    visitor.type_number(occupied.sample("assessment_day_3").nik)
    visitor.press()
    page = visitor.page
    page.wait_for_selector("#hasil[data-outcome=waiting]")
    expect(page).to_have_url(re.compile(r"/antre/[\w-]{100,}$"))
    expect(page.locator("h1")).to_contain_text("Giliran Anda")
    assert "detik" not in page.title()
    assert not violations(page)
    fault(occupied, "none")
    page.wait_for_selector("#hasil[data-outcome=found]", timeout=30_000)
    expect(page).to_have_url(re.compile(r"/klaim/[\w-]{20,}$"))
    page.go_back()
    expect(page).to_have_url(f"{occupied.url}/")
    expect(page.locator("#nomor")).to_have_value("")


@pytest.mark.parametrize("occupied", ["overdue"], indirect=True)
def test_without_javascript_the_page_says_the_turn_and_leads_on(
    make_visitor: MakeVisitor, occupied: LiveSite
) -> None:
    visitor = make_visitor(occupied, java_script_enabled=False)
    visitor.open()
    visitor.type_number(occupied.sample("document_check").nik)
    visitor.press()
    page = visitor.page
    expect(page.locator("#hasil[data-outcome=waiting]")).to_be_visible()
    expect(page.get_by_text("Jangan muat ulang sendiri")).to_be_visible()
    fault(occupied, "none")
    wait_until(lambda: stats(occupied)["in_flight"] == 0)
    page.get_by_text("Lihat giliran saya").click()
    expect(page.locator("#hasil[data-outcome=found]")).to_be_visible()


@pytest.mark.parametrize("occupied", ["interview_tomorrow"], indirect=True)
def test_on_a_wide_screen_the_line_is_no_wider_than_what_is_read(
    make_visitor: MakeVisitor, occupied: LiveSite
) -> None:
    visitor = make_visitor(occupied, viewport={"width": 1280, "height": 800})
    visitor.open()
    visitor.type_number(occupied.sample("step_back").nik)
    visitor.press()
    line = visitor.page.locator("#hasil[data-outcome=waiting] .line")
    line.wait_for()
    box = line.bounding_box()
    assert box is not None
    assert box["width"] <= 44 * 17
