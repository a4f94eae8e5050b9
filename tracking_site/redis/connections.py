"""Connections to Redis: where an address leads, and when one is not to be used again.

redis://user:password@host:port/database
rediss://…                                            the same under TLS
unix:///path/of/socket?db=database
redis+sentinel://user:password@host:port,host:port/service/database
rediss+sentinel://…                                   TLS to the Sentinels and to Redis

redis-py's own pool costs as much as the command (docs/performance.md); what stands here takes
its place, for every kind of connection that redis-py knows. And redis-py keeps a connection on
an error that the server itself says, so that a demoted master is never left.
"""

import re
import socket
import ssl
import struct
from collections import deque
from contextlib import nullcontext, suppress
from functools import cache
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qs, urlsplit

import redis
from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import Connection, SSLConnection, UnixDomainSocketConnection, parse_url
from redis.exceptions import ReadOnlyError, RedisError, ResponseError
from redis.retry import Retry
from redis.sentinel import (
    Sentinel,
    SentinelConnectionPool,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)

from ..records import QUEUE

_WRONG_SERVER = re.compile(
    r"(?:^|-)(READONLY|MASTERDOWN|NOREPLICAS|LOADING|NOAUTH|WRONGPASS|UNBLOCKED"
    r"|CLUSTERDOWN|MOVED|ASK|TRYAGAIN)\b"
)
"""What a server says that is not, or no more, the one to ask; within a script after a dash."""

SENTINEL_SECONDS = 1.0
"""How often Sentinel is asked for the master's name while all is well."""

SENTINEL_SHARE = 0.05
"""Share of the time that may be spent on that: a Sentinel that hangs is asked more seldom, since
somebody waits each time for what the master itself says at once."""

FAR_SECONDS = 0.001
"""For a server so far away one waits as for the core: another runs meanwhile. A nearer one has
answered before another would have begun."""

_ROUND_TRIP_AT = 148
"""Where `tcpi_min_rtt` stands in Linux' tcp_info, in microseconds."""


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
                connection.is_far = round_trip(connection) >= FAR_SECONDS
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

    def reset(self) -> None:
        self._ask_again_at = float("-inf")
        super().reset()

    def get_connection(self, *_: Any, **__: Any) -> Any:
        now = monotonic()
        if now >= self._ask_again_at:
            # Set first, so that one thread asks and the others go on.
            self._ask_again_at = now + SENTINEL_SECONDS
            with suppress(RedisError):
                self.get_master_address()  # type: ignore[no-untyped-call]
            spent = monotonic() - now
            self._ask_again_at = now + max(SENTINEL_SECONDS, spent / SENTINEL_SHARE)
        return super().get_connection()


@cache
def leaving(kind: type[Any]) -> type[Any]:
    """Return this kind of connection, closed as soon as its server is the wrong one.

    It then raises WrongServer. Who waits for the answer of a far one steps aside.
    """

    class Leaving(kind):  # type: ignore[misc]
        connected_at = 0.0
        is_far = False

        def read_response(self, *arguments: Any, **options: Any) -> Any:
            try:
                with QUEUE.aside() if self.is_far else nullcontext():
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


def round_trip(connection: Any) -> float:
    """Return the least seconds to the other machine and back; 0 where the kernel does not tell.

    Its measure begins with the handshake: how busy this process and the server are does not count.
    """
    try:
        told = connection._sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _ROUND_TRIP_AT + 4)
        return float(struct.unpack_from("I", told, _ROUND_TRIP_AT)[0]) / 1e6
    except (AttributeError, OSError, struct.error):
        return 0.0


def _is_stale(connection: Any) -> bool:
    """Return whether the other side has closed it, or an answer is left that no thread awaits."""
    try:
        return bool(connection.can_read())
    except (RedisError, OSError):
        return True


FORM = (
    "be an address such as redis://host:port/0, rediss://host:port/0, unix:///path?db=0 or "
    "redis+sentinel://host1:port,host2:port/service/0"
)

_TLS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname")
_SENTINEL = ("sentinel_username", "sentinel_password")

_PARAMETERS = {
    "redis": ("db",),
    "rediss": ("db", *_TLS),
    "unix": ("db",),
    "redis+sentinel": ("db", *_SENTINEL),
    "rediss+sentinel": ("db", *_TLS, *_SENTINEL),
}
_KINDS = {
    "redis": Connection,
    "rediss": SSLConnection,
    "unix": UnixDomainSocketConnection,
    "redis+sentinel": SentinelManagedConnection,
    "rediss+sentinel": SentinelManagedSSLConnection,
}
_BY_SENTINEL = ("redis+sentinel", "rediss+sentinel")
_SENTINEL_PORT = 26379
_DATABASE = re.compile(r"(?:/\d{0,5})?")
_SERVICE_AND_DATABASE = re.compile(r"/[^/]+(?:/\d{0,5})?/?")
_OF_REDIS_ALONE = ("db", "username", "password")


