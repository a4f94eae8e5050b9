"""A number looked up after several others asks a little work, which the browser does by itself."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MakeSite, MakeVisitor
from tests.live import LiveSite

BEFORE = ("assessment_day_3", "just_registered", "document_check", "approval", "paid_today")


@pytest.fixture(scope="module")
def guarded_site(make_live_site: MakeSite) -> LiveSite:
    return make_live_site(GUARD_OFF="0", POW_SCALE="0.05")


def test_the_work_is_done_unasked_and_ends_at_the_claim(
    make_visitor: MakeVisitor, guarded_site: LiveSite
) -> None:
    visitor = make_visitor(guarded_site)
    for situation in BEFORE:
        visitor.look_up(guarded_site.sample(situation).nik)
    challenged = [each for each in visitor.requests("/lacak") if each.response().status == 403]
    assert challenged, "the guard asked nothing of someone with five numbers"
    expect(visitor.page.locator("h1")).to_be_focused()
    expect(visitor.page.locator("[data-stage=completed]")).to_be_visible()


def test_where_the_work_cannot_be_done_what_to_do_is_shown_and_said(
    make_visitor: MakeVisitor, guarded_site: LiveSite
) -> None:
    visitor = make_visitor(guarded_site)
    visitor.bear("net::ERR_|Failed to load")
    page = visitor.page
    page.route("**/altcha-*", lambda route: route.abort())
    for situation in (*BEFORE, "missing_document", "clock_day_2"):
        visitor.open()
        visitor.type_number(guarded_site.sample(situation).nik)
        visitor.press()
        page.wait_for_selector("#hasil")
        if page.locator("[data-waiting]").count():
            break
    expect(page.get_by_role("button", name="Lanjutkan")).to_be_visible()
    expect(page.locator("#kabar")).to_contain_text("lalu tekan tombol")


def test_without_javascript_a_short_wait_stands_in_for_the_work(
    make_visitor: MakeVisitor, guarded_site: LiveSite
) -> None:
    visitor = make_visitor(guarded_site, java_script_enabled=False)
    page = visitor.open()
    visitor.type_number(guarded_site.sample("step_back").nik)
    visitor.press()
    page.wait_for_selector("#hasil[data-outcome=challenge]")
    expect(page.get_by_role("button", name="Lanjutkan")).to_be_visible()
    expect(page.locator("[data-working]")).to_be_hidden()
    assert int(page.locator("[data-waiting]").inner_text().split(" detik")[0].split()[-1]) <= 60
