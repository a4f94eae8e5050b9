"""From a number to its claim and back, in the ways in which people use a browser."""

import json
import re
from urllib.request import urlopen

from playwright.sync_api import Page, expect

from tests.browser.conftest import MakeVisitor
from tests.browser.visitor import Visitor
from tests.live import LiveSite

RESULT = re.compile(r"/klaim/[\w-]{20,}$")
FORM = re.compile(r":\d+/$")


def lookups_at(site: LiveSite) -> int:
    with urlopen(f"{site.core.url}/sandbox/stats", timeout=5) as answer:
        count: int = json.load(answer)["lookups"]
        return count


def heading(page: Page) -> str:
    """Return the two lines of the heading as the one sentence that it is read as."""
    return " ".join(page.locator("h1").inner_text().split())


def test_a_number_leads_to_the_claim_and_its_address_holds_a_ticket(
    visitor: Visitor, live_site: LiveSite
) -> None:
    number = live_site.sample("assessment_day_3").nik
    page = visitor.look_up(number)
    expect(page).to_have_url(RESULT)
    assert number not in page.url
    assert " ".join(page.title().split()).startswith(f"{heading(page)} · ")
    assert len(visitor.requests("/lacak")) == 1
    assert all(number not in each.url for each in visitor.sent)


def test_after_a_lookup_the_heading_has_the_focus_and_the_top_is_in_view(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    expect(page.locator("h1")).to_be_focused()
    assert page.evaluate("scrollY") == 0


def test_one_polite_sentence_is_spoken_once(visitor: Visitor, live_site: LiveSite) -> None:
    visitor.open()
    # What a screen reader reads out are the texts that the region goes through.
    visitor.page.evaluate(
        """() => {
            window.spoken = [];
            const region = document.querySelector('[role=status]');
            new MutationObserver(() => window.spoken.push(region.textContent))
                .observe(region, {childList: true, characterData: true, subtree: true});
        }"""
    )
    visitor.type_number(live_site.sample("assessment_day_3").nik)
    visitor.press()
    visitor.page.wait_for_selector("#hasil[data-outcome=found]")
    expect(visitor.page.locator("h1:focus")).to_have_count(1)
    spoken = [text for text in visitor.page.evaluate("spoken") if text]
    assert spoken == ["Sedang mencari.", "Tidak ada yang perlu Anda lakukan."]
    assert visitor.page.locator("[role=status]").count() == 1
    assert visitor.page.locator("[role=status]").get_attribute("aria-live") in (None, "polite")


def test_without_javascript_the_same_claim_is_shown(
    make_visitor: MakeVisitor, live_site: LiveSite, visitor: Visitor
) -> None:
    number = live_site.sample("assessment_day_3").kpj
    plain = make_visitor(java_script_enabled=False)
    page = plain.look_up(number)
    expect(page).to_have_url(RESULT)
    expect(page.locator("[data-print], [data-clear], [data-letters]").first).to_be_hidden()
    assert heading(page) == heading(visitor.look_up(number))


def test_back_and_forward_move_between_form_and_result(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    told = heading(page)
    page.go_back()
    expect(page).to_have_url(FORM)
    expect(page.locator("#nomor")).to_have_value("")
    page.go_forward()
    expect(page).to_have_url(RESULT)
    expect(page.locator("h1")).to_have_text(told)


def test_back_after_two_lookups_shows_the_first_one(visitor: Visitor, live_site: LiveSite) -> None:
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    told = heading(page)
    page.get_by_role("link", name="Lacak nomor lain").click()
    expect(page.locator("#nomor")).to_be_visible()
    visitor.type_number(live_site.sample("paid_today").nik)
    visitor.press()
    page.wait_for_selector("[data-state=completed]")
    page.go_back()
    expect(page.locator("#nomor")).to_have_value("")
    page.go_back()
    expect(page.locator("h1")).to_have_text(told)


def test_reload_shows_the_same_claim_and_sends_no_form_again(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    told, address = heading(page), page.url
    page.reload()
    assert (heading(page), page.url) == (told, address)
    assert len(visitor.requests("/lacak")) == 1


def test_a_double_click_asks_once(visitor: Visitor, live_site: LiveSite) -> None:
    before = lookups_at(live_site)
    visitor.open()
    visitor.type_number(live_site.sample("step_back").kpj)
    visitor.page.locator("#lacak button[type=submit]").dblclick()
    visitor.page.wait_for_selector("#hasil[data-outcome=found]")
    assert len(visitor.requests("/lacak")) == 1
    assert lookups_at(live_site) == before + 1


def test_enter_in_the_field_looks_up(visitor: Visitor, live_site: LiveSite) -> None:
    page = visitor.open()
    visitor.type_number(live_site.sample("assessment_day_3").kpj)
    page.keyboard.press("Enter")
    page.wait_for_selector("#hasil[data-outcome=found]")
    assert len(visitor.requests("/lacak")) == 1


def test_the_keyboard_alone_goes_all_the_way(visitor: Visitor, live_site: LiveSite) -> None:
    page = visitor.open()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#nomor")).to_be_focused()
    page.keyboard.type(live_site.sample("missing_document").nik)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator("h1")).to_be_focused()
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText"))
        ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", f"no ring around {reached[-1]!r}"
        if "Lacak nomor lain" in reached:
            break
    assert any("Dokumen" in text for text in reached)
    page.keyboard.press("Enter")
    expect(page.locator("#nomor")).to_be_visible()


def test_clearing_the_screen_leaves_no_result_behind_in_the_history(
    visitor: Visitor, live_site: LiveSite
) -> None:
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    page.locator("[data-clear]").click()
    expect(page).to_have_url(FORM)
    # The address is the form's before the form is there.
    expect(page.locator("#nomor")).to_be_visible()
    page.go_back()
    expect(page.locator("#nomor")).to_be_visible()
    expect(page.locator("#hasil")).to_have_count(0)
