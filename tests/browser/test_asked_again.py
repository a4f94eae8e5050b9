"""Without JavaScript a refusal may come after the redirect: nothing has to be typed again."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from sandbox import Participant
from tests.browser.conftest import MakeVisitor
from tests.live import LiveSite


@pytest.mark.parametrize("door", ["/", "/sematan", "/en/"])
def test_a_refusal_after_the_redirect_leads_back_to_the_result(
    make_visitor: MakeVisitor, tmp_path: Path, door: str
) -> None:
    with LiveSite(tmp_path / "site.log", REQUESTS_PER_MINUTE="1") as site:
        someone: Participant = site.sample("assessment_day_3")
        visitor = make_visitor(site, java_script_enabled=False)
        page = visitor.open(door)
        visitor.type_number(someone.nik)
        visitor.press()
        page.wait_for_url("**/klaim/**")
        # The window of the limit may turn between the two requests: then the result is there.
        address = page.url
        assert "/klaim/" in address
        while page.locator("#hasil[data-outcome=found]").count():
            page.goto(address)
        expect(page.locator("#hasil[data-outcome=refused]")).to_be_visible()
        expect(page.locator("#nomor")).to_have_count(0)
        assert someone.nik not in page.content()
        # The limit is lifted, as a minute does it.
        site.stop()
        site.change(REQUESTS_PER_MINUTE="100")
        site.start()
        page.locator("main a.button").click()
        expect(page.locator("#hasil[data-outcome=found]")).to_be_visible()
        assert page.url == address
