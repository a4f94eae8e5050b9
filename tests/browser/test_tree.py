"""What is told to those who do not see the page: the accessibility tree, read as text."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakeVisitor
from tests.browser.visitor import Visitor
from tests.live import LiveSite

SITUATIONS = ("assessment_day_3", "step_back", "payment_returned", "several_cards", "unknown_stage")
LABEL = "(each) => document.getElementById(each.getAttribute('aria-labelledby'))?.textContent"
BARE_LISTS = """() => [...document.querySelectorAll(':is(ul, ol):not(nav *, [role=list])')]
    .filter((each) => getComputedStyle(each).listStyleType === 'none')
    .map((each) => each.className)"""
HEADING = re.compile(r'heading "(.*)" .*\[level=(\d)\]')


def headings(page: Page) -> list[tuple[int, str]]:
    """Return level and text of each heading in the tree, in reading order."""
    lines = page.locator("body").aria_snapshot().splitlines()
    found = [HEADING.search(line) for line in lines]
    return [(int(match[2]), match[1]) for match in found if match]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_headings_begin_with_the_answer_and_leave_out_no_level(
    visitor: Visitor, live_site: LiveSite, situation: str
) -> None:
    page = visitor.look_up(live_site.sample(situation).nik)
    levels = [level for level, _ in headings(page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_the_steps_are_an_ordered_list_with_their_state_in_words(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    journey = page.locator("ol.rail")
    assert journey.evaluate("(each) => each.tagName") == "OL"
    steps = journey.get_by_role("listitem")
    words = [steps.nth(place).locator(".state, .said") for place in range(steps.count())]
    states = [each.inner_text() for each in words]
    assert states == ["Selesai"] * 3 + ["Saat ini"] + ["Berikutnya"] * 2
    assert journey.locator("[aria-current=step] h3").count() == 1
    told = journey.aria_snapshot()
    for state in set(states):
        assert state in told


def test_lists_without_marks_are_lists_in_safari_too(visitor: Visitor, live_site: LiveSite) -> None:
    """VoiceOver takes those whose marks are taken away for none, unless they say so."""
    for situation, outcome in {"missing_document": "found", "nothing_to_show": "not_found"}.items():
        page = visitor.look_up(live_site.sample(situation).nik, outcome=outcome)
        assert page.evaluate(BARE_LISTS) == []
    for path in ("/", "/bantuan", "/mitra"):
        assert visitor.open(path).evaluate(BARE_LISTS) == []


def test_the_days_of_the_clock_are_a_list_of_sentences(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = visitor.look_up(live_site.sample("overdue_in_third_week").nik)
    days = page.locator("ol.tiles")
    told = re.findall(r'listitem: "?([^"\n]*)', days.aria_snapshot())
    assert len(told) == days.locator("li").count()
    assert all(re.match(r"(Senin|Selasa|Rabu|Kamis|Jumat|Lewat)", each) for each in told), told


def test_the_landmarks_are_few_and_named(visitor: Visitor, live_site: LiveSite) -> None:
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    for role in ("banner", "main", "contentinfo", "status"):
        expect(page.get_by_role(role)).to_have_count(1)
    regions = page.get_by_role("region")
    names = [regions.nth(place).evaluate(LABEL) for place in range(regions.count())]
    assert all(names)
    assert len(set(names)) == len(names)


def test_pictures_say_nothing_that_words_do_not(visitor: Visitor, live_site: LiveSite) -> None:
    page = visitor.look_up(live_site.sample("payment_returned").nik)
    assert "- img" not in page.locator("body").aria_snapshot()


def test_the_language_link_is_read_in_its_own_language(make_visitor: MakeVisitor) -> None:
    page = make_visitor().open()
    expect(page.locator("#bahasa[lang=en]")).to_have_text("English")
    page.goto(page.url + "en/")
    expect(page.locator("#bahasa[lang=id]")).to_have_text(re.compile("Indonesia"))
