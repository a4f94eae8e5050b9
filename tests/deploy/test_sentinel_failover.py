"""Sentinel promotes another master under load: well within seconds, only designed answers.

Three Sentinels, a master that is killed and its replica, and the site with two processes.
"""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.claims_api.fakes import eventually
from tests.deploy.test_failover import (
    AWAY,
    DESIGNED,
    ENDED,
    SLACK,
    WELL_SECONDS,
    Visitors,
    draw,
    end,
    made,
    read,
    site_over,
    wellness,
)
from tests.live import LiveSite
from tests.redis.test_sentinel import Watched, watched

pytestmark = pytest.mark.redis
__all__ = ["draw", "watched"]


@pytest.fixture
def site(watched: Watched, tmp_path: Path) -> Iterator[LiveSite]:
    with site_over(watched.url, tmp_path) as site:
        yield site


def test_everything_is_well_within_five_seconds_of_the_promotion(
    watched: Watched, site: LiveSite, draw: random.Random
) -> None:
    ended, followed = made(site, draw), made(site, draw)
    assert [end(site, ended, draw), read(site, ended, draw)] == [303, ENDED]

    is_well = wellness(site, ended, followed, draw)
    with Visitors(site, ended) as visitors:
        eventually(lambda: visitors.statuses.total() > 100, 30)
        eventually(is_well, 30)
        offset = watched.master.client().info("replication")["master_repl_offset"]
        eventually(
            lambda: watched.replica.client().info("replication")["master_repl_offset"] >= offset
        )
        watched.master.kill()
        killed = time.monotonic()
        eventually(lambda: watched.master_port() == watched.replica.port, 30)
        promoted = time.monotonic()
        eventually(is_well, WELL_SECONDS + SLACK)
        well = time.monotonic()
        before = visitors.statuses.total()
        eventually(lambda: visitors.statuses.total() > before + 100, 30)
    print(f"promoted {promoted - killed:.1f} s after the kill, well {well - promoted:.1f} s later")
    print(dict(visitors.statuses), dict(visitors.of_ended))
    assert set(visitors.statuses) <= DESIGNED, visitors.statuses
    assert visitors.statuses[303] > visitors.statuses.total() / 2, visitors.statuses
    assert set(visitors.of_ended) <= {ENDED, AWAY}, visitors.of_ended
