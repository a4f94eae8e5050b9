"""The feed of a followed claim in newsboat, a reader that is not ours."""

import sqlite3
import subprocess
from pathlib import Path

from tests.clients.following import private_address
from tests.live import LiveSite
from tests.needs import needed


def test_every_entry_has_its_words_and_leads_to_the_page(
    live_site: LiveSite, tmp_path: Path
) -> None:
    addresses = {
        name: private_address(live_site.url, live_site.sample(name).nik)
        for name in ("approval", "twelve_claims", "markup_in_names", "paid_today")
    }
    urls, cache = tmp_path / "urls", tmp_path / "cache.db"
    urls.write_text("".join(f"{each}.atom\n" for each in addresses.values()))
    config = tmp_path / "config"
    config.write_text("auto-reload no\n")
    options = ["-u", str(urls), "-c", str(cache), "-C", str(config)]
    done = subprocess.run(
        [needed("newsboat"), *options, "-x", "reload"],
        capture_output=True,
        timeout=60,
        env={"HOME": str(tmp_path), "TERM": "dumb", "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    with sqlite3.connect(cache) as kept:
        items = kept.execute("SELECT feedurl, url, title, content FROM rss_item").fetchall()
        feeds = kept.execute("SELECT rssurl, url, title FROM rss_feed").fetchall()
    assert {feed.removesuffix(".atom"): page for feed, page, _ in feeds} == {
        each: each for each in addresses.values()
    }
    assert {item[0].removesuffix(".atom") for item in items} == set(addresses.values())
    for feed, url, title, content in items:
        assert url.partition("#")[0] == feed.removesuffix(".atom")
        assert title.strip()
        assert content.strip()
