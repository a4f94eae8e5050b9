"""A partner that is switched off while readers have its frame open."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MakeSite, MakeVisitor
from tests.browser.host import HostPage
from tests.live import LiveSite
from tests.partners import partner, partners_file


@pytest.fixture
def partners(tmp_path: Path, host: HostPage) -> Path:
    return partners_file(tmp_path, partner("koran", host.origin))


@pytest.fixture
def site(make_live_site: MakeSite, partners: Path) -> LiveSite:
    return make_live_site(PARTNERS_FILE=str(partners))


def test_the_next_press_shows_the_card_without_a_restart(
    make_visitor: MakeVisitor, site: LiveSite, host: HostPage, partners: Path
) -> None:
    visitor = make_visitor(site)
    visitor.allow_host(host.origin)
    host.frame(f"{site.url}/sematan?mitra=koran")
    frame = visitor.open_host(host.origin)
    number = site.sample("assessment_day_3").nik
    frame.locator("#nomor").fill(number)
    expect(frame.locator("#lacak[data-htmx-powered]")).to_have_count(1)
    partners.write_text(partners.read_text() + "disabled = true\n")
    frame.locator("#lacak button[type=submit]").click()
    expect(frame.locator("#isi .frame-card")).to_be_visible()
    expect(frame.locator("#isi form")).to_have_count(0)
    expect(visitor.open_host(host.origin).locator("#isi .frame-card")).to_be_visible()
    assert all(number not in each.url for each in visitor.sent)
