"""The frame's height among the host's own content, and the messages that tell it."""

import pytest
from playwright.sync_api import Browser, Frame

from tests.browser.conftest import launch_whole
from tests.browser.framing import (
    NO_FRAME_SIZING,
    STEP,
    expect_to_fit,
    frame_tag,
    grows,
    height_of,
    host_script,
    look_up,
    show,
)
from tests.browser.host import HostPage
from tests.browser.visitor import Visitor
from tests.live import LiveSite

HEARS = "window.heard = []; addEventListener('message', (e) => heard.push(e.data))"


def show_with_forger(reader: Visitor, host: HostPage) -> Frame:
    """Show the frame under the host's script beside another one that speaks up."""
    forger = '<iframe id="forger" title="x" srcdoc="<p>x</p>"></iframe>'
    body = frame_tag(reader.site, style="") + forger + host_script(reader.site)
    frame = show(reader, host, body)
    expect_to_fit(reader, frame)
    return frame


@pytest.mark.parametrize("way", ["without any script", "by the host script"])
def test_the_frame_is_as_tall_as_its_content_at_every_step(
    reader: Visitor, host: HostPage, framed_site: LiveSite, way: str
) -> None:
    if way == "by the host script":
        # The style that newer browsers follow is left away, and its support denied.
        reader.page.add_init_script(NO_FRAME_SIZING)
        body = frame_tag(reader.site, style="")
        body += host_script(reader.site)
    else:
        body = frame_tag(reader.site)
    frame = show(reader, host, body)
    own_scripts = reader.page.evaluate("document.scripts.length")
    assert own_scripts == (1 if way == "by the host script" else 0)
    expect_to_fit(reader, frame)
    frame.locator("#nomor").fill("12345")
    frame.locator("#nomor").press("Enter")
    frame.wait_for_selector("#hasil[data-outcome=invalid]")
    expect_to_fit(reader, frame)
    form = height_of(reader)
    look_up(frame, framed_site.sample("assessment_day_3").nik)
    expect_to_fit(reader, frame)
    assert height_of(reader) > form or not grows(reader)


@pytest.mark.parametrize("width", [340, 360, 520])
def test_a_scroll_bar_that_comes_and_goes_moves_no_height(
    browser: Browser, host: HostPage, framed_site: LiveSite, width: int
) -> None:
    """Bars that take room, as on desks: other tests have none, as on phones."""
    with launch_whole(browser, ignore_default_args=["--hide-scrollbars"]) as other:
        reader = Visitor(other, framed_site.url, viewport={"width": width, "height": 700})
        reader.allow_host(host.origin)
        reader.page.add_init_script(f"{NO_FRAME_SIZING}; {HEARS}")
        body = frame_tag(reader.site, style="") + host_script(reader.site)
        frame = show(reader, host, body)
        expect_to_fit(reader, frame)
        assert frame.evaluate("innerWidth - document.documentElement.clientWidth") == 0
        frame.locator("#nomor").fill("12345")
        frame.locator("#nomor").press("Enter")
        frame.wait_for_selector("#hasil[data-outcome=invalid]")
        expect_to_fit(reader, frame)
        reader.page.wait_for_timeout(500)
        heights = [each for each in reader.page.evaluate("heard") if each > 0]
        assert len(set(heights)) == len(heights), "it is taken back and said again"


