"""How the parts of a page stand to each other: nothing broken, chopped, alone or apart."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakeVisitor
from tests.browser.test_layout import SEVERAL, open_everything, show
from tests.browser.visitor import Visitor
from tests.live import LiveSite
from tests.needs import needed_file
from tracking_site.web.embed.theme import contrast

DESK = {"width": 1280, "height": 800}

LINES = """(each) => {
    const text = document.createRange();
    text.selectNodeContents(each);
    // What is kept together within a line has a box of its own, a little higher than its text.
    let [lines, end] = [0, -Infinity];
    for (const { top, bottom } of text.getClientRects()) {
        if ((top + bottom) / 2 > end) lines += 1;
        end = Math.max(end, bottom);
    }
    return lines;
}"""

BROKEN_BESIDE = """() => [...document.querySelectorAll('[data-step=upcoming] .step-line')]
    .filter((line) => {
        const text = document.createRange();
        text.selectNodeContents(line.querySelector('.step-name'));
        const when = line.querySelector('.when');
        const tops = new Set([...text.getClientRects()].map(({ top }) => Math.round(top)));
        return tops.size > 1 && when
            && when.getBoundingClientRect().top < text.getBoundingClientRect().bottom - 4;
    }).map((line) => line.innerText)"""


def boxes(page: Page, *selectors: str) -> list[dict[str, float]]:
    found = [page.locator(each).first.bounding_box() for each in selectors]
    return [{"x": box["x"], "y": box["y"], "width": box["width"]} for box in found if box]


@pytest.mark.parametrize("situation", ["assessment_day_3", "jkk_final_report", "just_registered"])
def test_the_name_of_a_step_to_come_is_not_broken_for_how_long_it_takes(
    visitor: Visitor, live_site: LiveSite, situation: str
) -> None:
    """Whatever the font of a phone: a wider window is a narrower font."""
    page = show(visitor, live_site, situation)
    for width in range(320, 521, 10):
        page.set_viewport_size({"width": width, "height": 740})
        assert page.evaluate(BROKEN_BESIDE) == [], width


@pytest.mark.parametrize("situation", ["interview_tomorrow", "paid_today"])
@pytest.mark.parametrize("tree", ["/", "/en/"])
def test_a_near_day_is_broken_after_besok_and_nowhere_else(
    visitor: Visitor, live_site: LiveSite, situation: str, tree: str
) -> None:
    page = show(visitor, live_site, situation, tree)
    # Room for the longest day, and for no day with what stands before it.
    rule = "h1 .large { font-size: 16px !important; width: 19em; }"
    page.evaluate("(rule) => document.styleSheets[0].insertRule(rule)", rule)
    day = page.locator("h1 .whole").first
    assert day.evaluate(LINES) == 1
    # The comma stays with its day.
    assert day.inner_text().endswith(",") is (situation == "interview_tomorrow")


@pytest.mark.parametrize("situation", ["just_registered", "overdue", "several_cards"])
def test_a_sentence_that_has_room_on_a_line_does_not_begin_at_the_end_of_another(
    visitor: Visitor, live_site: LiveSite, situation: str
) -> None:
    """As "Uang / Anda dijadwalkan dikirim", or "Sudah 2 / hari kerja."."""
    page = show(visitor, live_site, situation)
    open_everything(page)
    # Room for the longest of the sentences, and for no two.
    rule = ".usual p, h1 .label { font-size: 10px !important; width: 24em; }"
    page.evaluate("(rule) => document.styleSheets[0].insertRule(rule)", rule)
    sentences = page.locator(".sentence:visible").all()
    assert sentences
    short = [each for each in sentences if len(each.inner_text()) < 34]
    assert short
    assert [each.evaluate(LINES) for each in short] == [1] * len(short)


def test_states_of_documents_end_at_one_edge_where_some_have_a_line_of_their_own(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    page = show(make_visitor(viewport={"width": 360, "height": 740}), live_site, "just_registered")
    open_everything(page)
    states = [each.bounding_box() for each in page.locator(".documents .state").all()]
    edges = {round(box["x"] + box["width"]) for box in states if box}
    assert len(edges) == 1


@pytest.mark.parametrize("tree", ["/", "/en/"])
def test_what_a_filled_button_says_has_one_line_on_a_phone(
    make_visitor: MakeVisitor, live_site: LiveSite, tree: str
) -> None:
    """In two lines its icon stands alone at the edge."""
    visitor = make_visitor(viewport={"width": 360, "height": 740})
    page = show(visitor, live_site, "on_hold_membership_active", tree)
    assert page.locator(".answer .button span").first.evaluate(LINES) == 1


@pytest.mark.parametrize("tree", ["/", "/en/"])
def test_the_name_of_a_row_is_not_broken_for_what_stands_beside_it(
    visitor: Visitor, live_site: LiveSite, tree: str
) -> None:
    """As "The journey of your / claim Completed"; whatever the font of a phone."""
    page = show(visitor, live_site, "paid_today", tree)
    for width in range(340, 521, 10):
        page.set_viewport_size({"width": width, "height": 740})
        names = page.locator(".fold > summary b").all()
        assert {each.evaluate(LINES) for each in names} == {1}, width


@pytest.mark.parametrize("width", [320, 360])
def test_the_number_to_call_is_large_for_who_reads_large_letters(
    make_visitor: MakeVisitor, live_site: LiveSite, width: int
) -> None:
    """As large as one line holds; it was two thirds of the word on the button below it."""
    visitor = make_visitor(viewport={"width": width, "height": 740})
    page = show(visitor, live_site, "step_back")
    rule = "html { font-size: 200% !important; }"
    page.evaluate(
        "(rule) => document.styleSheets[0].insertRule("
        "rule, document.styleSheets[0].cssRules.length)",
        rule,
    )
    number = page.locator(".pair .figures").first
    assert number.evaluate(LINES) == 1
    assert number.evaluate("(each) => parseFloat(getComputedStyle(each).fontSize)") > 23


@pytest.mark.parametrize("path", ["/mitra", "/en/mitra"])
@pytest.mark.parametrize("width", [320, 360])
def test_what_a_field_offers_is_read_whole_on_a_phone(
    make_visitor: MakeVisitor, path: str, width: int
) -> None:
    page = make_visitor(viewport={"width": width, "height": 740}).open(path)
    room, texts = page.locator("select").first.evaluate(
        """(each) => {
            const style = getComputedStyle(each), pen = document.createElement('canvas');
            const context = pen.getContext('2d');
            context.font = style.font;
            context.letterSpacing = style.letterSpacing;
            // What the arrow takes.
            const edges = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight) + 24;
            const texts = [...each.options].map(({ text }) => context.measureText(text).width);
            return [each.clientWidth - edges, texts];
        }"""
    )
    assert max(texts) <= room


def test_the_number_of_a_step_has_room_in_its_circle_whatever_the_size_of_text(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = show(visitor, live_site, "paid_today")
    for percent in (100, 200):
        page.evaluate(
            "(percent) => document.styleSheets[0].insertRule("
            "`html { font-size: ${percent}% !important; }`,"
            " document.styleSheets[0].cssRules.length)",
            percent,
        )
        width, letters = page.locator(".steps li").first.evaluate(
            "(each) => ['width', 'fontSize'].map("
            "(name) => parseFloat(getComputedStyle(each, '::before')[name]))"
        )
        assert width >= 1.4 * letters


def test_which_of_several_claims_it_is_has_letters_as_far_apart_as_others(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    """Small letters in a large heading stood as close as its own: "KPJberakhiran08"."""
    page = show(make_visitor(viewport=DESK), live_site, "several_cards")
    (which,) = page.locator("h1 .which").all()
    assert which.evaluate("(each) => getComputedStyle(each).letterSpacing") in ("normal", "0px")


COLOURS = """(each) => [
    getComputedStyle(each).outlineColor, getComputedStyle(each.closest('.band')).backgroundColor,
].map((colour) => colour.match(/\\d+/g).slice(0, 3).map((part) => part / 255))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("situation", ["jkp_completed", "jkp_validation", "overdue"])
def test_what_the_keyboard_stands_on_is_seen_on_every_ground(
    make_visitor: MakeVisitor, live_site: LiveSite, scheme: str, situation: str
) -> None:
    """The ring was dark green on the green of money that was sent."""
    page = show(make_visitor(color_scheme=scheme), live_site, situation)
    link = page.locator(".band a, .band button:visible").first
    while not link.evaluate("(each) => each.matches(':focus-visible')"):
        page.keyboard.press("Tab")
    ring, ground = link.evaluate(COLOURS)
    assert contrast(tuple(ring), tuple(ground)) >= 3


