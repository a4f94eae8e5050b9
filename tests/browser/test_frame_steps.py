"""What a host can learn from the height of the frame: that something was answered."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

import pytest
import requests
from playwright.sync_api import Frame, TimeoutError, expect

from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.framing import (
    NO_FRAME_SIZING,
    STEP,
    frame_tag,
    height_of,
    host_script,
    in_a_page,
    look_up,
    show,
)
from tests.browser.host import HostPage
from tests.browser.visitor import Visitor
from tests.live import LiveSite

WIDTHS = {300: 2400, 360: 2400, 480: 1600, 680: 1600, 800: 1600}
"""Of the frame, in pixels, with the height that an answer with one claim or none has there."""

AT_ONCE = 24
"""Frames that are shown together; all would take a browser's memory."""

LISTEN = """window.heard = new Map();
window.points = [];
addEventListener('message', ({ data, source }) => {
    if (data < 0) return points.push(data);
    const told = heard.get(source) || [];
    heard.set(source, [...told, data]);
});"""

LAST_HEARD = (
    "[...document.querySelectorAll('iframe')].map((each) => heard.get(each.contentWindow)?.at(-1))"
)

SET_WIDTH = """(width) => document.querySelectorAll('iframe').forEach((each) => {
    each.style.width = `${width}px`;
})"""

WATCH = """() => {
    const [frame] = document.querySelectorAll('iframe');
    window.heights = [];
    const look = () => {
        const height = Math.round(frame.getBoundingClientRect().height);
        if (heights.at(-1) !== height) heights.push(height);
    };
    new ResizeObserver(look).observe(frame);
    const again = () => { look(); requestAnimationFrame(again); };
    again();
}"""

FOUND, NOTHING = "assessment_day_3", "nothing_to_show"


def frames_of(site: LiveSite, wanted: range) -> dict[str, str]:
    """Return the addresses of results with so many claims, by situation."""
    addresses = {}
    for sample in site.core.samples:
        if len(sample.specs) in wanted:
            told = requests.post(
                f"{site.url}/sematan/lacak",
                data={"nomor": sample.nik},
                allow_redirects=False,
                timeout=20,
            )
            addresses[sample.situation] = told.headers["Location"]
    return addresses


def told_by(
    reader: Visitor, host: HostPage, addresses: Mapping[str, str], patience_ms: int
) -> dict[int, dict[str, int]]:
    """Show the results in frames, some at a time, and return what each tells at every width."""
    told: dict[int, dict[str, int]] = {width: {} for width in WIDTHS}
    for some in batched(addresses, AT_ONCE):
        # They lie one on the other, since frames out of sight rest.
        host.html = in_a_page(
            "".join(
                f'<iframe title="x" src="{reader.site}{addresses[name]}" '
                'style="position: absolute; border: 0; width: 800px; height: 100px" '
                'referrerpolicy="strict-origin"></iframe>'
                for name in some
            )
        )
        reader.page.goto(host.origin)
        reader.page.wait_for_function(f"{LAST_HEARD}.every(Boolean)")
        for width in WIDTHS:
            reader.page.evaluate(SET_WIDTH, width)
            told[width] |= zip(some, at_rest(reader, WIDTHS[width], patience_ms), strict=True)
    return told


def at_rest(reader: Visitor, expected: int, patience_ms: int) -> list[int]:
    """Return what the frames tell, once all tell what is expected, or after so long."""
    with suppress(TimeoutError):
        every = f"(expected) => {LAST_HEARD}.every((each) => each === expected)"
        reader.page.wait_for_function(every, arg=expected, timeout=patience_ms)
    told: list[int] = reader.page.evaluate(LAST_HEARD)
    return told


def batched(names: Iterable[str], size: int) -> Iterator[list[str]]:
    left = list(names)
    while left:
        yield left[:size]
        left = left[size:]


