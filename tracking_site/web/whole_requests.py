"""gunicorn's worker with threads, whose threads are given nothing but whole requests.

gunicorn gives a thread to each connection and lets it wait there for what its client sends: as
many clients as there are threads, who begin a request and do not end it, shut everybody out. Here
the thread that takes connections gathers what comes, as a proxy in front does, and a request is
served when all of it is there.
"""

import errno
import re
import selectors
import socket
import time
from enum import Enum
from functools import partial
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker

from .unread import write_error

REQUEST_SECONDS = 10.0
"""A client has so long from its first byte, and before it, to send a whole request."""

MAX_GATHERED = 65_536
"""Bytes of a head, and of a body. A body that says it is longer goes to the site, which refuses it
unread; what says nothing and does not end is refused here."""

MAX_CHUNK_LINE = 120

SEND_BUFFER = 212_992
"""Bytes: any answer fits, so no thread waits for a client that does not read."""

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,4000})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[^\r\n]*\r\n")


class Coming(Enum):
    """What has come of a request: not all, all, a body that is too long, what may never end."""

    MORE = "more"
    WHOLE = "whole"
    TOO_LONG = "too long"
    ENDLESS = "endless"


def coming(came: bytes) -> Coming:
    """Return whether a request has come whole (RFC 9112, 6 and 7.1).

    What cannot be understood counts as whole: gunicorn refuses it without reading on.
    """
    end = came.find(b"\r\n\r\n")
    if end < 0:
        return Coming.MORE if len(came) <= MAX_GATHERED else Coming.ENDLESS
    if _CHUNKED.search(came, 0, end + 2):
        return _chunks(came, end + 4)
    length = _LENGTH.search(came, 0, end + 2)
    body = int(length[1]) if length else 0
    if body > MAX_GATHERED:
        return Coming.TOO_LONG
    return Coming.WHOLE if len(came) >= end + 4 + body else Coming.MORE


def _chunks(came: bytes, at: int) -> Coming:
    if len(came) - at > MAX_GATHERED:
        return Coming.ENDLESS
    while b"\r\n" in came[at : at + MAX_CHUNK_LINE]:
        chunk = _CHUNK.match(came, at)
        if chunk is None:
            return Coming.WHOLE
        size = int(chunk[1], 16)
        if size == 0:
            return Coming.WHOLE if came.find(b"\r\n\r\n", chunk.end() - 2) >= 0 else Coming.MORE
        at = chunk.end() + size + 2
    return Coming.MORE if len(came) - at < MAX_CHUNK_LINE else Coming.ENDLESS


class _Connection(TConn):  # type: ignore[misc]
    """A connection, with what came of its next request."""

    came = b""
    what = Coming.MORE
    has_ended = False


class WholeRequests(ThreadWorker):  # type: ignore[misc]
    """A worker of gunicorn. Beyond `worker_connections` idle ones give way to new ones."""

    def run(self) -> None:
        """Serve until told to stop."""
        for listener in self.sockets:
            listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        super().run()

    def accept(self, listener: Any) -> None:
        """Take a connection, and at once what has come on it."""
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            self._make_room()
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        self._gather(_Connection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Take what comes on a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._gather(conn)

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """Take more of a request that has begun."""
        if self._has_come(conn):
            self.poller.unregister(client)
            self.pending_conns.remove(conn)
            self._serve_or_end(conn)

    def enqueue_req(self, conn: Any) -> None:
        """Take the beginning of a next request, which came with the one before."""
        conn.came = conn.parser.unreader.take_buffered()
        conn.sock.setblocking(False)
        self._gather(conn)

    def handle(self, conn: Any) -> Any:
        """Serve what came, in a thread."""
        conn.init()
        conn.parser.unreader.unread(conn.came)
        conn.came = b""
        return super().handle(conn)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer it, and close the connection where more of it is coming that nobody reads."""
        if conn.what is not Coming.WHOLE:
            req.force_close()
        return super().handle_request(req, conn)

    def _gather(self, conn: Any) -> None:
        if self._has_come(conn):
            self._serve_or_end(conn)
            return
        seconds = REQUEST_SECONDS if self.alive else STOP_KEEPALIVE_LINGER
        conn.timeout = time.monotonic() + seconds
        self.pending_conns.append(conn)
        self.poller.register(
            conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn)
        )

    def _has_come(self, conn: Any) -> bool:
        """Read what is there; return whether nothing more is to be waited for."""
        try:
            part = conn.sock.recv(MAX_GATHERED)
            conn.has_ended = not part
        except BlockingIOError:
            part = b""
        except OSError:
            part, conn.has_ended = b"", True
        # Empty lines before a request are none of it (RFC 9112, 2.2).
        conn.came = (conn.came + part).lstrip(b"\r\n")
        conn.what = coming(conn.came)
        return conn.has_ended or conn.what is not Coming.MORE

    def _serve_or_end(self, conn: Any) -> None:
        if conn.came and conn.what is not Coming.ENDLESS:
            super().enqueue_req(conn)
            return
        if conn.came:
            write_error(conn.sock, 413 if b"\r\n\r\n" in conn.came else 431, "", "")
        self.nr_conns -= 1
        conn.close(graceful=True)

    def _make_room(self) -> None:
        """Close the connection that has been idle longest, if there is one."""
        for idle in (self.keepalived_conns, self.pending_conns):
            if idle:
                conn = idle.popleft()
                self.poller.unregister(conn.sock)
                self.nr_conns -= 1
                conn.close()
                return

    def _cap_keepalive(self, deadline: float) -> None:
        """Give what is idle no more time than gunicorn does, when the worker stops."""
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)
