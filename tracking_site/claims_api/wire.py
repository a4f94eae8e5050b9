"""HTTP connections to the core: answers are due as a whole, and dead connections lose nobody.

The timeouts of sockets, and so of urllib3 and requests, start anew with every byte: a server
that sends one byte a second is never too slow for them. Here the time left is set before each
read, so that a dripping server is cut at the moment at which the answer was due.

A connection that was used before may have died since: forgotten by a NAT, taken by a failover.
urllib3 notices an end that was sent, no reset on use, and no silence. Four things do:
- It is used again only for a few seconds, less than the core itself keeps it.
- While it is idle, the kernel probes it; one that does not answer is closed within two seconds.
- What is sent on it has to be acknowledged soon: packets that nobody takes end it, and a core
  that only thinks does not.
- Silence that is acknowledged ends it late, so that a slow core is not asked twice.

A gateway that answered one request twice on it would give everybody after that the answer of the
person before. Where the core says whom it answers (X-Request-ID), such a connection is ended.
"""

import io
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, parse_headers
from pathlib import Path
from ssl import SSLContext, SSLEOFError, SSLSocket
from time import monotonic
from typing import Any, NamedTuple, cast

import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from .errors import Trouble

REQUEST_ID = "X-Request-ID"

_TCP_OPTIONS = (
    ("TCP_NODELAY", 1),
    ("TCP_KEEPIDLE", 1),
    ("TCP_KEEPINTVL", 1),
    # Probes alone end nothing within a time budget: they work with the time below.
    ("TCP_KEEPCNT", 10),
)


_LAST_WORDS_SECONDS = 0.1
"""How long is waited for what stands unread already when a request could not be sent."""


class DeadConnection(ConnectionError):
    """A connection that was used before brought not one byte of this answer, or another's."""


class Idleness(NamedTuple):
    """What becomes of connections between two requests, in seconds.

    `most`: they are not used again after this. `silent`: the longest wait for the first byte on
    one that was used before. `acknowledged`: the time in which its other end has to acknowledge
    what it was sent; what the way there takes comes on top.
    """

    most: float
    silent: float
    acknowledged: float


class _Due:
    """What both kinds of connections have in common; their pool says when they are handed out."""

    idleness: Idleness
    response_class: Any
    is_reused = False
    has_begun = False
    due = first_byte_due = 0.0
    idle_since = 0.0
    new_at = 0.0
    asked_as = ""
    _way_seconds = 0.0

    def request(self, *arguments: Any, **options: Any) -> None:
        try:
            super().request(*arguments, **options)  # type: ignore[misc]
        except OSError:
            self._hear_why()
            raise

    def _hear_why(self) -> None:
        """Raise what a server said under TLS before it hung up, where it said anything.

        With TLS 1.3 it refuses a client's certificate after the handshake, so that the alert
        arrives while the request is being sent, and sending fails first.
        """
        sock = cast(Any, self).sock
        if isinstance(sock, SSLSocket):
            with suppress(SSLEOFError, TimeoutError, ConnectionError):
                sock.settimeout(_LAST_WORDS_SECONDS)
                sock.recv(1)

    def getresponse(self) -> Any:
        now = monotonic()
        self.due = now + float(cast(Any, self).timeout)
        self.first_byte_due = now + self.idleness.silent if self.is_reused else float("inf")
        self.response_class = partial(_DueResponse, connection=self)
        try:
            return super().getresponse()  # type: ignore[misc]
        finally:
            # The answer of a proxy to CONNECT is read with what stands here, and has no due time.
            self.response_class = HTTPResponse

    def rest(self) -> None:
        """Become idle; from now on this connection may be dead."""
        self.idle_since = monotonic()
        sock = cast(Any, self).sock
        if sock is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            seconds = self.idleness.acknowledged + 2 * self._way_seconds
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))

    def _new_conn(self) -> socket.socket:
        begun = monotonic()
        sock = super()._new_conn()  # type: ignore[misc]
        self._way_seconds = monotonic() - begun
        return cast(socket.socket, sock)


class _DueReader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket, connection: _Due) -> None:
        self._raw = raw
        self._sock = sock
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        connection = self._connection
        due = connection.due
        if not connection.has_begun:
            due = min(due, connection.first_byte_due)
        left = due - monotonic()
        if left <= 0:
            raise TimeoutError("the answer is overdue")
        self._sock.settimeout(left)
        count = cast(int | None, self._raw.readinto(buffer))
        if count:
            connection.has_begun = True
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DueResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, connection: _Due, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_DueReader(self.fp.detach(), sock, connection))

    def _read_status(self) -> Any:
        """Pass over what is said before the answer (RFC 9110, 15.2); http.client knows 100 alone,
        and takes 103 (Early Hints) for the answer."""
        while True:
            said = super()._read_status()  # type: ignore[misc]
            if not 100 < said[1] < 200 or said[1] == HTTPStatus.SWITCHING_PROTOCOLS:
                return said
            parse_headers(self.fp)


class _DueConnection(_Due, HTTPConnection):
    pass


class _DueTlsConnection(_Due, HTTPSConnection):
    pass


