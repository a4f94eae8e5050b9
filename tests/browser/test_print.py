"""What a print is: dark words on white, at most two sheets, nothing that only a screen can do."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.news import keep, reload_until
from tests.browser.test_layout import show
from tests.browser.visitor import Visitor
from tests.live import LiveSite
from tracking_site.data.facts import WAYS


@pytest.mark.parametrize("situation", ["several_cards", "several_programmes", "twelve_claims"])
def test_several_claims_are_at_most_two_sheets_with_a_line_for_each(
    visitor: Visitor, live_site: LiveSite, situation: str
) -> None:
    page = show(visitor, live_site, situation)
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) <= 2
    page.emulate_media(media="print")
    for row in page.locator(".claim-row > summary").all():
        expect(row).to_be_visible()
    for answer in page.locator(".side > .claim .answer").all():
        expect(answer).to_be_visible()


@pytest.mark.parametrize(
    "situation",
    ["assessment_day_3", "payment_returned", "step_back", "documents_rejected", "overdue",
     "jkk_late", "promised_date_passed"],
)  # fmt: skip
def test_one_claim_is_one_page_on_paper(
    visitor: Visitor, live_site: LiveSite, situation: str
) -> None:
    page = show(visitor, live_site, situation)
    paper = page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    page.emulate_media(media="print")
    expect(page.locator("h1")).to_be_visible()
    for furniture in ("#bahasa", "[data-clear]", "[data-print]"):
        expect(page.locator(furniture)).to_be_hidden()


def test_words_on_paper_are_not_too_small_for_old_eyes(
    visitor: Visitor, live_site: LiveSite
) -> None:
    """A point is 4/3 of a pixel: eight for sentences, seven for notes."""
    page = show(visitor, live_site, "overdue")
    page.emulate_media(media="print")
    size = "(it) => parseFloat(getComputedStyle(it).fontSize)"
    for place, points in (("body", 8), (".answer .small", 7), (".step-name", 8)):
        assert page.locator(place).first.evaluate(size) >= points * 4 / 3, place


LIGHT_WORDS = """() => {
    const light = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const { data, parentElement } = texts.currentNode;
        const isSaid = !parentElement.checkVisibility() || parentElement.closest('.said');
        const { color } = getComputedStyle(parentElement);
        const [red, green, blue] = color.match(/[0-9.]+/g).map(Number);
        const isLight = 0.3 * red + 0.6 * green + 0.1 * blue > 140;
        if (data.trim() && !isSaid && isLight) light.push(data.trim());
    }
    return light;
}"""


@pytest.mark.parametrize(
    "situation",
    ["several_programmes", "several_cards", "assessment_day_3", "paid_today", "overdue",
     "jkp_completed", "rejected_waiting_period", "nothing_to_show"],
)  # fmt: skip
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_on_paper_is_dark(
    make_visitor: MakeVisitor, live_site: LiveSite, situation: str, scheme: Literal["light", "dark"]
) -> None:
    """Printers leave grounds out: what is light on a dark ground would be gone."""
    page = show(make_visitor(color_scheme=scheme), live_site, situation)
    page.emulate_media(media="print", color_scheme=scheme)
    assert page.evaluate(LIGHT_WORDS) == []


def test_what_is_new_is_dark_on_paper_too(
    make_visitor: MakeVisitor, quick_site: LiveSite, change: Callable[..., None]
) -> None:
    page = keep(make_visitor(quick_site), quick_site.sample("onsite_document_check").nik)
    change("onsite_document_check", stage="assessment")
    reload_until(page, ".new")
    page.emulate_media(media="print")
    expect(page.locator(".new").first).to_be_visible()
    assert page.evaluate(LIGHT_WORDS) == []
    grounds = "(all) => all.map((each) => getComputedStyle(each).backgroundColor)"
    found = page.locator(".new, .news").evaluate_all(grounds)
    assert set(found) == {"rgba(0, 0, 0, 0)"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_mark_can_be_made_out_and_stands_clear_of_the_first_sentence(
    make_visitor: MakeVisitor, live_site: LiveSite, scheme: Literal["light", "dark"]
) -> None:
    page = show(make_visitor(color_scheme=scheme), live_site, "assessment_day_3")
    page.emulate_media(media="print", color_scheme=scheme)
    stroke = page.locator(".mark-line").first.evaluate("(it) => getComputedStyle(it).stroke")
    assert stroke == "rgb(255, 255, 255)"
    mark = page.locator(".brand svg").bounding_box()
    first = page.locator("h1 .label").bounding_box()
    assert mark is not None
    assert first is not None
    assert mark["y"] + mark["height"] + 4 <= first["y"]


def test_the_number_of_a_step_stands_in_the_line_of_its_words(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = show(visitor, live_site, "rejected_data_mismatch")
    page.emulate_media(media="print")
    step = page.locator(".steps li").first
    own = "(it) => getComputedStyle(it, '::before').lineHeight"
    assert step.evaluate(own) == step.evaluate("(it) => getComputedStyle(it).lineHeight")


def test_a_frame_printed_alone_has_no_empty_sheet_and_no_way_to_press(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = visitor.look_up(live_site.sample("assessment_day_3").nik, "/sematan")
    # As frame.js leaves it inside a host.
    page.evaluate("document.body.classList.add('answered')")
    page.evaluate("document.body.style.minHeight = '2400px'")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    page.emulate_media(media="print")
    expect(page.locator(".frame-foot a")).to_be_hidden()
    expect(page.locator(".frame-address")).to_be_visible()


def test_help_on_paper_has_its_answers_and_nothing_to_open(visitor: Visitor) -> None:
    page = visitor.open("/bantuan")
    page.emulate_media(media="print")
    expect(page.locator(".case > summary").first).to_be_hidden()
    expect(page.locator(".case > ul").first).to_be_visible()


@pytest.mark.parametrize("situation", ["missing_document", "overdue"])
def test_a_way_out_of_the_site_stands_on_paper_as_an_address(
    visitor: Visitor, live_site: LiveSite, situation: str
) -> None:
    page = show(visitor, live_site, situation)
    page.emulate_media(media="print")
    buttons = page.locator(".answer > a.button, .advice a").all()
    assert buttons
    for button in buttons:
        address = str(button.get_attribute("href"))
        is_typed = not address.startswith("tel:")
        expect(button).to_be_visible(visible=is_typed)
        after = button.evaluate("(it) => getComputedStyle(it, '::after').content")
        typed = f': {address.removeprefix("mailto:")}"'
        assert after.endswith(typed) is is_typed


def test_the_mailbox_to_complain_to_and_where_else_a_claim_is_followed_stand_on_paper(
    visitor: Visitor, live_site: LiveSite
) -> None:
    after = "(it) => getComputedStyle(it, '::after').content"
    for situation, place, address in (
        ("overdue", "[data-mail]", WAYS["email"].address.removeprefix("mailto:")),
        ("jkp_completed", ".elsewhere a", WAYS["siapkerja"].address),
    ):
        page = show(visitor, live_site, situation)
        page.emulate_media(media="print")
        expect(page.locator(place)).to_be_visible()
        assert page.locator(place).evaluate(after) == f'": {address}"'
        page.emulate_media(media="screen")


@pytest.mark.parametrize("path", ["/", "/en/", "/tidak-ada", "/privasi", "/bantuan"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_without_a_claim_is_dark_words_on_paper_too(
    make_visitor: MakeVisitor, path: str, scheme: Literal["light", "dark"]
) -> None:
    page = make_visitor(color_scheme=scheme).open(path)
    page.emulate_media(media="print", color_scheme=scheme)
    assert page.evaluate(LIGHT_WORDS) == []
    expect(page.locator("h1")).to_be_visible()
    for furniture in ("#bahasa", ".foot .links"):
        expect(page.locator(furniture)).to_be_hidden()


def test_an_operators_colours_do_not_make_paper_pale(
    make_visitor: MakeVisitor, make_live_site: MakeSite, tmp_path: Path
) -> None:
    colours = tmp_path / "site.toml"
    colours.write_text('accent = "#0a5c66"\naccent_dark = "#6fc7cf"')
    site = make_live_site(SITE_FILE=str(colours))
    page = make_visitor(site, color_scheme="dark").open()
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(LIGHT_WORDS) == []


def test_the_form_on_paper_is_a_notice_with_its_address_and_nothing_to_press(
    visitor: Visitor, live_site: LiveSite
) -> None:
    """What hangs beside a counter says where to go and which number to have."""
    page = visitor.open()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    page.emulate_media(media="print")
    for shown in ("h1", ".drawn", ".assurances b"):
        expect(page.locator(shown).first).to_be_visible()
    for pressed in page.locator("input, button, summary, a:not(.brand)").all():
        expect(pressed).to_be_hidden()


def test_what_leads_elsewhere_in_help_is_no_end_of_a_sentence_on_paper(visitor: Visitor) -> None:
    page = visitor.open("/bantuan")
    page.emulate_media(media="print")
    links = page.locator(".case li > a").all()
    assert links
    for each in links:
        expect(each).to_be_hidden()
