"""Twelve steps of a reader in a long article: after each, the answer begins on her screen."""

import threading
from collections.abc import Callable
from itertools import count

import pytest
import requests
from playwright.sync_api import Frame, expect

from tests.browser.conftest import MakeSite
from tests.browser.framing import (
    frame_tag,
    grows,
    height_of,
    host_script,
    in_a_page,
    look_up,
)
from tests.browser.host import HostPage
from tests.browser.visitor import Visitor
from tests.claims_api.fakes import eventually
from tests.live import LiveSite

BUSY_MS = 6_000
"""How long somebody else's number keeps the core busy, where the site asks one at a time."""

TAKEN = count(20)
"""Places in the list of samples, behind those that steps ask for by their names."""

BEFORE = "<p>Sebelum bingkai, panjang sekali.</p>" * 60
AFTER = "<p>Setelah bingkai, panjang sekali.</p>" * 200

FIRST = [".trouble h2", ".field-error", "h1"]
"""Where an answer begins: that there is none, what is wrong, or its first sentence."""

ON_SCREEN = """() => {
    const { top } = document.querySelector('iframe').getBoundingClientRect();
    return { top, screen: innerHeight };
}"""

INSIDE = """(first) => ({
    first: first.map((each) => document.querySelector(each))
        .find(Boolean).getBoundingClientRect().top,
    content: document.body.scrollHeight,
    page: document.documentElement.scrollHeight,
    scrolled: scrollY,
})"""


@pytest.fixture(scope="module")
def framed_site(make_live_site: MakeSite, host: HostPage) -> LiveSite:
    """A site that asks its core for one number at a time, so that a second one waits."""
    return make_live_site(EMBED_ORIGINS=host.origin, CORE_CONNECTIONS="1", CORE_TOTAL_SECONDS="20")


class Article:
    """A long page of somebody else with the frame in its middle, and the reader before it."""

    def __init__(self, reader: Visitor, host: HostPage, script: bool) -> None:
        self.reader = reader
        tag = frame_tag(reader.site) + (host_script(reader.site) if script else "")
        host.html = in_a_page(BEFORE + tag + AFTER)
        reader.page.goto(host.origin)
        # Frames far from the screen are not loaded yet.
        reader.page.locator("iframe").scroll_into_view_if_needed()
        reader.page.wait_for_function("frames.length > 0")
        self.frame: Frame = reader.page.frames[1]
        self.frame.wait_for_selector("#nomor")

    def press(self, selector: str) -> None:
        self.frame.locator(selector).scroll_into_view_if_needed()
        self.frame.locator(selector).click()

    def expect_answer(self, step: str) -> None:
        """Wait until the answer begins on the screen and the frame is as high as its document."""
        seen: object = None
        for _ in range(60):
            self.reader.page.wait_for_timeout(100)
            around = self.reader.page.evaluate(ON_SCREEN)
            inside = self.frame.evaluate(INSIDE, FIRST)
            top = around["top"] + inside["first"]
            high = height_of(self.reader)
            is_high = abs(high - inside["content"]) <= 2 and inside["page"] <= high + 2
            seen = {"first line": round(top), "frame": high} | around | inside
            if (is_high or not grows(self.reader)) and 0 < top < around["screen"] - 30:
                return
        raise AssertionError(f"{step}: {seen}")


Step = Callable[[Article, LiveSite], None]


def answered(outcome: str, sample: str = "", number: str = "") -> Step:
    def step(article: Article, site: LiveSite) -> None:
        look_up(article.frame, number or site.sample(sample).nik, outcome)

    return step


def pressing(selector: str, then: str) -> Step:
    def step(article: Article, site: LiveSite) -> None:
        article.press(selector)
        article.frame.wait_for_selector(then)

    return step


def refreshing(article: Article, site: LiveSite) -> None:
    article.frame.locator("h1").scroll_into_view_if_needed()
    article.frame.evaluate("document.body.dispatchEvent(new Event('perbarui'))")
    article.reader.page.wait_for_timeout(300)


def losing_the_connection(article: Article, site: LiveSite) -> None:
    article.reader.bear("ERR_FAILED|Failed to fetch|NetworkError")
    article.frame.locator("#nomor").fill(site.sample("approval").nik)
    article.reader.page.route("**/sematan/lacak", lambda route: route.abort())
    article.frame.locator("#nomor").press("Enter")
    expect(article.frame.locator("[data-retry]")).to_be_focused()
    article.reader.page.unroute("**/sematan/lacak")
    expect(article.frame.locator("[data-retry]")).to_be_in_viewport()


def waiting_in_the_line(article: Article, site: LiveSite) -> None:
    """Look a number up while the core is busy; again with others, should it be free already."""
    for _ in range(3):
        number, own = unasked(site), unasked(site)
        fault(site, mode="slow", latency_ms=BUSY_MS)
        busy = threading.Thread(target=requests.post, args=(f"{site.url}/lacak", {"nomor": number}))
        busy.start()
        eventually(lambda: stats(site)["in_flight"] == 1)
        fault(site, mode="none")
        article.frame.locator("#nomor").fill(own)
        article.frame.locator("#nomor").press("Enter")
        answered = article.frame.wait_for_selector("#hasil[data-outcome]")
        if answered.get_attribute("data-outcome") == "waiting":
            return
        busy.join()
        article.press(ANOTHER)
        article.frame.wait_for_selector("#nomor")
    raise AssertionError("The core was never busy for long enough.")


def coming_to_its_turn(article: Article, site: LiveSite) -> None:
    article.frame.wait_for_selector("#hasil[data-outcome=found]", timeout=10 * BUSY_MS)


def unasked(site: LiveSite) -> str:
    """Return a number with one claim that the site has no copy of, since no step asked for it."""
    single = [each.nik for each in site.core.samples if len(each.specs) == 1]
    return single[next(TAKEN)]


def fault(site: LiveSite, **wanted: object) -> None:
    requests.post(f"{site.core.url}/sandbox/faults", json=wanted, timeout=20)


def stats(site: LiveSite) -> dict[str, int]:
    counts: dict[str, int] = requests.get(f"{site.core.url}/sandbox/stats", timeout=20).json()
    return counts


ANOTHER = ".actions a[href]"
CLEAR = "form[data-clear] button"

STEPS: dict[str, Step] = {
    "a mistake": answered("invalid", number="12345"),
    "a claim": answered("found", "assessment_day_3"),
    "refreshed": refreshing,
    "another number": pressing(ANOTHER, "#nomor"),
    "nothing to show": answered("not_found", "nothing_to_show"),
    "twelve claims": answered("found", "twelve_claims"),
    "cleared": pressing(CLEAR, "#nomor"),
    "no connection": losing_the_connection,
    "a document": answered("found", "missing_document"),
    "another number again": pressing(ANOTHER, "#nomor"),
    "in the line": waiting_in_the_line,
    "its turn": coming_to_its_turn,
}


@pytest.mark.parametrize("script", [False, True], ids=["style alone", "host script"])
def test_ten_steps_in_a_long_article_end_at_the_first_line_of_the_answer(
    reader: Visitor, host: HostPage, framed_site: LiveSite, script: bool
) -> None:
    article = Article(reader, host, script)
    for name, step in STEPS.items():
        step(article, framed_site)
        article.expect_answer(name)
