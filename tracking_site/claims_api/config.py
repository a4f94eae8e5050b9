"""Every constant of the cached client, with its default and the reason for it."""

from dataclasses import dataclass, field
from pathlib import Path

from ..breaker import BreakerConfig
from ..settings import Settings

HEALTH_PATH = "/v1/health"
HEALTH_BY_LOOKUPS = "lookups"


@dataclass(frozen=True)
class GatewayConfig:
    """How a core behind a gateway is reached (docs/core.md); files are read again when they change.

    Empty texts and None mean that there is none.
    """

    ca_file: Path | None = None
    """PEM certificates that the core's is checked against, instead of the public authorities."""

    client_certificate: Path | None = None
    client_key: Path | None = None
    headers_file: Path | None = None
    auth: str = ""
    """`bearer`, `oauth2`, `hmac`, `none`; empty: `bearer` where there is a token."""

    token_file: Path | None = None
    oauth_url: str | None = None
    oauth_id: str = ""
    oauth_secret_file: Path | None = None
    oauth_scope: str = ""
    hmac_id: str = ""
    hmac_secret_file: Path | None = None
    proxy: str | None = field(default=None, repr=False)
    """Address of an HTTP proxy for the way to the core; it may hold a password."""

    health: str = HEALTH_PATH
    """Path that is asked for readiness, or `lookups`: what lookups came to."""

    @classmethod
    def of(cls, settings: Settings) -> "GatewayConfig":
        return cls(
            ca_file=settings.core_ca_file,
            client_certificate=settings.core_client_cert_file,
            client_key=settings.core_client_key_file,
            headers_file=settings.core_headers_file,
            auth=settings.core_auth,
            token_file=settings.claims_api_token_file,
            oauth_url=settings.core_oauth_url,
            oauth_id=settings.core_oauth_id or "",
            oauth_secret_file=settings.core_oauth_secret_file,
            oauth_scope=settings.core_oauth_scope or "",
            hmac_id=settings.core_hmac_id or "",
            hmac_secret_file=settings.core_hmac_secret_file,
            proxy=settings.core_proxy,
            health=settings.core_health or HEALTH_PATH,
        )


@dataclass(frozen=True)
class ClientConfig:
    url: str
    """Base address of the core, without the /v1 of the contract."""

    token: str | None = field(default=None, repr=False)
    """Bearer token that the core gave to this site."""

    gateway: GatewayConfig = field(default_factory=GatewayConfig, repr=False)

    connect_seconds: float = 2.0
    """Time for one attempt to connect; there are at most two."""

    total_seconds: float = 5.0
    """Time after which a person is answered, whatever the core does."""

    late_seconds: float = 5.0
    """Time that an answer may come too late for the person and still fill the cache."""

    idle_seconds: float = 4.0
    """How long a connection may be idle and still be used. Less than the 5 s after which Node,
    Apache and uvicorn close one; most others keep it longer, and each end that is sent is seen."""

    acknowledged_seconds: float = 0.4
    """Time in which the core's machine has to acknowledge what it was sent on a connection that
    was used before; the kernel's first repetition, some 0.2 s, and the way come on top. Together
    less than the wait for a place, so that a dead connection loses nobody his."""

    silent_share: float = 0.8
    """Share of the time budget after which such a connection, acknowledged but silent, is given
    up for a fresh one: a core that takes 4 of 5 seconds is asked once, and one that answers
    within a second is still in time."""

    hold_seconds: float = 3.0
    """How long a request is held whose turn at the core is near: enough for order, short for a
    thread."""

    in_flight: int = 128
    """The most requests of one process at the core; below it the bound finds itself (bound.py)."""

    held: int = 96
    """The most requests of one process that are held: each has a thread."""

    largest_body: int = 1 << 20
    """Bytes of a body, before and after decompression; the contract's own bound."""

    retry_pause: float = 0.1
    """Longest pause before the second attempt to connect; the real one is drawn below it."""

    tick_seconds: float = 0.3
    """How often a waiting caller is given the chance to say that it still lives."""

    @classmethod
    def of(cls, settings: Settings) -> "ClientConfig":
        return cls(
            url=settings.claims_api_url or "",
            token=settings.claims_api_token,
            gateway=GatewayConfig.of(settings),
            connect_seconds=settings.core_connect_seconds,
            total_seconds=settings.core_total_seconds,
            idle_seconds=settings.core_idle_seconds,
            in_flight=min(settings.core_connections, max(settings.web_threads // 2, 1)),
            held=settings.web_threads * 3 // 8,
        )


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
    writes_former: bool = False
    """Whether names are written as former versions read them, by the keys alone (day_names.py)."""


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
            cache=CacheConfig(wait_seconds=client.hold_seconds + client.total_seconds),
            lifetimes=LifetimeConfig(fresh_seconds=settings.cache_fresh_seconds),
            memory=MemoryConfig(most_bytes=settings.cache_megabytes << 20),
            redis=RedisConfig(writes_former=settings.sealed_form == 1),
        )
