"""What a script shows late, and what a press changes, moves nothing that somebody reads."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import MakeVisitor
from tests.browser.test_shared_device import TO_CLIPBOARD
from tests.browser.test_weight import SEEN
from tests.live import LiveSite

TO_COPY = ["overdue", "on_hold_membership_active"]
"""The sentence to say, and the message to an employer."""

LATE_SECONDS = 0.5
SIZES = [{"width": 320, "height": 640}, {"width": 1280, "height": 900}]
# What is folded has a place or none, as the browser comes round to it.
PLACES = """() => [...document.querySelectorAll('main *')]
    .filter((each) => each.checkVisibility())
    .map((each) => each.getBoundingClientRect())
    .map(({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(' '))"""


def opened_by_its_address(page: Page, site: LiveSite, situation: str) -> None:
    page.goto(f"{site.url}/")
    form = {"nomor": site.sample(situation).nik}
    answer = page.request.post(f"{site.url}/lacak", form=form, max_redirects=0)
    page.goto(site.url + answer.headers["location"])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
@pytest.mark.parametrize("situation", TO_COPY)
def test_what_the_script_shows_late_has_its_room_already(
    make_visitor: MakeVisitor, live_site: LiveSite, situation: str, size: dict[str, int]
) -> None:
    page = make_visitor(viewport=size).page

    def hold(route: Route) -> None:
        time.sleep(LATE_SECONDS)
        route.continue_()

    page.route("**/js/result*", hold)
    opened_by_its_address(page, live_site, situation)
    expect(page.locator(".band [data-copy]")).to_be_visible()
    assert page.evaluate(SEEN)["shift"] == 0


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
@pytest.mark.parametrize("situation", TO_COPY)
def test_a_press_to_copy_moves_nothing(
    make_visitor: MakeVisitor, live_site: LiveSite, situation: str, size: dict[str, int]
) -> None:
    page = make_visitor(viewport=size, permissions=TO_CLIPBOARD).page
    opened_by_its_address(page, live_site, situation)
    button = page.locator(".band [data-copy]")
    expect(button).to_be_visible()
    said, done = button.inner_text(), str(button.get_attribute("data-done"))
    # Whoever presses a button has it before them.
    button.scroll_into_view_if_needed()
    before: Any = page.evaluate(PLACES)
    button.click()
    expect(button).to_have_text(done)
    assert page.evaluate(PLACES) == before
    expect(button).to_have_text(said)
    assert page.evaluate(PLACES) == before
