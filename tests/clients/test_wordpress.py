"""What /mitra gives to an editor, pasted into a real WordPress by each role that it names."""

from collections.abc import Iterator

import pytest
import requests
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Frame, Page, Playwright

from tests.browser.conftest import FLAGS
from tests.browser.visitor import PATIENCE_MS, PHONE
from tests.clients.wordpress import WordPress
from tests.live import LiveSite
from tests.needs import needed
from tests.partners import partner, partners_file

WHO = ("editor", "administrator")


@pytest.fixture(scope="module")
def wordpress(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WordPress]:
    with WordPress(tmp_path_factory.mktemp("wordpress")) as running:
        yield running


@pytest.fixture(scope="module")
def site(wordpress: WordPress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    folder = tmp_path_factory.mktemp("partners")
    path = partners_file(folder, partner("koran", wordpress.origin))
    with LiveSite(folder / "site.log", PARTNERS_FILE=str(path)) as running:
        yield running


@pytest.fixture(scope="module", params=["firefox", "chromium"])
def either(
    request: pytest.FixtureRequest, driver: Playwright, browser: Browser
) -> Iterator[Browser]:
    if request.param == "firefox":
        yield browser
        return
    chromium = driver.chromium.launch(executable_path=needed("browser"), args=list(FLAGS))
    yield chromium
    chromium.close()


@pytest.fixture
def page(either: Browser) -> Iterator[Page]:
    """A reader's page; an error of a script in it fails the test."""
    context = either.new_context(viewport=PHONE)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def copied(site: LiveSite, place: str, field: str = "kode") -> str:
    """Return what the editor copies from /mitra."""
    answer = requests.get(f"{site.url}/mitra?di={place}&mitra=koran", timeout=10)
    text = BeautifulSoup(answer.text, "html.parser").find(id=field)
    assert text is not None
    return text.get_text()


def as_html_block(snippet: str) -> str:
    is_block = snippet.startswith("<!-- wp:")
    return snippet if is_block else f"<!-- wp:html -->\n{snippet}\n<!-- /wp:html -->"


def as_pasted_address(address: str) -> str:
    """Return what the block editor makes of an address on a line of its own."""
    return (
        f'<!-- wp:embed {{"url":"{address}"}} --><figure class="wp-block-embed">'
        f'<div class="wp-block-embed__wrapper">\n{address}\n</div></figure><!-- /wp:embed -->'
    )


def frame_of(page: Page, address: str) -> Frame:
    page.goto(address)
    page.locator("iframe").scroll_into_view_if_needed()
    page.wait_for_function("frames.length > 0")
    return page.frames[1]


def looks_up(frame: Frame, site: LiveSite) -> None:
    frame.locator("#nomor").fill(site.sample("assessment_day_3").nik)
    frame.locator("#nomor").press("Enter")
    frame.wait_for_selector("#hasil[data-outcome=found]")


def wait_for_height(page: Page, frame: Frame) -> None:
    """Wait until the frame shows all that is in it."""
    for _ in range(50):
        page.wait_for_timeout(100)
        inside = frame.evaluate("document.body.scrollHeight")
        if abs(page.locator("iframe").evaluate("(each) => each.clientHeight") - inside) <= 2:
            return
    raise AssertionError(page.locator("iframe").evaluate("(each) => each.outerHTML"))


@pytest.mark.parametrize("place", ["wordpress", "html"])
@pytest.mark.parametrize("role", WHO)
def test_the_snippet_gives_a_lookup_as_tall_as_its_content(
    wordpress: WordPress, site: LiveSite, page: Page, role: str, place: str
) -> None:
    address = wordpress.post(role, as_html_block(copied(site, place)))
    frame = frame_of(page, address)
    looks_up(frame, site)
    wait_for_height(page, frame)


@pytest.mark.parametrize("role", WHO)
def test_the_snippet_without_script_gives_a_lookup_to_scroll_in(
    wordpress: WordPress, site: LiveSite, page: Page, role: str
) -> None:
    frame = frame_of(page, wordpress.post(role, as_html_block(copied(site, "lain"))))
    looks_up(frame, site)
    assert page.locator("iframe").evaluate("(each) => each.clientHeight") == 800


def test_of_an_authors_snippet_only_the_link_stays(
    wordpress: WordPress, site: LiveSite, page: Page
) -> None:
    page.goto(wordpress.post("author", as_html_block(copied(site, "wordpress"))))
    assert page.locator("iframe").count() == 0
    page.locator(f'main a[href="{site.url}/"]').click()
    page.wait_for_url(f"{site.url}/")


@pytest.mark.parametrize("role", ["author", *WHO])
def test_an_address_becomes_a_card_whose_button_leads_to_the_lookup(
    wordpress: WordPress, site: LiveSite, page: Page, role: str
) -> None:
    address = wordpress.post(role, as_pasted_address(copied(site, "wordpress-penulis")))
    frame = frame_of(page, address)
    assert page.locator("iframe").get_attribute("sandbox") == "allow-scripts"
    frame.wait_for_selector(".frame-card")
    wait_for_height(page, frame)
    frame.locator(".frame-card a").click()
    page.wait_for_url(f"{site.url}/")
    looks_up(page.main_frame, site)


@pytest.mark.parametrize("role", ["author", *WHO])
def test_with_the_line_for_administrators_the_address_becomes_the_form(
    wordpress: WordPress, site: LiveSite, page: Page, role: str
) -> None:
    wordpress.add_plugin("provider", copied(site, "wordpress-penulis", "baris"))
    try:
        address = wordpress.post(role, as_pasted_address(copied(site, "wordpress-penulis")))
        frame = frame_of(page, address)
        looks_up(frame, site)
        wait_for_height(page, frame)
    finally:
        wordpress.remove_plugin("provider")
