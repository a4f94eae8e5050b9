"""gunicorn's worker with threads, whose threads are given nothing but whole requests.

gunicorn gives a thread to each connection and lets it wait there for what its client sends: as
many clients as there are threads, who begin a request and do not end it, shut everybody out. Here
the thread that takes connections gathers what comes, as a proxy in front does, and a request is
served when all of it is there. Pages and files that lie ready it gives out itself: to wake another
thread takes as long, and whoever opens the form waits for no lookup.
"""

import errno
import re
import selectors
import socket
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import Any

from gunicorn.http import wsgi
from gunicorn.http.errors import InvalidHeader
from gunicorn.http.unreader import IterUnreader
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER, TConn, ThreadWorker
from werkzeug.local import LocalProxy

from ..records import QUEUE
from .closing import Connection
from .few_at_once import FewAtOnce
from .gathering import MAX_HEAD, Coming, Gathered
from .layers import may_be_host
from .replacing import say_worn
from .unread import write_error

REQUEST_SECONDS = 10.0
"""A client has so long from its first byte, and before it, to send a whole request."""

MAX_AT_ONCE = 2
"""Requests for what lies ready that are served in one turn. Many more are a flood: they go to the
threads, where it is seen that they wait, and who floods is shed by that."""

NOTIFY_SECONDS = 0.5
"""So long apart the master is told that a worker lives."""

SEND_BUFFER = 212_992
"""Bytes: any answer fits, unless its client takes it in crumbs (closing.py)."""

# Where errors are written is looked up by who writes one: gunicorn does so for each request, at the
# lock of all loggers, where 150 of 256 threads have stood.
_Errors = wsgi.WSGIErrorsWrapper
wsgi.WSGIErrorsWrapper = lambda cfg: LocalProxy(partial(_Errors, cfg))

_SEALED = re.compile(rb"GET [^ ?]*/(?:antre|klaim|pantau)/")
"""How the request of somebody begins who holds what we sealed, or says so."""

_QUERY = re.compile(rb"\?[^ ]*")

_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
_NO_LISTENER = (errno.EBADF, errno.EINVAL, errno.ENOTSOCK)
_NO_ROOM = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class _Connection(TConn):  # type: ignore[misc]
    """A connection, with what came of its next request."""

    is_whole = True
    came_at = 0.0

    def __init__(self, cfg: Any, sock: socket.socket, *of_gunicorn: Any) -> None:
        super().__init__(cfg, Connection.of(sock), *of_gunicorn)
        self.next = Gathered()


