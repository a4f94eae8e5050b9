"""Redis changes its master behind one address: everything is well within seconds of the promotion.

Two real servers, a way that leads new connections to the new master, and the site with two
processes, under traffic all the while.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest
import requests

from harness.servers import RedisServer
from harness.way import Way
from tests.claims_api.fakes import eventually
from tests.live import LiveSite
from tests.services import running_redis
from tracking_site.guard.redis_ledger import VERSION

pytestmark = pytest.mark.redis

WELL_SECONDS = 5.0
SLACK = 5.0
"""Seconds that a busy machine may add: a stall of a quarter of one looks like an outage."""
PROCESSES = 2
TIMES = 4
"""How often something is asked, so that it meets both processes and several connections."""

ENDED, OPEN, AWAY = 410, 200, 503
DESIGNED = {303, 404, 403, 429}
"""Found or not; and challenged or refused, by a private ledger too: small are its budgets."""


class Servers:
    """A master with its replica, and the address that leads to whoever is master."""

    def __init__(self, old: RedisServer, new: RedisServer, way: Way) -> None:
        self.old, self.new, self.way = old, new, way
        self.url = f"redis://127.0.0.1:{way.port}/0"
        new.client().replicaof("127.0.0.1", old.port)
        eventually(lambda: new.client().info("replication")["master_link_status"] == "up")

    def promote(self) -> None:
        """Make the replica the master, and let new connections lead there."""
        behind = self.old.client().info("replication")["master_repl_offset"]
        eventually(lambda: self.new.client().info("replication")["master_repl_offset"] >= behind)
        self.new.client().replicaof("no", "one")
        self.way.lead_to(self.new.port)

    def demote(self) -> None:
        self.old.client().replicaof("127.0.0.1", self.new.port)


class Visitors:
    """People with new addresses who look numbers up, and readers of an address that was ended."""

    def __init__(self, site: LiveSite, ended: str) -> None:
        self.statuses: Counter[int] = Counter()
        self.of_ended: Counter[int] = Counter()
        self._site, self._ended = site, ended
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._come, args=(n,)) for n in range(4)]

    def _come(self, seed: int) -> None:
        draw = random.Random(seed)
        population = self._site.core.directory.population
        while not self._over.wait(0.05):
            number = population.member(draw.randrange(len(population))).nik
            self.statuses[look_up(self._site, number, draw).status_code] += 1
            self.of_ended[read(self._site, self._ended, draw)] += 1

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def from_anywhere(draw: random.Random) -> dict[str, str]:
    return {"X-Forwarded-For": ".".join(str(draw.randrange(1, 224)) for _ in range(4))}


def look_up(site: LiveSite, number: str, draw: random.Random) -> requests.Response:
    return requests.post(
        f"{site.url}/lacak",
        data={"nomor": number},
        headers=from_anywhere(draw),
        allow_redirects=False,
        timeout=20,
    )


def read(site: LiveSite, address: str, draw: random.Random) -> int:
    return requests.get(site.url + address, headers=from_anywhere(draw), timeout=20).status_code


def made(site: LiveSite, draw: random.Random) -> str:
    """Return a new private address; empty where the site cannot make one at the moment.

    Of another person each time: a number makes a few a day.
    """
    people = [one for one in site.core.samples if not one.situation.startswith("nothing_to_show")]
    ticket = look_up(site, draw.choice(people).nik, draw).headers.get("Location", "")
    told = requests.post(
        f"{site.url}{ticket}/pantau",
        headers=from_anywhere(draw),
        allow_redirects=False,
        timeout=20,
    )
    return told.headers.get("Location", "").partition("#")[0]


def end(site: LiveSite, address: str, draw: random.Random) -> int:
    told = requests.post(
        f"{site.url}{address}/lupakan",
        headers=from_anywhere(draw),
        allow_redirects=False,
        timeout=20,
    )
    return told.status_code


def wellness(site: LiveSite, ended: str, followed: str, draw: random.Random) -> Callable[[], bool]:
    """Return what asks whether a site is ready and private addresses are as they were left.

    `ended` stays ended, `followed` opens, and a new one can be made and ended, at every process.
    """

    def all_are(address: str, status: int) -> bool:
        return all(read(site, address, draw) == status for _ in range(TIMES))

    def is_well() -> bool:
        fresh = made(site, draw)
        return (
            requests.get(f"{site.url}/-/readyz", timeout=20).status_code == 200
            and all_are(ended, ENDED)
            and all_are(followed, OPEN)
            and fresh != ""
            and end(site, fresh, draw) == 303
            and all_are(fresh, ENDED)
        )

    return is_well


def asking(server: RedisServer) -> list[str]:
    """Return who is connected to a server, without replicas and without the one that looks."""
    with server.client() as client:
        own = str(client.client_id())
        found = client.client_list(_type="normal")
        return [each["addr"] for each in found if each["id"] != own]


@pytest.fixture
def draw() -> random.Random:
    return random.Random(1)


@pytest.fixture
def servers() -> Iterator[Servers]:
    with ExitStack() as running:
        old = running.enter_context(running_redis())
        new = running.enter_context(running_redis())
        yield Servers(old, new, running.enter_context(Way(old.port)))


def site_over(redis_url: str, folder: Path) -> LiveSite:
    """Return a site of several processes over a Redis that may fail over."""
    settings = {
        "REDIS_URL": redis_url,
        "GUARD_OFF": "0",
        "TRUSTED_PROXIES": "1",
        "WEB_CONCURRENCY": str(PROCESSES),
        "WATCH_REQUESTS_PER_MINUTE": "100000",
    }
    return LiveSite(folder / "site.log", 2000, **settings)


@pytest.fixture
def site(servers: Servers, tmp_path: Path) -> Iterator[LiveSite]:
    with site_over(servers.url, tmp_path) as site:
        yield site


def demoted(servers: Servers) -> None:
    servers.promote()
    servers.demote()


def silent(servers: Servers) -> None:
    servers.promote()
    servers.way.swallow()


def forgotten(servers: Servers) -> None:
    servers.promote()
    servers.way.forget()


def killed(servers: Servers) -> None:
    servers.promote()
    servers.old.kill()


@pytest.mark.parametrize("fails_over", [demoted, silent, forgotten, killed])
def test_everything_is_well_within_five_seconds_of_the_promotion(
    servers: Servers, site: LiveSite, draw: random.Random, fails_over: Callable[[Servers], None]
) -> None:
    ended, followed = made(site, draw), made(site, draw)
    assert [end(site, ended, draw), read(site, ended, draw)] == [303, ENDED]
    assert read(site, followed, draw) == OPEN

    is_well = wellness(site, ended, followed, draw)
    with Visitors(site, ended) as visitors:
        eventually(lambda: visitors.statuses.total() > 100)
        eventually(is_well)
        fails_over(servers)
        eventually(is_well, WELL_SECONDS + SLACK)
        if fails_over is demoted:
            eventually(lambda: not asking(servers.old))
        before = visitors.statuses.total()
        eventually(lambda: visitors.statuses.total() > before + 100)
    assert set(visitors.statuses) <= DESIGNED, visitors.statuses
    assert visitors.statuses[303] > visitors.statuses.total() / 2, visitors.statuses
    assert set(visitors.of_ended) <= {ENDED, AWAY}, visitors.of_ended
    with servers.new.client() as client:
        kept = {key.split(b":")[0] for key in client.scan_iter(count=1000)}
    assert {b"claims", VERSION.rstrip(b":"), b"gone", b"limit1"} <= kept