def test_forged_messages_change_nothing(
    reader: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    reader.page.add_init_script(NO_FRAME_SIZING)
    show_with_forger(reader, host)
    before = height_of(reader)
    reader.page.evaluate(
        """() => {
            const forger = document.getElementById('forger').contentWindow;
            forger.eval('parent.postMessage(1999, "*")');
            window.postMessage(1999, '*');
            for (const data of [1999, '1999', {height: 1999}, NaN, -5, Infinity]) {
                window.dispatchEvent(new MessageEvent('message', {
                    data, origin: 'https://evil.example', source: frames[0]}));
            }
            for (const data of ['1999', {height: 1999}, NaN, -5]) {
                window.dispatchEvent(new MessageEvent('message', {
                    data, origin: new URL(document.querySelector('script').src).origin,
                    source: frames[0]}));
            }
        }"""
    )
    reader.page.wait_for_timeout(300)
    assert height_of(reader) == before


def test_a_message_that_is_said_again_by_somebody_else_changes_nothing(
    reader: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    reader.page.add_init_script(
        NO_FRAME_SIZING
        + """;
        window.heard = [];
        addEventListener('message', ({data, origin, source}) => {
            if (source === frames[0]) heard.push({data, origin});
        })"""
    )
    frame = show_with_forger(reader, host)
    form = height_of(reader)
    look_up(frame, framed_site.sample("assessment_day_3").nik)
    expect_to_fit(reader, frame)
    tall = height_of(reader)
    assert tall != form
    assert reader.page.evaluate("heard.length") >= 2
    reader.page.evaluate(
        """() => {
            const forger = document.getElementById('forger').contentWindow;
            for (const {data, origin} of [...heard]) {
                forger.eval(`parent.postMessage(${data}, '*')`);
                window.postMessage(data, '*');
                dispatchEvent(new MessageEvent('message', {data, origin, source: window}));
                dispatchEvent(new MessageEvent('message', {data, origin}));
            }
        }"""
    )
    reader.page.wait_for_timeout(300)
    assert height_of(reader) == tall
    other = reader.page.locator("#forger").bounding_box()
    assert other is not None
    assert other["height"] < form


def test_the_host_hears_numbers_and_nothing_else(
    reader: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    reader.page.add_init_script(
        "window.heard = []; addEventListener('message', (e) => heard.push(e.data))"
    )
    frame = show(reader, host, frame_tag(reader.site, style=""))
    number = framed_site.sample("assessment_day_3").nik
    look_up(frame, number)
    reader.page.wait_for_function("heard.length >= 2")
    heard = reader.page.evaluate("heard")
    assert all(isinstance(each, int) for each in heard), heard
    # Below zero it is where an answer begins (test_frame_steps.py).
    assert [each for each in heard if each > 0][-1] % STEP == 0


@pytest.mark.parametrize(
    ("asked", "shape"),
    [
        ("?amp=1", {"sentinel": "amp", "type": "embed-size"}),
        ("#?secret=abc123", {"message": "height", "secret": "abc123"}),
    ],
)
def test_amp_and_wordpress_hear_their_own_form_of_the_height_and_nothing_else(
    reader: Visitor, host: HostPage, framed_site: LiveSite, asked: str, shape: dict[str, str]
) -> None:
    reader.page.add_init_script(
        "window.heard = []; addEventListener('message', (e) => heard.push(e.data))"
    )
    tag = frame_tag(reader.site, style="").replace("/sematan", f"/sematan{asked}")
    frame = show(reader, host, tag)
    look_up(frame, framed_site.sample("assessment_day_3").nik)
    reader.page.wait_for_function("heard.length >= 2")
    heights = []
    for told in reader.page.evaluate("heard"):
        heights.append(told.pop("height" if "sentinel" in shape else "value"))
        assert isinstance(heights[-1], int)
        assert told == shape
    assert heights[-1] % STEP == 0


def test_a_script_of_wordpress_that_comes_late_is_told_the_height_again(
    reader: Visitor, host: HostPage
) -> None:
    reader.page.add_init_script(
        "window.heard = []; addEventListener('message', (e) => heard.push(e.data))"
    )
    tag = frame_tag(reader.site, style="").replace("/sematan", "/sematan#?secret=abc123")
    show(reader, host, tag)
    reader.page.wait_for_function("heard.length >= 1")
    before = reader.page.evaluate("heard.splice(0)")
    for message in ({"message": "ready", "secret": "abc123"}, {"message": "other"}, None):
        reader.page.evaluate("(message) => frames[0].postMessage(message, '*')", message)
    reader.page.wait_for_function("heard.length >= 1")
    reader.page.wait_for_timeout(300)
    assert reader.page.evaluate("heard") == [before[-1]]


def test_a_frame_that_learns_its_size_out_of_sight_tells_it_all_the_same(
    reader: Visitor, host: HostPage
) -> None:
    reader.page.add_init_script(
        "window.heard = []; addEventListener('message', (e) => heard.push(e.data))"
    )
    tag = frame_tag(reader.site, style="display: none").replace(' loading="lazy"', "")
    frame = show(reader, host, tag.replace("/sematan", "/sematan#?secret=abc123"))
    # In a process of its own it is laid out all the same, one letter wide and as tall as a tower.
    assert frame.evaluate("innerWidth") == 0
    # As WordPress clips what has not told its height.
    clipped = "position: absolute; clip: rect(1px, 1px, 1px, 1px)"
    reader.page.locator("iframe").evaluate("(each, style) => { each.style = style; }", clipped)
    reader.page.wait_for_function("heard.some(({ value }) => value > 100 && value < 2000)")
    assert reader.page.evaluate("heard.pop().value") < 2000


def test_no_page_in_a_frame_fades_into_the_next(
    reader: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    reader.page.add_init_script(
        "addEventListener('pagereveal', (e) => { window.fades = e.viewTransition !== null; })"
    )
    show(reader, host, frame_tag(reader.site, style=""))
    assert not fades_into_the_next(reader.page.frames[1])
    reader.page.goto(f"{framed_site.url}/")
    assert fades_into_the_next(reader.page.main_frame), "The site itself does."


# A text to wait for would be evaluated in the page, which lets no text be.
FADES = """() => new Promise((told) => {
    const look = () => ('fades' in window ? told(window.fades) : setTimeout(look, 20));
    look();
})"""


def fades_into_the_next(frame: Frame) -> bool:
    frame.evaluate("location.assign(location.pathname + '?lagi=1')")
    frame.wait_for_url("**?lagi=1")
    return bool(frame.evaluate(FADES))
