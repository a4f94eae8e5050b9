"""Take the README's pictures: `python -m bench.screenshots` writes docs/img/*.png.

They show the site of the snapshots, whose day is always the same one: a picture changes with the
design, not with the day on which it is taken. Run it again when the design changes.
"""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, expect, sync_playwright
from werkzeug.serving import make_server

from harness.servers import ROOT
from tests.browser.conftest import FLAGS
from tests.needs import needed
from tests.snapshots.stage import Stage
from tracking_site.observing.logs import configure_logs

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


@contextmanager
def served(stage: Stage) -> Iterator[str]:
    """Serve the site on a free port; yields its address."""
    server = make_server("127.0.0.1", 0, stage.app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def take(browser: Browser, stage: Stage, url: str, picture: Picture, folder: Path = FOLDER) -> Path:
    """Save one picture; raises ValueError when it is too heavy for a README."""
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=1.5 if picture.size == PHONE else 1,
        color_scheme=picture.scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{url}{picture.prefix}/")
    if picture.situation:
        page.locator("#nomor").fill(stage.core.sandbox.sample(picture.situation).nik)
        page.locator("#lacak button[type=submit]").click()
        expect(page.locator("#hasil h1")).to_be_focused()
    path = folder / f"{picture.name}.png"
    page.screenshot(path=path)
    context.close()
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path.name} has {path.stat().st_size} bytes")
    return path


def main() -> None:
    configure_logs("error")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        stage = Stage(Path(folder))
        browser = driver.chromium.launch(executable_path=needed("browser"), args=list(FLAGS))
        with served(stage) as url:
            for picture in PICTURES:
                path = take(browser, stage, url, picture)
                print(f"{path.relative_to(ROOT)}  {path.stat().st_size} bytes")
        browser.close()


if __name__ == "__main__":
    main()
