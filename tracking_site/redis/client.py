"""Redis, asked briefly and left alone after a failure; whatever is wrong is RedisDown.

RedisDown           Redis cannot be used at the moment, or not for this
├── RedisFull       it takes no more
├── RedisForeign    under a key of ours stands something that we did not write
└── ScriptUnread    it cannot read a script, for instance one in a form of newer servers

A page must not wait for a store: there are no retries. After one failure no thread asks for a
second, then one does, and on its success all. redis-py packs, sends and reads; what is left out
is its way around that (docs/performance.md): a pool with locks, telemetry, and retries.
"""

import logging
import re
from collections.abc import Callable
from random import random as draw
from time import monotonic
from typing import Any, NamedTuple

import redis
from redis.commands.core import Script
from redis.exceptions import NoScriptError, OutOfMemoryError, RedisError, ResponseError

from ..breaker import Breaker, BreakerConfig, Resting
from ..records import Observe, do_nothing
from ..settings import Settings, refusing_as
from .connections import IdleConnections, WrongServer, connections_to

log = logging.getLogger(__name__)

_FOREIGN = ("wrongtype", "foreign", "bad data format", "missing bytes")
"""What Redis, a script of ours or its reader of MessagePack says of a value in another form."""

WHEN_FULL = b"#!lua flags=allow-oom\n"
"""The first line of a script that also writes in a full server: Redis 7 and Valkey read it."""

_UNREAD = "error compiling script"
"""What Redis 6 says of that line."""

_CODE = re.compile(r"[A-Z]{2,20}\b")


class RedisDown(Exception):
    """Redis cannot be used. Carries no key and no value.

    `is_resting`: it was not even asked, because it failed a moment ago.
    """

    def __init__(self, why: str = "down", *, is_resting: bool = False) -> None:
        super().__init__(why)
        self.is_resting = is_resting


class RedisFull(RedisDown):
    pass


class RedisForeign(RedisDown):
    pass


class ScriptUnread(RedisDown):
    pass


class Patience(NamedTuple):
    """Seconds: to connect, for one answer, and that Redis is left alone after a failure."""

    connect: float
    answer: float
    rest: float = 1.0


QUICK = Patience(0.06, 0.06)
"""The cache's. A lookup speaks to Redis at most four times before its core is asked and answered,
so that all of it together stays under 250 ms; a healthy answer needs a thousandth of this."""

PATIENT = Patience(0.25, 0.25)
"""Of the guard, the limits and private addresses, which have little to go on with instead."""


