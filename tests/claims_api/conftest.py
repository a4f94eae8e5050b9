"""A cache over a told core, on either store; and a sandbox whose faults are taken back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
import requests

from harness.servers import RedisServer
from sandbox import Sandbox
from tests.claims_api.fakes import Clock, Events, FakeCore
from tests.services import running_redis
from tracking_site.cache.answers import CachedClaims
from tracking_site.cache.config import CacheConfig, LifetimeConfig, MemoryConfig, RedisConfig
from tracking_site.cache.copies import EntrySealer
from tracking_site.cache.redis_store import RedisStore
from tracking_site.cache.stores import Keyring, MemoryStore, Store
from tracking_site.cache.tiered import TieredStore
from tracking_site.domain.identifiers import Identifier, parse_identifier
from tracking_site.redis.client import BriefRedis, Patience, brief_redis

SECRETS = (b"first-secret-of-the-tests-alone!",)
PATIENT = Patience(5.0, 5.0)
"""Redis in tests that are not about its slowness: a busy machine must not look like one."""


def no_chance() -> float:
    """Stand for chance where none is wanted: no jitter, short pauses."""
    return 0.0


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


@dataclass
class Node:
    """One process of the site: a cache with all that belongs to it."""

    cache: CachedClaims
    store: Store
    near: MemoryStore
    core: FakeCore
    events: Events
    redis: BriefRedis | None = None


@dataclass
class Cluster:
    """Makes nodes that share a clock, a core and, with Redis, a store."""

    redis_url: str | None
    prefix: str = field(default_factory=lambda: f"t{uuid4().hex}:")
    clock: Clock = field(default_factory=Clock)
    monotonic: Clock = field(default_factory=Clock)
    core: FakeCore = field(default_factory=FakeCore)
    nodes: list[Node] = field(default_factory=list)

    def pass_(self, seconds: float) -> None:
        self.clock.pass_(seconds)
        self.monotonic.pass_(seconds)

    def node(
        self,
        secrets: tuple[bytes, ...] = SECRETS,
        random: Callable[[], float] = no_chance,
        cache: CacheConfig | None = None,
        lifetimes: LifetimeConfig | None = None,
        memory: MemoryConfig | None = None,
        patience: Patience = PATIENT,
        **of_redis: Any,
    ) -> Node:
        events = Events()
        keyring = Keyring(secrets)
        near = MemoryStore(memory or MemoryConfig(), self.clock, events)
        lifetimes = lifetimes or LifetimeConfig()
        store: Store = near
        redis = None
        if self.redis_url is not None:
            config = RedisConfig(**({"prefix": self.prefix} | of_redis))
            redis = brief_redis(self.redis_url, patience, random=random, observe=events)
            far = RedisStore(redis, EntrySealer(secrets, events), config, lifetimes, self.clock)
            store = TieredStore(near, far, config, self.monotonic)
        cached = CachedClaims(
            self.core,
            store,
            keyring,
            cache or CacheConfig(),
            lifetimes,
            clock=self.clock,
            random=random,
            observe=events,
        )
        node = Node(cached, store, near, self.core, events, redis)
        self.nodes.append(node)
        return node

    def close(self) -> None:
        self.core.gate.set()
        for node in self.nodes:
            node.cache.close()
            if node.redis is not None:
                node.redis.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    url = request.getfixturevalue("redis_server").url if request.param == "redis" else None
    made = Cluster(url)
    yield made
    made.close()


@pytest.fixture
def redis_cluster(redis_server: RedisServer) -> Iterator[Cluster]:
    made = Cluster(redis_server.url)
    yield made
    made.close()


@dataclass
class Core:
    """A sandbox with what tests ask of it."""

    sandbox: Sandbox

    @property
    def url(self) -> str:
        return self.sandbox.url

    @property
    def someone(self) -> Identifier:
        found = parse_identifier(self.sandbox.samples[0].nik)
        assert not hasattr(found, "reason")
        return found  # type: ignore[return-value]

    def fails(self, mode: str, **options: Any) -> None:
        requests.post(
            f"{self.url}/sandbox/faults", json={"mode": mode} | options, timeout=5
        ).raise_for_status()

    def counts_anew(self) -> None:
        requests.post(f"{self.url}/sandbox/stats/reset", timeout=5).raise_for_status()

    def stats(self) -> dict[str, int]:
        found: dict[str, int] = requests.get(f"{self.url}/sandbox/stats", timeout=5).json()
        return found


@pytest.fixture(scope="session")
def _core() -> Iterator[Core]:
    with Sandbox() as sandbox:
        yield Core(sandbox)


@pytest.fixture
def core(_core: Core) -> Iterator[Core]:
    _core.fails("none")
    yield _core
    _core.fails("none")