class WholeRequests(ThreadWorker):  # type: ignore[misc]
    """A worker of gunicorn. Beyond `worker_connections` idle ones give way to new ones."""

    _notified_at = float("-inf")
    tpool: Any = None
    nr, max_requests = 0, sys.maxsize
    _worn_at = sys.maxsize
    """After so many requests it is to be replaced."""
    _ready_lines: frozenset[bytes] = frozenset()
    _served_at_once = 0
    _heard = 0
    """How many older connections had something to say in this turn."""
    _knocked: Any = None
    """The listener at which somebody new was in this turn."""

    def has_ready(self, paths: Iterable[str]) -> None:
        """Say at which addresses something lies ready, which waits for nothing."""
        self._ready_lines = frozenset(f"GET {path} HTTP/1.1".encode() for path in paths)

    def run(self) -> None:
        # At the end of its number gunicorn stops it before another one is there.
        self._worn_at, self.max_requests = self.max_requests, sys.maxsize
        for listener in self.sockets:
            listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        super().run()

    def get_thread_pool(self) -> FewAtOnce:
        return FewAtOnce(self.cfg.threads, _asks_again)

    def notify(self) -> None:
        """Tell the master that this worker lives, but not for each request anew."""
        now = time.monotonic()
        if now - self._notified_at >= NOTIFY_SECONDS:
            self._notified_at = now
            if self.nr >= self._worn_at:
                say_worn(self)
                self._worn_at = sys.maxsize
            super().notify()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Wait for what comes, and take all of it: one turn.

        As many new connections are taken as older ones had something to say. Of one alone in each
        turn, somebody who keeps hundreds and asks on all of them would make newcomers wait for all
        of those again and again.
        """
        self._served_at_once, self._heard, self._knocked = 0, 0, None
        super().wait_for_and_dispatch_events(timeout)
        for _ in range(1, self._heard):
            if self._knocked is None or not self._accepted(self._knocked):
                break
        if self.tpool is not None:
            self.tpool.try_again()

    @property
    def unbegun(self) -> int:
        """Whole requests that no thread has begun."""
        return int(self.tpool.unbegun)

    def accept(self, listener: Any) -> None:
        """Take a connection, and at once what has come on it."""
        self._knocked = listener
        self._accepted(listener)

    def _accepted(self, listener: Any) -> bool:
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in _NO_LISTENER:
                raise
            if error.errno in _NO_ROOM:
                self._make_room()
            # Else it is the connection's own, or a firewall's: accept(2) wants it tried again.
            return False
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self._make_room()
        conn = _Connection(self.cfg, client, address, listener.getsockname())
        self._tend(self._gather, conn)
        return True

    def on_client_socket_readable(self, conn: Any, client: Any) -> None:
        """Take what comes on a connection that was kept."""
        self._heard += 1
        self._tend(self._take_next, conn)

    def on_pending_socket_readable(self, conn: Any, client: Any) -> None:
        """Take more of a request that has begun."""
        self._heard += 1
        self._tend(self._take_more, conn)

    def enqueue_req(self, conn: Any) -> None:
        """Take the beginning of a next request, which came with the one before."""
        what = conn.next.add(conn.parser.unreader.take_buffered())
        if what is Coming.MORE:
            self._gather(conn)
        else:
            # Nothing more is read before it is served: who sends one after the other would have
            # us keep and copy ever more.
            self._serve_or_end(conn)

    def handle(self, conn: Any) -> Any:
        """Serve what came, in a thread."""
        QUEUE.seconds = time.monotonic() - conn.came_at
        conn.init()
        # From what came, and from nothing else: where gunicorn reads a request otherwise than
        # Gathered, its client has sent half of one, and no thread waits for the rest.
        conn.parser.unreader = IterUnreader([])
        conn.parser.unreader.unread(bytes(conn.next.came))
        conn.is_whole = conn.next.what is Coming.WHOLE
        conn.next = Gathered()
        try:
            return super().handle(conn)
        finally:
            QUEUE.seconds = 0.0

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer it; close the connection where more of it is coming that nobody reads, where the
        client asked for that, and where it did not take all of the answer.

        Who names no host, or what cannot be one, is refused (RFC 9112, 3.2).
        """
        hosts = [value for name, value in req.headers if name == "HOST"]
        if (req.version >= (1, 1) and not hosts) or not all(map(may_be_host, hosts)):
            raise InvalidHeader("HOST", req=req)
        if not conn.is_whole or _wants_to_close(req.headers):
            req.force_close()
        # Said already, where there was something to wait for.
        req._expected_100_continue = False
        return super().handle_request(req, conn) and not conn.sock.left

    def _tend(self, step: Callable[[Any], None], conn: Any) -> None:
        """Do a step for one connection. What goes wrong in it ends that one, and no other."""
        if conn.sock.fileno() < 0:
            # It made room for another in this very turn.
            return
        try:
            step(conn)
        except Exception as error:  # noqa: BLE001 - out of here it would end the worker
            self.log.warning("a connection was given up: %s", type(error).__name__)
            with suppress(KeyError, ValueError):
                self.poller.unregister(conn.sock)
            for idle in (self.pending_conns, self.keepalived_conns):
                with suppress(ValueError):
                    idle.remove(conn)
            self.nr_conns -= 1
            conn.close()

    def _take_next(self, conn: Any) -> None:
        self.poller.unregister(conn.sock)
        self.keepalived_conns.remove(conn)
        self._gather(conn)

    def _take_more(self, conn: Any) -> None:
        if self._has_come(conn):
            self.poller.unregister(conn.sock)
            self.pending_conns.remove(conn)
            self._serve_or_end(conn)

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
            part = conn.sock.recv(MAX_HEAD)
        except BlockingIOError:
            part = None
        except OSError:
            part = b""
        has_come = conn.next.add(part or b"") is not Coming.MORE or part == b""
        if not has_come and conn.next.wants_word():
            with suppress(OSError):
                conn.sock.sendall(_GO_ON)
        return has_come

    def _serve_or_end(self, conn: Any) -> None:
        request = conn.next
        if request.came and request.what is not Coming.ENDLESS:
            conn.came_at = time.monotonic()
            if self._is_for_what_is_ready(conn):
                self._serve_now(conn)
            else:
                super().enqueue_req(conn)
            return
        if request.came:
            with suppress(OSError):
                write_error(conn.sock, request.refusal, "", "")
        self.nr_conns -= 1
        # Who closed without a word reads none either.
        conn.close(graceful=bool(request.came))

    def _is_for_what_is_ready(self, conn: Any) -> bool:
        if self._served_at_once >= MAX_AT_ONCE:
            return False
        came = conn.next.came
        if _QUERY.sub(b"", bytes(came[: came.find(b"\r\n")])) not in self._ready_lines:
            return False
        # One request and no more: a row of them would keep this thread from everybody.
        is_alone: bool = came.find(b"\r\n\r\n") == len(came) - 4
        return is_alone

    def _serve_now(self, conn: Any) -> None:
        self._served_at_once += 1
        QUEUE.is_passed = True
        served: Future[Any] = Future()
        try:
            served.set_result(self.handle(conn))
        finally:
            QUEUE.is_passed = False
        self.finish_request(conn, served)

    def _make_room(self) -> None:
        """Close the connection that has been idle longest, if there is one."""
        # Who has sent no whole request gives way before who was answered and may go on.
        for idle in (self.pending_conns, self.keepalived_conns):
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
        # gunicorn keeps them until the last answer is given: who came meanwhile was let in by the
        # kernel, heard by nobody, and cut off seconds later, and nginx asked no other node before.
        for listener in self.sockets:
            listener.close()


def _asks_again(conn: Any) -> bool:
    # Who came before comes before: a place in the line whose question waits behind newcomers is
    # taken for absent, and one of those goes in its stead.
    return _SEALED.match(conn.next.came) is not None


def _wants_to_close(headers: Iterable[tuple[str, str]]) -> bool:
    # gunicorn understands the word alone, and in the first of several such lines.
    said = ",".join(value for name, value in headers if name == "CONNECTION")
    return "close" in [each.strip(" \t").lower() for each in said.split(",")]
