"""Pages of somebody else that hold the frame as partners are told to, and how tall it is there."""

from playwright.sync_api import Frame

from tests.browser.host import HostPage
from tests.browser.visitor import Visitor

STEP = 800
"""Pixels that the height of an answer goes up by."""

SANDBOX = "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox"
NO_FRAME_SIZING = "CSS.supports = () => false"
"""Denies what newer browsers follow, so that the host's script has to set the height."""

SCROLLS_TO_THE_END = """() => {
    const { scrollTop } = document.documentElement;
    scrollTo(0, document.documentElement.scrollHeight);
    const end = document.body.getBoundingClientRect().bottom;
    scrollTo(0, scrollTop);
    return end > 0 && end <= innerHeight + 1;
}"""


def frame_tag(site: str, style: str = "frame-sizing: content-height") -> str:
    return (
        f'<iframe title="Lacak klaim" src="{site}/sematan" loading="lazy" '
        f'referrerpolicy="strict-origin" sandbox="{SANDBOX}" '
        f'style="width: 100%; border: 0; min-height: 150px; {style}"></iframe>'
    )


def in_a_page(body: str) -> str:
    return (
        '<!doctype html><html lang="id"><title>Koran</title><link rel="icon" href="data:,">'
        f'<meta name="viewport" content="width=device-width"><h1>Koran</h1>{body}</html>'
    )


def show(visitor: Visitor, host: HostPage, body: str) -> Frame:
    host.html = in_a_page(body)
    visitor.page.goto(host.origin)
    visitor.page.wait_for_function("frames.length > 0")
    frame = visitor.page.frames[1]
    frame.wait_for_load_state()
    return frame


def host_script(site: str) -> str:
    return f'<script src="{site}/sematan.js"></script>'


def look_up(frame: Frame, number: str, outcome: str = "found") -> None:
    """Type the number into the frame and wait until it is answered so."""
    frame.locator("#nomor").fill(number)
    frame.locator("#nomor").press("Enter")
    frame.wait_for_selector(f"#hasil[data-outcome={outcome}]")


def height_of(visitor: Visitor) -> int:
    """Return how much of the frame's content its host shows, borders left out."""
    height: int = visitor.page.locator("iframe").first.evaluate("(frame) => frame.clientHeight")
    return height


def grows(visitor: Visitor) -> bool:
    """Return whether the host's page lets the frame grow: by our script or by its style alone.

    Chromium 150, of a Debian 12 without its security updates, does not follow the style yet.
    """
    by_style = "CSS.supports('frame-sizing', 'content-height')"
    return bool(visitor.page.evaluate(f"document.scripts.length > 0 || {by_style}"))


def expect_to_fit(visitor: Visitor, frame: Frame) -> None:
    """Wait until the frame is as tall as what is in it.

    Where nothing lets it grow, what does not fit can be scrolled to.
    """
    visitor.page.wait_for_timeout(100)
    if not grows(visitor):
        assert frame.evaluate(SCROLLS_TO_THE_END)
        return
    for _ in range(50):
        content = frame.evaluate("document.documentElement.scrollHeight")
        wanted = frame.evaluate("document.body.scrollHeight")
        if abs(height_of(visitor) - wanted) <= 1 and content <= height_of(visitor):
            return
        visitor.page.wait_for_timeout(100)
    raise AssertionError(f"{height_of(visitor)} px for {wanted} px of content")
