"""A place in the line before the core, in a real browser: it comes to its answer by itself."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Route, expect

from tests.browser.axe import violations
from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.visitor import NO_FADE, without_own_headers
from tests.live import LiveSite

SLOW_MS = 4000
NEXT_QUESTION_MS = 61_000
"""The longest pause before a question that was lost is asked again."""


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
        # On a busy machine the core may take too long for it; what matters is that it was asked.
        with suppress(HTTPError):
            urlopen(Request(f"{narrow_site.url}/lacak", body), timeout=30).close()

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


@pytest.mark.parametrize("occupied", ["clock_day_4"], indirect=True)
def test_so_does_who_sits_behind_a_proxy_that_drops_our_headers(
    make_visitor: MakeVisitor, occupied: LiveSite
) -> None:
    visitor = make_visitor(occupied)
    visitor.bear(NO_FADE)
    page = visitor.open()
    page.route("**/*", without_own_headers)
    visitor.type_number(occupied.sample("clock_day_1").nik)
    visitor.press()
    page.wait_for_selector("#hasil[data-outcome=waiting]")
    fault(occupied, "none")
    page.wait_for_selector("#hasil[data-outcome=found]", timeout=40_000)
    expect(page.locator("main")).to_have_count(1)


@pytest.mark.parametrize("occupied", ["approval"], indirect=True)
def test_of_the_time_left_only_what_the_server_wants_said_is_spoken_and_the_focus_stays(
    make_visitor: MakeVisitor, occupied: LiveSite
) -> None:
    visitor = make_visitor(occupied)
    visitor.open()
    visitor.type_number(occupied.sample("clock_day_2").nik)
    page = visitor.page
    told = {40: "", 35: "", 20: "sekitar 20 detik lagi", 15: ""}
    said = ""
    times = iter(told.items())

    def still(route: Route) -> None:
        seconds, says = next(times, (15, ""))
        spoken = f'<section data-say="{says}"' if says else "<section"
        later = re.sub(r"sekitar \d+ detik lagi", f"sekitar {seconds} detik lagi", waiting)
        body = later.replace("<section", spoken)
        route.fulfill(status=202, body=body, content_type="text/html; charset=utf-8")

    page.route("**/antre/**", still)
    visitor.press()
    page.wait_for_selector("#hasil[data-outcome=waiting]")
    # The heading, which has the focus, says the first.
    expect(page.locator("h1")).to_be_focused()
    waiting = page.locator("#hasil").evaluate("(each) => each.outerHTML")
    leave = page.get_by_role("button", name="Batal")
    leave.focus()
    for seconds, says in told.items():
        said = says or said
        expect(page.locator("h1")).to_contain_text(f"sekitar {seconds} detik lagi")
        expect(page.locator("#kabar")).to_have_text(said)
        expect(leave).to_be_focused()


@pytest.mark.parametrize("occupied", ["paused_after_two_days"], indirect=True)
def test_a_place_asks_once_in_each_pause(make_visitor: MakeVisitor, occupied: LiveSite) -> None:
    visitor = make_visitor(occupied)
    visitor.open()
    visitor.type_number(occupied.sample("clock_day_5").nik)
    page, asked = visitor.page, list[float]()

    def still(route: Route) -> None:
        asked.append(time.monotonic())
        route.fulfill(status=202, body=waiting, content_type="text/html; charset=utf-8")

    page.route(re.compile("/antre/.*tadi="), still)
    with page.expect_response(re.compile("/lacak$")) as first:
        visitor.press()
    waiting = re.sub(r"delay:\d+s", "delay:1s", first.value.text())
    wait_until(lambda: page.wait_for_timeout(100) is None and len(asked) > 5)
    assert min(later - before for before, later in pairwise(asked)) > 0.9


LOST = (
    None,
    {"status": 502, "body": "Bad Gateway", "content_type": "text/plain"},
    {"status": 429, "body": "<h1>Situs ini sedang sangat ramai.</h1>", "content_type": "text/html"},
    {"status": 500, "body": '<section id="hasil" data-error="x"></section>'},
)
"""What becomes of a question on its way: nothing, or an answer that is none."""


@pytest.mark.parametrize("occupied", ["payment_scheduled"], indirect=True)
def test_a_question_that_is_lost_is_asked_again_until_there_is_an_answer(
    make_visitor: MakeVisitor, occupied: LiveSite
) -> None:
    visitor = make_visitor(occupied)
    visitor.bear("ERR_FAILED|Failed to fetch|status of 5")
    visitor.hold_clock()
    visitor.open()
    page, lost = visitor.page, []

    def lose(route: Route) -> None:
        answer = LOST[len(lost) % len(LOST)]
        lost.append(route.request.url)
        if answer is None:
            route.abort()
        else:
            route.fulfill(**answer)

    page.route("**/antre/**", lose)
    visitor.type_number(occupied.sample("missing_document").nik)
    visitor.press()
    page.wait_for_selector("#hasil[data-outcome=waiting]")
    for count in range(1, 2 * len(LOST) + 1):
        visitor.check_again(NEXT_QUESTION_MS)
        assert len(lost) == count
        expect(page.locator("[data-unreachable]")).to_be_visible()
        expect(page.locator("#kabar")).to_contain_text("Belum bisa diperiksa ulang.")
        expect(page.locator("h1")).to_contain_text("Giliran Anda")
    # Once there is a network again nobody waits for that.
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("html")).to_have_attribute("data-answered", str(2 * len(LOST) + 1))
    assert len(set(lost)) == 1
    page.unroute("**/antre/**")
    fault(occupied, "none")
    wait_until(lambda: stats(occupied)["in_flight"] == 0)
    page.clock.fast_forward(NEXT_QUESTION_MS)
    page.wait_for_selector("#hasil[data-outcome=found]")
    asked = len(visitor.requests("/antre/"))
    page.clock.fast_forward(60_000)
    expect(page.locator("#hasil[data-outcome=found]")).to_be_visible()
    assert len(visitor.requests("/antre/")) == asked


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
    expect(page.get_by_text("Hentikan muat ulang otomatis")).to_be_visible()
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