class _DuePool(HTTPConnectionPool):
    """One that trusts no connection for long, and none that is older than one found dead."""

    ConnectionCls: Any = _DueConnection

    def __init__(self, *args: Any, idleness: Idleness, **options: Any) -> None:
        super().__init__(*args, **options)
        self._idleness = idleness
        self._found_dead_at = float("-inf")

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection: Any = super()._get_conn(timeout)
        now = monotonic()
        idle = now - connection.idle_since
        if idle > self._idleness.most or connection.new_at <= self._found_dead_at:
            connection.close()
        connection.is_reused = connection.sock is not None
        if not connection.is_reused:
            connection.idleness, connection.new_at = self._idleness, now
        connection.has_begun = False
        return connection

    def _put_conn(self, connection: Any) -> None:
        if connection is not None:
            connection.rest()
        super()._put_conn(connection)

    def _make_request(self, conn: Any, *args: Any, **options: Any) -> Any:
        asked_as = options["headers"].get(REQUEST_ID, "")
        try:
            response = super()._make_request(conn, *args, **options)
        except (OSError, HTTPException, urllib3.exceptions.HTTPError) as error:
            if not conn.is_reused or conn.has_begun:
                raise
            self._found_dead_at = monotonic()
            raise DeadConnection from error
        # Another id than ours says nothing: some gateways give each request one of their own.
        answers = response.headers.get(REQUEST_ID)
        if conn.is_reused and answers and answers == conn.asked_as != asked_as:
            raise DeadConnection
        conn.asked_as = asked_as
        return response


class _DueTlsPool(_DuePool, HTTPSConnectionPool):
    ConnectionCls = _DueTlsConnection


class DueAdapter(HTTPAdapter):
    """Mounted on a requests session; give each request a urllib3 Timeout with a `total`.

    `tls` returns the context of new connections, None where none is made over TLS; when it
    returns another one, those under the old one are not used again. Raises
    requests.ConnectionError with a DeadConnection inside where asking again may help.
    """

    def __init__(
        self, idleness: Idleness, tls: Callable[[], SSLContext | None], **options: Any
    ) -> None:
        self._idleness = idleness
        self._tls = tls
        super().__init__(**options)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, socket_options=_socket_options(), **options)
        self._make_due(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, socket_options=_socket_options(), **options)
        self._make_due(manager)
        return manager

    def build_connection_pool_key_attributes(self, request: Any, *_: Any, **__: Any) -> Any:
        host, _keys = super().build_connection_pool_key_attributes(request, True)
        return host, {"ssl_context": self._tls()} if host["scheme"] == "https" else {}

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Leave whom to trust to the context; requests would add the public authorities."""

    def _make_due(self, manager: Any) -> None:
        manager.pool_classes_by_scheme = {
            "http": partial(_DuePool, idleness=self._idleness),
            "https": partial(_DueTlsPool, idleness=self._idleness),
        }


def _socket_options() -> list[tuple[int, int, int]]:
    """Return what this system has of the options."""
    return [
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
        *(
            (socket.IPPROTO_TCP, getattr(socket, name), value)
            for name, value in _TCP_OPTIONS
            if hasattr(socket, name)
        ),
    ]


_EXPIRED = (9, 10)
"""OpenSSL's codes of a certificate that is not valid yet, or not any more."""

_OTHER_NAME = (62, 64)
"""Of a certificate of another host name, or another address."""

_CLIENT_REFUSED = re.compile(
    r"ALERT_(?:CERTIFICATE|UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)"
)
"""What a server's alert says when it does not accept the certificate that the site shows."""


def tls_context(ca_file: Path | None, certificate: Path | None, key: Path | None) -> ssl.SSLContext:
    """Return what connections to the core are made with.

    Without `ca_file` the public authorities are trusted, as requests has them, with it those in it
    alone. Without `key` the file of the certificate holds it too. Raises ValueError that begins
    with the name of the setting whose file is wrong.
    """
    try:
        context = ssl.create_default_context(cafile=str(ca_file or DEFAULT_CA_BUNDLE_PATH))
    except OSError:
        raise ValueError("CORE_CA_FILE must be a file of PEM certificates") from None
    context.set_alpn_protocols(["http/1.1"])
    if certificate is not None:
        _show(context, certificate, key)
    return context


def _show(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    def no_password() -> str:
        # Without this OpenSSL asks for one at the terminal, and the start hangs.
        raise ValueError("CORE_CLIENT_KEY_FILE must be a key without a password")

    try:
        context.load_cert_chain(certificate, key, password=no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise ValueError(
                "CORE_CLIENT_KEY_FILE must be the key of the certificate in CORE_CLIENT_CERT_FILE"
            ) from None
        raise ValueError(
            "CORE_CLIENT_CERT_FILE and CORE_CLIENT_KEY_FILE must be a PEM certificate and its key"
        ) from None
    except OSError:
        raise ValueError(
            "CORE_CLIENT_CERT_FILE and CORE_CLIENT_KEY_FILE must be files that can be read"
        ) from None


def trouble_of_tls(error: BaseException) -> Trouble | None:
    """Return how a connection failed under TLS; None where this error says nothing of it."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _EXPIRED:
            return Trouble.CERTIFICATE_EXPIRED
        if error.verify_code in _OTHER_NAME:
            return Trouble.CERTIFICATE_NAME
        return Trouble.CERTIFICATE_UNKNOWN
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return None
    if isinstance(error, ssl.SSLError):
        # With TLS 1.3 the server looks at it after the handshake, so that this comes on reading.
        is_refused = _CLIENT_REFUSED.search(str(error.reason))
        return Trouble.CLIENT_CERTIFICATE if is_refused else Trouble.TLS
    return None
