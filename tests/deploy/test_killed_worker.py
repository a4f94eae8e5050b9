"""A worker that is killed takes no budget with it, and its file leaves with the site."""

import os
import signal
import stat
import time
from pathlib import Path

import pytest
import requests

from harness.servers import RedisServer
from tests.live import LiveSite
from tests.services import running_redis

MEMORY = Path("/dev/shm")
ANSWERED = {303, 404}
FREE = 3


def files_of(site: LiveSite) -> list[Path]:
    return list(MEMORY.glob(f"tracking-guard-{site.pid}-*"))


def kill_worker(site: LiveSite) -> None:
    """Kill the one worker as a machine without memory does, and wait for the next."""
    (worker,) = site.workers()
    os.kill(worker, signal.SIGKILL)
    while worker in site.workers() or not site.workers():
        time.sleep(0.02)
    assert requests.get(f"{site.url}/-/healthz", timeout=20).status_code == 200


def look_up(site: LiveSite, place: int) -> int:
    nik = site.core.directory.population.member(place).nik
    address, form = f"{site.url}/lacak", {"nomor": nik}
    return requests.post(address, data=form, timeout=20, allow_redirects=False).status_code


def test_budgets_go_on_where_the_killed_worker_left_them(tmp_path: Path) -> None:
    with LiveSite(tmp_path / "log", 1000, GUARD_OFF="0") as site:
        told = []
        for place in range(8):
            told.append(look_up(site, place))
            if place:
                kill_worker(site)
    # What a network asked first is written down with its second number.
    assert [status in ANSWERED for status in told] == [True] * FREE + [False] * 5, told


def test_the_file_is_this_users_alone_and_leaves_with_the_site(tmp_path: Path) -> None:
    with LiveSite(tmp_path / "log", 1000, GUARD_OFF="0") as site:
        (file,) = files_of(site)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.stat().st_size < 6 << 20
        for place in range(4):
            look_up(site, place)
        numbers = [site.core.directory.population.member(place).nik for place in range(4)]
        text = file.read_bytes()
        assert [each for each in numbers if each.encode() in text] == []
        assert b"127.0.0.1" not in text
        kill_worker(site)
        assert files_of(site) == [file]
    assert not file.exists()


def test_a_file_that_the_operator_names_outlives_a_restart(tmp_path: Path) -> None:
    named = tmp_path / "guard"
    named.touch(mode=0o600)
    with LiveSite(tmp_path / "log", 1000, GUARD_OFF="0", GUARD_FILE=str(named)) as site:
        assert files_of(site) == []
        told = [look_up(site, place) for place in range(FREE)]
        site.stop()
        site.start()
        told.append(look_up(site, FREE))
        assert files_of(site) == []
    assert [status in ANSWERED for status in told] == [True] * FREE + [False]
    assert named.exists()


@pytest.mark.redis
def test_with_redis_there_is_no_such_file(tmp_path: Path) -> None:
    with running_redis() as redis:
        assert isinstance(redis, RedisServer)
        with LiveSite(tmp_path / "log", GUARD_OFF="0", REDIS_URL=redis.url) as site:
            assert files_of(site) == []


def test_a_file_that_cannot_be_one_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    named = tmp_path / "guard"
    named.write_text("something else")
    named.chmod(0o600)
    site = LiveSite(tmp_path / "log", GUARD_OFF="0", GUARD_FILE=str(named))
    with pytest.raises(RuntimeError, match="GUARD_FILE holds something else"), site:
        pass
    assert named.read_text() == "something else"
