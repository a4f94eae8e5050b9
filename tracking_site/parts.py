"""The parts of the site that its settings decide, each made from them alone.

Raises SettingsError where a file that they name is wrong.
"""

import hmac
import random
import secrets
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask_limiter import Limiter
from limits.strategies import RateLimiter

from .claims_api.build import Claims, ClaimsConfig, build_claims
from .claims_api.config import (
    HEALTH_PATH,
    CacheConfig,
    ClientConfig,
    GatewayConfig,
    LifetimeConfig,
    MemoryConfig,
    RedisConfig,
)
from .claims_api.contract import ContractCore, Core
from .claims_api.events import Observe, unobserved
from .claims_api.exchange import Exchange
from .claims_api.gate import Gate
from .claims_api.own_source import own_core_of
from .domain.identifiers import Identifier
from .following.forgotten import Forgotten, MemoryForgotten, RedisForgotten
from .following.keys import Addresses, Following
from .following.sightings import MemorySightings, RedisSightings, Sightings, rows_by
from .guard.floods import Floods
from .guard.guard import Guard
from .guard.kept import Kept
from .guard.keys import Days
from .guard.ledger import Ledger
from .guard.limits import Rates, RequestLimit
from .guard.line import PLACE_BYTES, Line
from .guard.memory_ledger import MemoryLedger, kept_in
from .guard.networks import Carriers, parse_network
from .guard.policy import Policy
from .guard.redis_ledger import SECRETS, RedisLedger
from .guard.resilient import ResilientLedger
from .observing.metrics import Metrics
from .records import current_id
from .redis.client import RedisClients, RedisDown
from .redis.day_secrets import DaySecrets, SharedSecrets
from .sealing import Purpose, Sealer, derive
from .settings import Settings, SettingsError
from .telling.languages import LANGUAGES
from .web.embed.partners import Partners
from .web.identity import Identity

_NO_NETWORK = parse_network("192.0.2.1")
"""Of documentation (RFC 5737): no visitor has it."""

DAY = 86_400
CARRIERS = Path(__file__).parent / "data" / "carriers.txt"


def notices_of(settings: Settings) -> dict[str, str | None]:
    """Return the banner of each language."""
    in_source = dict.fromkeys(LANGUAGES, settings.site_notice)
    return in_source | {"en": settings.site_notice_en or settings.site_notice}


def identity_of(settings: Settings) -> Identity:
    """Read whose site this is."""
    try:
        return Identity.read(settings.site_file)
    except ValueError as error:
        raise SettingsError([f"{error}."]) from None


