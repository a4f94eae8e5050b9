"""Help in a browser: an address opens its answer, and what people search for is found."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import MakeVisitor
from tests.browser.visitor import Visitor
from tests.live import LiveSite
from tests.web.test_help import SENTENCES, WHOLE_PAGE_BYTES
from tracking_site.data.facts import load_facts

QUESTIONS = load_facts().questions
ANSWERED = ("jmo_refused", "balance_zero", "object", "jkp_lapses")
IN_VIEW = """(anchor) => {
    const { top } = document.getElementById(anchor).getBoundingClientRect();
    return top >= -1 && top < innerHeight / 2;
}"""


def points_of(page: Page, anchor: str) -> list[bool]:
    return [each.is_visible() for each in page.locator(f"#{anchor} li").all()]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("path", ["/bantuan", "/en/bantuan"])
def test_an_address_shows_its_question_with_the_whole_answer(
    make_visitor: MakeVisitor, path: str, scripts: bool
) -> None:
    visitor = make_visitor(java_script_enabled=scripts)
    for code in ANSWERED:
        anchor = QUESTIONS[code].anchor
        page = visitor.open(f"{path}#{anchor}")
        assert page.evaluate(IN_VIEW, anchor)
        shown = points_of(page, anchor)
        assert len(shown) == len(QUESTIONS[code].points)
        assert all(shown)


def test_other_questions_stay_folded_and_open_with_a_press(visitor: Visitor) -> None:
    page = visitor.open("/bantuan#saldo-nol")
    assert not any(points_of(page, "keberatan"))
    page.locator("#keberatan summary").click()
    assert all(points_of(page, "keberatan"))


def test_a_browser_that_cannot_open_it_shows_the_short_answer_and_a_press_for_the_rest(
    make_visitor: MakeVisitor,
) -> None:
    visitor = make_visitor()
    page = visitor.page

    def as_of_old(route: Route) -> None:
        answer = route.fetch()
        styles = re.sub(
            r"@supports selector\(::details-content\)", "@supports (a: b)", answer.text()
        )
        assert styles != answer.text()
        route.fulfill(response=answer, body=styles)

    page.route("**/css/claim*", as_of_old)
    visitor.open("/bantuan#saldo-nol")
    assert page.evaluate(IN_VIEW, "saldo-nol")
    expect(page.locator("#saldo-nol > p")).to_be_visible()
    assert not any(points_of(page, "saldo-nol"))
    page.locator("#saldo-nol summary").click()
    assert all(points_of(page, "saldo-nol"))


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("path", ["/bantuan", "/en/bantuan"])
def test_the_sentences_of_jmo_are_found_by_the_search_of_the_browser(
    visitor: Visitor, path: str, sentence: str
) -> None:
    page = visitor.open(path)
    assert page.evaluate("(sentence) => window.find(sentence)", sentence)
    found = page.evaluate("getSelection().anchorNode.parentElement.closest('section').id")
    assert found in {each.anchor for each in QUESTIONS.values() if each.says == sentence}


def test_a_link_of_a_result_leads_to_its_answer(visitor: Visitor, live_site: LiveSite) -> None:
    page = visitor.look_up(live_site.sample("approval").nik)
    page.locator("a.fold").click()
    expect(page).to_have_url(re.compile(r"/bantuan#saldo-nol$"))
    expect(page.locator("#saldo-nol h3")).to_be_in_viewport()


def test_a_message_is_taken_whole_with_one_press(visitor: Visitor) -> None:
    page = visitor.open("/bantuan#masih-aktif")
    message = page.locator("#masih-aktif .message")
    message.click()
    assert page.evaluate("String(getSelection())").strip() == message.inner_text().strip()


def test_help_brings_less_than_a_first_view_may_weigh(make_visitor: MakeVisitor) -> None:
    visitor = make_visitor()
    session = visitor.page.context.new_cdp_session(visitor.page)
    session.send("Network.enable")
    weights: list[float] = []
    session.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    visitor.open("/bantuan").wait_for_load_state("networkidle")
    assert len(weights) >= 3
    assert sum(weights) <= WHOLE_PAGE_BYTES


@pytest.mark.parametrize("path", ["/bantuan", "/en/bantuan"])
def test_on_a_phone_what_the_page_holds_stands_in_two_columns(
    make_visitor: MakeVisitor, path: str
) -> None:
    page = make_visitor(viewport={"width": 360, "height": 640}).open(path)
    boxes = [each.bounding_box() for each in page.locator(".contents li").all()]
    assert len({round(box["x"]) for box in boxes if box}) == 2


def test_words_that_are_explained_look_alike_in_every_list(visitor: Visitor) -> None:
    page = visitor.open("/bantuan")
    colours = page.locator(".rows strong").evaluate_all(
        "(all) => [...new Set(all.map((each) => getComputedStyle(each).color))]"
    )
    assert len(colours) == 1


def test_no_line_is_drawn_between_an_answer_and_the_rest_of_it(visitor: Visitor) -> None:
    rest = visitor.open("/bantuan").locator(".question .case").first
    assert rest.evaluate("(each) => getComputedStyle(each).borderTopWidth") == "0px"
