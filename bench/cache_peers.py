"""The contenders: our cache, and what people usually take, each as a function of a number."""

from functools import partial
from typing import Any

import requests

from bench.cache_stage import FRESH_SECONDS, Fetch
from tracking_site.cache.claims import Claims, build_claims
from tracking_site.cache.config import ClaimsConfig, LifetimeConfig
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.contract import decode_snapshot, encode_lookup
from tracking_site.domain.claims import Snapshot
from tracking_site.domain.identifiers import Identifier
from tracking_site.redis.client import Patience, RedisClients, brief_redis

SECRETS = [b"a secret of the benchmark alone!"]
PATIENT = Patience(5, 5)
"""A busy machine must not look like a broken Redis; the times that are measured stay the same."""


def ours(
    core_url: str,
    redis_url: str | None,
    fresh: float = FRESH_SECONDS,
    patience: Patience = PATIENT,
) -> Claims:
    config = ClaimsConfig(
        ClientConfig(core_url),
        lifetimes=LifetimeConfig(fresh_seconds=fresh, final_seconds=fresh, jitter=0),
    )
    redis = brief_redis(redis_url, patience) if redis_url else None
    clients = RedisClients(redis, redis) if redis else None
    return build_claims(config, secrets=SECRETS, redis=clients)


def ours_over_redis(core_url: str, redis_url: str) -> Fetch:
    return ours(core_url, redis_url).source.claims_of


def ours_in_memory(core_url: str, redis_url: str) -> Fetch:
    return ours(core_url, None).source.claims_of


def _ask(session: requests.Session, core_url: str, identifier: Identifier) -> Snapshot:
    reply = session.post(
        f"{core_url}/v1/claim-lookups",
        data=encode_lookup(identifier),
        headers={"Content-Type": "application/json"},
        timeout=(2, 5),
    )
    reply.raise_for_status()
    return decode_snapshot(reply.content)


def dogpile(core_url: str, backend: str, expires: float, **arguments: Any) -> Fetch:
    from dogpile.cache import make_region

    region = make_region().configure(backend, expiration_time=expires, arguments=arguments)
    session = requests.Session()
    session.trust_env = False

    def fetch(identifier: Identifier) -> object:
        return region.get_or_create(
            identifier.canonical, lambda: _ask(session, core_url, identifier)
        )

    return fetch


def dogpile_over_redis(core_url: str, redis_url: str, expires: float = FRESH_SECONDS) -> Fetch:
    return dogpile(
        core_url,
        "dogpile.cache.redis",
        expires,
        url=redis_url,
        distributed_lock=True,
        lock_timeout=30,
        thread_local_lock=False,
    )


def dogpile_in_memory(core_url: str, redis_url: str, expires: float = FRESH_SECONDS) -> Fetch:
    return dogpile(core_url, "dogpile.cache.memory", expires)


def requests_cache_over(backend: Any, core_url: str, expires: float = FRESH_SECONDS) -> Fetch:
    from requests_cache import CachedSession

    session = CachedSession(
        backend=backend,
        expire_after=expires,
        allowable_methods=["POST"],
        stale_if_error=True,
        match_headers=False,
    )
    session.trust_env = False
    return partial(_ask, session, core_url)


def requests_cache_over_redis(
    core_url: str, redis_url: str, expires: float = FRESH_SECONDS
) -> Fetch:
    import redis
    from requests_cache import RedisCache

    backend = RedisCache("bench", connection=redis.Redis.from_url(redis_url))
    return requests_cache_over(backend, core_url, expires)


def requests_cache_in_memory(
    core_url: str, redis_url: str, expires: float = FRESH_SECONDS
) -> Fetch:
    return requests_cache_over("memory", core_url, expires)