def partners_of(settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> Partners:
    """Read the sites that may embed; they are read again when their file changes."""
    try:
        return Partners(settings.partners_file, monotonic)
    except ValueError as error:
        raise SettingsError([f"PARTNERS_FILE: {error}."]) from None


def redis_of(settings: Settings, metrics: Metrics | None = None) -> RedisClients | None:
    """Build the ways to Redis; None where the settings name none."""
    return _ways_to("REDIS_URL", settings.redis_url, metrics)


def guard_redis_of(
    settings: Settings, redis: RedisClients | None = None, metrics: Metrics | None = None
) -> RedisClients | None:
    """Build the ways to the guard's own Redis; `redis`, where the settings name none."""
    return _ways_to("GUARD_REDIS_URL", settings.guard_redis_url, metrics) or redis


def _ways_to(name: str, url: str | None, metrics: Metrics | None) -> RedisClients | None:
    if url is None:
        return None
    try:
        return RedisClients.of(url, (metrics or Metrics()).claims_event)
    except ValueError as error:
        raise SettingsError([f"{name} must {error}."]) from None


def claims_of(
    settings: Settings,
    redis: RedisClients | None,
    metrics: Metrics,
    clock: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
) -> Claims:
    """Build our side of the core: the client, and the cache over it."""
    config = ClaimsConfig(
        client=_client_config(settings),
        cache=CacheConfig(wait_seconds=ClientConfig.hold_seconds + settings.core_total_seconds),
        lifetimes=LifetimeConfig(fresh_seconds=settings.cache_fresh_seconds),
        memory=MemoryConfig(most_bytes=settings.cache_megabytes << 20),
        redis=RedisConfig(writes_former=settings.sealed_form == 1),
    )
    return build_claims(
        config,
        secrets=settings.secret_keys,
        redis=redis and redis.quick,
        clock=clock,
        monotonic=monotonic,
        observe=metrics.claims_event,
        watch=metrics,
        request_id=current_id,
        core=core_of(settings, metrics.claims_event),
    )


def core_of(settings: Settings, observe: Observe = unobserved) -> Core:
    """Build what is asked for claims: the contract over HTTP, or the institution's own adapter."""
    config = _client_config(settings)
    try:
        if settings.claims_source is None:
            return ContractCore(Exchange(config, observe=observe), config.gateway.health)
        return own_core_of(settings.claims_source, config, observe)
    except ValueError as error:
        named = "" if str(error).startswith("C") else "CLAIMS_SOURCE must "
        raise SettingsError([f"{named}{error}."]) from None


def _client_config(settings: Settings) -> ClientConfig:
    return ClientConfig(
        url=settings.claims_api_url or "",
        token=settings.claims_api_token,
        gateway=GatewayConfig(
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
        ),
        connect_seconds=settings.core_connect_seconds,
        total_seconds=settings.core_total_seconds,
        idle_seconds=settings.core_idle_seconds,
        in_flight=min(settings.core_connections, max(settings.web_threads // 2, 1)),
        held=settings.web_threads * 3 // 8,
    )


def carriers_of(settings: Settings) -> Carriers:
    """Read the carriers' prefixes; raises SettingsError that names the wrong lines."""
    path = settings.carriers_file or CARRIERS
    try:
        # Strange bytes may stand in a comment; elsewhere they make their line a wrong one.
        return Carriers.parse(path.read_text(encoding="utf-8-sig", errors="replace"))
    except OSError as error:
        raise SettingsError([f"CARRIERS_FILE: {error.strerror}."]) from None
    except ValueError as error:
        raise SettingsError([f"CARRIERS_FILE: {error}."]) from None


def guard_of(
    settings: Settings,
    carriers: Carriers,
    redis: RedisClients | None,
    metrics: Metrics | None = None,
    clock: Callable[[], float] = time.time,
    policy: Policy | None = None,
) -> Guard | None:
    """Build the guard that these settings ask for; None when they switch it off.

    With Redis its ledger is shared by all processes and nodes, and one of its own stands in.
    """
    if settings.guard_off:
        return None
    metrics, policy = metrics or Metrics(), policy or Policy()
    kept = kept_of(settings)
    ledger: Ledger = MemoryLedger(policy, kept=kept)
    secrets = DaySecrets(kept.secret) if kept else DaySecrets()
    if redis is not None:
        secrets = DaySecrets(SharedSecrets(redis.patient, SECRETS).read)
        ledger = ResilientLedger(
            RedisLedger(redis.patient, policy),
            MemoryLedger(policy.degraded(settings.web_concurrency)),
            metrics.guard_store_failed,
        )
    return Guard(
        ledger,
        settings.secret_keys,
        carriers,
        clock,
        policy=policy,
        days=Days(settings.secret_keys[0], secrets=secrets if settings.sealed_form > 1 else None),
        pow_scale=settings.pow_scale,
        on_decision=metrics.guard_decided,
    )


def alarm_of(guard: Guard | None) -> int | None:
    """Return the level of the guard's alarm; None where there is no guard, or no store to ask."""
    if guard is None:
        return None
    try:
        # What is known of the whole site comes with what is known of any network.
        return guard.explain(_NO_NETWORK).seen.circuit.alarm
    except RedisDown:
        return None


def kept_of(settings: Settings) -> Kept | None:
    """Map the file in which rows outlive a worker; None where they stand in Redis, or nowhere."""
    if settings.redis_url is not None or settings.guard_file is None:
        return None
    try:
        return kept_in(settings.guard_file, settings.secret_keys[0])
    except ValueError as error:
        raise SettingsError([f"GUARD_FILE {error}."]) from None


def line_of(
    settings: Settings,
    carriers: Carriers,
    gate: Gate,
    is_at_hand: Callable[[Identifier], bool],
    clock: Callable[[], float] = time.time,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> Line:
    """Build the line before the core; a place is good as long as a ticket."""
    lifetime = settings.ticket_minutes * 60
    # A place in the line is renewed by nobody, and needs no family.
    sealer = Sealer(
        settings.secret_keys, Purpose.PLACE, lifetime, clock, random_bytes, PLACE_BYTES, form=1
    )
    key = derive(settings.secret_keys[0], "places")
    return Line(gate, sealer, key, carriers, is_at_hand, random.random, clock)


def strategy_of(redis: RedisClients | None, clock: Callable[[], float] = time.time) -> RateLimiter:
    """Build what counts requests, in Redis or in this process."""
    options: dict[str, Any] = {"clock": clock}
    if redis is not None:
        options = {"client": redis.patient, "key_prefix": "limit1"}
    limiter = Limiter(
        lambda: "unused: only the strategy is asked",
        # An application of its own: the hooks cost every request more than the counting.
        app=Flask("request_limit"),
        storage_uri="shared://" if redis else "counters://",
        storage_options=options,
        strategy="fixed-window",
    )
    return limiter.limiter


def request_limit_of(
    settings: Settings,
    carriers: Carriers,
    strategy: RateLimiter,
    clock: Callable[[], float] = time.time,
) -> RequestLimit:
    """Build the limit against floods."""
    key = derive(settings.secret_keys[0], "request limit")
    return RequestLimit(
        strategy,
        Rates(
            settings.requests_per_minute,
            settings.carrier_requests_per_minute,
            settings.watch_requests_per_minute,
        ),
        carriers,
        lru_cache(8192)(lambda network: hmac.digest(key, network.first, "sha256")[:12].hex()),
        settings.web_concurrency,
        clock,
    )


def floods_of(settings: Settings, carriers: Carriers) -> Floods:
    """Build what sheds floods; what one network may send grows with REQUESTS_PER_MINUTE."""
    scale = max(settings.requests_per_minute / Rates().per_network, 1.0)
    return Floods(carriers, time.monotonic, scale)


def following_of(
    settings: Settings,
    redis: RedisClients | None,
    clock: Callable[[], float] = time.time,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> Following:
    """Build tickets and private addresses, over Redis where there is one, else in memory."""
    lasting = settings.watch_days * DAY
    forgotten: Forgotten = MemoryForgotten(clock)
    sightings: Sightings = MemorySightings()
    if redis is not None:
        forgotten = RedisForgotten(redis.patient)
        sightings = RedisSightings(redis.patient, lasting)

    def sealer(purpose: Purpose, seconds: int) -> Sealer:
        return Sealer(
            settings.secret_keys, purpose, seconds, clock, random_bytes, form=settings.sealed_form
        )

    return Following(
        # A ticket ends within minutes anyway, and lookups go on while the store is away.
        Addresses(
            sealer(Purpose.TICKET, settings.ticket_minutes * 60),
            forgotten,
            is_strict=False,
            ends_families=True,
        ),
        Addresses(sealer(Purpose.WATCH, lasting), forgotten, settings.revoked_keys, is_strict=True),
        sightings,
        rows_by(settings.secret_keys),
    )
