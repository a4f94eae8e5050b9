"""How much comes over the wire, and how soon it is seen on a slow line."""

import time
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from playwright.sync_api import CDPSession, Page, Route, expect

from tests.browser.conftest import MakeVisitor
from tests.browser.visitor import NO_FADE
from tests.live import LiveSite

FIRST_VIEW_BYTES = 20_000
RESULT_BYTES = 36_000
ROOM_BYTES = 1_000
"""Left free below the bound of a result, so that a sentence more does not break it."""

FRAGMENT_BYTES = 4_000
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}

SLOW_LINE = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
SLOW_PHONE = 4
PAINT_MS = 2_500
SHIFT = 0.02
LATE_SECONDS = 0.7
SEEN = """() => new Promise((tell) => {
    let paint = 0;
    let shift = 0;
    new PerformanceObserver((list) => {
        list.getEntries().forEach((each) => { paint = Math.max(paint, each.startTime); });
    }).observe({ type: 'largest-contentful-paint', buffered: true });
    new PerformanceObserver((list) => {
        list.getEntries().forEach((each) => { if (!each.hadRecentInput) shift += each.value; });
    }).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => tell({ paint, shift }), 500);
})"""

HTMX_HAS_COME = """async () => {
    // Asked from within: each further question of the driver's would be an eval, which the page's
    // policy refuses.
    for (let asked = 0; !window.htmx; asked += 1) {
        if (asked === 300) throw new Error('htmx did not come');
        await new Promise((soon) => { setTimeout(soon, 50); });
    }
}"""


