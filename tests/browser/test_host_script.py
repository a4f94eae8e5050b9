"""The host script in every way that a page can hold it: the frame grows, nothing complains."""

import re
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
import requests
from playwright.sync_api import Frame, expect

from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.framing import NO_FRAME_SIZING, frame_tag, in_a_page, look_up
from tests.browser.host import HostPage
from tests.browser.visitor import Visitor
from tests.live import LiveSite
from tests.partners import partner, partners_file

SCRIPT = (Path(__file__).parents[2] / "static/js/host.js").read_text(encoding="utf-8")
BARE = "min-height: 480px"

Page = Callable[[str, str], str]
"""Puts the frame's tag and the script's address into the body of a page."""


def late(attributes: str) -> Page:
    """Add the script by another script, once the frame has said all that it says."""
    return lambda tag, url: (
        f"{tag}<script>setTimeout(() => {{ const one = document.createElement('script');"
        f"Object.assign(one, {{ src: '{url}', {attributes} }}); document.body.append(one);"
        "}, 2500)</script>"
    )


WAYS: dict[str, Page] = {
    "after the frame": lambda tag, url: f'{tag}<script src="{url}"></script>',
    "before the frame": lambda tag, url: f'<script src="{url}"></script>{tag}',
    "async": lambda tag, url: f'{tag}<script src="{url}" async></script>',
    "deferred": lambda tag, url: f'<script src="{url}" defer></script>{tag}',
    "a module": lambda tag, url: f'<script type="module" src="{url}"></script>{tag}',
    "with CORS": lambda tag, url: f'{tag}<script src="{url}" crossorigin></script>',
    "twice": lambda tag, url: f'<script src="{url}"></script>{tag}<script src="{url}"></script>',
    "inline": lambda tag, url: f"{tag}<script>{SCRIPT}</script>",
    "inline, before": lambda tag, url: f"<script>{SCRIPT}</script>{tag}",
    "inline as a module": lambda tag, url: f'<script type="module">{SCRIPT}</script>{tag}',
    "bundled": lambda tag, url: (
        f"{tag}<script>'use strict'; const first = () => {{}}\nfirst()\n{SCRIPT}\nfirst()</script>"
    ),
    "bundled on one line": lambda tag, url: (
        f"{tag}<script>window.first = (act) => {{}}\nwindow.first\n{one_line(SCRIPT)}</script>"
    ),
    "late": late(""),
    "late, as a module": late("type: 'module'"),
    "from a blob": lambda tag, url: (
        f"{tag}<script>import(URL.createObjectURL(new Blob([`{SCRIPT}`], "
        "{ type: 'text/javascript' })))</script>"
    ),
    "the frame comes later": lambda tag, url: (
        f'<script src="{url}"></script><div id="here"></div><script>setTimeout(() => {{'
        f"here.innerHTML = `{tag}`; }}, 500)</script>"
    ),
    "a lazy loader set the address": lambda tag, url: (
        f'<script src="{url}"></script>{tag.replace(" src=", " data-src=")}<script>'
        "setTimeout(() => { const one = document.querySelector('iframe');"
        "one.src = one.dataset.src; }, 500)</script>"
    ),
    "its style says another height": lambda tag, url: (
        f"<style>iframe {{ height: 200px !important; padding: 0; }}</style>{tag}"
        f'<script src="{url}"></script>'
    ),
}


def one_line(script: str) -> str:
    """Return it as an optimiser leaves it: without comments, on one line."""
    plain = re.sub(r"/\*.*?\*/|^\s*//.*$", "", script, flags=re.MULTILINE)
    return " ".join(plain.split())


def frame_in(visitor: Visitor, host: HostPage, body: str) -> Frame:
    host.html = in_a_page(body)
    visitor.page.goto(host.origin)
    expect(visitor.page.locator("iframe[src]").first).to_be_attached()
    visitor.page.wait_for_function("frames.length > 0 && document.querySelector('iframe').src")
    frame = visitor.page.frames[1]
    frame.wait_for_selector("#nomor")
    return frame


def expect_own_height(visitor: Visitor, frame: Frame, place: int = 0) -> None:
    inside = frame.evaluate("document.body.scrollHeight")
    visitor.page.wait_for_function(
        "([place, inside]) => Math.abs(document.querySelectorAll('iframe')[place].clientHeight"
        " - inside) <= 2",
        arg=[place, inside],
    )


@pytest.mark.parametrize("way", WAYS)
def test_the_frame_has_its_height_however_the_script_is_there(
    reader: Visitor, host: HostPage, framed_site: LiveSite, way: str
) -> None:
    # Chromium warns of the sandbox where the page's own address still stands in the frame.
    reader.bear(r"can escape its sandboxing. \(about:blank\)")
    reader.page.add_init_script(NO_FRAME_SIZING)
    tag = frame_tag(reader.site, style=BARE)
    frame = frame_in(reader, host, WAYS[way](tag, f"{reader.site}/sematan.js"))
    expect_own_height(reader, frame)
    look_up(frame, framed_site.sample("assessment_day_3").nik)
    expect_own_height(reader, frame)


def test_frames_of_two_partners_have_each_its_own_height(
    make_visitor: MakeVisitor, make_site_of_two: tuple[LiveSite, HostPage]
) -> None:
    site, host = make_site_of_two
    reader = make_visitor(site)
    reader.allow_host(host.origin)
    reader.bear("Blocked autofocusing")
    tags = [
        frame_tag(site.url, style=BARE).replace("/sematan", f"{tree}/sematan?mitra={slug}")
        for tree, slug in (("", "koran"), ("/en", "majalah"), ("", "koran"))
    ]
    tags = [tag.replace('loading="lazy"', "") for tag in tags]
    frame_in(reader, host, "".join(tags) + f'<script src="{site.url}/sematan.js"></script>')
    frames = reader.page.frames[1:]
    for frame in frames:
        frame.wait_for_selector("#nomor")
    look_up(frames[1], site.sample("assessment_day_3").nik)
    look_up(frames[2], "12345", "invalid")
    for place, frame in enumerate(frames):
        expect_own_height(reader, frame, place)
    heights = reader.page.evaluate(
        "[...document.querySelectorAll('iframe')].map((each) => each.clientHeight)"
    )
    assert len(set(heights)) == 3


@pytest.fixture
def make_site_of_two(
    make_live_site: MakeSite, host: HostPage, tmp_path: Path
) -> tuple[LiveSite, HostPage]:
    both = (partner("koran", host.origin), partner("majalah", host.origin))
    return make_live_site(PARTNERS_FILE=str(partners_file(tmp_path, *both))), host


def test_it_is_small_and_holds_nothing_that_cmss_rewrite(live_site: LiveSite) -> None:
    sent = requests.get(f"{live_site.url}/sematan.js", timeout=5)
    assert sent.headers["Access-Control-Allow-Origin"] == "*"
    assert len(brotli.compress(sent.content, quality=11)) <= 1024
    assert sent.text == SCRIPT
    assert "\n\n" not in SCRIPT
    assert not set("&`\\") & set(SCRIPT)
    assert "</" not in SCRIPT
    assert "currentScript" not in SCRIPT
