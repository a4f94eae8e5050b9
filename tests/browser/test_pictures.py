"""The pictures of the README are those of the design, whatever the day on which they are taken."""

from pathlib import Path

from playwright.sync_api import Browser

from bench.screenshots import MAX_BYTES, PICTURES, served, take
from tests.snapshots.stage import Stage


def test_a_picture_shows_the_same_day_whenever_it_is_taken_and_is_light(
    browser: Browser, tmp_path: Path
) -> None:
    """On a Sunday, when no working day is today, one was too heavy."""
    stage = Stage(tmp_path)
    with served(stage) as url:
        for picture in PICTURES:
            assert take(browser, stage, url, picture, tmp_path).stat().st_size <= MAX_BYTES
            page = browser.new_page()
            page.goto(f"{url}{picture.prefix}/")
            if picture.situation == "assessment_day_3":
                page.locator("#nomor").fill(stage.core.sandbox.sample(picture.situation).nik)
                page.locator("#lacak button[type=submit]").click()
                assert page.locator("[data-day=today] b").inner_text().split()[1] == "24"
            page.close()
