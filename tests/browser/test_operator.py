"""The operator's page in a browser: it refreshes itself, is sound, and shows what happened."""

from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.browser.axe import violations
from tests.live import LiveSite

TOKEN = "token-of-the-browsers-operator"


@pytest.fixture(scope="module")
def site(make_live_site: Callable[..., LiveSite]) -> LiveSite:
    return make_live_site(METRICS_TOKEN=TOKEN, TRUSTED_PROXIES="1", GUARD_OFF="0")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_it_is_sound_and_refreshes_itself(
    browser: Browser, site: LiveSite, width: int, scheme: str
) -> None:
    for sample in site.core.samples[:5]:
        requests.post(f"{site.url}/lacak", data={"nomor": sample.nik}, timeout=10)
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        http_credentials={"username": "operator", "password": TOKEN},
    )
    problems: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    # As a browser elsewhere is seen: through a proxy, so that only the password opens it.
    page.set_extra_http_headers({"X-Forwarded-For": "203.0.113.7"})
    page.goto(f"{site.url}/-/operator")
    expect(page.get_by_role("heading", level=1)).to_have_text("How this node does")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    answered = page.locator(".figures > div", has_text="answered").locator("dd").first
    before = int(answered.inner_text().replace(",", ""))
    assert before >= 1
    page.evaluate("document.querySelector('h1').dataset.old = '1'")
    requests.post(f"{site.url}/lacak", data={"nomor": site.core.samples[0].nik}, timeout=10)
    # What stood there is exchanged by the refresh, and counts what came meanwhile.
    expect(page.locator("h1[data-old]")).to_have_count(0, timeout=30_000)
    assert int(answered.inner_text().replace(",", "")) > before
    assert violations(page) == []
    assert problems == []
    context.close()
