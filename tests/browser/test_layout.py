"""The pages on narrow screens, enlarged, in other colours, without motion, and on paper."""

import re
from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.visitor import Visitor
from tests.live import LiveSite

NARROW = {"width": 320, "height": 640}
ENLARGED = {"width": 320, "height": 256}
"""A window of 1280 × 1024 at 400 % (WCAG 2.2, 1.4.10)."""

TELLING = (
    "assessment_day_3",
    "overdue_in_third_week",
    "documents_rejected",
    "payment_returned",
    "several_cards",
    "long_names",
    "unknown_codes",
    "nothing_to_show",
)
PAGES = ("/", "/bantuan", "/privasi", "/mitra", "/tidak-ada", "/en/")

TOO_WIDE = """() => {
    const room = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll('body *')].filter((each) => {
        const box = each.getBoundingClientRect();
        // What scrolls by itself, and can be focused for it, may hold what is wider.
        const isApart = each.closest('.said, .skip, .preview-wide > *');
        return box.width && box.right > room + 1 && !isApart;
    });
    return out.map((each) => each.outerHTML.slice(0, 80));
}"""
SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, summary, input')]
    .filter((each) => each.checkVisibility() && !each.closest('p, dd, li:not([class]), .skip'))
    .map((each) => [each.innerText || each.id, each.getBoundingClientRect()])
    .filter(([, box]) => box.height < 43.5)
    .map(([name, box]) => `${name} ${Math.round(box.height)}`)"""


def show(visitor: Visitor, site: LiveSite, situation: str, path: str = "/") -> Page:
    outcome = "not_found" if situation == "nothing_to_show" else "found"
    return visitor.look_up(site.sample(situation).nik, path=path, outcome=outcome)


def assert_fits(page: Page) -> None:
    assert page.evaluate(TOO_WIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


def test_what_is_missing_of_a_document_stands_apart_from_its_name(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    """Also where a wide font leaves no room between them."""
    page = show(make_visitor(viewport=NARROW), live_site, "documents_rejected")
    apart = """() => [...document.querySelectorAll('.papers li')].filter((each) => {
        const text = document.createRange();
        text.selectNodeContents(each.querySelector('b'));
        const state = each.querySelector('.state').getBoundingClientRect();
        return [...text.getClientRects()].some((line) =>
            line.bottom > state.top + 4 && line.top < state.bottom - 4 &&
            line.right > state.left - 8);
    }).map((each) => each.innerText)"""
    for size in range(14, 34):
        page.evaluate(f"document.documentElement.style.fontSize = '{size}px'")
        assert page.evaluate(apart) == [], size


def test_seven_days_and_how_late_it_is_stand_in_one_row_on_a_phone(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    page = show(make_visitor(viewport={"width": 360, "height": 640}), live_site, "jkk_late")
    found = page.evaluate(
        "[...document.querySelectorAll('.tile')].map((each) => Math.round(each.offsetTop))"
    )
    assert len(found) == 8
    assert len(set(found)) == 1


def test_the_days_of_the_law_stand_in_one_row_of_the_narrowest_frame(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    """What has no room there in a wide font, as how late it is, is still about as wide as a day."""
    visitor = make_visitor(viewport=NARROW)
    seen = {}
    for situation in ("jkk_assessment", "jkk_late", "overdue"):
        show(visitor, live_site, situation, "/sematan")
        tiles = visitor.page.locator(".tile")
        seen[situation] = tiles.evaluate_all(
            "(all) => all.map((each) => [each.offsetTop, each.offsetWidth])"
        )
    assert [len({top for top, _ in seen[each]}) for each in ("jkk_assessment", "overdue")] == [1, 1]
    widths = [width for _, width in seen["jkk_late"]]
    assert len(widths) == 8
    assert max(widths) < 2 * min(widths)


@pytest.mark.parametrize("situation", ["step_back", "overdue", "paused_after_two_days"])
def test_the_days_of_a_row_are_of_one_height(
    visitor: Visitor, live_site: LiveSite, situation: str
) -> None:
    page = show(visitor, live_site, situation)
    heights = page.evaluate(
        "[...document.querySelectorAll('.tile b')].map((b) => Math.round(b.offsetHeight))"
    )
    assert len(heights) > 3
    assert max(heights) - min(heights) <= 1
    # Captions take room only where there is one.
    rows = page.evaluate("document.querySelector('.tiles').offsetHeight")
    assert (rows > max(heights) + 10) == (page.locator(".tile i:not(:empty)").count() > 0)


@pytest.mark.parametrize("size", [NARROW, ENLARGED], ids=["320px", "400_percent"])
def test_nothing_is_wider_than_a_narrow_window(
    make_visitor: MakeVisitor, live_site: LiveSite, size: dict[str, int]
) -> None:
    visitor = make_visitor(viewport=size)
    for path in PAGES:
        visitor.open(path)
        open_everything(visitor.page)
        assert_fits(visitor.page)
    for situation in TELLING:
        show(visitor, live_site, situation)
        open_everything(visitor.page)
        assert_fits(visitor.page)


@pytest.mark.parametrize("situation", ["overdue", "rejected_data_mismatch", "paid_today"])
def test_a_code_a_name_or_a_reference_without_a_gap_is_no_wider_than_its_row(
    make_visitor: MakeVisitor, live_site: LiveSite, situation: str
) -> None:
    visitor = make_visitor(viewport=NARROW)
    page = show(visitor, live_site, situation)
    # As long as the contract allows.
    page.evaluate(
        """() => {
            const fill = (selector, length) => document.querySelectorAll(selector)
                .forEach((each) => { each.textContent = 'W'.repeat(length); });
            fill('.fold > summary b, .fold > summary .small:not(.figures)', 80);
            fill('.fold > summary .figures, .whole', 40);
        }"""
    )
    open_everything(page)
    assert_fits(page)


def test_a_reference_stays_in_one_piece_where_a_line_has_room(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    page = show(make_visitor(viewport=NARROW), live_site, "overdue")
    for place in (".message .whole", ".fold > summary .figures"):
        lines = page.locator(place).first.evaluate("(each) => each.getClientRects().length")
        height = page.locator(place).first.evaluate("(each) => each.offsetHeight")
        assert lines == 1
        assert height < 40


SPLIT = """(where) => {
    const split = [];
    const texts = document.createTreeWalker(document.querySelector(where), NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    while (texts.nextNode()) {
        for (const { 0: part, index } of texts.currentNode.data.matchAll(/%s/g)) {
            range.setStart(texts.currentNode, index);
            range.setEnd(texts.currentNode, index + part.length);
            const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
            if (lines.size > 1) split.push(part);
        }
    }
    return split;
}"""

CHOPPED = SPLIT % r"[^\s\u00a0\u2013-]+"
"""Words that go on in a second line."""

PARTED = SPLIT % r"\d{1,2}\s[A-Z][a-z]{2,}"
"""Days that stand in another line than their month."""

SEVERAL = [
    "several_claims",
    "several_cards",
    "several_programmes",
    "partial_then_full",
    "twelve_claims",
]

SIZES = """[...document.querySelectorAll('h1 span:not(.which)')]
    .map((each) => parseFloat(getComputedStyle(each).fontSize))"""
DOUBLE = ":root { font-size: 34px !important; }"
WIDE_FONT = "* { font-family: 'DejaVu Sans' !important; }"


@pytest.mark.parametrize("situation", [*TELLING, "missing_document", "interview_tomorrow", "form"])
def test_text_of_double_size_is_neither_cut_off_nor_chopped(
    visitor: Visitor, live_site: LiveSite, situation: str
) -> None:
    page = visitor.open() if situation == "form" else show(visitor, live_site, situation)
    page.evaluate("(rule) => document.styleSheets[0].insertRule(rule)", DOUBLE)
    open_everything(page)
    assert_fits(page)
    assert page.evaluate(CHOPPED, "h1") == []


@pytest.mark.parametrize("tree", ["/", "/en/"])
def test_no_day_stands_in_another_line_than_its_month(
    make_visitor: MakeVisitor, live_site: LiveSite, tree: str
) -> None:
    visitor = make_visitor(viewport=NARROW)
    for situation in ("paused_after_two_days", "paid_today", "jkm_payment", "several_cards"):
        page = show(visitor, live_site, situation, tree)
        open_everything(page)
        for width in range(300, 421, 20):
            page.set_viewport_size({"width": width, "height": 740})
            assert page.evaluate(PARTED, "body") == [], (situation, width)
        page.evaluate("(rule) => document.styleSheets[0].insertRule(rule)", DOUBLE)
        page.set_viewport_size(NARROW)
        assert page.evaluate(PARTED, "body") == [], situation


@pytest.mark.parametrize("tree", ["/", "/en/"])
def test_text_of_double_size_fits_the_narrowest_window(
    make_visitor: MakeVisitor, live_site: LiveSite, tree: str
) -> None:
    """No word of a first sentence is chopped, and what it names stays larger than its label."""
    visitor = make_visitor(viewport=NARROW)
    for path in (*PAGES[:-1], "/sematan"):
        page = visitor.open(tree + path[1:])
        page.evaluate("(rule) => document.styleSheets[0].insertRule(rule)", DOUBLE)
        open_everything(page)
        assert_fits(page)
    for situation in (
        *TELLING,
        "balance_merge_completed",
        "balance_merge_merging",
        "jkk_completed",
    ):
        page = show(visitor, live_site, situation, tree)
        page.evaluate("(rule) => document.styleSheets[0].insertRule(rule)", DOUBLE)
        open_everything(page)
        assert_fits(page)
        assert page.evaluate(CHOPPED, "h1") == []
        sizes = page.evaluate(SIZES)
        assert sizes == sorted(sizes), situation


@pytest.mark.parametrize("situation", SEVERAL)
@pytest.mark.parametrize("path", ["/", "/en/"])
def test_rows_of_several_claims_break_no_word_at_double_size_in_a_wide_font(
    visitor: Visitor, live_site: LiveSite, situation: str, path: str
) -> None:
    page = show(visitor, live_site, situation, path)
    for rule in (DOUBLE, WIDE_FONT):
        page.evaluate("(rule) => document.styleSheets[0].insertRule(rule)", rule)
    open_everything(page)
    assert_fits(page)
    assert page.evaluate(CHOPPED, "main") == []


def test_a_long_address_of_the_site_fits_a_small_phone(
    make_visitor: MakeVisitor, make_live_site: MakeSite
) -> None:
    site = make_live_site(SITE_URL="https://lacakklaim.sebuahlembagadengannamapanjang.go.id")
    page = make_visitor(site, viewport=NARROW).open()
    assert "namapanjang" in page.locator(".assurances").inner_text()
    assert_fits(page)


def test_what_is_pressed_is_large_enough_for_a_thumb(visitor: Visitor, live_site: LiveSite) -> None:
    visitor.open()
    assert visitor.page.evaluate(SMALL_TARGETS) == []
    for situation in ("documents_rejected", "several_cards", "nothing_to_show"):
        page = show(visitor, live_site, situation)
        assert page.evaluate(SMALL_TARGETS) == []


def test_the_dark_page_is_dark_and_the_light_one_light(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        page = show(make_visitor(color_scheme=scheme), live_site, "assessment_day_3")
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        grounds[scheme] = sum(int(part) for part in re.findall(r"\d+", colour)[:3]) / 3
    assert grounds["light"] > 200
    assert grounds["dark"] < 60


def test_in_forced_colours_the_steps_and_days_can_still_be_told_apart(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    page = show(make_visitor(forced_colors="active"), live_site, "assessment_day_3")

    def looks(selectors: Sequence[str]) -> set[tuple[str, ...]]:
        script = """(each) => {
            const { backgroundColor, borderTopColor, borderTopWidth } = getComputedStyle(each);
            return [backgroundColor, borderTopColor, borderTopWidth];
        }"""
        return {tuple(page.locator(each).first.evaluate(script)) for each in selectors}

    days = [f".tile[data-day={day}] b" for day in ("past", "coming")]
    steps = [f".step[data-step={step}] .dot" for step in ("done", "upcoming")]
    assert len(looks(days)) == len(days)
    assert len(looks(steps)) == len(steps)
    expect(page.locator(".step[data-step=current] .state")).to_be_visible()


def test_nothing_moves_for_those_who_want_no_motion(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor(reduced_motion="reduce")
    visitor.open()
    visitor.page.evaluate(
        "() => { window.moved = 0; addEventListener('animationstart', () => { moved += 1; }, true);"
        " addEventListener('transitionrun', () => { moved += 1; }, true); }"
    )
    visitor.type_number(live_site.sample("documents_rejected").nik)
    visitor.press()
    visitor.page.wait_for_selector("#hasil[data-outcome=found]")
    visitor.page.locator("summary").first.click()
    visitor.page.locator("[data-print]").hover()
    visitor.page.wait_for_timeout(300)
    assert visitor.page.evaluate("moved") == 0
