"""What a slow line and a slow phone make of the pages: `python -m bench.slow_line`.

400 kb/s, a round trip of 400 ms and a processor four times slower, three times each, the
slowest counts. The way from the form to the result is made with an answer that comes late, so
that no browser forgives what moves.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import requests
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.test_weight import SEEN, SLOW_LINE, SLOW_PHONE, listen
from tests.live import LiveSite
from tests.needs import needed

PHONE = (360, 740)
DESK = (1280, 900)
RUNS = 3
SETTLED_MS = 3_000


class Seen(NamedTuple):
    """Milliseconds to the largest paint, how far things moved, bytes over the wire."""

    paint: float
    shift: float
    weight: float


def opened(path: str) -> Callable[[Page, str], None]:
    """Return a visit to one address."""

    def visit(page: Page, site: str) -> None:
        page.goto(site + path)

    return visit


def looked_up(number: str) -> Callable[[Page, str], None]:
    """Return a visit that types a number and waits for the claim."""

    def visit(page: Page, site: str) -> None:
        page.goto(site)
        page.locator("#nomor").fill(number)
        page.wait_for_timeout(SETTLED_MS)
        page.locator("#lacak button[type=submit]").click()
        page.wait_for_selector("#hasil[data-outcome=found]")

    return visit


def seen(
    browser: Browser,
    site: str,
    visit: Callable[[Page, str], None],
    size: tuple[int, int],
    times: int = 1,
) -> Seen:
    """Return the worst of a few visitors' last visits, of so many `times` that each comes."""
    worst = Seen(0, 0, 0)
    for _ in range(RUNS):
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        page = context.new_page()
        session, weight = listen(page)
        session.send("Network.emulateNetworkConditions", SLOW_LINE)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PHONE})
        for _ in range(times):
            weight.clear()
            visit(page, site)
            told = page.evaluate(SEEN)
        now = Seen(told["paint"], told["shift"], sum(weight.values()))
        worst = Seen(*map(max, worst, now))
        context.close()
    return worst


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        LiveSite(Path(folder) / "site.log") as site,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=needed("browser"), args=list(FLAGS))
        number = site.sample("assessment_day_3").nik
        address = requests.post(f"{site.url}/lacak", data={"nomor": number}, timeout=10).url
        result = address.removeprefix(site.url)
        rows = {
            "form, 360 px": (opened("/"), PHONE),
            "result by its address, 360 px": (opened(result), PHONE),
            "result, seen again, 360 px": (opened(result), PHONE, 2),
            "form, then the result in its place, 360 px": (looked_up(number), PHONE),
            "form, then the result in its place, 1280 px": (looked_up(number), DESK),
            "frame, 360 px": (opened("/sematan"), PHONE),
        }
        print("| | largest paint, s | layout shift | bytes |\n|---|---|---|---|")
        for name, row in rows.items():
            paint, shift, weight = seen(browser, site.url, *row)
            print(f"| {name} | {paint / 1000:.2f} | {shift:.4f} | {weight:,.0f} |")
        browser.close()


if __name__ == "__main__":
    main()