class _Address(NamedTuple):
    """`options` are what redis-py's connections take; `service` is empty without Sentinel."""

    scheme: str
    options: dict[str, Any]
    sentinels: list[tuple[str, int]]
    service: str


def connections_to(url: str, *, connect: float, answer: float) -> IdleConnections:
    """Return connections to this address; none is opened yet.

    `connect` and `answer` are the seconds that these two may take. Raises ValueError with what
    the address must be, have or name, and never with a part of it: it may hold a password.
    """
    address = _read(url)
    options = address.options | {
        "socket_connect_timeout": connect,
        "socket_timeout": answer,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "driver_info": None,
        # A buffer that each connection keeps, and each thread a connection: 64 kB by itself.
        "socket_read_size": 4096,
    }
    kind = leaving(_KINDS[address.scheme])
    if not address.service:
        return IdleConnections(connection_class=kind, **options)
    of_sentinels = {name: value for name, value in options.items() if name not in _OF_REDIS_ALONE}
    for name in _SENTINEL:
        of_sentinels[name.removeprefix("sentinel_")] = options.pop(name, None)
        of_sentinels.pop(name, None)
    return SentinelIdleConnections(  # type: ignore[no-untyped-call]
        address.service, _sentinel(address, of_sentinels), connection_class=kind, **options
    )


def _sentinel(address: _Address, options: dict[str, Any]) -> Sentinel:
    """Return redis-py's Sentinel over connections of ours.

    Its own pool takes the tickets that TLS 1.3 sends after a handshake for an answer that was
    left, and lets no fresh connection be used.
    """
    kind = SSLConnection if address.scheme.startswith("rediss") else Connection
    made: Any = Sentinel  # which redis-py leaves untyped
    sentinel: Sentinel = made([])
    sentinel.sentinels = [
        Redis(connection_pool=IdleConnections(kind, host=host, port=port, **options))
        for host, port in address.sentinels
    ]
    return sentinel


def _read(url: str) -> _Address:
    try:
        parts = urlsplit(url)
        named = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        sentinels = _sentinels(parts) if parts.scheme in _BY_SENTINEL else []
        # Reading a port is what checks it.
        is_well = parts.scheme in _KINDS and bool(sentinels or parts.port is None or parts.port)
    except ValueError:
        is_well = False
    if not is_well or not _has_form(parts):
        raise ValueError(FORM)
    if not set(named) <= set(_PARAMETERS[parts.scheme]):
        raise ValueError(f"have no other parameters than {', '.join(_PARAMETERS[parts.scheme])}")
    service = ""
    if sentinels:
        service, _, database = parts.path.strip("/").partition("/")
        # What redis-py reads of the rest knows neither many hosts nor a service.
        user, at, _ = parts.netloc.rpartition("@")
        direct = parts.scheme.partition("+")[0]
        url = f"{direct}://{user}{at}sentinels/{database}?{parts.query}"
    read: Any = parse_url  # which redis-py leaves untyped
    try:
        options = read(url)
    except ValueError:
        raise ValueError("have a whole number as db") from None
    options.pop("connection_class", None)
    if sentinels:
        options.pop("host")
    if parts.scheme.startswith("rediss"):
        _check_tls(options)
    return _Address(parts.scheme, options, sentinels, service)


def _has_form(parts: SplitResult) -> bool:
    if parts.scheme == "unix":
        return not parts.hostname and len(parts.path) > 1
    form = _SERVICE_AND_DATABASE if parts.scheme in _BY_SENTINEL else _DATABASE
    return bool(parts.hostname and form.fullmatch(parts.path))


def _sentinels(parts: SplitResult) -> list[tuple[str, int]]:
    """Return hosts and ports; raises ValueError where one has none, or a strange one."""
    hosts = [urlsplit(f"//{each}") for each in parts.netloc.rpartition("@")[2].split(",")]
    if not all(each.hostname for each in hosts):
        raise ValueError("a Sentinel without a host")
    return [(str(each.hostname), each.port or _SENTINEL_PORT) for each in hosts]


def _check_tls(options: dict[str, Any]) -> None:
    """Try what a connection would do, so that a wrong file is named at the start."""
    if options.get("ssl_cert_reqs", "required") not in ("required", "optional", "none"):
        raise ValueError("have required, optional or none as ssl_cert_reqs")
    certificate: Any = options.get("ssl_certfile")
    key = options.get("ssl_keyfile")
    try:
        context = ssl.create_default_context(cafile=options.get("ssl_ca_certs"))
        if certificate or key:
            # OpenSSL would ask for a password at the terminal.
            context.load_cert_chain(certificate, key, password="")
    except (OSError, TypeError, ValueError):
        raise ValueError(
            "name PEM files that can be read as ssl_ca_certs, and as ssl_certfile with ssl_keyfile"
        ) from None
