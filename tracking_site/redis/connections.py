"""Connections to Redis between two commands, and when one is not to be used again.

redis-py's own pool costs as much as the command (docs/performance.md); what stands here takes
its place, for every kind of connection that redis-py knows. And redis-py keeps a connection on
an error that the server itself says, so that a demoted master is never left.
"""

import re
from collections import deque
from contextlib import suppress
from functools import cache
from time import monotonic
from typing import Any

import redis
from redis.exceptions import ReadOnlyError, RedisError, ResponseError
from redis.sentinel import Sentinel, SentinelConnectionPool

_WRONG_SERVER = re.compile(
    r"(?:^|-)(READONLY|MASTERDOWN|NOREPLICAS|LOADING|NOAUTH|WRONGPASS|UNBLOCKED"
    r"|CLUSTERDOWN|MOVED|ASK|TRYAGAIN)\b"
)
"""What a server says that is not, or no more, the one to ask; within a script after a dash."""

SENTINEL_SECONDS = 1.0
"""How often Sentinel is asked for the master's name while all is well."""


class WrongServer(redis.ConnectionError):
    """This server is not the one to ask, and did nothing: demoted, loading, not ours.

    Its text is the code alone.
    """


class IdleConnections(redis.ConnectionPool):
    """Connections that no thread uses at the moment; the one used last is used next.

    There are as many as threads that ever asked at once, and no thread waits for one. After
    one has failed, none that is older is used again.
    """

    def reset(self) -> None:
        # Also called in a forked child, which must not speak on its parent's connections.
        self._idle: deque[Any] = deque()
        self._failed_at = float("-inf")
        super().reset()

    def get_connection(self, *_: Any, **__: Any) -> Any:
        self._checkpid()
        try:
            # Taking and giving back are one step each, so that no lock is needed.
            connection = self._idle.pop()
        except IndexError:
            connection = self.connection_class(**self.connection_kwargs)
        try:
            if connection.is_connected and (
                connection.connected_at <= self._failed_at or _is_stale(connection)
            ):
                connection.disconnect()
            if not connection.is_connected:
                connection.connect()
                connection.connected_at = monotonic()
        except BaseException:
            self.release(connection)
            raise
        return connection

    def release(self, connection: Any) -> None:
        if connection.is_connected:
            self._idle.append(connection)
        else:
            # It failed. A timeout or a refusal of one is the lot of all that are as old.
            self.disconnect()

    def disconnect(self, inuse_connections: bool = True) -> None:
        """Close what is idle, and use nothing again that is in use now."""
        self._failed_at = monotonic()
        while True:
            try:
                self._idle.pop().disconnect()
            except IndexError:
                return


class SentinelIdleConnections(IdleConnections, SentinelConnectionPool):
    """Connections to the master that Sentinel names; another name closes those to the old one.

    redis-py asks for the name with each new connection alone. Sentinel leaves an old master
    writable for some ten seconds after a failover by hand, and what it takes then is lost.
    """

    def __init__(self, service: str, sentinel: Sentinel, **options: Any) -> None:
        super().__init__(service, sentinel, **options)  # type: ignore[no-untyped-call]

    def reset(self) -> None:
        self._asked_at = float("-inf")
        super().reset()

    def get_connection(self, *_: Any, **__: Any) -> Any:
        now = monotonic()
        if now - self._asked_at > SENTINEL_SECONDS:
            # Set first, so that one thread asks and the others go on.
            self._asked_at = now
            with suppress(RedisError):
                self.get_master_address()  # type: ignore[no-untyped-call]
        return super().get_connection()


@cache
def leaving(kind: type[Any]) -> type[Any]:
    """Return this kind of connection, closed as soon as its server is the wrong one.

    It then raises WrongServer.
    """

    class Leaving(kind):  # type: ignore[misc]
        connected_at = 0.0

        def read_response(self, *arguments: Any, **options: Any) -> Any:
            try:
                return super().read_response(*arguments, **options)
            except (ResponseError, redis.ConnectionError) as error:
                code = _code_of(error)
                if code is None:
                    raise
                self.disconnect()
                raise WrongServer(code) from error

    Leaving.__name__ = Leaving.__qualname__ = f"Leaving{kind.__name__}"
    return Leaving


def _code_of(error: RedisError) -> str | None:
    if isinstance(error.__context__, ReadOnlyError):
        # Sentinel's own connections say it in words of their own.
        return "READONLY"
    found = _WRONG_SERVER.search(f"{error.status_code or ''} {error}".lstrip())
    return found[1] if found else None


def _is_stale(connection: Any) -> bool:
    """Return whether the other side has closed it, or an answer is left that no thread awaits."""
    try:
        return bool(connection.can_read())
    except (RedisError, OSError):
        return True
