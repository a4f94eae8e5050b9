"""What the operator is told of a Redis that cannot be used: what is wrong, and where to look."""

import builtins
import socket
import ssl
from collections.abc import Iterator

from redis.exceptions import (
    AuthenticationError,
    ClusterCrossSlotError,
    ConnectionError,
    NoPermissionError,
    ResponseError,
    TimeoutError,
)
from redis.sentinel import MasterNotFoundError

from ..claims_api.errors import Trouble
from ..claims_api.wire import trouble_of_tls
from ..redis.connections import WrongServer

_REPLICA = "Redis is a replica, which cannot be written to. {setting} must lead to the master."
_CLUSTER = (
    "Redis is a cluster, over which the site's scripts cannot run. {setting} must lead to one "
    "server, or to Sentinel (redis+sentinel://)."
)
_NO_RIGHT = (
    "Redis does not let our user of {setting} do all that the site does. Give it the rights of "
    "docs/operations.md (ACL SETUSER)."
)
_NO_DISK = (
    "Redis takes no writes, since it cannot write to its disk (MISCONF). Give that disk room where "
    "{setting} leads, or let Redis keep nothing on it (deploy/redis.conf)."
)
_NOT_LET_IN = "Redis refuses our user or password. Check {setting}."
_PROTECTED = (
    "Redis lets only its own machine in (protected-mode). Give its default user a password where "
    "{setting} leads (docs/operations.md)."
)
_NO_MASTER = (
    "No Sentinel of {setting} names a master. Check their hosts and ports, the service's name, "
    "sentinel_password, and whether they speak TLS (rediss+sentinel://)."
)
_NO_HOST = (
    "No address is known for the host of Redis. Check the host in {setting} and this machine's DNS."
)
_SOCKET_CLOSED = (
    "The socket of Redis is not open to this user. {setting} needs its group: "
    "SupplementaryGroups of the unit (docs/operations.md)."
)
_NOBODY = (
    "Nobody answers where {setting} leads. Check its host and port, that Redis is up, firewalls, "
    "and IPAddressAllow of the systemd unit."
)
_HUNG_UP = (
    "What answers where {setting} leads hangs up. Is it Redis, does it speak TLS (rediss://), and "
    "does it accept our certificate (ssl_certfile)?"
)
_OTHER = (
    "Redis cannot be written to ({why}). Check {setting} and that the server is up and has room."
)

_OF_WRONG_SERVERS = {
    "READONLY": _REPLICA,
    "MASTERDOWN": _REPLICA,
    "NOAUTH": _NOT_LET_IN,
    "WRONGPASS": _NOT_LET_IN,
    **dict.fromkeys(("MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN"), _CLUSTER),
}
_OF_TLS = {
    Trouble.CERTIFICATE_UNKNOWN: "The certificate of Redis is signed by nobody that is trusted "
    "here. Name its authority in {setting}: rediss://host:port/0?ssl_ca_certs=/path.",
    Trouble.CERTIFICATE_EXPIRED: "The certificate of Redis is not valid at this time. Renew it "
    "where {setting} leads, and check this machine's clock.",
    Trouble.CERTIFICATE_NAME: "The certificate of Redis is for another host. {setting} must name "
    "the host that stands in it, or say ssl_check_hostname=no.",
    Trouble.CLIENT_CERTIFICATE: "Redis does not accept our certificate, or wants one. Check "
    "ssl_certfile and ssl_keyfile in {setting}.",
    Trouble.TLS: "Redis and this site do not agree on TLS. Check the port in {setting}, and "
    "whether it is rediss:// or redis:// there.",
}

_TIMED_OUT = builtins.TimeoutError
_HANGING_UP = (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError, ssl.SSLZeroReturnError)


def redis_advice_on(error: Exception, setting: str) -> str:
    """Return what to tell the operator of what redis-py raised, without any part of an address.

    `setting` is the one that leads to the server.
    """
    why = str(error) if isinstance(error, WrongServer) else type(error).__name__
    form = _of_refusal(error) or _OF_WRONG_SERVERS.get(why) or _of_the_way(error) or _OTHER
    return form.format(setting=setting, why=why)


def _of_refusal(error: Exception) -> str | None:
    said = str(error)
    # A database other than 0 is refused while connecting.
    is_of_database = isinstance(error, ResponseError) and "cluster mode" in said
    if isinstance(error, ClusterCrossSlotError) or is_of_database:
        return _CLUSTER
    if isinstance(error, ResponseError) and said.startswith("MISCONF"):
        return _NO_DISK
    if isinstance(error, NoPermissionError) or "ACL" in said:
        return _NO_RIGHT
    if isinstance(error, ResponseError) and "protected mode" in said:
        return _PROTECTED
    return _NO_MASTER if isinstance(error, MasterNotFoundError) else None


def _of_the_way(error: Exception) -> str | None:
    """Return what kept a connection from being made, or broke it."""
    is_of_the_way = isinstance(error, ConnectionError | TimeoutError)
    if not is_of_the_way or isinstance(error, WrongServer | AuthenticationError):
        return None
    causes = [cause for cause in _causes(error) if isinstance(cause, OSError)]
    for cause in causes:
        if trouble := trouble_of_tls(cause):
            return _OF_TLS[trouble]
        if isinstance(cause, socket.gaierror):
            return _NO_HOST
        if isinstance(cause, PermissionError):
            return _SOCKET_CLOSED
        if isinstance(cause, _TIMED_OUT) and "handshake" in str(cause):
            # Redis in the open waits for the end of a line that never comes.
            return _OF_TLS[Trouble.TLS]
    is_silent = any(not isinstance(cause, _HANGING_UP) for cause in causes)
    return _NOBODY if is_silent or isinstance(error, TimeoutError) else _HUNG_UP


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
