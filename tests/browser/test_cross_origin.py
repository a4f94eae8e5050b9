"""What pages of somebody else can make a visitor's browser do here, in a real browser.

Nothing is answered and nobody is charged; our own pages go on.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.framing import SANDBOX, frame_tag, look_up, show
from tests.browser.host import HostPage
from tests.browser.visitor import Visitor
from tests.deploy.traffic import figure
from tests.live import LiveSite

REFUSED = "Permintaan ini dikirim oleh situs lain."

MAX_REDIRECTS = 20
"""So many a browser follows (Fetch standard, 4.4); one more is an error that a page can see."""

SEND = """([address, number]) => fetch(address, {
    method: 'POST', mode: 'no-cors', redirect: 'follow', credentials: 'include',
    body: new URLSearchParams({ nomor: number }),
}).then((answer) => answer.type, () => 'error')"""


@pytest.fixture(scope="module")
def site(make_live_site: MakeSite, host: HostPage) -> LiveSite:
    """A site that charges for lookups, framed by the host."""
    return make_live_site(EMBED_ORIGINS=host.origin, GUARD_OFF="0")


@pytest.fixture
def answered(site: LiveSite) -> Iterator[None]:
    """Hold that no lookup is answered and nobody is charged while the test runs."""
    before = answers(site)
    yield
    assert answers(site) == before


@pytest.fixture
def visitor(
    make_visitor: MakeVisitor, site: LiveSite, host: HostPage, stranger: HostPage
) -> Visitor:
    visitor = make_visitor(site)
    visitor.allow_host(host.origin)
    visitor.allow_host(stranger.origin)
    visitor.bear("Failed to load resource|sandboxed|autofocus|frame-ancestors|Resource-Policy")
    return visitor


def answers(site: LiveSite) -> list[float]:
    """Return how many lookups were answered, and how many numbers were charged."""
    told = [
        figure(site.url, "tracking_requests_total", outcome=outcome)
        for outcome in ("found", "not_found")
    ]
    return [*told, figure(site.url, "tracking_guard_decisions_total")]


def refusals(site: LiveSite) -> float:
    return figure(site.url, "tracking_requests_total", outcome="cross_origin")


def form(site: LiveSite, number: str, path: str = "/lacak", target: str = "") -> str:
    return (
        f'<form action="{site.url}{path}" method="post" target="{target}">'
        f'<input type="hidden" name="nomor" value="{number}"><button>Menang hadiah</button></form>'
    )


def open_page(visitor: Visitor, page: HostPage, body: str) -> Page:
    page.html = (
        '<!doctype html><html lang="id"><title>Lain</title><link rel="icon" href="data:,">'
        f"<h1>Lain</h1>{body}</html>"
    )
    visitor.page.goto(page.origin)
    return visitor.page


def numbers(site: LiveSite) -> list[str]:
    return [site.sample(name).nik for name in ("assessment_day_3", "nothing_to_show")]


@pytest.mark.usefixtures("answered")
def test_a_form_of_another_site_gets_a_page_that_leads_to_ours(
    visitor: Visitor, site: LiveSite, stranger: HostPage
) -> None:
    page = open_page(visitor, stranger, form(site, numbers(site)[0]))
    page.locator("button").click()
    expect(page.locator("h1")).to_have_text(REFUSED)
    assert page.url == f"{site.url}/lacak"
    page.locator("#isi a.button").click()
    expect(page.locator("#nomor")).to_have_value("")


@pytest.mark.usefixtures("answered")
def test_a_script_of_another_site_learns_nothing_and_charges_nobody(
    visitor: Visitor, site: LiveSite, stranger: HostPage
) -> None:
    page = open_page(visitor, stranger, "")
    before = refusals(site)
    told = {
        path: [page.evaluate(SEND, [f"{site.url}{path}", number]) for number in numbers(site)]
        for path in ("/lacak", "/en/lacak", "/sematan/lacak")
    }
    # What is not meant for other sites is not even handed to them closed.
    assert told == {
        "/lacak": ["error"] * 2,
        "/en/lacak": ["error"] * 2,
        "/sematan/lacak": ["opaque"] * 2,
    }
    assert refusals(site) == before + 6


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("hops", [MAX_REDIRECTS - 1, MAX_REDIRECTS, MAX_REDIRECTS + 1])
def test_counting_redirects_tells_no_number_from_another(
    visitor: Visitor, site: LiveSite, stranger: HostPage, hops: int
) -> None:
    page = open_page(visitor, stranger, "")
    stranger.onward = f"{site.url}/sematan/lacak"
    told = [
        page.evaluate(SEND, [f"{stranger.origin}/hop/{hops - 1}", number])
        for number in numbers(site)
    ]
    # Our answer itself leads nowhere, so that every count ends where the stranger's own does.
    assert told == (["opaque"] * 2 if hops <= MAX_REDIRECTS else ["error"] * 2)


@pytest.mark.usefixtures("answered")
def test_a_partners_page_cannot_fill_in_the_form_of_its_frame(
    visitor: Visitor, site: LiveSite, host: HostPage
) -> None:
    tag = frame_tag(site.url).replace("<iframe", '<iframe name="lacak"')
    # Above the frame, which moves what is below it while it grows.
    frame = show(visitor, host, form(site, numbers(site)[0], "/sematan/lacak", "lacak") + tag)
    expect(frame.locator("#lacak")).to_be_visible()
    visitor.page.get_by_text("Menang hadiah").click()
    expect(frame.locator("h1")).to_have_text(REFUSED)
    frame.locator("#isi a.button").click()
    expect(frame.locator("#lacak")).to_be_visible()


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("rights", ["allow-forms", "allow-forms allow-popups"])
def test_a_frame_that_belongs_to_nobody_sends_nothing_that_counts(
    visitor: Visitor, site: LiveSite, host: HostPage, rights: str
) -> None:
    tag = frame_tag(site.url).replace(SANDBOX, rights)
    frame = show(visitor, host, tag)
    frame.locator("#nomor").fill(numbers(site)[0])
    frame.locator("#lacak button[type=submit]").click()
    expect(frame.locator("h1")).to_have_text(REFUSED)
    # Whatever is sent from here is refused again: the way leads out.
    way = frame.locator("#isi a.button")
    expect(way).to_have_attribute("href", "/")
    expect(way).to_have_attribute("target", "_blank")


@pytest.mark.usefixtures("answered")
def test_a_frame_that_a_stranger_wrote_sends_nothing_that_counts(
    visitor: Visitor, site: LiveSite, stranger: HostPage
) -> None:
    written = form(site, numbers(site)[0]).replace('"', "&quot;")
    page = open_page(
        visitor, stranger, f'<iframe name="x" sandbox="allow-forms" srcdoc="{written}"></iframe>'
    )
    before = refusals(site)
    inner = page.frames[1]
    inner.wait_for_selector("button")
    with page.expect_request("**/lacak"):
        inner.locator("button").click()
    page.wait_for_timeout(500)
    assert refusals(site) == before + 1


def test_our_own_pages_go_on(make_visitor: MakeVisitor, site: LiveSite) -> None:
    number = numbers(site)[0]
    for scripts in (True, False):
        for path in ("/", "/en/", "/sematan"):
            make_visitor(site, java_script_enabled=scripts).look_up(number, path)


@pytest.mark.parametrize("scripts", [True, False], ids=["htmx", "without scripts"])
def test_the_frame_goes_on_in_its_partners_page(
    make_visitor: MakeVisitor, site: LiveSite, host: HostPage, scripts: bool
) -> None:
    visitor = make_visitor(site, java_script_enabled=scripts)
    visitor.allow_host(host.origin)
    look_up(in_its_page(visitor, host, site), numbers(site)[0])


@pytest.mark.parametrize("scripts", [True, False], ids=["htmx", "without scripts"])
def test_our_own_forms_name_us_where_they_are_sent(
    make_visitor: MakeVisitor, site: LiveSite, host: HostPage, scripts: bool
) -> None:
    """Browsers without Sec-Fetch-Site have nothing else: `null` would be refused."""
    visitor = make_visitor(site, java_script_enabled=scripts)
    visitor.allow_host(host.origin)
    visitor.look_up(numbers(site)[0])
    look_up(in_its_page(visitor, host, site), numbers(site)[0])
    sent = [each.all_headers() for each in visitor.sent if each.method == "POST"]
    assert len(sent) == 2
    assert [each["origin"] for each in sent] == [site.url] * 2
    assert [each["sec-fetch-site"] for each in sent] == ["same-origin"] * 2


def test_a_link_to_another_site_names_no_page_of_ours(
    visitor: Visitor, site: LiveSite, stranger: HostPage
) -> None:
    open_page(visitor, stranger, "")
    page = visitor.look_up(numbers(site)[0])
    page.evaluate("(address) => location.assign(address)", stranger.origin)
    page.wait_for_url(f"{stranger.origin}/")
    assert page.evaluate("document.referrer") == ""


def in_its_page(visitor: Visitor, host: HostPage, site: LiveSite) -> Frame:
    host.frame(f"{site.url}/sematan")
    return visitor.open_host(host.origin)
