"""What lies between a client and a server, and breaks: a NAT, a firewall, a load balancer.

Each trouble meets the connections that are open at that moment; new ones pass.
"""

import ctypes
import socket
import struct
import threading
from contextlib import suppress
from typing import Self

_SO_ATTACH_FILTER = 26
_DROP_EVERYTHING = struct.pack("HBBI", 6, 0, 0, 0)
"""One instruction of a classic packet filter: return 0 bytes of each packet."""

_PASS, _SWALLOW, _RESET, _HANG_UP = "pass", "swallow", "reset", "hang up"


class Way:
    """Passes on what comes to `port`; also a context manager. `connections` counts them all."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._open: list[_Connection] = []
        self.connections = 0
        self.port: int = self._listener.getsockname()[1]

    def lead_to(self, target: int) -> None:
        """Take new connections to another port; open ones stay where they are."""
        self._target = target

    def forget(self) -> None:
        """Drop every packet of open connections: no acknowledgement, no reset (Linux)."""
        for each in self._open:
            each.forget()

    def swallow(self) -> None:
        """Acknowledge what comes on open connections, and pass nothing on."""
        self._become(_SWALLOW)

    def reset(self) -> None:
        """Answer the next bytes on open connections with a reset."""
        self._become(_RESET)

    def hang_up(self) -> None:
        """Take the next bytes on open connections, and close them."""
        self._become(_HANG_UP)

    def close(self) -> None:
        # Closing alone would leave a thread in accept, and the port taken.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._open:
            each.close()

    def __enter__(self) -> Self:
        threading.Thread(target=self._run, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _become(self, what: str) -> None:
        for each in self._open:
            each.does = what

    def _run(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                far = socket.create_connection(("127.0.0.1", self._target), 5)
            except OSError:
                near.close()
                continue
            connection = _Connection(near, far)
            # Known before it passes anything, or the next trouble would not meet it.
            self._open.append(connection)
            connection.start()


class _Connection:
    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self.does = _PASS
        self._near = near
        self._far = far
        for sock in (near, far):
            sock.settimeout(None)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def start(self) -> None:
        for work in (self._onwards, self._back):
            threading.Thread(target=work, daemon=True).start()

    def forget(self) -> None:
        code = ctypes.create_string_buffer(_DROP_EVERYTHING)
        program = struct.pack("HL", 1, ctypes.addressof(code))
        # A client that has gone already needs no trouble.
        with suppress(OSError):
            self._near.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)

    def close(self) -> None:
        for sock in (self._near, self._far):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _onwards(self) -> None:
        with suppress(OSError):
            while data := self._near.recv(65536):
                if self.does == _PASS:
                    self._far.sendall(data)
                elif self.does == _RESET:
                    at_once = struct.pack("ii", 1, 0)
                    self._near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
                    # Shut down first, it would be a polite end.
                    self._near.close()
                    self._far.close()
                    return
                elif self.does == _HANG_UP:
                    break
        self.close()

    def _back(self) -> None:
        with suppress(OSError):
            while data := self._far.recv(65536):
                if self.does != _SWALLOW:
                    self._near.sendall(data)
        if self.does == _PASS:
            self.close()
