"""The frame among others: its size, its calm, its preview, and hosts that forbid forms."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.axe import AXE_SCRIPT, OPTIONS
from tests.browser.axe import RUN as AXE_RUN
from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.framing import (
    NO_FRAME_SIZING,
    SANDBOX,
    expect_to_fit,
    frame_tag,
    host_script,
    look_up,
    show,
)
from tests.browser.host import HostPage
from tests.browser.test_weight import listen
from tests.browser.visitor import NO_FADE, Visitor
from tests.live import LiveSite

FRAME_BYTES = 18_000
SHIFT = 0.05


def test_where_forms_are_forbidden_a_card_shows_the_way(
    make_visitor: MakeVisitor, framed_site: LiveSite, host: HostPage
) -> None:
    reader = make_visitor(framed_site)
    reader.allow_host(host.origin)
    reader.bear("sandboxed|null|allow-scripts|autofocus|Subresource Integrity")
    tag = frame_tag(reader.site).replace(SANDBOX, "allow-scripts")
    frame = show(reader, host, tag)
    frame.wait_for_selector(".frame-card")
    assert frame.locator("form").count() == 0
    expect(frame.locator(".frame-card a")).to_have_attribute("target", "_blank")


def test_a_host_that_is_not_listed_shows_the_card_and_no_blank(
    make_visitor: MakeVisitor, make_live_site: MakeSite, host: HostPage
) -> None:
    reader = make_visitor(make_live_site(EMBED_ORIGINS="https://somebody.example"))
    reader.allow_host(host.origin)
    frame = show(reader, host, frame_tag(reader.site))
    expect(frame.locator(".frame-card")).to_be_visible()
    assert frame.locator("#isi form").count() == 0


@pytest.mark.parametrize("way", ["without any script", "by the host script"])
def test_nothing_jumps_in_the_frame_or_around_it(
    reader: Visitor, host: HostPage, framed_site: LiveSite, way: str
) -> None:
    reader.page.context.add_init_script(
        """window.moved = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((e) => {
            if (!e.hadRecentInput) moved += e.value;
        })).observe({type: 'layout-shift', buffered: true})"""
    )
    if way == "by the host script":
        reader.page.add_init_script(NO_FRAME_SIZING)
        tag = frame_tag(reader.site, style="min-height: 480px")
        tag += host_script(reader.site)
    else:
        tag = frame_tag(reader.site).replace("min-height: 150px", "min-height: 480px")
    frame = show(reader, host, tag + "<p>Setelah bingkai.</p>" * 20)
    expect_to_fit(reader, frame)
    reader.page.wait_for_timeout(500)
    assert reader.page.evaluate("moved") < SHIFT
    look_up(frame, framed_site.sample("assessment_day_3").nik)
    expect_to_fit(reader, frame)
    assert frame.evaluate("moved") < SHIFT


def test_only_frames_near_the_view_are_loaded(reader: Visitor, host: HostPage) -> None:
    tall = '<div style="height: 1500px"></div>'
    show(reader, host, (frame_tag(reader.site) + tall) * 20)
    reader.page.wait_for_timeout(500)
    assert 1 <= len(reader.requests("/sematan")) <= 5


def test_the_first_view_of_the_frame_is_light(
    reader: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    _, weight = listen(reader.page)
    reader.open("/sematan").wait_for_load_state("networkidle")
    assert {"css", "js"} <= {address.rpartition(".")[2] for address in weight}
    assert min(weight.values()) > 0
    assert sum(weight.values()) <= FRAME_BYTES, weight


def test_the_frame_has_no_barrier(reader: Visitor, host: HostPage, framed_site: LiveSite) -> None:
    frame = show(reader, host, frame_tag(reader.site))
    frame.evaluate(AXE_SCRIPT)
    assert frame.evaluate(AXE_RUN, OPTIONS) == []
    look_up(frame, framed_site.sample("missing_document").nik)
    assert frame.evaluate(AXE_RUN, OPTIONS) == []


@pytest.mark.parametrize("way", ["without any script", "by the host script"])
def test_the_preview_shows_the_whole_frame_in_the_chosen_look(reader: Visitor, way: str) -> None:
    # Chromium reports that it left out the fade between the two pages.
    reader.bear(NO_FADE)
    if way == "by the host script":
        reader.page.add_init_script(NO_FRAME_SIZING)
        reader.page.route("**/partners.*.css", without_frame_sizing)
    page = reader.open("/mitra")
    page.locator(".looks > summary").click()
    page.locator("#aksen").fill("#7a0055")
    page.locator("#sudut").fill("0")
    page.get_by_label("Terang atau gelap").select_option("light")
    page.get_by_role("button", name="Tampilkan").click()
    page.wait_for_url("**aksen=*")
    page.locator(".preview-phone").scroll_into_view_if_needed()
    frame = page.frames[1]
    frame.wait_for_load_state()
    expect_to_fit(reader, frame)
    button = frame.locator("#lacak button[type=submit]")
    expect(button).to_have_css("background-color", "rgb(122, 0, 85)")
    expect(button).to_have_css("border-radius", "0px")


def test_who_goes_through_the_places_by_keyboard_stays_on_the_page(reader: Visitor) -> None:
    page = reader.open("/mitra")
    choice = page.locator("#di")
    choice.focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(choice).to_have_value("blogger")
    page.evaluate("new Promise((done) => { setTimeout(done, 300); })")
    expect(choice).to_be_focused()
    page.get_by_role("button", name="Tampilkan").click()
    page.wait_for_url("**di=blogger*")


def without_frame_sizing(route: Route) -> None:
    answer = route.fetch()
    styles = answer.text().replace("frame-sizing: content-height;", "")
    route.fulfill(response=answer, body=styles)
