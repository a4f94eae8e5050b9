"""The frame among others: its height, its messages, its size, and hosts that forbid forms."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Frame, Route, expect

from tests.browser.axe import AXE_SCRIPT, OPTIONS
from tests.browser.axe import RUN as AXE_RUN
from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.host import HostPage
from tests.browser.test_weight import listen
from tests.browser.visitor import Visitor
from tests.live import LiveSite

FRAME_BYTES = 18_000
STEP = 40
SHIFT = 0.05
SANDBOX = "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox"


@pytest.fixture(scope="module")
def host() -> Iterator[HostPage]:
    with HostPage() as page:
        yield page


@pytest.fixture(scope="module")
def framed_site(make_live_site: MakeSite, host: HostPage) -> LiveSite:
    return make_live_site(EMBED_ORIGINS=host.origin)


@pytest.fixture
def visitor(make_visitor: MakeVisitor, framed_site: LiveSite, host: HostPage) -> Visitor:
    visitor = make_visitor(framed_site)
    visitor.allow_host(host.origin)
    visitor.bear("Blocked autofocusing")
    return visitor


def frame_tag(site: str, style: str = "frame-sizing: content-height", **more: str) -> str:
    extra = "".join(f' {name}="{value}"' for name, value in more.items())
    return (
        f'<iframe title="Lacak klaim" src="{site}/sematan" loading="lazy" '
        f'referrerpolicy="strict-origin" sandbox="{SANDBOX}" '
        f'style="width: 100%; border: 0; min-height: 150px; {style}"{extra}></iframe>'
    )


def show(visitor: Visitor, host: HostPage, body: str) -> Frame:
    host.html = (
        '<!doctype html><html lang="id"><title>Koran</title><link rel="icon" href="data:,">'
        f'<meta name="viewport" content="width=device-width"><h1>Koran</h1>{body}</html>'
    )
    visitor.page.goto(host.origin)
    visitor.page.wait_for_function("frames.length > 0")
    frame = visitor.page.frames[1]
    frame.wait_for_load_state()
    return frame


def height_of(visitor: Visitor) -> float:
    box = visitor.page.locator("iframe").first.bounding_box()
    assert box is not None
    return box["height"]


def expect_to_fit(visitor: Visitor, frame: Frame, slack: int = STEP) -> None:
    """Wait until the frame is as tall as what is in it, give or take a step."""
    visitor.page.wait_for_timeout(100)
    for _ in range(50):
        content = frame.evaluate("document.documentElement.scrollHeight")
        wanted = frame.evaluate("document.body.scrollHeight")
        if abs(height_of(visitor) - wanted) <= slack and content <= height_of(visitor) + 1:
            return
        visitor.page.wait_for_timeout(100)
    raise AssertionError(f"{height_of(visitor)} px for {wanted} px of content")


@pytest.mark.parametrize("way", ["without any script", "by the host script"])
def test_the_frame_is_as_tall_as_its_content_at_every_step(
    visitor: Visitor, host: HostPage, framed_site: LiveSite, way: str
) -> None:
    if way == "by the host script":
        # The style that newer browsers follow is left away, and its support denied.
        visitor.page.add_init_script("CSS.supports = () => false")
        body = frame_tag(visitor.site, style="")
        body += f'<script src="{visitor.site}/sematan.js"></script>'
    else:
        body = frame_tag(visitor.site)
    frame = show(visitor, host, body)
    own_scripts = visitor.page.evaluate("document.scripts.length")
    assert own_scripts == (1 if way == "by the host script" else 0)
    expect_to_fit(visitor, frame)
    frame.locator("#nomor").fill("12345")
    frame.locator("#nomor").press("Enter")
    frame.wait_for_selector("#hasil[data-outcome=invalid]")
    expect_to_fit(visitor, frame)
    form = height_of(visitor)
    frame.locator("#nomor").fill(framed_site.sample("assessment_day_3").nik)
    frame.locator("#nomor").press("Enter")
    frame.wait_for_selector("#hasil[data-outcome=found]")
    expect_to_fit(visitor, frame)
    assert height_of(visitor) > form


def test_forged_messages_change_nothing(
    visitor: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    visitor.page.add_init_script("CSS.supports = () => false")
    body = frame_tag(visitor.site, style="")
    body += '<iframe id="forger" title="x" srcdoc="<p>x</p>"></iframe>'
    body += f'<script src="{visitor.site}/sematan.js"></script>'
    frame = show(visitor, host, body)
    expect_to_fit(visitor, frame)
    before = height_of(visitor)
    visitor.page.evaluate(
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
    visitor.page.wait_for_timeout(300)
    assert height_of(visitor) == before


def test_a_message_that_is_said_again_by_somebody_else_changes_nothing(
    visitor: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    visitor.page.add_init_script(
        """CSS.supports = () => false;
        window.heard = [];
        addEventListener('message', ({data, origin, source}) => {
            if (source === frames[0]) heard.push({data, origin});
        })"""
    )
    body = frame_tag(visitor.site, style="")
    body += '<iframe id="forger" title="x" srcdoc="<p>x</p>"></iframe>'
    body += f'<script src="{visitor.site}/sematan.js"></script>'
    frame = show(visitor, host, body)
    expect_to_fit(visitor, frame)
    form = height_of(visitor)
    frame.locator("#nomor").fill(framed_site.sample("assessment_day_3").nik)
    frame.locator("#nomor").press("Enter")
    frame.wait_for_selector("#hasil[data-outcome=found]")
    expect_to_fit(visitor, frame)
    tall = height_of(visitor)
    assert tall != form
    assert visitor.page.evaluate("heard.length") >= 2
    visitor.page.evaluate(
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
    visitor.page.wait_for_timeout(300)
    assert height_of(visitor) == tall
    other = visitor.page.locator("#forger").bounding_box()
    assert other is not None
    assert other["height"] < form


def test_the_host_hears_numbers_and_nothing_else(
    visitor: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    visitor.page.add_init_script(
        "window.heard = []; addEventListener('message', (e) => heard.push(e.data))"
    )
    frame = show(visitor, host, frame_tag(visitor.site, style=""))
    number = framed_site.sample("assessment_day_3").nik
    frame.locator("#nomor").fill(number)
    frame.locator("#nomor").press("Enter")
    frame.wait_for_selector("#hasil[data-outcome=found]")
    visitor.page.wait_for_function("heard.length >= 2")
    heard = visitor.page.evaluate("heard")
    assert all(isinstance(each, int) and each % STEP == 0 for each in heard), heard


@pytest.mark.parametrize(
    ("asked", "shape"),
    [
        ("?amp=1", {"sentinel": "amp", "type": "embed-size"}),
        ("#?secret=abc123", {"message": "height", "secret": "abc123"}),
    ],
)
def test_amp_and_wordpress_hear_their_own_form_of_the_height_and_nothing_else(
    visitor: Visitor, host: HostPage, framed_site: LiveSite, asked: str, shape: dict[str, str]
) -> None:
    visitor.page.add_init_script(
        "window.heard = []; addEventListener('message', (e) => heard.push(e.data))"
    )
    tag = frame_tag(visitor.site, style="").replace("/sematan", f"/sematan{asked}")
    frame = show(visitor, host, tag)
    frame.locator("#nomor").fill(framed_site.sample("assessment_day_3").nik)
    frame.locator("#nomor").press("Enter")
    frame.wait_for_selector("#hasil[data-outcome=found]")
    visitor.page.wait_for_function("heard.length >= 2")
    for told in visitor.page.evaluate("heard"):
        height = told.pop("height" if "sentinel" in shape else "value")
        assert isinstance(height, int)
        assert height % STEP == 0
        assert told == shape


def test_where_forms_are_forbidden_a_card_shows_the_way(
    make_visitor: MakeVisitor, framed_site: LiveSite, host: HostPage
) -> None:
    visitor = make_visitor(framed_site)
    visitor.allow_host(host.origin)
    visitor.bear("sandboxed|null|allow-scripts|autofocus|Subresource Integrity")
    tag = frame_tag(visitor.site).replace(SANDBOX, "allow-scripts")
    frame = show(visitor, host, tag)
    frame.wait_for_selector(".frame-card")
    assert frame.locator("form").count() == 0
    expect(frame.locator(".frame-card a")).to_have_attribute("target", "_blank")


def test_a_host_that_is_not_listed_shows_the_card_and_no_blank(
    make_visitor: MakeVisitor, make_live_site: MakeSite, host: HostPage
) -> None:
    visitor = make_visitor(make_live_site(EMBED_ORIGINS="https://somebody.example"))
    visitor.allow_host(host.origin)
    frame = show(visitor, host, frame_tag(visitor.site))
    expect(frame.locator(".frame-card")).to_be_visible()
    assert frame.locator("#isi form").count() == 0


@pytest.mark.parametrize("way", ["without any script", "by the host script"])
def test_nothing_jumps_in_the_frame_or_around_it(
    visitor: Visitor, host: HostPage, framed_site: LiveSite, way: str
) -> None:
    visitor.page.context.add_init_script(
        """window.moved = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((e) => {
            if (!e.hadRecentInput) moved += e.value;
        })).observe({type: 'layout-shift', buffered: true})"""
    )
    if way == "by the host script":
        visitor.page.add_init_script("CSS.supports = () => false")
        tag = frame_tag(visitor.site, style="min-height: 480px")
        tag += f'<script src="{visitor.site}/sematan.js"></script>'
    else:
        tag = frame_tag(visitor.site).replace("min-height: 150px", "min-height: 480px")
    frame = show(visitor, host, tag + "<p>Setelah bingkai.</p>" * 20)
    expect_to_fit(visitor, frame)
    visitor.page.wait_for_timeout(500)
    assert visitor.page.evaluate("moved") < SHIFT
    frame.locator("#nomor").fill(framed_site.sample("assessment_day_3").nik)
    frame.locator("#nomor").press("Enter")
    frame.wait_for_selector("#hasil[data-outcome=found]")
    expect_to_fit(visitor, frame)
    assert frame.evaluate("moved") < SHIFT


def test_only_frames_near_the_view_are_loaded(visitor: Visitor, host: HostPage) -> None:
    tall = '<div style="height: 1500px"></div>'
    show(visitor, host, (frame_tag(visitor.site) + tall) * 20)
    visitor.page.wait_for_timeout(500)
    assert 1 <= len(visitor.requests("/sematan")) <= 5


def test_the_first_view_of_the_frame_is_light(
    visitor: Visitor, host: HostPage, framed_site: LiveSite
) -> None:
    _, weight = listen(visitor.page)
    visitor.open("/sematan").wait_for_load_state("networkidle")
    assert {"css", "js"} <= {address.rpartition(".")[2] for address in weight}
    assert min(weight.values()) > 0
    assert sum(weight.values()) <= FRAME_BYTES, weight


def test_the_frame_has_no_barrier(visitor: Visitor, host: HostPage, framed_site: LiveSite) -> None:
    frame = show(visitor, host, frame_tag(visitor.site))
    frame.evaluate(AXE_SCRIPT)
    assert frame.evaluate(AXE_RUN, OPTIONS) == []
    frame.locator("#nomor").fill(framed_site.sample("missing_document").nik)
    frame.locator("#nomor").press("Enter")
    frame.wait_for_selector("#hasil[data-outcome=found]")
    assert frame.evaluate(AXE_RUN, OPTIONS) == []


@pytest.mark.parametrize("way", ["without any script", "by the host script"])
def test_the_preview_shows_the_whole_frame_in_the_chosen_look(visitor: Visitor, way: str) -> None:
    # Chromium reports that it left out the fade between the two pages.
    visitor.bear("ViewTransition opt-in")
    if way == "by the host script":
        visitor.page.add_init_script("CSS.supports = () => false")
        visitor.page.route("**/partners.*.css", without_frame_sizing)
    page = visitor.open("/mitra")
    page.locator("#aksen").fill("#7a0055")
    page.locator("#sudut").fill("0")
    page.get_by_label("Terang atau gelap").select_option("light")
    page.get_by_role("button", name="Lihat").click()
    page.wait_for_url("**aksen=*")
    page.locator("iframe").scroll_into_view_if_needed()
    frame = page.frames[1]
    frame.wait_for_load_state()
    expect_to_fit(visitor, frame)
    button = frame.locator("#lacak button[type=submit]")
    expect(button).to_have_css("background-color", "rgb(122, 0, 85)")
    expect(button).to_have_css("border-radius", "0px")


def without_frame_sizing(route: Route) -> None:
    answer = route.fetch()
    styles = answer.text().replace("frame-sizing: content-height;", "")
    route.fulfill(response=answer, body=styles)