@pytest.mark.parametrize("situation", ["assessment_day_3", "overdue", "jkk_assessment"])
def test_days_in_a_second_row_are_no_wider_than_those_above_them(
    make_visitor: MakeVisitor, live_site: LiveSite, situation: str
) -> None:
    """In large letters the last day stood below the others, as wide as two or three of them."""
    page = show(make_visitor(viewport={"width": 360, "height": 740}), live_site, situation)
    page.evaluate(
        "document.styleSheets[0].insertRule('html { font-size: 200% !important; }',"
        " document.styleSheets[0].cssRules.length)"
    )
    boxes = [each.bounding_box() for each in page.locator(".tile").all()]
    tops = [box["y"] for box in boxes if box]
    assert len(set(tops)) > 1
    first = max(box["width"] for box in boxes if box and box["y"] == tops[0])
    assert max(box["width"] for box in boxes if box) < 1.3 * first


def test_the_days_of_the_law_are_of_one_width_on_paper_too(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = show(visitor, live_site, "assessment_day_3")
    page.set_viewport_size({"width": 760, "height": 1000})
    page.emulate_media(media="print")
    widths = page.locator(".tile").evaluate_all("(all) => all.map((each) => each.offsetWidth)")
    assert max(widths) - min(widths) <= 2


@pytest.mark.parametrize("width", [320, 360, 412, 1280])
@pytest.mark.parametrize("tree", ["/", "/en/"])
def test_the_links_of_the_foot_stand_in_one_line_or_in_two_columns(
    make_visitor: MakeVisitor, live_site: LiveSite, width: int, tree: str
) -> None:
    page = make_visitor(viewport={"width": width, "height": 740}).open(tree)
    lines: dict[float, list[float]] = {}
    for link in page.locator(".foot a").all():
        box = link.bounding_box()
        assert box is not None
        assert link.evaluate(LINES) == 1
        lines.setdefault(box["y"], []).append(box["x"])
    assert len({tuple(line) for line in lines.values()}) == 1, lines
    assert [len(line) for line in lines.values()] == ([4] if width == 1280 else [2, 2])


PHONES_FONT = "* { font-family: 'DejaVu Sans Condensed' !important; }"
"""As wide as Roboto, or a little wider."""


@pytest.mark.parametrize("situation", SEVERAL)
@pytest.mark.parametrize("tree", ["/", "/en/"])
def test_a_row_of_several_claims_is_its_name_and_at_most_two_lines(
    visitor: Visitor, live_site: LiveSite, situation: str, tree: str
) -> None:
    needed_file("narrow_font")
    page = show(visitor, live_site, situation, tree)
    page.evaluate("(rule) => document.styleSheets[0].insertRule(rule)", PHONES_FONT)
    open_everything(page)
    heights = """(row) => [...row.children].map((each) => {
        const text = document.createRange();
        text.selectNodeContents(each);
        const height = parseFloat(getComputedStyle(each).lineHeight);
        return Math.round(text.getBoundingClientRect().height / height);
    })"""
    for row in page.locator("article .row-title").all():
        name, meaning = row.evaluate(heights)[:2]
        assert (name, meaning) in ((1, 1), (1, 2)), row.inner_text()


def test_what_is_asked_about_a_claim_does_not_touch_the_edge_of_its_row(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    phone = make_visitor(viewport={"width": 320, "height": 640})
    page = show(phone, live_site, "payment_scheduled")
    row = page.locator("a.fold")
    assert row.evaluate(LINES) == 2
    room = row.evaluate(
        """(row) => {
            const text = document.createRange();
            text.selectNodeContents(row);
            const [outer, inner] = [row.getBoundingClientRect(), text.getBoundingClientRect()];
            return [inner.top - outer.top, outer.bottom - inner.bottom];
        }"""
    )
    assert min(room) >= 6


def test_on_a_desk_every_page_keeps_its_tinted_panel_where_the_others_have_it(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    desk = make_visitor(viewport=DESK)
    [first] = boxes(desk.open(), ".band")
    for path in ("/tidak-ada", "/klaim/" + "x" * 71):
        [panel] = boxes(desk.open(path), ".band")
        assert (panel["x"], panel["width"]) == (first["x"], first["width"]), path
    for situation in ("assessment_day_3", "several_cards", "nothing_to_show"):
        [panel] = boxes(show(desk, live_site, situation), ".band")
        assert (panel["x"], panel["width"]) == (first["x"], first["width"]), situation
    page = desk.look_up("123", outcome="invalid")
    [panel] = boxes(page, ".band")
    assert (panel["x"], panel["width"]) == (first["x"], first["width"])


def test_on_a_desk_what_to_check_stands_beside_the_form_where_nothing_was_found(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    page = show(make_visitor(viewport=DESK), live_site, "nothing_to_show")
    panel, heading, facts, links = boxes(page, ".band", "h2", ".facts", "#hasil > .asked")
    assert abs(heading["y"] - panel["y"]) < 4
    assert panel["x"] + panel["width"] < heading["x"] == facts["x"] == links["x"]


def test_a_mistake_leaves_what_the_form_says_of_itself_where_it_was(
    make_visitor: MakeVisitor,
) -> None:
    desk = make_visitor(viewport=DESK)
    [before] = boxes(desk.open(), ".assurances")
    desk.type_number("123")
    desk.press()
    desk.page.wait_for_selector("#hasil[data-outcome=invalid]")
    [after] = boxes(desk.page, ".assurances")
    assert after == before


def test_on_a_desk_the_ways_to_keep_a_page_are_one_row(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    page = show(make_visitor(viewport=DESK), live_site, "assessment_day_3")
    tops = {box["y"] for box in boxes(page, ".keep .wide", ".trio > *", "#cetak")}
    assert len(tops) == 1


@pytest.mark.parametrize("scripts", [True, False])
def test_where_letters_were_typed_no_gap_stands_for_a_button_to_type_them(
    make_visitor: MakeVisitor, scripts: bool
) -> None:
    page = make_visitor(java_script_enabled=scripts).look_up("JHT-2611-190248", outcome="invalid")
    expect(page.locator("[data-letters]")).to_have_count(0)
    help_below, field = boxes(page, ".lookup-help .more", ".field")
    assert help_below["x"] == field["x"]


@pytest.mark.parametrize("width", [360, 1280])
def test_every_label_for_those_who_embed_stands_above_its_field_and_buttons_touch_nothing(
    make_visitor: MakeVisitor, width: int
) -> None:
    page = make_visitor(viewport={"width": width, "height": 900}).open("/mitra")
    page.locator(".looks").evaluate("(each) => { each.open = true; }")
    beside = """() => [...document.querySelectorAll('.options p:not(.check) > label')]
        .map((label) => [label, label.control].map((each) => each.getBoundingClientRect()))
        .filter(([label, field]) => label.bottom > field.top || label.left !== field.left).length"""
    assert page.evaluate(beside) == 0
    snippet, button = (
        page.locator(each).bounding_box() for each in ("#salin .snippet", "#salin button")
    )
    assert snippet
    assert button
    assert button["y"] - snippet["y"] - snippet["height"] >= 6


def test_on_a_desk_what_ends_a_kept_page_stands_in_one_line(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    page = show(make_visitor(viewport=DESK), live_site, "assessment_day_3")
    page.locator(".keep .wide").click()
    page.wait_for_selector(".kept")
    another, clear = (
        page.locator(each).bounding_box() for each in (".leave > a", ".leave .link-button")
    )
    assert another
    assert clear
    assert abs(another["y"] - clear["y"]) < 2


def test_what_jmo_calls_a_step_stays_in_one_piece(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    """Not "Sejak Rabu, 25 November. Di JMO: / “Penetapan Klaim”."; it goes to a line of its own."""
    for width in (320, 360):
        visitor = make_visitor(viewport={"width": width, "height": 740})
        page = show(visitor, live_site, "assessment_day_3")
        official = page.locator(".card > p.small .whole")
        assert "JMO" in official.inner_text()
        assert official.evaluate(LINES) == 1
