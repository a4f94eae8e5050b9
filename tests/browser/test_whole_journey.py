"""The whole journey as it is deployed: Chromium, TLS, nginx, gunicorn, Redis; and what remains."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pytest
import requests
from playwright.sync_api import Browser, expect

from harness.servers import RedisServer
from tests.browser.visitor import Visitor
from tests.deploy.proxy import Nginx
from tests.live import LiveSite
from tests.services import running_redis

pytestmark = [pytest.mark.nginx, pytest.mark.redis]

NAME = "lacak.localhost"
"""Browsers find this one on the machine itself, without being told."""


class Deployment(NamedTuple):
    site: LiveSite
    nginx: Nginx
    redis: RedisServer
    url: str


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("deployed")
    with ExitStack() as running:
        redis = running.enter_context(running_redis())
        site = LiveSite(
            folder / "site.log",
            REDIS_URL=redis.url,
            GUARD_OFF="0",
            POW_SCALE="0.01",
            TRUSTED_PROXIES="1",
        )
        nginx = Nginx(folder, [site.port], name=NAME)
        url = f"https://{NAME}:{nginx.port}"
        site.change(SITE_URL=url)
        running.enter_context(site)
        yield Deployment(site, running.enter_context(nginx), redis, url)


def test_nothing_that_remains_of_a_whole_journey_holds_a_number(
    browser: Browser, deployed: Deployment
) -> None:
    visitor = Visitor(browser, deployed.url, ignore_https_errors=True)
    samples = deployed.site.core.samples
    typed = [deployed.site.sample("assessment_day_3").nik, deployed.site.sample("paid_today").kpj]
    typed += [sample.nik for sample in samples if sample.situation.startswith("province")]
    for number in typed:
        visitor.look_up(number)
    page = visitor.look_up(deployed.site.sample("assessment_day_3").kpj)
    page.locator("#simpan button").first.click()
    page.wait_for_selector("#pantau")
    page.reload()
    for path in ("/bantuan", "/privasi", "/en/"):
        visitor.open(path)
    assert visitor.leave() == []
    remains = {
        "the site's log": deployed.site.logged(),
        "nginx's log": deployed.nginx.logged(),
        "the figures": requests.get(f"{deployed.site.url}/-/metrics", timeout=5).text,
        "Redis": kept_in(deployed.redis),
    }
    assert '"outcome":"challenge"' in remains["the site's log"]
    for place, text in remains.items():
        for sample in samples:
            assert sample.nik not in text, place
            assert sample.kpj not in text, place


def kept_in(redis: RedisServer) -> str:
    """Return keys and values as they lie there, of all types."""
    with redis.client() as client:
        keys = client.keys("*")
        assert len(keys) > 10
        return b"\n".join(key + (client.dump(key) or b"") for key in keys).decode("latin-1")


def test_the_preview_of_the_frame_stands_behind_tls_as_well(
    browser: Browser, deployed: Deployment
) -> None:
    visitor = Visitor(browser, deployed.url, ignore_https_errors=True)
    visitor.bear("Blocked autofocusing")
    page = visitor.open("/mitra")
    page.locator("iframe").first.scroll_into_view_if_needed()
    frame = page.frame_locator("iframe").first
    expect(frame.locator("#nomor")).to_be_visible()
    sources = [each.url for each in page.frames if re.search(r"/sematan", each.url)]
    assert all(source.startswith(deployed.url) for source in sources)
    assert visitor.leave() == []