def listen(page: Page) -> tuple[CDPSession, dict[str, float]]:
    """Return a session and the bytes of each response, as they come, headers included."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    address_of: dict[str, str] = {}
    weight: dict[str, float] = {}

    def begun(event: dict[str, Any]) -> None:
        address_of[event["requestId"]] = event["request"]["url"]

    def ended(event: dict[str, Any]) -> None:
        weight[address_of[event["requestId"]]] = event["encodedDataLength"]

    session.on("Network.requestWillBeSent", begun)
    session.on("Network.loadingFinished", ended)
    return session, weight


def test_the_first_view_is_light(make_visitor: MakeVisitor, live_site: LiveSite) -> None:
    visitor = make_visitor()
    _, weight = listen(visitor.page)
    page = visitor.open()
    page.wait_for_load_state("networkidle")
    icon = live_site.url + str(page.locator("link[rel=icon]").get_attribute("href"))
    if icon not in weight:
        answer = requests.get(icon, headers={"Accept-Encoding": "br"}, timeout=5, stream=True)
        weight[icon] = len(answer.raw.read(decode_content=False))
    kinds = {address.rpartition(".")[2] for address in weight}
    assert {"css", "js", "svg"} <= kinds
    assert sum(weight.values()) <= FIRST_VIEW_BYTES, weight


def test_what_a_lookup_needs_comes_while_the_number_is_typed(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor()
    page = visitor.open()
    page.wait_for_load_state("networkidle")
    parts = ("/static/vendor/htmx", "/static/css/claim", "/static/js/result")
    assert not [part for part in parts if visitor.requests(part)]
    page.locator("#nomor").focus()
    page.evaluate(HTMX_HAS_COME)
    page.wait_for_load_state("networkidle")
    assert all(len(visitor.requests(part)) == 1 for part in parts)


def test_a_press_before_htmx_is_there_is_held_and_sent_once(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor()
    page = visitor.open()

    def hold(route: Route) -> None:
        time.sleep(LATE_SECONDS)
        route.continue_()

    page.route("**/vendor/htmx*", hold)
    page.locator("#nomor").evaluate(
        "(field, number) => { field.value = number; }", live_site.sample("assessment_day_3").nik
    )
    press = "document.querySelector('#lacak').requestSubmit()"
    for _ in range(3):
        page.evaluate(press)
    page.wait_for_selector("#hasil[data-outcome=found]")
    (sent,) = visitor.requests("/lacak")
    assert sent.headers["hx-request"] == "true"


def test_where_htmx_never_comes_the_first_press_tells_and_the_second_goes_without(
    make_visitor: MakeVisitor, live_site: LiveSite
) -> None:
    visitor = make_visitor()
    visitor.bear(f"net::ERR_|{NO_FADE}")
    page = visitor.open()
    page.route("**/vendor/htmx*", lambda route: route.abort())
    number = live_site.sample("assessment_day_3").nik
    visitor.type_number(number)
    visitor.press()
    page.wait_for_selector(".trouble")
    assert page.locator("#nomor").input_value() == number
    page.locator("[data-retry]").click()
    page.wait_for_selector("#hasil[data-outcome=found]")


def looked_up(
    site: LiveSite, situation: str, language: str = "", **headers: str
) -> requests.Response:
    """Return a result as a browser that takes gzip gets it."""
    return requests.post(
        f"{site.url}{language}/lacak",
        data={"nomor": site.sample(situation).nik},
        headers={"Accept-Encoding": "gzip", **headers},
        timeout=10,
    )


def weight_of(answer: requests.Response) -> int:
    """Return the bytes of a body as they came."""
    assert answer.headers.get("Content-Encoding") == "gzip"
    return int(answer.headers["Content-Length"])


def heaviest(site: LiveSite, language: str, most_claims: int = 12) -> requests.Response:
    """Return the heaviest page of a result; the files beside it are the same for all."""
    pages = [looked_up(site, sample.situation, language) for sample in site.core.samples]
    found = [each for each in pages if 1 <= each.text.count("<article") <= most_claims]
    assert len(found) > 150
    return max(found, key=weight_of)


def test_the_result_of_one_claim_is_light(live_site: LiveSite) -> None:
    weights = {}
    for sample in live_site.core.samples:
        for language in ("", "/en"):
            answer = looked_up(live_site, sample.situation, language, **HTMX)
            if answer.text.count("<article") == 1:
                weights[sample.situation, language] = weight_of(answer)
    assert len(weights) > 200
    heaviest = max(weights, key=weights.__getitem__)
    assert weights[heaviest] <= FRAGMENT_BYTES, f"{heaviest}: {weights[heaviest]}"


@pytest.mark.parametrize("language", ["", "/en"], ids=["id", "en"])
def test_the_heaviest_result_by_its_address_is_light_on_a_first_visit(
    make_visitor: MakeVisitor, live_site: LiveSite, language: str
) -> None:
    """It is the one of twelve claims; most have one, and come with four kilobytes less."""
    address = heaviest(live_site, language).url
    visitor = make_visitor()
    _, weight = listen(visitor.page)
    visitor.open(address.removeprefix(live_site.url))
    visitor.page.wait_for_load_state("networkidle")
    assert_all_is_light(weight, address)


@pytest.mark.parametrize("language", ["", "/en"], ids=["id", "en"])
def test_the_form_and_a_result_in_its_place_are_light(
    make_visitor: MakeVisitor, live_site: LiveSite, language: str
) -> None:
    """The heaviest is the one of twelve claims."""
    worst = heaviest(live_site, language)
    number = parse_qs(str(worst.history[0].request.body))["nomor"][0]
    visitor = make_visitor()
    _, weight = listen(visitor.page)
    visitor.look_up(number, path=f"{language}/")
    visitor.page.wait_for_load_state("networkidle")
    assert_all_is_light(weight, f"{live_site.url}{language}/lacak")


def assert_all_is_light(weight: dict[str, float], address: str) -> None:
    """Hold all that came to the bound; what the browser had from another page does not count."""
    kinds = {each.rpartition(".")[2] for each in weight}
    assert {"css", "js"} <= kinds
    assert weight[address] > 0
    assert sum(weight.values()) <= RESULT_BYTES - ROOM_BYTES, weight


@pytest.mark.parametrize("what", ["form", "result"])
def test_a_slow_line_and_a_slow_phone_see_the_page_soon_and_still(
    make_visitor: MakeVisitor, live_site: LiveSite, what: str
) -> None:
    path = "/"
    if what == "result":
        number = live_site.sample("assessment_day_3").nik
        answer = requests.post(f"{live_site.url}/lacak", data={"nomor": number}, timeout=10)
        path = answer.url.removeprefix(live_site.url)
    seen = []
    for _ in range(3):
        visitor = make_visitor()
        session, _ = listen(visitor.page)
        session.send("Network.emulateNetworkConditions", SLOW_LINE)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PHONE})
        seen.append(visitor.open(path).evaluate(SEEN))
    assert min(each["paint"] for each in seen) <= PAINT_MS, seen
    assert max(each["shift"] for each in seen) <= SHIFT, seen


@pytest.mark.parametrize("size", [(360, 740), (1280, 900)], ids=["phone", "desk"])
def test_an_answer_that_comes_late_moves_nothing_that_is_seen(
    make_visitor: MakeVisitor, live_site: LiveSite, size: tuple[int, int]
) -> None:
    """Browsers forgive what moves within half a second of a press; slow lines take longer."""
    visitor = make_visitor(viewport={"width": size[0], "height": size[1]})
    page = visitor.open()

    def hold(route: Route) -> None:
        time.sleep(LATE_SECONDS)
        route.continue_()

    page.route("**/lacak", hold)
    visitor.type_number(live_site.sample("assessment_day_3").nik)
    page.wait_for_timeout(1000 * LATE_SECONDS)
    visitor.press()
    page.wait_for_selector("#hasil[data-outcome=found]")
    expect(page.locator("footer")).to_be_visible()
    assert page.evaluate(SEEN)["shift"] <= SHIFT
