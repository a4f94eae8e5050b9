"""Redis, asked briefly: the one client of the cache, the guard, the limits and followed claims.

redis-py packs, sends and reads; what is left out is its way around that, which costs more than
the command itself (docs/performance.md): a pool with locks, telemetry, and retries that a page
must not wait for.
"""

import os
from collections import deque
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

MOST_CONNECTIONS = 4096
"""Far more than a process has threads; redis-py itself stops at a hundred."""


def brief_redis(url: str, *, connect_seconds: float, answer_seconds: float) -> redis.Redis:
    """Return a client that fails fast and never tries twice; any thread may use it.

    Raises what redis-py raises.
    """
    pool = IdleConnections.from_url(
        url,
        max_connections=MOST_CONNECTIONS,
        socket_connect_timeout=connect_seconds,
        socket_timeout=answer_seconds,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        driver_info=None,
    )
    return BriefRedis.from_pool(pool)


class IdleConnections(redis.ConnectionPool):
    """Connections that nobody uses at the moment; the one used last is used next.

    There are as many as threads that ever asked at once, and nobody waits for one.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        # Taking and giving back are one step each, so that no lock is needed.
        self._idle: deque[Any] = deque()
        self._process = os.getpid()

    def get_connection(self, *_: Any, **__: Any) -> Any:
        if self._process != os.getpid():
            # A forked child must not speak on its parent's connections.
            self._idle, self._process = deque(), os.getpid()
        try:
            connection = self._idle.pop()
        except IndexError:
            return self.make_connection()
        try:
            is_stale = connection.is_connected and connection.can_read()
        except (RedisError, OSError):
            is_stale = True
        if is_stale:
            # Closed by the other side, or an answer is left that nobody waits for.
            connection.disconnect()
        return connection

    def release(self, connection: Any) -> None:
        self._idle.append(connection)

    def disconnect(self, inuse_connections: bool = True) -> None:
        while self._idle:
            self._idle.pop().disconnect()


class BriefRedis(redis.Redis):
    """One send and one read for each command."""

    def execute_command(self, *words: Any, **options: Any) -> Any:
        connection: Any = self.connection_pool.get_connection()
        try:
            connection.send_command(*words, check_health=False)
            return self.parse_response(connection, words[0], **options)  # type: ignore[no-untyped-call]
        except ResponseError:
            raise
        except BaseException:
            # The answer may still come, and must not be read as the next one's.
            connection.disconnect()
            raise
        finally:
            self.connection_pool.release(connection)