def test_every_single_claim_and_nothing_found_tell_the_same_height(
    reader: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    reader.page.add_init_script(LISTEN)
    addresses = frames_of(framed_site, range(2))
    assert len(addresses) > 100
    assert NOTHING in addresses
    told = told_by(reader, host, addresses, patience_ms=5_000)
    others = [
        (width, name, height)
        for width, heights in told.items()
        for name, height in heights.items()
        if height != WIDTHS[width]
    ]
    assert others == []


def test_several_claims_tell_whole_steps_and_are_not_cut(
    reader: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    reader.page.add_init_script(LISTEN)
    addresses = frames_of(framed_site, range(2, 20))
    assert len(addresses) >= 4
    for width, heights in told_by(reader, host, addresses, patience_ms=1_000).items():
        assert [height for height in heights.values() if height % STEP] == []
        assert min(heights.values()) >= WIDTHS[width]
    reader.page.add_init_script(NO_FRAME_SIZING)
    frame = show(reader, host, frame_tag(reader.site, style="") + host_script(reader.site))
    look_up(frame, framed_site.sample("twelve_claims").nik)
    # No height of the host's own stands against the last claim, all of them opened.
    expect(frame.locator(".claim")).to_have_count(12)
    closed = height_of(reader)
    frame.evaluate(
        "document.querySelectorAll('.claim-row').forEach((each) => { each.open = true; })"
    )
    reader.page.wait_for_function(
        "(height) => document.querySelector('iframe').clientHeight > height", arg=2 * closed
    )
    expect_to_show_all(reader, frame)


@pytest.mark.parametrize("way", ["by the host script", "by messages alone"])
def test_the_form_and_mistakes_tell_their_own_height(
    reader: Visitor, host: HostPage, framed_site: LiveSite, way: str
) -> None:
    reader.page.add_init_script(NO_FRAME_SIZING + ";" + LISTEN)
    script = host_script(reader.site) if way == "by the host script" else ""
    frame = show(reader, host, frame_tag(reader.site, style="") + script)
    expect_to_tell_its_content(reader, frame)
    look_up(frame, "12345", "invalid")
    expect_to_tell_its_content(reader, frame)
    look_up(frame, framed_site.sample(NOTHING).nik, "not_found")
    reader.page.wait_for_function(f"{LAST_HEARD}[0] % {STEP} === 0")
    look_up(frame, "12345", "invalid")
    expect_to_tell_its_content(reader, frame)


def expect_to_show_all(reader: Visitor, frame: Frame) -> None:
    for _ in range(20):
        content = frame.evaluate("document.documentElement.scrollHeight")
        if height_of(reader) >= content and height_of(reader) % STEP == 0:
            return
        reader.page.wait_for_timeout(100)
    raise AssertionError(f"{height_of(reader)} px for {content} px of content")


# A host that does not size the frame leaves it its scroll bar, beside which lines are shorter.
WITHOUT_BAR = """() => {
  const { style } = document.documentElement;
  const was = style.overflow;
  style.overflow = 'hidden';
  const height = document.body.scrollHeight;
  style.overflow = was;
  return height;
}"""


def expect_to_tell_its_content(reader: Visitor, frame: Frame) -> None:
    reader.page.wait_for_timeout(200)
    reader.page.wait_for_function(
        "(height) => [...heard.values()][0].at(-1) === height",
        arg=frame.evaluate(WITHOUT_BAR),
    )
    assert frame.evaluate("getComputedStyle(document.body).minHeight") == "0px"


def test_where_an_answer_begins_is_one_point_whatever_was_answered(
    make_visitor: MakeVisitor, framed_site: LiveSite, host: HostPage
) -> None:
    """The host sees the point, whether it is told, and where its own page is scrolled to."""
    seen = {}
    for situation, outcome in ((FOUND, "found"), (NOTHING, "not_found")):
        reader = make_visitor(framed_site)
        reader.allow_host(host.origin)
        reader.page.add_init_script(NO_FRAME_SIZING + ";" + LISTEN)
        # Firefox loads no lazy frame that is far from the screen.
        tag = frame_tag(reader.site, "").replace('loading="lazy"', "")
        body = tag + host_script(reader.site) + "<p>Koran</p>" * 100
        frame = show(reader, host, f"<p>{'Koran ' * 500}</p>" + body)
        reader.page.locator("iframe").scroll_into_view_if_needed()
        frame.wait_for_selector("#nomor")
        for scrolled in (0, 500, 1000, 1500, 3000):
            reader.page.evaluate("(y) => { points.length = 0; scrollTo(0, y); }", scrolled)
            frame.goto(f"{framed_site.url}/sematan")
            frame.locator("#nomor").evaluate(
                "(field, number) => { field.value = number; field.form.requestSubmit(); }",
                framed_site.sample(situation).nik,
            )
            frame.wait_for_selector(f"#hasil[data-outcome={outcome}]")
            reader.page.wait_for_timeout(700)
            points = reader.page.evaluate("[points.at(-1), Math.round(scrollY)]")
            seen.setdefault(outcome, []).append(points)
    assert seen["found"] == seen["not_found"]
    assert any(point for point, _ in seen["found"])


@pytest.fixture(scope="module")
def free_site(make_live_site: MakeSite, host: HostPage) -> Iterator[LiveSite]:
    """A site of its own for what must not be disturbed by other answers at hand."""
    yield make_live_site(EMBED_ORIGINS=host.origin)


@pytest.mark.parametrize(
    ("way", "scripts"),
    [("without any script", True), ("without any script", False), ("by the host script", True)],
)
def test_on_the_way_to_an_answer_the_frame_has_no_height_but_its_two(
    make_visitor: MakeVisitor, free_site: LiveSite, host: HostPage, way: str, scripts: bool
) -> None:
    seen = {}
    for situation, outcome in ((FOUND, "found"), (NOTHING, "not_found")):
        reader = make_visitor(free_site)
        reader.allow_host(host.origin)
        if not scripts:
            reader.page.context.route(f"{free_site.url}/**/*.js", lambda route: route.abort())
            reader.bear("ERR_FAILED|Subresource Integrity|hashes in the integrity")
        if way == "by the host script":
            reader.page.add_init_script(NO_FRAME_SIZING)
            frame = show(reader, host, frame_tag(reader.site, "") + host_script(reader.site))
        else:
            frame = show(reader, host, frame_tag(reader.site))
        expect(frame.locator("#nomor")).to_be_visible()
        reader.page.wait_for_timeout(500)
        before = reader.page.evaluate("history.length")
        reader.page.evaluate(WATCH)
        look_up(frame, free_site.sample(situation).nik, outcome)
        reader.page.wait_for_timeout(700)
        heights = reader.page.evaluate("heights")
        seen[outcome] = (heights, reader.page.evaluate("history.length") - before)
    assert seen["found"] == seen["not_found"]
    assert len(seen["found"][0]) <= 2
