"""Take the README's pictures: `python -m bench.screenshots` writes docs/img/*.png.

They show the site as it runs, before the sandbox; run it again when the design changes.
"""

import tempfile
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, expect, sync_playwright

from harness.servers import ROOT
from tests.browser.conftest import FLAGS
from tests.live import LiveSite
from tests.needs import needed

FOLDER = ROOT / "docs" / "img"
PHONE = (360, 740)
DESK = (1280, 562)
MAX_BYTES = 120_000


class Picture(NamedTuple):
    """A view of the form, or of the claim of a sample participant."""

    name: str
    situation: str | None
    size: tuple[int, int] = PHONE
    scheme: Literal["light", "dark"] = "light"
    prefix: str = ""


PICTURES = (
    Picture("form-360", None),
    Picture("result-360", "assessment_day_3"),
    Picture("action-360", "missing_document"),
    Picture("result-360-dark", "assessment_day_3", scheme="dark"),
    Picture("result-1280-en", "assessment_day_3", size=DESK, prefix="/en"),
)


def take(browser: Browser, site: LiveSite, picture: Picture) -> Path:
    """Save one picture; raises ValueError when it is too heavy for a README."""
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=1.5 if picture.size == PHONE else 1,
        color_scheme=picture.scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{site.url}{picture.prefix}/")
    if picture.situation:
        page.locator("#nomor").fill(site.sample(picture.situation).nik)
        page.locator("#lacak button[type=submit]").click()
        expect(page.locator("#hasil h1")).to_be_focused()
    path = FOLDER / f"{picture.name}.png"
    page.screenshot(path=path)
    context.close()
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes")
    return path


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        LiveSite(Path(folder) / "site.log") as site,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=needed("browser"), args=list(FLAGS))
        for picture in PICTURES:
            path = take(browser, site, picture)
            print(f"{path.relative_to(ROOT)}  {path.stat().st_size} bytes")
        browser.close()


if __name__ == "__main__":
    main()