class BriefRedis(redis.Redis):
    """redis-py's client, with one send and one read for each command; any thread may use it.

    Every command raises RedisDown and nothing else. `random` gives numbers in [0, 1); `observe` is
    told `store` with its `state` when Redis is left alone or back, `store_refused` at a refusal.
    """

    def __init__(
        self,
        connections: IdleConnections,
        rest_seconds: float = PATIENT.rest,
        random: Callable[[], float] = draw,
        observe: Observe = do_nothing,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(connection_pool=connections)
        self.auto_close_connection_pool = True
        self._observe = observe
        rest = BreakerConfig(1, rest_seconds, rest_seconds)
        self._breaker = Breaker(rest, clock, random, self._turned)

    def execute_command(self, *words: Any, **options: Any) -> Any:
        try:
            allowed = self._breaker.enter()
        except Resting as resting:
            raise RedisDown("left alone", is_resting=True) from resting
        try:
            answer = self._asked(words, options)
        except NoScriptError:
            # It answers, and the script is sent whole then.
            self._breaker.succeeded(allowed)
            raise
        except ResponseError as error:
            # It answers, but not this.
            self._breaker.succeeded(allowed)
            if _UNREAD in str(error).lower():
                raise ScriptUnread("script unread") from error
            self._refused(_code_of(error))
            raise _refusal(error) from error
        except (RedisError, OSError, ValueError) as error:
            # The last where redis-py takes an error to pieces that has not all of them.
            self._breaker.failed(allowed)
            if isinstance(error, WrongServer):
                self._refused(str(error))
            raise RedisDown(type(error).__name__) from error
        except BaseException:
            self._breaker.abandoned(allowed)
            raise
        self._breaker.succeeded(allowed)
        return answer

    def register_script(self, script: Any) -> Script:
        """Return a function of `keys` and `args` that runs a script in one step."""
        return _Script(self, script)

    def register_script_when_full(self, script: str) -> Callable[[Any, Any], Any]:
        """Return the same for what must be written in a full server too: it forgets, or guards.

        A server that cannot give that leave (Redis 6) runs it as any other script.
        """
        return _WhenFull(self, script.encode())

    def _asked(self, words: tuple[Any, ...], options: dict[str, Any]) -> Any:
        try:
            return self._asked_once(words, options)
        except WrongServer:
            # It did nothing, and its address may lead to the right one by now.
            pass
        return self._asked_once(words, options)

    def _asked_once(self, words: tuple[Any, ...], options: dict[str, Any]) -> Any:
        connection: Any = self.connection_pool.get_connection()
        try:
            connection.send_command(*words, check_health=False)
            answer = self.parse_response(connection, words[0], **options)  # type: ignore[no-untyped-call]
            # That alone may answer nothing: every script of ours says something.
            if answer is None and words[0] != "GET":
                raise redis.InvalidResponse("nothing")
            return answer
        except ResponseError:
            raise
        except BaseException:
            # The answer may still come, and must not be read as the next one's.
            connection.disconnect()
            raise
        finally:
            self.connection_pool.release(connection)

    def _refused(self, why: str) -> None:
        self._observe("store_refused")
        log.warning("Redis refuses: %s", why)

    def _turned(self, state: str) -> None:
        self._observe("store", state=state)
        if state != "half_open":
            log.warning("Redis is %s", "back" if state == "closed" else "left alone for a while")


class _Script(Script):
    """Sent whole where the server does not know it, which redis-py tries in two steps.

    Between them the address may come to lead to another server.
    """

    def __call__(self, keys: Any = (), args: Any = (), client: Any = None) -> Any:
        client = client or self.registered_client
        words = (len(keys), *keys, *args)
        try:
            return client.evalsha(self.sha, *words)
        except NoScriptError:
            return client.eval(self.script, *words)


class _WhenFull:
    """A script with leave to write in a full server, and without where the server reads no such.

    What the server reads shows at the first call: its version may be kept from our user. A full
    one is tried again, since a newer one may have come in the place of one that reads no such.
    """

    def __init__(self, client: BriefRedis, script: bytes) -> None:
        self._plain = _Script(client, script)
        self._run = self._with_leave = _Script(client, WHEN_FULL + script)

    def __call__(self, keys: Any, args: Any) -> Any:
        try:
            return self._run(keys, args)
        except ScriptUnread:
            self._run = self._plain
            return self._run(keys, args)
        except RedisFull as full:
            if self._run is self._with_leave:
                raise
            try:
                answer = self._with_leave(keys, args)
            except ScriptUnread:
                raise full from None
            self._run = self._with_leave
            return answer


def unrested(client: redis.Redis) -> redis.Redis:
    """Return redis-py's own client over the same connections, which is never left alone."""
    return redis.Redis(connection_pool=client.connection_pool)


def brief_redis(url: str, patience: Patience = PATIENT, **options: Any) -> BriefRedis:
    """Return a client of this address; `options` are those of BriefRedis.

    No socket is opened before the first command. Raises ValueError (connections.py).
    """
    connections = connections_to(url, connect=patience.connect, answer=patience.answer)
    return BriefRedis(connections, patience.rest, **options)


class RedisClients(NamedTuple):
    """The two that a process has: `quick` is the cache's, `patient` everything else's."""

    quick: BriefRedis
    patient: BriefRedis

    @classmethod
    def of(cls, url: str, observe: Observe) -> "RedisClients":
        """Raises ValueError (connections.py)."""
        return cls(*(brief_redis(url, each, observe=observe) for each in (QUICK, PATIENT)))


def redis_of(settings: Settings, observe: Observe = do_nothing) -> RedisClients | None:
    """Return the ways to Redis; None where the settings name none. Raises SettingsError."""
    with refusing_as("REDIS_URL must "):
        return RedisClients.of(settings.redis_url, observe) if settings.redis_url else None


def guard_redis_of(
    settings: Settings, redis: RedisClients | None = None, observe: Observe = do_nothing
) -> RedisClients | None:
    """Return the ways to the guard's own Redis; `redis`, where the settings name none.

    Raises SettingsError.
    """
    with refusing_as("GUARD_REDIS_URL must "):
        url = settings.guard_redis_url
        return RedisClients.of(url, observe) if url else redis


def _code_of(error: ResponseError) -> str:
    """Return by which word the server refuses, such as MISCONF; nothing else of what it says."""
    code = _CODE.match(f"{error.status_code or error}")
    return code[0] if code else type(error).__name__


def _refusal(error: ResponseError) -> RedisDown:
    text = str(error)
    if isinstance(error, OutOfMemoryError) or "OOM" in text:
        return RedisFull("full")
    if any(sign in text.lower() for sign in _FOREIGN):
        return RedisForeign("something else stands there")
    return RedisDown("refused")
