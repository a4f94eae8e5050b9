"""Pictures of the parts in their states, kept for the eyes of whoever changes the design."""

import threading
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server

from harness.servers import ROOT
from sandbox import Sandbox
from tests.browser.conftest import MakeVisitor
from tracking_site.pattern import ADDRESS, pattern_app

PICTURES = ROOT / "artifacts" / "pattern"
WIDTHS = (360, 768, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TALLEST = 12_000
"""Pixels of one picture; above some 16,000 Chromium repeats what it has drawn."""

SHOWN = (
    "assessment_day_3",
    "stale",
    "interview_tomorrow",
    "overdue_in_third_week",
    "documents_rejected",
    "step_back",
    "payment_returned",
    "paid_today",
    "rejected_partial_already_taken",
    "on_hold_waiting_period",
    "long_names",
    "unknown_codes",
    "invalid nik_date",
    "challenge",
    "waiting",
    "waiting while down",
    "refused",
    "unavailable",
)
LEAVE = """(shown) => {
    const sections = [...document.querySelectorAll('.pattern')];
    const nameOf = (each) => each.querySelector('.pattern-name').textContent;
    sections.slice(0, -1).filter((each) => !shown.includes(nameOf(each))).forEach((each) => {
        each.previousElementSibling.remove();
        each.remove();
    });
    document.querySelectorAll('details').forEach((each) => { each.open = true; });
    return [...document.querySelectorAll('.pattern-name')].map((each) => each.textContent);
}"""


class PatternSite:
    """The pattern page over HTTP, as a visitor's site."""

    def __init__(self, url: str) -> None:
        self.url = url


@pytest.fixture(scope="module")
def pattern_site() -> Iterator[PatternSite]:
    with Sandbox() as sandbox:
        server = make_server("127.0.0.1", 0, pattern_app(sandbox), threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield PatternSite(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_part_is_photographed_and_none_is_too_wide(
    make_visitor: MakeVisitor, pattern_site: PatternSite, language: str
) -> None:
    page = make_visitor(pattern_site).open(ADDRESS if language == "id" else f"/en{ADDRESS}")
    left = page.evaluate(LEAVE, list(SHOWN))
    assert set(SHOWN) <= set(left)
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            photograph(page, f"{language}-{scheme}-{width}")


def photograph(page: Page, name: str) -> None:
    """Save the page from its top to its end, in as many pictures as it needs."""
    width, height = page.evaluate("[innerWidth, document.documentElement.scrollHeight]")
    for place, top in enumerate(range(0, height, TALLEST)):
        page.screenshot(
            path=PICTURES / f"{name}-{place}.jpg",
            type="jpeg",
            quality=80,
            full_page=True,
            clip={"x": 0, "y": top, "width": width, "height": min(TALLEST, height - top)},
        )
