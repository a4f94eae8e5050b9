"""A lookup in WebKitGTK, alone and in a page of somebody else."""

from collections.abc import Iterator

import pytest

from tests.browser.framing import frame_tag, host_script, in_a_page
from tests.browser.host import HostPage
from tests.clients.webkit import WebKit
from tests.live import LiveSite

LONG = "<p>Sebelum dan setelah bingkai, panjang sekali.</p>" * 60

FIRST_LINE = """
const { top } = document.querySelector('iframe').getBoundingClientRect();
return top + arguments[0] > 0 && top + arguments[0] < innerHeight - 30;
"""


@pytest.fixture(scope="module")
def webkit() -> Iterator[WebKit]:
    with WebKit() as running:
        yield running


def looks_up(webkit: WebKit, number: str, outcome: str = "found") -> None:
    webkit.wait_for("return document.querySelector('#nomor') !== null")
    webkit.run("document.querySelector('#nomor').value = ''")
    webkit.write("#nomor", number)
    webkit.press("#lacak button[type=submit]")
    webkit.wait_for(f"return document.querySelector('#hasil[data-outcome={outcome}]') !== null")


def test_it_is_webkit(webkit: WebKit, live_site: LiveSite) -> None:
    webkit.open(f"{live_site.url}/")
    agent = webkit.run("return navigator.userAgent")
    assert "AppleWebKit" in agent
    assert "Chrome" not in agent


def test_a_number_leads_to_its_claim_and_a_mistake_is_said(
    webkit: WebKit, live_site: LiveSite
) -> None:
    webkit.open(f"{live_site.url}/")
    looks_up(webkit, "12345", "invalid")
    assert webkit.run("return document.activeElement.id") == "nomor"
    looks_up(webkit, live_site.sample("assessment_day_3").nik)
    assert "/klaim/" in webkit.address()
    webkit.wait_for("return document.activeElement === document.querySelector('h1')")


def fits(webkit: WebKit) -> bool:
    """Return whether the frame is as high as its document, within 2 px; waits for it."""
    webkit.enter_frame("iframe")
    inside = webkit.run("return document.body.scrollHeight")
    webkit.leave_frame()
    script = "return Math.abs(document.querySelector('iframe').clientHeight - arguments[0]) <= 2"
    return bool(webkit.run(script, inside))


def expect_first_line(webkit: WebKit) -> None:
    for _ in range(100):
        webkit.enter_frame("iframe")
        top = webkit.run(
            "return (document.querySelector('.field-error') || document.querySelector('h1'))"
            ".getBoundingClientRect().top"
        )
        webkit.leave_frame()
        if webkit.run(FIRST_LINE, top) and fits(webkit):
            return
    raise AssertionError(webkit.run("return [scrollY, document.querySelector('iframe').outerHTML]"))


def test_the_frame_keeps_its_reader_where_the_answer_begins(
    webkit: WebKit, framed_site: LiveSite, host: HostPage
) -> None:
    tag = frame_tag(framed_site.url, style="").replace('loading="lazy"', "")
    host.html = in_a_page(LONG + tag + host_script(framed_site.url) + LONG)
    webkit.open(host.origin)
    webkit.run("document.querySelector('iframe').scrollIntoView()")
    steps = (("12345", "invalid"), (framed_site.sample("assessment_day_3").nik, "found"))
    for number, outcome in steps:
        webkit.enter_frame("iframe")
        # Its driver types into no frame of another origin.
        webkit.wait_for("return document.querySelector('#nomor') !== null")
        webkit.run(
            "const field = document.querySelector('#nomor');"
            "field.value = arguments[0]; field.form.requestSubmit();",
            number,
        )
        webkit.wait_for(f"return document.querySelector('#hasil[data-outcome={outcome}]') !== null")
        webkit.leave_frame()
        expect_first_line(webkit)
    webkit.run("scrollBy(0, 2500)")
    webkit.enter_frame("iframe")
    webkit.run("document.querySelector('.actions a').click()")
    webkit.wait_for("return document.querySelector('#nomor') !== null")
    webkit.leave_frame()
    expect_first_line(webkit)
