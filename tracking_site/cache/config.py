"""Every constant of the cache, with its default and the reason for it."""

from dataclasses import dataclass, field

from ..breaker import BreakerConfig
from ..claims_api.config import ClientConfig
from ..settings import Settings


@dataclass(frozen=True)
class LifetimeConfig:
    fresh_seconds: float = 60.0
    """An answer with a claim that still moves: stages last days, people reload in minutes."""

    final_seconds: float = 3600.0
    """An answer whose claims have all ended; nothing is expected to change."""

    empty_seconds: float = 30.0
    """Nothing to show: someone who has just handed in a claim comes back soon."""

    shortest_seconds: float = 5.0
    """Least time that is kept whatever max-age the core sends, so that it cannot be hammered."""

    longest_seconds: float = 21600.0
    """Longest time that a max-age of the core is believed."""

    jitter: float = 0.1
    """Share by which a time is drawn shorter, never longer, against expiry in step."""

    keep_seconds: float = 86400.0
    """How long the last good copy of a number with claims stands in while the core fails."""

    keep_empty_seconds: float = 600.0
    """The same for nothing to show, which ages badly."""


@dataclass(frozen=True)
class CacheConfig:
    revalidate_seconds: float = 600.0
    """How long past its time an answer is given at once while a new one is fetched."""

    patience_seconds: float = 1.0
    """How long a person with an older copy waits for a new one before getting the copy."""

    wait_seconds: float = 8.0
    """How long a person without any copy waits: held for a moment, and the client's own budget."""

    failed_seconds: float = 1.0
    """How long a number for which the core failed is not asked again."""

    poll_seconds: float = 0.05
    """Middle of the pause between looks at what another process is fetching."""

    joined: int = 64
    """The most visitors of one process who wait for answers that others asked for: each has a
    thread, of those that may be held. Further ones come back, or are given the older copy."""

    refresh_workers: int = 2
    """Refreshes at once in a process; they never take all the places of the core."""

    refresh_waiting: int = 64
    """Refreshes that may wait for a worker; further ones wait for the next visitor."""


@dataclass(frozen=True)
class MemoryConfig:
    most_entries: int = 50_000
    """Numbers kept in the memory of one process."""

    most_bytes: int = 64 << 20
    """Bytes of them, estimated; the one used longest ago leaves first."""


@dataclass(frozen=True)
class RedisConfig:
    near_seconds: float = 2.0
    """How long a process trusts its own copy before it asks Redis again; so long, at most, can
    another node go on showing a number that was purged."""

    lock_seconds: float = 1.5
    """After so long without a sign of life the lead of a number passes to the next. Who
    is held for room gives signs too."""

    prefix: str = "claims:1:"
    """Begins every key; its number changes with the form of what is kept."""


@dataclass(frozen=True)
class ClaimsConfig:
    client: ClientConfig
    cache: CacheConfig = field(default_factory=CacheConfig)
    lifetimes: LifetimeConfig = field(default_factory=LifetimeConfig)
    memory: MemoryConfig = field(default_factory=MemoryConfig)
    breaker: BreakerConfig = field(default_factory=BreakerConfig)
    redis: RedisConfig = field(default_factory=RedisConfig)

    @classmethod
    def of(cls, settings: Settings) -> "ClaimsConfig":
        client = ClientConfig.of(settings)
        return cls(
            client,
            cache=CacheConfig(
                wait_seconds=client.hold_seconds + client.total_seconds,
                joined=settings.web_threads // 4,
            ),
            lifetimes=LifetimeConfig(fresh_seconds=settings.cache_fresh_seconds),
            memory=MemoryConfig(most_bytes=settings.cache_megabytes << 20),
        )
