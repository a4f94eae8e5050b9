"""The user that docs/operations.md documents: it may do what the site does, and nothing else."""

import random
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import requests

from harness.servers import RedisServer
from tests.conftest import ROOT
from tests.deploy.test_failover import end, made, read
from tests.deploy.test_first_node import commands_with
from tests.live import LiveSite
from tests.services import running_redis
from tracking_site.operate import problems_of, run
from tracking_site.redis import client
from tracking_site.settings import Settings

pytestmark = [pytest.mark.redis, pytest.mark.servers]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PASSWORD = "one-word-of-the-tests"
OF_A_CONNECTION = {"auth", "select"}
"""What redis-py says by itself when it connects."""


def documented() -> list[str]:
    """Return the rules of the documented user, without its password."""
    found = re.search(r"ACL SETUSER site on '>[^']+' (.+)", TEXT.replace("\\\n", " "))
    assert found is not None
    return found[1].replace("'", "").split()


def documented_of_the_guard() -> list[str]:
    """Return the rules of the user in the guard's own server, with the keys named for it."""
    sentence = re.search(r"the keys ((?:`~[^`]+`[, and]*)+) are enough", TEXT)
    assert sentence is not None
    keys = set(re.findall(r"`([^`]+)`", sentence[1]))
    assert keys < set(documented())
    return [rule for rule in documented() if not rule.startswith("~") or rule in keys]


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with running_redis() as running:
        with running.client() as operator:
            operator.execute_command("ACL", "SETUSER", "site", "on", f">{PASSWORD}", *documented())
            operator.execute_command("CONFIG", "RESETSTAT")
        yield running


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    # A busy machine makes a healthy Redis late, and nothing here is about a late one.
    for name in ("PATIENT", "QUICK"):
        monkeypatch.setattr(client, name, client.Patience(10, 10))


def url_of(server: RedisServer) -> str:
    return f"redis://site:{PASSWORD}@127.0.0.1:{server.port}/0"


def refused(server: RedisServer) -> list[str]:
    with server.client() as operator:
        return [str(each["object"]) for each in operator.acl_log()]


def used(server: RedisServer) -> set[str]:
    """Return the commands that ran, those within scripts included, of all users."""
    with server.client() as operator:
        return {name.removeprefix("cmdstat_") for name in operator.info("commandstats")}


def a_day(site: LiveSite, settings: Settings) -> None:
    """Do what visitors, followers, partners, the core and the operator do."""
    draw = random.Random(1)
    followed = made(site, draw)
    for suffix in ("", ".atom", ".ics", ".json"):
        assert read(site, followed + suffix, draw) == 200
    assert end(site, followed, draw) == 303
    assert read(site, followed, draw) == 410
    population = site.core.directory.population
    for place in range(12):
        number = population.member(place).nik
        requests.post(f"{site.url}/lacak", data={"nomor": number}, timeout=10)
        requests.post(f"{site.url}/sematan/lacak", data={"nomor": number}, timeout=10)
    purge = {"Authorization": "Bearer purge-token"}
    for what in ({"all": True}, {"identifier": {"type": "nik", "value": site.core.samples[0].nik}}):
        told = requests.post(f"{site.url}/-/purge", json=what, headers=purge, timeout=10)
        assert told.status_code == 204
    assert requests.get(f"{site.url}/-/readyz", timeout=10).json()["redis"] == "ok"
    for asked in ("status", "explain 203.0.113.7", "siege on", "siege off", "forgive 203.0.113.7"):
        assert list(run(settings, asked.split()))


@pytest.fixture
def site(server: RedisServer, tmp_path: Path) -> Iterator[LiveSite]:
    settings = {
        "REDIS_URL": url_of(server),
        "GUARD_OFF": "0",
        "TRUSTED_PROXIES": "1",
        "WEB_CONCURRENCY": "2",
        "PURGE_TOKEN": "purge-token",
    }
    with LiveSite(tmp_path / "site.log", 2000, redis_seconds=10, **settings) as site:
        yield site


def test_the_documented_user_may_do_all_that_the_site_does(
    server: RedisServer, site: LiveSite
) -> None:
    a_day(site, Settings.from_env(site.environ))
    assert refused(server) == []


def test_each_right_of_it_is_used(server: RedisServer, site: LiveSite) -> None:
    a_day(site, Settings.from_env(site.environ))
    allowed = {rule.removeprefix("+") for rule in documented() if rule.startswith("+")}
    assert not any(rule.startswith("+@") for rule in documented())
    assert allowed - OF_A_CONNECTION <= used(server)
    with server.client() as operator:
        keys = {key.decode("latin-1") for key in operator.scan_iter(count=1000)}
    patterns = [rule for rule in documented() if rule.startswith(("~", "%R~", "%RW~"))]
    for pattern in patterns:
        prefix = pattern.partition("~")[2].removesuffix("*")
        is_of_check = prefix == "check:"  # dropped as soon as it is read
        assert is_of_check or any(key.startswith(prefix) for key in keys), pattern


@pytest.mark.parametrize("command", ["FLUSHALL", "KEYS *", "CONFIG SET maxmemory 0", "GET other"])
def test_it_may_do_nothing_else(server: RedisServer, command: str) -> None:
    with (
        redis.Redis(port=server.port, username="site", password=PASSWORD) as ours,
        pytest.raises(redis.exceptions.NoPermissionError),
    ):
        ours.execute_command(*command.split())


def test_a_user_with_too_few_rights_is_named_by_check(server: RedisServer) -> None:
    with server.client() as operator:
        operator.execute_command("ACL", "SETUSER", "site", "-evalsha", "-eval")
    environ = {"SECRET_KEYS": "one-key-of-the-tests-of-rights-alone", "REDIS_URL": url_of(server)}
    told = problems_of(Settings.from_env(environ | {"CLAIMS_API_URL": "http://127.0.0.1:9"}))
    assert any("rights" in line for line in told), told


def test_a_redis_for_other_machines_wants_a_password_of_everybody(tmp_path: Path) -> None:
    block = commands_with("CONFIG SET bind", TEXT)
    before, _, after = block.replace("\\\n", " ").partition("|")
    assert after.strip() == "redis-cli"
    lines = shlex.split(before.replace("10.0.0.20", "127.0.0.2"))[2:]
    written = tmp_path / "redis.conf"
    written.write_text((ROOT / "deploy" / "redis.conf").read_text())
    with running_redis(written) as server:
        with server.client() as operator:
            for line in lines:
                assert operator.execute_command(*shlex.split(line)) in (True, b"OK")
            operator.execute_command("ACL", "SETUSER", "site", "on", f">{PASSWORD}", *documented())
        for host in ("127.0.0.1", "127.0.0.2"):
            with redis.Redis(host, server.port) as anybody, pytest.raises(redis.RedisError):
                anybody.ping()
            with redis.Redis(host, server.port, username="site", password=PASSWORD) as ours:
                assert ours.set("check:1", "1", px=1)
    assert "127.0.0.2" in written.read_text()
