"""All of it together before a real core: a long outage, live changes, what starting opens."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from harness.servers import RedisServer
from tests.claims_api.conftest import Core
from tests.claims_api.fakes import Clock, Events, eventually, number
from tracking_site.cache.claims import Claims, build_claims
from tracking_site.cache.config import ClaimsConfig, LifetimeConfig
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.domain.claims import Snapshot

ROOT = Path(__file__).parents[2]
SECRETS = [b"secret-of-the-tests-of-the-whole"]


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def claims(core: Core, clock: Clock, events: Events) -> Iterator[Claims]:
    config = ClaimsConfig(
        ClientConfig(core.url, total_seconds=0.4, late_seconds=0.1),
        lifetimes=LifetimeConfig(jitter=0),
    )
    made = build_claims(config, secrets=SECRETS, clock=clock, observe=events)
    yield made
    made.close()


def known(claims: Claims, core: Core) -> Snapshot:
    """Ask as often as a person would whom a busy machine kept waiting for longer than his time."""
    found: list[Snapshot] = []

    def is_answered() -> bool:
        with suppress(CoreError):
            found.append(claims.source.claims_of(core.someone))
        return bool(found)

    eventually(is_answered)
    return found[0]


@pytest.mark.parametrize("fault", ["slow", "down", "html"])
def test_through_a_long_outage_the_known_are_served_and_nobody_waits_long(
    core: Core, claims: Claims, clock: Clock, events: Events, fault: str
) -> None:
    good = known(claims, core)
    core.fails(fault, **({"latency_ms": 3000} if fault == "slow" else {}))
    for n in range(5):
        with pytest.raises(CoreError):
            claims.source.claims_of(number(n))
    assert events["breaker:open"] == 1
    for hour in range(1, 24):
        clock.pass_(3600)
        began = time.monotonic()
        kept = claims.source.claims_of(core.someone)
        assert (kept.claims, kept.as_of, kept.is_stale) == (good.claims, good.as_of, True)
        with pytest.raises(CoreError) as refused:
            claims.source.claims_of(number(100 + hour))
        assert time.monotonic() - began < 2
        assert refused.value.retry_after or refused.value.kind == Trouble.TIMEOUT


def test_a_core_that_is_back_is_used_again_by_itself(
    core: Core, claims: Claims, clock: Clock, events: Events
) -> None:
    core.fails("down")
    for n in range(6):
        with pytest.raises(CoreError):
            claims.source.claims_of(number(n))
    core.fails("none")

    def is_back() -> bool:
        clock.pass_(1.1)
        try:
            return bool(claims.source.claims_of(core.someone).claims)
        except CoreError:
            return False

    eventually(is_back)
    assert events["breaker:closed"] == 1


def test_a_change_in_the_core_shows_after_its_purge(core: Core, claims: Claims) -> None:
    before = known(claims, core)
    changed = "on_hold" if before.claims[0].state != "on_hold" else "rejected"
    reply = requests.post(
        f"{core.url}/sandbox/claims",
        json={"reference": before.claims[0].reference, "state": changed},
        timeout=5,
    )
    try:
        assert reply.ok, reply.text
        assert claims.source.claims_of(core.someone) == before
        assert claims.source.forget(core.someone)
        states = {each.reference: each.state for each in known(claims, core).claims}
        assert states[before.claims[0].reference] == changed
    finally:
        requests.post(f"{core.url}/sandbox/claims/reset", timeout=5)


_FORKED = """
import os, sys, threading
from tracking_site.cache.claims import build_claims
from tracking_site.cache.config import ClaimsConfig
from tracking_site.claims_api.config import ClientConfig
from tracking_site.records import do_nothing
from tracking_site.redis.client import RedisClients
from tests.claims_api.fakes import number
sockets = lambda: [each for each in os.listdir("/proc/self/fd")
                   if os.path.exists("/proc/self/fd/" + each)
                   and os.readlink("/proc/self/fd/" + each).startswith("socket:")]
before = len(sockets())
claims = build_claims(ClaimsConfig(ClientConfig(sys.argv[1])), secrets=[b"s" * 32],
                      redis=RedisClients.of(sys.argv[2], do_nothing) if sys.argv[2] else None)
assert threading.active_count() == 1, threading.enumerate()
assert len(sockets()) == before
children = []
for n in range(3):
    child = os.fork()
    if child == 0:
        claims.source.claims_of(number(n))
        claims.source.claims_of(number(n))
        os._exit(0)
    children.append(child)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
assert codes == [0, 0, 0], codes
"""


def forks_well(core: Core, redis_url: str) -> None:
    subprocess.run(
        [sys.executable, "-c", _FORKED, core.url, redis_url], cwd=ROOT, check=True, timeout=60
    )


def test_what_is_built_before_a_fork_works_after_it(core: Core) -> None:
    forks_well(core, "")


@pytest.mark.redis
def test_what_is_built_over_redis_before_a_fork_works_after_it(
    core: Core, redis_server: RedisServer
) -> None:
    forks_well(core, redis_server.url)
