"""What /mitra gives to an editor, in a page of a real Hugo: dropped, kept, in a shortcode."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MakeVisitor
from tests.browser.framing import look_up
from tests.browser.host import HostPage
from tests.clients.test_wordpress import copied
from tests.live import LiveSite
from tests.needs import needed
from tests.partners import partner, partners_file

PLAIN = ("html", "lain")
"""Places of /mitra whose snippet is HTML for any page."""


@pytest.fixture(scope="module")
def framed_site(host: HostPage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    folder = tmp_path_factory.mktemp("partners")
    path = partners_file(folder, partner("koran", host.origin))
    with LiveSite(folder / "site.log", PARTNERS_FILE=str(path)) as running:
        yield running


def built(folder: Path, article: str, settings: str = "", shortcode: str = "") -> str:
    """Return the page that Hugo makes of an article in Markdown, by its own defaults."""
    layouts = folder / "layouts"
    (layouts / "shortcodes").mkdir(parents=True)
    (folder / "content").mkdir()
    (folder / "config.toml").write_text(f'baseURL = "/"\nlanguageCode = "id"\n{settings}\n')
    (folder / "content" / "_index.md").write_text(f"---\ntitle: Koran\n---\n\n{article}\n")
    (layouts / "index.html").write_text(
        '<!doctype html><html lang="id"><title>Koran</title><link rel="icon" href="data:,">'
        '<meta name="viewport" content="width=device-width"><h1>Koran</h1>{{ .Content }}</html>'
    )
    if shortcode:
        (layouts / "shortcodes" / "lacak.html").write_text(shortcode)
    ran = subprocess.run(
        [needed("hugo"), "--source", str(folder)], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return (folder / "public" / "index.html").read_text()


@pytest.mark.parametrize("place", PLAIN)
def test_by_its_defaults_frame_and_script_are_dropped(
    place: str, framed_site: LiveSite, tmp_path: Path
) -> None:
    page = built(tmp_path, copied(framed_site, place))
    assert "<iframe" not in page
    assert "<script" not in page


@pytest.mark.parametrize("place", PLAIN)
@pytest.mark.parametrize("way", ["unsafe", "shortcode"])
def test_with_raw_html_or_as_a_shortcode_it_gives_a_lookup(
    place: str,
    way: str,
    framed_site: LiveSite,
    host: HostPage,
    make_visitor: MakeVisitor,
    tmp_path: Path,
) -> None:
    snippet = copied(framed_site, place)
    if way == "unsafe":
        host.html = built(tmp_path, snippet, "[markup.goldmark.renderer]\nunsafe = true")
    else:
        host.html = built(tmp_path, "{{< lacak >}}", shortcode=snippet)
    reader = make_visitor(framed_site)
    reader.allow_host(host.origin)
    reader.page.goto(host.origin)
    reader.page.locator("iframe").scroll_into_view_if_needed()
    reader.page.wait_for_function("frames.length > 0")
    frame = reader.page.frames[1]
    look_up(frame, framed_site.sample("assessment_day_3").nik)
    expect(frame.locator("h1")).to_be_in_viewport()
