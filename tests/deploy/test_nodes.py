"""Two nodes, one Redis, nginx in front: a node dies, and nobody loses an answer or gains one."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import NamedTuple

import pytest
import requests

from tests.deploy.proxy import NAME, Nginx
from tests.deploy.traffic import Traffic
from tests.live import LiveSite
from tests.services import running_redis

pytestmark = [pytest.mark.nginx, pytest.mark.redis]

FREE = 3
"""Numbers that a network may ask before work is asked (guard/policy.py)."""

CUT_OFF = "IncompleteRead"
"""What a visitor sees whose answer had begun: nginx passes a head on before it has the body."""

FOUND_AGAIN_SECONDS = 4.0
"""Longer than fail_timeout of deploy/nginx: then nginx asks a lost node again."""


class Pair(NamedTuple):
    first: LiveSite
    second: LiveSite
    nginx: Nginx

    def look_up(self, nik: str, source: str = "127.0.0.1") -> int:
        told = self.nginx.session(source).post(
            f"{self.nginx.url}/lacak", data={"nomor": nik}, allow_redirects=False, timeout=30
        )
        return told.status_code

    def numbers(self, begin: int, end: int) -> list[str]:
        """Return numbers of the population, other than those of the samples."""
        population = self.first.core.directory.population
        return [population.member(place).nik for place in range(begin, end)]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("nodes")
    with ExitStack() as running:
        redis = running.enter_context(running_redis())
        settings = {
            "REDIS_URL": redis.url,
            "TRUSTED_PROXIES": "1",
            "SITE_URL": f"https://{NAME}",
            "GUARD_OFF": "0",
            "WEB_THREADS": "16",
            "CORE_CONNECTIONS": "16",
        }
        first = running.enter_context(
            LiveSite(folder / "first.log", 1000, redis_seconds=10, **settings)
        )
        settings["CLAIMS_API_URL"] = first.core.url
        second = running.enter_context(
            LiveSite(folder / "second.log", redis_seconds=10, **settings)
        )
        nginx = running.enter_context(Nginx(folder, [first.port, second.port], rate="9000r/s"))
        yield Pair(first, second, nginx)


def test_sixty_four_new_numbers_at_once_get_the_free_three_over_both_nodes(pair: Pair) -> None:
    with ThreadPoolExecutor(64) as visitors:
        told = Counter(visitors.map(pair.look_up, pair.numbers(0, 64)))
    assert told[303] == FREE, told
    assert told[403] == 64 - FREE, told
    for node in (pair.first, pair.second):
        assert "route=/lacak" in node.logged()


def test_a_result_found_on_one_node_is_read_on_the_other(pair: Pair) -> None:
    form = {"nomor": pair.first.sample("paid_today").nik}
    told = pair.nginx.session("127.0.3.1").post(
        f"{pair.nginx.url}/lacak", data=form, allow_redirects=False, timeout=20
    )
    for node in (pair.first, pair.second):
        page = requests.get(f"{node.url}{told.headers['Location']}", timeout=20)
        assert page.status_code == 200
        assert 'data-outcome="found"' in page.text


def test_a_node_that_dies_takes_no_request_with_it_but_an_answer_that_had_begun(pair: Pair) -> None:
    nik = pair.first.sample("paid_today").nik
    pages = Traffic(f"{pair.nginx.url}/", clients=4, session=pair.nginx.session)
    lookups = Traffic(
        f"{pair.nginx.url}/lacak", 4, nik=nik, session=lambda: pair.nginx.session("127.0.4.1")
    )
    with pages, lookups:
        for node in (pair.first, pair.second):
            wait_for_more(pages, lookups, at_ease=FOUND_AGAIN_SECONDS)
            node.kill()
            wait_for_more(pages, lookups)
            node.start()
        wait_for_more(pages, lookups)
    for traffic in (pages, lookups):
        assert [each for each in traffic.failed if CUT_OFF not in each] == []
        assert len(traffic.failed) <= 2 * traffic.clients


def wait_for_more(*traffic: Traffic, at_ease: float = 0.0, seconds: float = 1.0) -> None:
    """Wait at ease first, then so long, and until everybody asked a hundred times more."""
    with ExitStack() as easing:
        for each in traffic:
            easing.enter_context(each.at_ease())
        time.sleep(at_ease)
    enough = [each.answered + 100 for each in traffic]
    begun = time.monotonic()
    while time.monotonic() < begun + seconds or any(
        each.answered < most for each, most in zip(traffic, enough, strict=True)
    ):
        time.sleep(0.05)


def test_lookups_under_way_on_a_node_that_dies_are_answered_by_the_other(pair: Pair) -> None:
    slow = {"mode": "slow", "latency_ms": 1500}
    requests.post(f"{pair.first.core.url}/sandbox/faults", json=slow, timeout=5)
    numbers = pair.numbers(100, 108)
    told: list[int] = []

    def look_up(place: int) -> None:
        told.append(pair.look_up(numbers[place], f"127.1.{place}.1"))

    visitors = [threading.Thread(target=look_up, args=(place,)) for place in range(len(numbers))]
    try:
        for visitor in visitors:
            visitor.start()
        time.sleep(0.8)
        assert told == []
        pair.second.kill()
        for visitor in visitors:
            visitor.join()
    finally:
        requests.post(f"{pair.first.core.url}/sandbox/faults", json={"mode": "none"}, timeout=5)
        pair.second.start()
    assert set(told) == {303}, told


def test_a_dead_node_gives_no_budget_back(pair: Pair) -> None:
    source, numbers = "127.0.5.1", pair.numbers(200, 210)
    told = [pair.look_up(nik, source) for nik in numbers[:4]]
    pair.second.kill()
    try:
        told += [pair.look_up(nik, source) for nik in numbers[4:]]
    finally:
        pair.second.start()
    assert [status == 303 for status in told] == [True] * FREE + [False] * 7, told


def test_a_node_that_is_stopped_finishes_and_the_other_takes_over(pair: Pair) -> None:
    traffic = Traffic(f"{pair.nginx.url}/", clients=4, session=pair.nginx.session)
    with traffic:
        for node in (pair.first, pair.second):
            wait_for_more(traffic, at_ease=FOUND_AGAIN_SECONDS)
            node.stop()
            wait_for_more(traffic)
            node.start()
        wait_for_more(traffic)
    assert traffic.failed == []
