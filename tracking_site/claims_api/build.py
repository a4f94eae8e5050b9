"""The whole of this room put together, for the composition root."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import random as draw
from time import monotonic, time

from .breaker import Breaker
from .cache import CachedClaims
from .client import ClaimsClient
from .config import BreakerConfig, CacheConfig, ClientConfig, LifetimeConfig, MemoryConfig
from .events import Observe, unobserved
from .keyring import Keyring
from .shield import Shielded
from .stores import MemoryStore, Store


@dataclass(frozen=True)
class ClaimsConfig:
    client: ClientConfig
    cache: CacheConfig = field(default_factory=CacheConfig)
    lifetimes: LifetimeConfig = field(default_factory=LifetimeConfig)
    memory: MemoryConfig = field(default_factory=MemoryConfig)
    breaker: BreakerConfig = field(default_factory=BreakerConfig)


@dataclass(frozen=True)
class Claims:
    """`source` answers lookups and forgets; `client` is for durations and readiness."""

    source: CachedClaims
    client: ClaimsClient
    store: Store

    def close(self) -> None:
        self.source.close()
        self.client.close()


def build_claims(
    config: ClaimsConfig,
    *,
    secrets: Sequence[bytes],
    redis_url: str | None = None,
    clock: Callable[[], float] = time,
    random: Callable[[], float] = draw,
    observe: Observe = unobserved,
    request_id: Callable[[], str | None] = lambda: None,
) -> Claims:
    """Build the cached client; with `redis_url` shared by all processes and nodes.

    `secrets`: the first names and seals what is kept, all of them read. `clock` gives epoch
    seconds, `random` numbers in [0, 1), `request_id` the id of the page request being served.
    No socket is opened and no thread started before the first lookup.
    """
    keyring = Keyring(secrets)
    store = MemoryStore(config.memory, clock)
    client = ClaimsClient(config.client, observe=observe, request_id=request_id)
    breaker = Breaker(
        config.breaker, monotonic, random, lambda state: observe("breaker", state=state)
    )
    source = CachedClaims(
        Shielded(client, breaker),
        store,
        keyring,
        config.cache,
        config.lifetimes,
        clock=clock,
        random=random,
        observe=observe,
    )
    return Claims(source, client, store)
