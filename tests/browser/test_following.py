"""Following a claim with a browser: the private address, what is new, and its end."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.conftest import MakeVisitor
from tests.browser.news import A_CHECK_MS, check_until, keep, reload_until
from tests.browser.visitor import Visitor
from tests.live import LiveSite

FOLLOWED = re.compile(r"/pantau/[\w-]{60,}\?sejak=[\w-]+$")

PRESSES = """() => new Promise((done) => {
    let presses = 0;
    const press = setInterval(() => {
        if ((presses += 1) > 5) done(clearInterval(press));
        else document.querySelectorAll('#simpan [type=submit]')[presses % 2].click();
    }, 100);
})"""


@pytest.fixture
def visitor(make_visitor: MakeVisitor, quick_site: LiveSite) -> Visitor:
    return make_visitor(quick_site)


@pytest.mark.parametrize("scripts", [True, False])
def test_a_press_leads_to_where_the_new_address_stands(
    make_visitor: MakeVisitor, quick_site: LiveSite, scripts: bool
) -> None:
    visitor = make_visitor(quick_site, java_script_enabled=scripts)
    page = keep(visitor, quick_site.sample("approval").nik)
    expect(page.locator("#pantau a").first).to_be_in_viewport()


def test_a_press_leads_to_an_address_that_remembers_what_was_seen(
    visitor: Visitor, quick_site: LiveSite
) -> None:
    number = quick_site.sample("assessment_day_3").nik
    page = keep(visitor, number)
    expect(page).to_have_url(FOLLOWED)
    assert number not in page.url
    heading = " ".join(page.locator("h1").inner_text().split())
    assert " ".join(page.title().split()).startswith(f"{heading} · ")
    page.reload()
    expect(page.locator("#hasil")).to_have_attribute("data-outcome", "found")
    expect(page.locator(".news")).to_have_count(0)


def test_the_next_visit_tells_what_is_new_and_the_one_after_it_does_not(
    visitor: Visitor, quick_site: LiveSite, change: Callable[..., None]
) -> None:
    page = keep(visitor, quick_site.sample("interview_next_week").nik)
    change("interview_next_week", stage="assessment")
    reload_until(page, ".news")
    expect(page.locator(".news li").first).to_be_visible()
    expect(page.locator(".rail [data-new]")).to_have_count(1)
    expect(page.locator(".rail [data-new] .new")).to_have_text("Baru")
    expect(page).to_have_url(FOLLOWED)
    page.reload()
    page.wait_for_selector("#hasil[data-outcome=found]")
    expect(page.locator(".news")).to_have_count(0)
    expect(page.locator("[data-new]")).to_have_count(0)


def test_an_open_followed_page_marks_a_change_and_says_it_once(
    visitor: Visitor, quick_site: LiveSite, change: Callable[..., None]
) -> None:
    visitor.hold_clock()
    page = keep(visitor, quick_site.sample("document_check").nik)
    page.evaluate(
        """() => {
            window.spoken = [];
            const region = document.querySelector('[role=status]');
            new MutationObserver(() => window.spoken.push(region.textContent))
                .observe(region, {childList: true, characterData: true, subtree: true});
        }"""
    )
    heading = page.locator("h1").inner_text()
    notices = [{"means": "email", "about": "decision", "sent_at": "2026-01-05T09:00:00+07:00"}]
    change("document_check", notices=notices * 4)
    check_until(visitor, ".news")
    expect(page.locator(".news li")).to_have_count(1)
    expect(page.locator("h1")).to_have_text(heading)
    said = [text for text in page.evaluate("window.spoken") if text]
    assert said == ["Ada yang baru di halaman ini."]
    statuses = []
    for _ in range(3):
        with page.expect_response("**/pantau/*") as answer:
            visitor.check_again(A_CHECK_MS)
        statuses.append(answer.value.status)
    # The first may still take back that the copy was past its time.
    assert 204 in statuses
    expect(page.locator(".news li")).to_have_count(1)
    assert [text for text in page.evaluate("window.spoken") if text] == said


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_followed_page_with_news_breaks_no_rule_and_fits_a_small_phone(
    make_visitor: MakeVisitor, quick_site: LiveSite, change: Callable[..., None], scheme: str
) -> None:
    visitor = make_visitor(quick_site, color_scheme=scheme, viewport={"width": 320, "height": 640})
    situation = {"light": "onsite_document_check", "dark": "branch_document_check"}[scheme]
    page = keep(visitor, quick_site.sample(situation).nik)
    change(situation, stage="assessment")
    reload_until(page, ".news")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_connection_that_is_back_is_used_at_once(visitor: Visitor, quick_site: LiveSite) -> None:
    visitor.bear("net::ERR_|Failed to fetch")
    visitor.page.clock.install()
    page = keep(visitor, quick_site.sample("approval").nik)
    page.context.set_offline(True)
    page.clock.fast_forward(A_CHECK_MS)
    expect(page.locator("[data-unreachable]")).to_be_visible()
    expect(page.locator("[data-fresh]")).to_be_visible()
    with page.expect_response("**/pantau/*"):
        page.context.set_offline(False)
    expect(page.locator("[data-unreachable]")).to_be_hidden()


def test_a_check_may_bring_a_new_ticket(visitor: Visitor, quick_site: LiveSite) -> None:
    visitor.page.clock.install()
    page = visitor.look_up(quick_site.sample("approval").nik)
    ticket = page.url.rpartition("/")[2]
    renewed = "A" * len(ticket)
    page.route(
        f"**/klaim/{ticket}*",
        lambda route: route.fulfill(status=204, headers={"HX-Replace-Url": f"/klaim/{renewed}"}),
    )
    with page.expect_response("**/klaim/*"):
        page.clock.fast_forward(A_CHECK_MS)
    expect(page).to_have_url(re.compile(renewed))
    expect(page.locator("#hasil")).to_have_attribute(
        "hx-get", re.compile(rf"^/klaim/{renewed}\?sejak=")
    )
    expect(page.locator("#bahasa")).to_have_attribute("href", f"/en/klaim/{renewed}")
    action = f"/klaim/{renewed}/pantau#pantau"
    expect(page.locator("#simpan form")).to_have_attribute("action", action)
    expect(page.locator("[name=tiket]")).to_have_value(renewed)
    assert ticket not in page.content()


def test_ending_a_link_shows_that_it_is_over(visitor: Visitor, quick_site: LiveSite) -> None:
    page = keep(visitor, quick_site.sample("approval").nik)
    address = page.url
    page.locator("#pantau form button").click()
    expect(page.locator("h1")).to_have_text("Link pribadi ini tidak berlaku lagi.")
    expect(page.locator("#nomor")).to_have_value("")
    page.goto(address)
    expect(page.locator("h1")).to_have_text("Link pribadi ini tidak berlaku lagi.")


def test_without_javascript_a_link_is_kept_opened_and_ended(
    make_visitor: MakeVisitor, quick_site: LiveSite
) -> None:
    visitor = make_visitor(quick_site, java_script_enabled=False)
    page = keep(visitor, quick_site.sample("approval").nik)
    page.get_by_role("link", name="Link ini").click()
    expect(page).to_have_url(FOLLOWED)
    page.locator("#pantau form button").click()
    expect(page.locator("h1")).to_have_text("Link pribadi ini tidak berlaku lagi.")


def test_many_presses_on_a_slow_network_make_one_address(
    visitor: Visitor, quick_site: LiveSite
) -> None:
    """Each would be one of the three that a network may make of a number."""
    page = visitor.look_up(quick_site.sample("approval").nik)
    slow = {"offline": False, "latency": 3000, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", slow)
    page.evaluate(PRESSES)
    expect(page).to_have_url(FOLLOWED)
    made = [each for each in visitor.requests("/klaim/") if each.url.endswith("/pantau")]
    assert len(made) == 1
