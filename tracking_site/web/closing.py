"""Answers are sent and connections closed without anybody's waiting for the client.

A client that does not read fills the kernel's buffer, soonest one that says it takes 48 bytes at a
time: 28 kB then do not fit into 416. Whoever sends more waits for as long as that client likes, and
one of them in the one thread that takes all connections stops a process. So what is not taken at
once stays with its connection, which is closed when it was.

A connection that is closed while its client still sends is reset, and the end of the answer may be
lost; so one side is closed first and what comes is read away until the client closes too (RFC 9112,
9.6). gunicorn waits for that up to two seconds in the one thread that takes all connections: three
clients who do not close made everybody else wait six.
"""

import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, Self

LINGER_SECONDS = 2.0
SEND_SECONDS = 10.0
"""So long a client may take for what it did not take at once."""

LOOK_SECONDS = 0.05
MAX_HELD = 256
"""Connections that wait for their clients; beyond it the one that waited longest is closed."""

_PART = 65_536


class Connection(socket.socket):
    """A client's, on which no thread waits: what the client does not take at once is `left`."""

    left = b""
    _has_ended = False

    @classmethod
    def of(cls, taken: socket.socket) -> Self:
        """Return the same connection; the socket that is given is one no more."""
        connection = cls(taken.family, taken.type, taken.proto, fileno=taken.detach())
        super(cls, connection).setblocking(False)
        return connection

    def setblocking(self, flag: bool) -> None:
        """Do nothing: it never blocks.

        gunicorn says so and otherwise six times a request, and each time the system is called
        other threads run.
        """

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send what the client takes now, and keep the rest."""
        self.left += bytes(data)
        self._send_left()

    def send(self, data: Any, flags: int = 0) -> int:
        """Do the same; all of it is taken."""
        self.sendall(data)
        return len(data)

    def end(self) -> bool:
        """Send of what is left what the client takes now; after the last of it say that it was.

        Return whether it was said. Raises OSError when the client is gone.
        """
        self._send_left()
        if not self.left and not self._has_ended:
            self.shutdown(socket.SHUT_WR)
            self._has_ended = True
        return self._has_ended

    def _send_left(self) -> None:
        with suppress(BlockingIOError):
            while self.left:
                self.left = self.left[super().send(self.left, socket.MSG_DONTWAIT) :]


class Closing:
    """Closes connections; one thread of its own waits for the clients of all of them.

    `clock` gives monotonic seconds. The thread is there only while some wait.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._held: deque[tuple[Connection, float]] = deque()
        self._is_looking = False

    def close(self, taken: socket.socket) -> None:
        """End what is sent, and the connection when its client closes or had its time."""
        # Workers other than ours, which benchmarks start, have sockets of the usual kind.
        connection = taken if isinstance(taken, Connection) else Connection.of(taken)
        seconds = SEND_SECONDS if connection.left else LINGER_SECONDS
        if _is_over(connection):
            return
        with self._lock:
            oldest = self._held.popleft() if len(self._held) >= MAX_HELD else None
            self._held.append((connection, self._clock() + seconds))
            begins = not self._is_looking
            self._is_looking = True
        if oldest is not None:
            oldest[0].close()
        if begins:
            try:
                Thread(target=self._look_on, name="closing", daemon=True).start()
            except RuntimeError:
                # No more threads are to be had. The next that is closed tries again.
                self._is_looking = False

    def look(self) -> bool:
        """Close those whose time or client is over; return whether any is left."""
        now = self._clock()
        with self._lock:
            held, self._held = self._held, deque()
        left = [(each, until) for each, until in held if not _is_over(each, is_late=until <= now)]
        with self._lock:
            self._held.extendleft(reversed(left))
            self._is_looking = bool(self._held)
            return self._is_looking

    def _look_on(self) -> None:
        while self.look():
            time.sleep(LOOK_SECONDS)


def _is_over(connection: Connection, is_late: bool = False) -> bool:
    """Send on, read away what came, and close what is late, or where the client closed."""
    try:
        has_ended = connection.end()
        is_open = not is_late and (bool(connection.recv(_PART)) or not has_ended)
    except BlockingIOError:
        is_open = True
    except OSError:
        is_open = False
    if not is_open:
        connection.close()
    return not is_open
