"""HTTP connections whose read timeout bounds the whole answer, headers and body together.

The timeouts of sockets, and so of urllib3 and requests, start anew with every byte: a server
that sends one byte a second is never too slow for them. Here the time left is set before each
read, so that a dripping server is cut at the moment at which the answer was due.
"""

import io
import socket
from collections.abc import Callable
from functools import partial
from http.client import HTTPResponse
from time import monotonic
from typing import Any, cast

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class _DueReader(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, sock: socket.socket, due: float) -> None:
        self._raw = raw
        self._sock = sock
        self._due = due

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._due - monotonic()
        if left <= 0:
            raise TimeoutError("the answer is overdue")
        self._sock.settimeout(left)
        return cast(int | None, self._raw.readinto(buffer))

    def close(self) -> None:
        self._raw.close()
        super().close()


class _DueResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, due: float, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_DueReader(self.fp.detach(), sock, due))


def _due_within(timeout: Any) -> Callable[..., HTTPResponse]:
    return partial(_DueResponse, due=monotonic() + float(timeout))


class _DueConnection(HTTPConnection):
    def getresponse(self) -> Any:
        self.response_class = _due_within(self.timeout)  # type: ignore[assignment]
        return super().getresponse()


class _DueTlsConnection(HTTPSConnection):
    def getresponse(self) -> Any:
        self.response_class = _due_within(self.timeout)  # type: ignore[assignment]
        return super().getresponse()


class _DuePool(HTTPConnectionPool):
    ConnectionCls = _DueConnection


class _DueTlsPool(HTTPSConnectionPool):
    ConnectionCls = _DueTlsConnection


class DueAdapter(HTTPAdapter):
    """Mounted on a requests session; give each request a urllib3 Timeout with a `total`."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _DuePool, "https": _DueTlsPool}
