"""HTTP from one thread: timers, thousands of open requests, and how late everything began.

An epoll loop of its own, because the generator shares two cores with what it measures: a request
costs it some 150 microseconds, most of them the system's.
"""

import errno
import heapq
import resource
import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

PATIENCE_SECONDS = 30.0
"""After so long without an answer a visitor gives up."""

_GOING_ON = (errno.EINPROGRESS, errno.EAGAIN)
_SIZE = 65536

Call = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Reply:
    """`status` 0 means that the connection ended without an answer, -1 that patience ended."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


CUT = Reply(0)
UNANSWERED = Reply(-1)


class Loop:
    """Timers and sockets. `now()` is monotonic, in seconds."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._timers: list[tuple[float, int, Call]] = []
        self._order = count()
        self._heard: dict[int, Callable[[int], None]] = {}
        self.now = time.monotonic

    def at(self, when: float, call: Call) -> None:
        heapq.heappush(self._timers, (when, next(self._order), call))

    def hear(self, fd: int, events: int, call: Callable[[int], None]) -> None:
        self._heard[fd] = call
        self._epoll.register(fd, events)

    def change(self, fd: int, events: int) -> None:
        self._epoll.modify(fd, events)

    def forget(self, fd: int) -> None:
        del self._heard[fd]
        self._epoll.unregister(fd)

    def run(self, is_over: Callable[[], bool]) -> None:
        """Go on until `is_over` says so, asked after each turn."""
        while not is_over():
            pause = self._timers[0][0] - self.now() if self._timers else 0.1
            for fd, events in self._epoll.poll(max(0.0, min(pause, 0.1))):
                call = self._heard.get(fd)
                if call is not None:
                    call(events)
            now = self.now()
            while self._timers and self._timers[0][0] <= now:
                heapq.heappop(self._timers)[2]()


class Connection:
    """One visitor's connection, kept while both sides want it; one request at a time.

    A kept connection that ends before the first byte of an answer is opened anew and asked once
    more, as browsers do. A new one that ends so is reported as CUT.
    """

    def __init__(self, loop: Loop, port: int) -> None:
        self._loop = loop
        self._port = port
        self._socket: socket.socket | None = None
        self._request = b""
        self._sent = 0
        self._buffer = bytearray()
        self._length: int | None = None
        self._head_ends = 0
        self._status = 0
        self._headers: dict[str, str] = {}
        self._answered: Callable[[Reply], None] | None = None
        self._is_reused = False
        self._turn = 0

    def ask(
        self, request: bytes, answered: Callable[[Reply], None], give_up_at: float | None = None
    ) -> None:
        """Send a request; `answered` is called once, with UNANSWERED at the latest in time."""
        self._request, self._answered = request, answered
        self._turn += 1
        turn = self._turn
        at = self._loop.now() + PATIENCE_SECONDS if give_up_at is None else give_up_at
        self._loop.at(at, lambda: self._give_up(turn))
        self._is_reused = self._socket is not None
        self._begin()

    def close(self) -> None:
        if self._socket is not None:
            self._loop.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _begin(self) -> None:
        self._sent = 0
        self._buffer.clear()
        self._length = None
        if self._socket is None:
            self._socket = made = socket.socket()
            made.setblocking(False)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            error = made.connect_ex(("127.0.0.1", self._port))
            self._loop.hear(made.fileno(), select.EPOLLIN, self._on_event)
            if error and error not in _GOING_ON:
                self._end(CUT)
                return
        self._send()

    def _send(self) -> None:
        assert self._socket is not None
        try:
            self._sent += self._socket.send(self._request[self._sent :])
        except OSError as error:
            # Not connected yet: the queue of the listener is full, or it takes a moment.
            if error.errno not in (*_GOING_ON, errno.ENOTCONN):
                self._broken()
                return
        is_whole = self._sent == len(self._request)
        if not is_whole:
            self._loop.change(self._socket.fileno(), select.EPOLLIN | select.EPOLLOUT)

    def _on_event(self, events: int) -> None:
        assert self._socket is not None
        if events & select.EPOLLOUT:
            self._loop.change(self._socket.fileno(), select.EPOLLIN)
            self._send()
            return
        try:
            data = self._socket.recv(_SIZE)
        except OSError as error:
            # An event may be one of the socket that had this number before.
            if error.errno in (errno.EAGAIN, errno.ENOTCONN):
                return
            data = b""
        if data:
            self._buffer += data
            self._read()
        elif self._length == -1:
            self._done(closes=True)
        else:
            self._broken()

    def _broken(self) -> None:
        self.close()
        if self._answered is None:
            return
        if self._is_reused and not self._buffer:
            self._is_reused = False
            self._begin()
        else:
            self._end(CUT)

    def _read(self) -> None:
        if self._answered is None:
            return
        if self._length is None:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            lines = self._buffer[:end].decode("latin-1").split("\r\n")
            self._status = int(lines[0].split(" ", 2)[1])
            fields = (line.partition(":") for line in lines[1:])
            self._headers = {name.lower(): value.strip() for name, _, value in fields}
            self._head_ends = end + 4
            # Without a length it lasts until the end; nobody here sends chunks.
            usual = "0" if self._status in (204, 304) else "-1"
            self._length = int(self._headers.get("content-length", usual))
        if 0 <= self._length <= len(self._buffer) - self._head_ends:
            self._done(closes=self._headers.get("connection", "").lower() == "close")

    def _done(self, *, closes: bool) -> None:
        reply = Reply(self._status, self._headers, bytes(self._buffer[self._head_ends :]))
        if closes:
            self.close()
        self._end(reply)

    def _end(self, reply: Reply) -> None:
        answered, self._answered = self._answered, None
        if reply.status <= 0:
            self.close()
        if answered is not None:
            answered(reply)

    def _give_up(self, turn: int) -> None:
        if turn == self._turn and self._answered is not None:
            self._end(UNANSWERED)


def allow_many_connections() -> None:
    """Let this process have as many sockets as the system lets it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
