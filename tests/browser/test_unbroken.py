"""Days, ranges and rules that stand in one line wherever there is room for them."""

import pytest

from tests.browser.conftest import MakeVisitor
from tests.browser.test_layout import open_everything, show
from tests.live import LiveSite

NEAR_DAYS = {
    "": ["hari ini, Minggu 29\u00a0November", "besok, Rabu 30\u00a0September"],
    "/en": ["today, Sunday 29\u00a0November", "tomorrow, Monday 30\u00a0November"],
}


@pytest.mark.parametrize("prefix", NEAR_DAYS)
def test_a_near_day_stands_in_one_line_on_a_desk(
    make_visitor: MakeVisitor, live_site: LiveSite, prefix: str
) -> None:
    visitor = make_visitor(viewport={"width": 1280, "height": 900})
    page = show(visitor, live_site, "paid_today", f"{prefix}/")
    height = """(large, day) => {
        const [near, rest] = day.split(', ');
        large.firstChild.textContent = `${near}, `;
        large.children[0].textContent = rest;
        return large.offsetHeight / parseFloat(getComputedStyle(large).fontSize);
    }"""
    for day in NEAR_DAYS[prefix]:
        assert page.locator("h1 .large").evaluate(height, day) < 2, day


WEEKDAYS = {
    "": "Senin Selasa Rabu Kamis Jumat Sabtu Minggu",
    "/en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
}


@pytest.mark.parametrize("prefix", WEEKDAYS)
@pytest.mark.parametrize("font", ["DejaVu Sans", "DejaVu Sans Condensed"])
def test_a_near_day_stands_in_two_lines_on_a_phone_in_a_wide_font_too(
    make_visitor: MakeVisitor, live_site: LiveSite, prefix: str, font: str
) -> None:
    """No date is longer than one of September with a comma behind it, as that of an interview."""
    visitor = make_visitor(viewport={"width": 360, "height": 640})
    page = show(visitor, live_site, "interview_tomorrow", f"{prefix}/")
    page.evaluate("(font) => { document.body.style.fontFamily = font }", font)
    height = """(day, text) => {
        day.textContent = text;
        return day.offsetHeight / parseFloat(getComputedStyle(day).fontSize);
    }"""
    for weekday in WEEKDAYS[prefix].split():
        day = f"{weekday} 28\N{NO-BREAK SPACE}September,"
        assert page.locator("h1 .whole").first.evaluate(height, day) < 2, day


@pytest.mark.parametrize("tree", ["/", "/en/", "/sematan", "/en/sematan"])
def test_a_near_day_is_larger_than_what_stands_above_it(
    make_visitor: MakeVisitor, live_site: LiveSite, tree: str
) -> None:
    """In a frame and at twice the size of text too."""
    visitor = make_visitor(viewport={"width": 320, "height": 640})
    page = visitor.look_up(live_site.sample("paid_today").nik, tree)
    page.evaluate("() => { document.body.style.fontFamily = 'DejaVu Sans' }")
    size = "(it) => parseFloat(getComputedStyle(it).fontSize)"
    for text in ("106.25%", "212.5%"):
        page.evaluate("(text) => { document.documentElement.style.fontSize = text }", text)
        sizes = [page.locator(f"h1 .{each}").evaluate(size) for each in ("near", "label")]
        assert sizes[0] > sizes[1], text


RANGES = """() => {
    const found = [];
    const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const { data, parentElement } = walk.currentNode;
        if (parentElement.closest('[hidden]')) continue;
        const whole = /\\d[\\d.:]*–[\\d.:]*\\d|\\S+\\s\\d+\\/\\d{4}/g;
        for (const { 0: range, index } of data.matchAll(whole)) {
            const place = document.createRange();
            place.setStart(walk.currentNode, index);
            place.setEnd(walk.currentNode, index + range.length);
            const [first, ...others] = place.getClientRects();
            if (others.some(({ top }) => top > first.top)) found.push(range);
        }
    }
    return found;
}"""


@pytest.mark.parametrize("prefix", ["/", "/en/"])
@pytest.mark.parametrize(
    "situation", ["interview_next_week", "interview_passed", "paused_resumed_and_late", "jkk_late"]
)
def test_a_range_or_a_rule_is_not_broken_over_lines(
    make_visitor: MakeVisitor, live_site: LiveSite, situation: str, prefix: str
) -> None:
    """Not "5–" and "8 hari kerja", not "(Permenaker" and "4/2022)"."""
    page = show(make_visitor(), live_site, situation, prefix)
    open_everything(page)
    for width in range(280, 480, 4):
        page.set_viewport_size({"width": width, "height": 640})
        assert page.evaluate(RANGES) == [], width
