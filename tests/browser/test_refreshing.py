"""An open result follows its claim by itself, and leaves the site alone when it need not."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MakeVisitor
from tests.browser.news import check, check_until
from tests.browser.visitor import Visitor
from tests.live import LiveSite

ONE_CHECK_MS = 60_000
"""Within a minute the page asks again, at first."""

AN_HOUR_MS = 3_600_000
SEVEN_IN_THE_MORNING = {"Date": "Wed, 25 Nov 2026 00:10:30 GMT"}


@pytest.fixture
def visitor(make_visitor: MakeVisitor, quick_site: LiveSite) -> Visitor:
    """Someone whose clock can be moved on."""
    visitor = make_visitor(quick_site)
    visitor.hold_clock()
    return visitor


def checks(visitor: Visitor) -> int:
    return len(visitor.requests("/klaim/"))


def test_a_change_at_the_core_appears_in_the_open_page(
    visitor: Visitor, quick_site: LiveSite, change: Callable[..., None]
) -> None:
    page = visitor.look_up(quick_site.sample("approval").nik)
    before = page.locator("h1").inner_text()
    change("approval", stage="payment")
    check_until(visitor, "[data-stage=payment]")
    expect(page.locator("[data-stage=payment]")).to_be_visible()
    told = page.locator("h1").inner_text()
    assert told != before
    expect(page).to_have_title(f"{told} · Lacak Klaim")
    expect(page.locator("[role=status]")).to_have_text(told)


def test_news_never_hide_what_the_script_has_shown(
    visitor: Visitor, quick_site: LiveSite, change: Callable[..., None]
) -> None:
    page = visitor.look_up(quick_site.sample("branch_document_check").nik)
    shown = page.locator("[data-print], [data-copy]").locator("visible=true").first
    shown.focus()
    page.evaluate(
        """() => {
            window.gone = [];
            const seen = new MutationObserver((all) => all.forEach(({ target, oldValue }) => {
                if (oldValue === null) window.gone.push(target.outerHTML);
            }));
            const what = { attributeFilter: ['hidden'], attributeOldValue: true };
            seen.observe(document.body, { subtree: true, ...what });
        }"""
    )
    change("branch_document_check", stage="assessment")
    check_until(visitor, "[data-stage=assessment]")
    expect(page.locator("[data-stage=assessment]")).to_be_visible()
    expect(shown).to_be_focused()
    assert [each for each in page.evaluate("gone") if "<button" in each] == []


def test_a_check_without_news_says_nothing_and_moves_nothing(
    visitor: Visitor, quick_site: LiveSite
) -> None:
    page = visitor.look_up(quick_site.sample("assessment_day_3").nik)
    page.locator("summary").first.click()
    page.locator("summary").first.focus()
    page.evaluate("scrollTo(0, 300)")
    page.locator("[role=status]").evaluate("(each) => each.replaceChildren()")
    check(visitor)
    check(visitor)
    expect(page.locator("summary").first).to_be_focused()
    expect(page.locator("details").first).to_have_attribute("open", "")
    assert page.evaluate("scrollY") == 300
    expect(page.locator("[role=status]")).to_have_text("")


def test_a_check_without_news_leaves_the_moment_of_the_data_and_never_takes_the_phones(
    visitor: Visitor, quick_site: LiveSite
) -> None:
    page = visitor.look_up(quick_site.sample("assessment_day_3").nik)
    told = page.locator("[data-fresh]")
    before = told.inner_text()
    # This phone runs three hours fast; each check moves its clock on once more.
    page.route("**/klaim/*", lambda route: route.fulfill(status=204, headers=SEVEN_IN_THE_MORNING))
    visitor.check_again(3 * AN_HOUR_MS)
    visitor.check_again(10 * ONE_CHECK_MS)
    expect(told).to_have_text(before)


def test_the_script_says_that_the_page_refreshes_itself(
    make_visitor: MakeVisitor, quick_site: LiveSite
) -> None:
    number = quick_site.sample("assessment_day_3").nik
    page = make_visitor(quick_site).look_up(number)
    expect(page.locator(".live [data-live]")).to_be_visible()
    expect(page.locator(".live [data-reload]")).to_be_hidden()
    without = make_visitor(quick_site, java_script_enabled=False).look_up(number)
    expect(without.locator(".live [data-live]")).to_be_hidden()
    expect(without.locator(".live [data-reload]")).to_be_visible()


def test_where_the_script_does_not_come_nothing_says_that_it_would(
    make_visitor: MakeVisitor, quick_site: LiveSite
) -> None:
    visitor = make_visitor(quick_site)
    visitor.bear("net::ERR_|Failed to fetch|Failed to load")
    address = visitor.look_up(quick_site.sample("assessment_day_3").nik).url
    visitor.page.route("**/*.js", lambda route: route.abort())
    visitor.page.goto(address)
    expect(visitor.page.locator(".live [data-live]")).to_be_hidden()
    expect(visitor.page.locator(".live [data-reload]")).to_be_visible()


def test_checking_ends_with_the_claim(
    visitor: Visitor, quick_site: LiveSite, change: Callable[..., None]
) -> None:
    page = visitor.look_up(quick_site.sample("payment_scheduled").nik)
    change("payment_scheduled", state="completed")
    check_until(visitor, "[data-state=completed]")
    expect(page.locator("[data-state=completed]")).to_be_visible()
    asked = checks(visitor)
    page.clock.fast_forward(AN_HOUR_MS)
    page.wait_for_timeout(300)
    assert checks(visitor) == asked


@pytest.mark.parametrize("situation", ["paid_today", "rejected_data_mismatch"])
def test_a_claim_that_has_ended_is_not_checked_at_all(
    visitor: Visitor, quick_site: LiveSite, situation: str
) -> None:
    page = visitor.look_up(quick_site.sample(situation).nik)
    page.clock.fast_forward(AN_HOUR_MS)
    page.wait_for_timeout(300)
    assert checks(visitor) == 0


def test_a_hidden_tab_rests_and_asks_once_when_it_is_seen_again(
    visitor: Visitor, quick_site: LiveSite
) -> None:
    page = visitor.look_up(quick_site.sample("assessment_day_3").nik)
    hide = """(hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
    }"""
    page.evaluate(hide, True)
    page.clock.fast_forward(AN_HOUR_MS)
    page.wait_for_timeout(300)
    assert checks(visitor) == 0
    with page.expect_response("**/klaim/*"):
        page.evaluate(hide, False)
    page.wait_for_timeout(300)
    assert checks(visitor) == 1


def test_the_pauses_between_checks_grow(visitor: Visitor, quick_site: LiveSite) -> None:
    page = visitor.look_up(quick_site.sample("approval").nik)
    root = page.locator("html")
    pauses = []
    for check_number in range(1, 5):
        for seconds in range(10, 400, 10):
            page.clock.run_for(10_000)
            if root.get_attribute("data-asked") == str(check_number):
                pauses.append(seconds)
                break
        expect(root).to_have_attribute("data-answered", str(check_number))
    assert 20 <= pauses[0] <= 60
    assert pauses == sorted(pauses)
    assert pauses[-1] > pauses[0]
    assert pauses[-1] <= 310


def test_a_check_that_fails_keeps_the_result_and_says_so(
    visitor: Visitor, quick_site: LiveSite
) -> None:
    visitor.bear("net::ERR_|Failed to fetch")
    page = visitor.look_up(quick_site.sample("assessment_day_3").nik)
    told = page.locator("h1").inner_text()
    page.context.set_offline(True)
    page.clock.fast_forward(ONE_CHECK_MS)
    expect(page.locator("[data-unreachable]")).to_be_visible()
    expect(page.locator("#kabar")).to_contain_text("Belum bisa diperiksa ulang.")
    expect(page.locator("h1")).to_have_text(told)
    page.context.set_offline(False)
    check(visitor)
    expect(page.locator("[data-unreachable]")).to_be_hidden()
    expect(page.locator("#kabar")).to_have_text("")


def test_only_a_page_that_can_refresh_itself_says_that_it_does(
    make_visitor: MakeVisitor, quick_site: LiveSite
) -> None:
    number = quick_site.sample("approval").nik
    for scripts in (True, False):
        page = make_visitor(quick_site, java_script_enabled=scripts).look_up(number)
        expect(page.get_by_text("Diperbarui otomatis")).to_be_visible(visible=scripts)
        reload = page.get_by_text("Muat ulang untuk kabar terbaru")
        expect(reload).to_be_visible(visible=not scripts)
