"""What stands between these settings and a site that works; one line for each problem."""

from collections.abc import Iterator

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from .claims_api.client import ClaimsClient
from .claims_api.config import ClientConfig
from .claims_api.errors import CoreError
from .settings import Settings
from .web.identity import Identity

_SECONDS = 2.0


def problems_of(settings: Settings) -> list[str]:
    """Try everything that the site needs, for real; returns nothing when all is well."""
    return [*_of_the_core(settings), *_of_redis(settings), *_of_the_site_file(settings)]


def _of_the_core(settings: Settings) -> Iterator[str]:
    client = ClaimsClient(ClientConfig(settings.claims_api_url, settings.claims_api_token))
    try:
        client.health(_SECONDS)
    except CoreError as error:
        yield (
            f"The core does not answer ({error}). Check CLAIMS_API_URL, CLAIMS_API_TOKEN, "
            "and that the core is up."
        )
    finally:
        client.close()


def _of_redis(settings: Settings) -> Iterator[str]:
    if settings.redis_url is None:
        return
    redis = Redis.from_url(
        settings.redis_url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=_SECONDS,
        socket_connect_timeout=_SECONDS,
    )
    try:
        redis.ping()
    except RedisError as error:
        yield f"Redis does not answer ({type(error).__name__}). Check REDIS_URL."
    finally:
        redis.close()


def _of_the_site_file(settings: Settings) -> Iterator[str]:
    try:
        Identity.read(settings.site_file)
    except ValueError as error:
        yield f"{error}."
