"""Pages of other sites: what they make their visitors' browsers do, and what they see of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from drills.attack.asking import FORM, Attacker, Headers, Line, Tally
from drills.attack.finding import Finding, Measure, Scene
from harness.servers import free_port, program
from tests.browser.framing import NO_FRAME_SIZING, frame_tag, host_script, in_a_page
from tests.browser.host import HostPage

FREE = 3
"""Numbers that a visitor may look up without any work, if nobody has spent them."""

HOST_PORT = free_port()
HOST = f"http://localhost:{HOST_PORT}"
"""Where the page lies that frames the site; the copies under attack list it."""

MAX_REDIRECTS = 20
"""So many a browser follows; one more is an error that a page can see."""

EVIL = ("Origin", "https://evil.example")
CROSS_SITE = ("Sec-Fetch-Site", "cross-site")

SENDERS: dict[str, Headers] = {
    "a page": (CROSS_SITE, EVIL),
    "a page of a sibling": (("Sec-Fetch-Site", "same-site"), ("Origin", "https://a.lacak.example")),
    "a page in an older browser": (EVIL,),
    "a frame without an origin": (CROSS_SITE, ("Origin", "null")),
    "the same in an older browser": (("Origin", "null"),),
    "a partner's page": (CROSS_SITE, ("Origin", HOST), ("Referer", f"{HOST}/")),
}
"""What browsers say of where a form comes from, and no page can change."""

PATHS = ("/lacak", "/en/lacak", "/sematan/lacak", "/en/sematan/lacak")
PHONE: ViewportSize = {"width": 360, "height": 740}
SETTLE_MS = 500

SEND = """([address, number]) => fetch(address, {
    method: 'POST', mode: 'no-cors', body: new URLSearchParams({ nomor: number }),
}).then((answer) => answer.type, () => 'error')"""

LISTEN = "window.heard = []; addEventListener('message', ({ data }) => heard.push(data));"


def forms(scene: Scene) -> Finding:
    """Every kind of page sends numbers from the browsers of its visitors, who then come by."""
    line, asked = Line(scene.site.port), scene.site.core.lookups
    answered = visitors = charged = 0
    for path in PATHS:
        for headers in SENDERS.values():
            visitors += 1
            visitor = scene.addresses.lone()
            for number in (*scene.people.members(2), *scene.people.guesses(2)):
                sent = (*headers, FORM, ("X-Forwarded-For", visitor))
                reply = line.send("POST", path, sent, urlencode({"nomor": number}).encode())
                answered += reply.status != 403
                scene.tally.note(number, reply)
            asked_before = scene.site.core.lookups
            charged += _charged(scene, visitor)
            asked += scene.site.core.lookups - asked_before
    return Finding(
        (
            Measure("lookups answered", answered, most=0),
            Measure("times the core was asked", scene.site.core.lookups - asked, most=0),
            Measure(f"numbers charged to {visitors} visitors", charged, most=0),
        ),
        scene.tally.asked(),
    )


def watched(scene: Scene) -> Finding:
    """In a real browser: a stranger counts redirects, and a host reads heights and history."""
    with HostPage(HOST_PORT) as host, _chromium() as browser:
        charged, ends = _sent_over_redirects(scene, browser, host)
        seen = _seen_of_its_frame(scene, browser, host)
    heights = sorted({height for height, _ in seen})
    return Finding(
        (
            Measure("numbers charged to visitors of a stranger", charged, most=0),
            Measure("ends of a chain of redirects", len(ends), most=1, least=1),
            Measure("heights for one claim and for nothing found", len(heights), most=1, least=1),
            Measure("growths of the history", len({each for _, each in seen}), most=1, least=1),
        ),
        f"told: {', '.join(f'{height} px' for height in heights)}",
    )


def _sent_over_redirects(scene: Scene, browser: Browser, host: HostPage) -> tuple[int, set[str]]:
    """Send numbers over so many redirects that one more of ours is one too many."""
    charged, ends = 0, set()
    host.html, host.onward = in_a_page(""), f"{scene.site.url}/sematan/lacak"
    for _ in range(scene.scale.readers):
        visitor = scene.addresses.lone()
        with _visit(browser, visitor) as page:
            page.goto(host.origin)
            for number in (scene.people.member(), scene.people.guess()):
                sent = [f"{host.origin}/hop/{MAX_REDIRECTS - 1}", number]
                ends.add(page.evaluate(SEND, sent))
        charged += _charged(scene, visitor)
    return charged, ends


def _seen_of_its_frame(scene: Scene, browser: Browser, host: HostPage) -> list[tuple[int, int]]:
    """Let readers look up in the frame; return heights told to the host, and growth of history."""
    tag = frame_tag(scene.site.url, "").replace('loading="lazy" ', "")
    host.html = in_a_page(tag + host_script(scene.site.url))
    seen = []
    for _ in range(scene.scale.readers):
        seen.append(_read(scene, browser, host, scene.people.guess))
        seen.append(_read(scene, browser, host, scene.people.member))
    return seen


def _read(
    scene: Scene, browser: Browser, host: HostPage, draw: Callable[[], str]
) -> tuple[int, int]:
    """Look one number up in the frame; several claims may take more, so others are drawn then."""
    while True:
        with _visit(browser, scene.addresses.lone()) as page:
            page.add_init_script(NO_FRAME_SIZING + ";" + LISTEN)
            page.goto(host.origin)
            frame = page.frames[1]
            frame.wait_for_selector("#nomor")
            before = page.evaluate("history.length")
            frame.fill("#nomor", draw())
            frame.press("#nomor", "Enter")
            frame.wait_for_selector("#hasil[data-outcome$=found]")
            page.wait_for_timeout(SETTLE_MS)
            if frame.locator(".claim").count() < 2:
                told: int = page.evaluate("heard.at(-1)")
                return told, page.evaluate("history.length") - before


def _charged(scene: Scene, visitor: str) -> int:
    """Return how many of their free numbers somebody has spent before."""
    own = Attacker(scene.site.port, Tally())
    return FREE - sum(own.ask(each, visitor).is_answer for each in scene.people.members(FREE))


@contextmanager
def _chromium() -> Iterator[Browser]:
    path = program("chromium-headless-shell", "chromium", "chromium-browser")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def _visit(browser: Browser, address: str) -> Iterator[Page]:
    """Open a page as a visitor whom our own proxy would tell from others by this address."""
    headers = {"X-Forwarded-For": address}
    context = browser.new_context(viewport=PHONE, extra_http_headers=headers)
    yield context.new_page()
    context.close()
