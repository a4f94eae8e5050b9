"""The button that reads aloud: with a voice of the device alone, and silent when it should be.

What browsers do with voices differs widely and no machine of ours has one: these are made up.
"""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakeVisitor
from tests.browser.news import check_until
from tests.browser.visitor import Visitor
from tests.live import LiveSite

VOICES = """(voices) => {
    window.spoken = [];
    window.utterances = [];
    window.voices = voices;
    const say = (text) => { window.spoken.push(text); };
    // What Safari 15 has: no target of events.
    Object.defineProperty(window, 'speechSynthesis', { value: {
        getVoices: () => window.voices,
        cancel: () => say(''),
        speak: (each) => { window.utterances.push(each); say(each.text); },
    } });
    window.SpeechSynthesisUtterance = function say(text) { this.text = text; };
}"""
END = "(number) => utterances[number].onend({ target: utterances[number] })"
HEARD = "spoken.filter((text) => text)"


def with_voices(visitor: Visitor, *voices: tuple[str, bool]) -> None:
    """Give the device voices: of a language, and whether each is its own."""
    told = [{"lang": lang, "localService": is_own} for lang, is_own in voices]
    visitor.page.add_init_script(f"({VOICES})({json.dumps(told)})")


@pytest.fixture
def page(make_visitor: MakeVisitor, live_site: LiveSite) -> Page:
    """A result on a device with a voice."""
    visitor = make_visitor()
    with_voices(visitor, ("id-ID", True))
    return visitor.look_up(live_site.sample("assessment_day_3").nik)


@pytest.mark.parametrize("lang", ["id-ID", "in_ID"], ids=["most_name_it", "android_names_it"])
def test_a_voice_of_the_device_itself_reads_the_first_sentence(
    make_visitor: MakeVisitor, live_site: LiveSite, lang: str
) -> None:
    visitor = make_visitor()
    with_voices(visitor, ("en_US", True), (lang, True))
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    page.locator("[data-listen]").click()
    spoken = page.evaluate("window.spoken").pop()
    assert spoken.startswith("Menurut aturan cair paling lambat")
    assert "Tidak ada yang perlu Anda lakukan." in spoken


def test_no_voice_of_a_server_and_none_of_another_language_reads_anything(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor()
    with_voices(visitor, ("id-ID", False), ("en_US", True))
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    expect(page.locator("[data-print]").first).to_be_visible()
    expect(page.locator("[data-listen]")).to_be_hidden()


def test_voices_that_come_late_are_heard_of_and_keep_nothing_else_waiting(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor()
    with_voices(visitor)
    page = visitor.look_up(live_site.sample("assessment_day_3").nik)
    page.reload()
    expect(page.locator("[data-print]").first).to_be_visible()
    expect(page.locator("[data-listen]")).to_be_hidden()
    page.evaluate("window.voices.push({ lang: 'id-ID', localService: true })")
    page.evaluate("speechSynthesis.onvoiceschanged(new Event('voiceschanged'))")
    expect(page.locator("[data-listen]")).to_be_visible()


def test_a_second_press_stops_the_voice_and_a_third_begins_anew(page: Page) -> None:
    button = page.locator("[data-listen]")
    expect(button).to_have_text("Dengarkan", use_inner_text=True)
    button.click()
    expect(button).to_have_text("Hentikan suara", use_inner_text=True)
    button.click()
    expect(button).to_have_text("Dengarkan", use_inner_text=True)
    assert page.evaluate("spoken").pop() == ""
    button.click()
    expect(button).to_have_text("Hentikan suara", use_inner_text=True)
    assert page.evaluate("spoken").pop() != ""


def test_a_voice_that_came_to_its_end_can_be_asked_again(page: Page) -> None:
    button = page.locator("[data-listen]")
    button.click()
    page.evaluate(END, 0)
    expect(button).to_have_text("Dengarkan", use_inner_text=True)
    button.click()
    expect(button).to_have_text("Hentikan suara", use_inner_text=True)
    assert len(page.evaluate(HEARD)) == 2


def test_the_late_end_of_a_voice_that_was_stopped_ends_no_other(page: Page) -> None:
    button = page.locator("[data-listen]")
    for _ in range(3):
        button.click()
    page.evaluate(END, 0)
    expect(button).to_have_text("Hentikan suara", use_inner_text=True)


def test_where_the_devices_voice_is_gone_nothing_reads_and_the_button_goes(page: Page) -> None:
    button = page.locator("[data-listen]")
    page.evaluate("voices[0].localService = false")
    button.click()
    expect(button).to_be_hidden()
    assert page.evaluate(HEARD) == []


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_of_several_claims_too_a_press_reads_and_a_press_stops(
    make_visitor: MakeVisitor, live_site: LiveSite, prefix: str
) -> None:
    visitor = make_visitor()
    with_voices(visitor, ("en-US", True), ("id-ID", True))
    page = visitor.look_up(live_site.sample("several_claims").nik, f"{prefix}/")
    button = page.locator("[data-listen]")
    # While it is hidden both of its words are its text.
    expect(button).to_be_visible()
    before = button.inner_text()
    button.click()
    expect(button).not_to_have_text(before, use_inner_text=True)
    assert page.evaluate("utterances[0].lang") == ("en-US" if prefix else "id-ID")
    button.click()
    expect(button).to_have_text(before, use_inner_text=True)


def test_who_leaves_the_page_hears_no_more_of_it(page: Page) -> None:
    page.locator("[data-listen]").click()
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert page.evaluate("spoken").pop() == ""
    expect(page.locator("[data-listen]")).to_have_text("Dengarkan", use_inner_text=True)


def test_what_the_page_says_no_longer_is_not_read_on(
    make_visitor: MakeVisitor, quick_site: LiveSite, change: Callable[..., None]
) -> None:
    visitor = make_visitor(quick_site)
    visitor.hold_clock()
    with_voices(visitor, ("id-ID", True))
    page = visitor.look_up(quick_site.sample("jmo_assessment").nik)
    button = page.locator("[data-listen]")
    button.click()
    button.focus()
    visitor.check_again(60_000)
    expect(button).to_have_text("Hentikan suara", use_inner_text=True)
    change("jmo_assessment", stage="payment")
    check_until(visitor, "[data-stage=payment]")
    expect(page.locator("[data-stage=payment]")).to_be_visible()
    expect(button).to_have_text("Dengarkan", use_inner_text=True)
    expect(button).to_be_focused()
    assert page.evaluate("spoken").pop() == ""


def test_clearing_the_screen_ends_the_voice_at_once(page: Page) -> None:
    page.locator("[data-listen]").click()
    page.route("**/bersihkan", lambda _: None)
    page.get_by_text("Hapus dari layar ini").click()
    expect(page.locator("#hasil")).to_have_count(0)
    assert page.evaluate("window.spoken").pop() == "", "told to be silent last"
