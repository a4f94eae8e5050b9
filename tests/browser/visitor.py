"""A person with a browser, and an ear for everything that the browser complains of."""

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Frame,
    Page,
    Request,
    Route,
    expect,
)

PHONE = {"width": 360, "height": 740}
PATIENCE_MS = 15_000
ANSWERS = re.compile(r"the server responded with a status of (403|404|410|422|429|503)\b")
"""How Chromium reports our own refusals, which are pages and not mistakes."""

NO_FADE = "ViewTransition opt-in|Transition was skipped"
"""How newer and older Chromium report that they left out the fade between two pages."""

LATE = "Transition was aborted because of invalid state. Page already revealed"
"""How Chromium reports that it was too late for the fade and showed the page without: what a busy
machine brings about, and no page can hear or prevent."""

MOVED_ON = "Execution context was destroyed"
"""How the driver reports that a page gave way to the next one while it was asked."""

KEPT = """async () => {
    // In a frame of another site the browser may refuse all storage, and then nothing is kept.
    try { localStorage.length; } catch (error) { return []; }
    return [
        ...Object.keys(localStorage), ...Object.keys(sessionStorage),
        ...(await indexedDB.databases()).map((each) => each.name), ...(await caches.keys()),
    ];
}"""

COUNT_CHECKS = """(() => {
    const count = (name) => ({ target }) => {
        const { dataset } = document.documentElement;
        if (target.id === 'hasil') dataset[name] = Number(dataset[name] || 0) + 1;
    };
    document.addEventListener('htmx:before:request', count('asked'));
    document.addEventListener('htmx:finally:request', count('answered'));
})();"""


def without_own_headers(route: Route) -> None:
    """Send a request on as a proxy does that drops headers which it does not know."""
    known = {k: v for k, v in route.request.headers.items() if not k.startswith("hx-")}
    route.continue_(headers=known)


class Visitor:
    """One browser context with one page; options are those of Playwright's contexts.

    Call `leave` at the end: it returns what should not have happened.
    """

    def __init__(self, browser: Browser, site: str, **context: Any) -> None:
        self.site = site
        self.sent: list[Request] = []
        self._has_scripts = context.get("java_script_enabled", True)
        self._hosts = {urlsplit(site).netloc}
        self._borne = [re.compile(re.escape(LATE))]
        self._complaints: list[str] = []
        self._context = browser.new_context(**{"viewport": PHONE, "locale": "id-ID", **context})
        self._context.set_default_timeout(PATIENCE_MS)
        self._context.on("console", self._hear)
        self._context.on("weberror", lambda error: self._complaints.append(str(error.error)))
        self._context.on("request", self._see)
        self.page: Page = self._context.new_page()

    def open(self, path: str = "/") -> Page:
        self.page.goto(self.site + path)
        return self.page

    def open_host(self, origin: str) -> Frame:
        """Open the page of somebody else and return the frame in it, when it is loaded."""
        self.page.goto(origin)
        frame = self.page.frames[1]
        frame.wait_for_load_state()
        return frame

    def type_number(self, number: str) -> None:
        self.page.locator("#nomor").fill(number)

    def press(self) -> None:
        self.page.locator("#lacak button[type=submit]").click()

    def look_up(self, number: str, path: str = "/", outcome: str = "found") -> Page:
        """Open the form, type, press, and wait for the answer."""
        self.open(path)
        self.type_number(number)
        self.press()
        self.page.wait_for_selector(f"#hasil[data-outcome={outcome}]")
        if self._has_scripts:
            # The focus moves last, so from here on the page is at rest.
            expect(self.page.locator("h1:focus, #nomor:focus")).to_have_count(1)
        else:
            # A page that still loads would break off the way to the next one.
            self.page.wait_for_load_state()
        return self.page

    def hold_clock(self) -> None:
        """Let the test move the page's time on; to be called before the page is opened."""
        self.page.clock.install()
        self.page.add_init_script(COUNT_CHECKS)

    def check_again(self, milliseconds: int, page: Page | Frame | None = None) -> None:
        """Move the clock on, past the next check of an open result, until its answer is shown.

        A second move before that would reach the time limit of the request and break it off.
        """
        root = (page or self.page).locator("html")
        asked = int(root.get_attribute("data-asked") or 0)
        self.page.clock.fast_forward(milliseconds)
        expect(root).to_have_attribute("data-answered", str(asked + 1))

    def requests(self, path: str) -> list[Request]:
        """Return what was sent to addresses that begin with this path."""
        return [each for each in self.sent if urlsplit(each.url).path.startswith(path)]

    def allow_host(self, origin: str) -> None:
        """A page of somebody else, which frames the site."""
        self._hosts.add(urlsplit(origin).netloc)

    def bear(self, complaint: str) -> None:
        """Do not fail on console errors that match: the test brings them about."""
        self._borne.append(re.compile(complaint))

    def leave(self) -> list[str]:
        """Close the browser's window and return every complaint."""
        cookies = [f"cookie {each.get('name')}" for each in self._context.cookies()]
        kept = [f"kept {name}" for page in self._context.pages for name in self._kept_by(page)]
        self._context.close()
        heard = [
            text
            for text in self._complaints
            if not any(pattern.search(text) for pattern in self._borne)
        ]
        return heard + cookies + kept

    def _kept_by(self, page: Page) -> list[str]:
        ours = [frame for frame in page.frames if frame.url.startswith(self.site)]
        return [name for frame in ours for name in self._kept_in(frame)]

    def _kept_in(self, frame: Frame) -> list[str]:
        # A test may end on the way to another page of the same site, where the same is kept.
        frame.wait_for_load_state()
        try:
            kept: list[str] = frame.evaluate(KEPT)
        except Error as error:
            if MOVED_ON not in error.message:
                raise
            return self._kept_in(frame)
        return kept

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning", "assert"):
            return
        about = message.location.get("url", "") if message.location else ""
        is_answer = ANSWERS.search(message.text) and "/static/" not in about
        if not is_answer:
            self._complaints.append(f"console: {message.text} ({about})")

    def _see(self, request: Request) -> None:
        self.sent.append(request)
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc not in self._hosts:
            self._complaints.append(f"request to {parts.netloc}")
