"""Who comes by while things break: people, readers, embedded frames, polls and junk."""

import random
import re
import threading
from collections.abc import Sequence
from typing import NamedTuple

from drills.storm.wire import HTMX, Browser, Heard
from sandbox import Sandbox

PAUSE_SECONDS = (0.02, 0.3)
HEAVIEST = b"nomor=" + b"1" * 6000
MAX_QUESTIONS = 3
"""So often a visitor asks again for a place in the line."""

_PLACE = re.compile(r"/antre/([^/?]+)")
_TICKET = re.compile(r"/klaim/([^/?]+)")
_VERSION = re.compile(rb'"If-None-Match": "([^"]+)"')


class Numbers(NamedTuple):
    """What is typed: asked all day, asked once, known to nobody, no number at all."""

    hot: Sequence[str]
    cold: Sequence[str]

    @classmethod
    def of(cls, participants: int) -> "Numbers":
        """Take those with claims among the samples and so many more participants."""
        sandbox = Sandbox(participants=participants)
        hot = [one.nik for one in sandbox.samples if one.specs]
        return cls(hot, [one.kpj for one in sandbox.directory.population if one.specs])

    def drawn(self, draw: random.Random) -> str:
        chance = draw.random()
        if chance < 0.45:
            return draw.choice(self.hot)
        if chance < 0.84:
            return draw.choice(self.cold)
        # One number in nine finds nothing, as the guard takes for usual.
        if chance < 0.94:
            day, serial = 1 + draw.randrange(28), 1 + draw.randrange(9999)
            return f"317405{day:02d}0190{serial:04d}"
        return draw.choice(("", "123", "12 34 56", "x" * 300, "0" * 16))


class Visitors:
    """`count` threads that visit until the block ends, a new person from a new address each time.

    `heard` is told of every reply.
    """

    def __init__(self, port: int, count: int, numbers: Numbers, seed: int, heard: Heard) -> None:
        self._port = port
        self._numbers = numbers
        self._heard = heard
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._come, args=(random.Random(f"{seed} {place}"),))
            for place in range(count)
        ]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _come(self, draw: random.Random) -> None:
        ways = (self._person,) * 6 + (self._reader, self._frame, self._junk, self._glance)
        while not self._over.is_set():
            address = ".".join(str(draw.randrange(1, 224)) for _ in range(4))
            browser = Browser(self._port, address, self._heard)
            draw.choice(ways)(browser, draw)
            browser.close()

    def _pause(self, draw: random.Random) -> None:
        self._over.wait(draw.uniform(*PAUSE_SECONDS))

    def _person(self, browser: Browser, draw: random.Random) -> None:
        tree = draw.choice(("", "", "/en"))
        browser.get("form", tree or "/")
        self._pause(draw)
        ticket, version = self._looked_up(browser, draw, tree)
        for _ in range(draw.randrange(4) if ticket else 0):
            self._pause(draw)
            path = f"{tree}/klaim/{ticket}?sejak={version}"
            browser.get("poll", path, HX_Request="true", If_None_Match=version)
        self._pause(draw)

    def _looked_up(
        self, browser: Browser, draw: random.Random, tree: str, query: str = ""
    ) -> tuple[str, str]:
        form = {"nomor": self._numbers.drawn(draw)}
        headers = HTMX if draw.random() < 0.7 else {}
        reply = browser.post("lookup", f"{tree}/lacak{query}", form, headers)
        where = reply.headers.get("hx-push-url") or reply.headers.get("location") or ""
        place = _PLACE.search(where)
        for _ in range(MAX_QUESTIONS if place else 0):
            self._pause(draw)
            path = f"{tree}/antre/{place[1]}{query}"  # type: ignore[index]
            where = browser.get("place", path).headers.get("location", "")
            if _TICKET.search(where):
                break
        ticket = _TICKET.search(where)
        if ticket is None:
            return "", ""
        self._pause(draw)
        page = browser.get("status page", f"{tree}/klaim/{ticket[1]}{query}")
        version = _VERSION.search(page.body)
        return ticket[1], version[1].decode() if version else ""

    def _reader(self, browser: Browser, draw: random.Random) -> None:
        ticket, _ = self._looked_up(browser, draw, "")
        reply = browser.post("follow", f"/klaim/{ticket or 'x'}/pantau", {}, {})
        address = reply.headers.get("location", "")
        if reply.status != 303:
            return
        for form in draw.sample(["", ".atom", ".ics", ".json"], 3):
            self._pause(draw)
            tag = browser.get("feed", address + form).headers.get("etag", "")
            browser.get("feed", address + form, If_None_Match=tag)
        if draw.random() < 0.3:
            browser.post("follow", f"{address}/lupakan", {}, {})
            browser.get("feed", f"{address}.atom")

    def _frame(self, browser: Browser, draw: random.Random) -> None:
        browser.get("frame", "/sematan?mitra=koran")
        browser.get("frame", "/sematan.js")
        self._pause(draw)
        self._looked_up(browser, draw, "/sematan", "?mitra=koran")
        self._pause(draw)

    def _glance(self, browser: Browser, draw: random.Random) -> None:
        for path in ("/", "/bantuan", "/en/privasi", "/mitra", "/robots.txt", "/-/healthz"):
            browser.get("page", path)
            self._pause(draw)

    def _junk(self, browser: Browser, draw: random.Random) -> None:
        number = self._numbers.drawn(draw)
        aside = {"X-Request-ID": number[:60], "Referer": f"https://x.example/?n={number[:60]}"}
        paths = ("/wp-login.php", "/klaim/AAAA", f"/{number[:60].strip() or 'x'}", "/pantau/x.atom")
        for path in draw.sample(paths, 2):
            browser.send("junk", "GET", f"{path}?nomor={number[:60]}".replace(" ", "%20"), aside)
        browser.send("junk", draw.choice(("PUT", "DELETE", "PROPFIND")), "/lacak", aside)
        browser.send("junk", "POST", "/lacak", {"Content-Type": "multipart/form-data"}, HEAVIEST)
        self._pause(draw)
