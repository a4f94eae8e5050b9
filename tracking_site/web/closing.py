"""Connections are closed without anybody's waiting for the one at the other end.

A connection that is closed while its client still sends is reset, and the end of the answer may be
lost; so one side is closed first and what comes is read away until the client closes too (RFC 9112,
9.6). gunicorn waits for that up to two seconds in the one thread that takes all connections: three
clients who do not close made everybody else wait six.
"""

import socket
import time
from collections import deque
from collections.abc import Callable
from threading import Lock, Thread
from typing import NamedTuple

LINGER_SECONDS = 2.0
LOOK_SECONDS = 0.05
MAX_HELD = 256
"""Connections that wait for their clients; beyond it the one that waited longest is closed."""

_PART = 65_536


class _Held(NamedTuple):
    connection: socket.socket
    until: float


class Closing:
    """Closes connections; one thread of its own waits for the clients of all of them.

    `clock` gives monotonic seconds. The thread is there only while some wait.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._held: deque[_Held] = deque()
        self._is_looking = False

    def close(self, connection: socket.socket) -> None:
        """End what is sent, and the connection when its client closes or LINGER_SECONDS passed."""
        try:
            connection.shutdown(socket.SHUT_WR)
            connection.setblocking(False)
        except OSError:
            connection.close()
            return
        if _is_over(connection):
            return
        with self._lock:
            oldest = self._held.popleft() if len(self._held) >= MAX_HELD else None
            self._held.append(_Held(connection, self._clock() + LINGER_SECONDS))
            begins = not self._is_looking
            self._is_looking = True
        if oldest is not None:
            oldest.connection.close()
        if begins:
            Thread(target=self._look_on, name="closing", daemon=True).start()

    def look(self) -> bool:
        """Close those whose time or client is over; return whether any is left."""
        now = self._clock()
        with self._lock:
            held, self._held = self._held, deque()
        left = [each for each in held if not _is_over(each.connection, is_late=each.until <= now)]
        with self._lock:
            self._held.extendleft(reversed(left))
            self._is_looking = bool(self._held)
            return self._is_looking

    def _look_on(self) -> None:
        while self.look():
            time.sleep(LOOK_SECONDS)


def _is_over(connection: socket.socket, is_late: bool = False) -> bool:
    """Read away what came, and close a connection whose client closed, or which is late."""
    try:
        is_open = not is_late and bool(connection.recv(_PART))
    except BlockingIOError:
        is_open = True
    except OSError:
        is_open = False
    if not is_open:
        connection.close()
    return not is_open
