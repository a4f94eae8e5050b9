"""Small servers on bare sockets, for what no decent HTTP server can be made to do."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class RawServer:
    """Hands each connection to `serve`; `requests` are the heads and bodies that were read."""

    serve: Callable[["RawServer", socket.socket], None]
    port: int = 0
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.stopping = threading.Event()
        threading.Thread(target=self._run, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def read_request(self, connection: socket.socket) -> bytes:
        """Read one request with its body; empty when the other side hung up."""
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                while len(body) < int(value):
                    body += connection.recv(65536)
        self.requests.append(head + b"\r\n\r\n" + body)
        return self.requests[-1]

    def stop(self) -> None:
        self.stopping.set()
        # Closed alone, it would take one more connection: the one that accept waits for.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                self.serve(self, connection)
            except OSError:
                return


@contextmanager
def raw_server(serve: Callable[[RawServer, socket.socket], None]) -> Iterator[RawServer]:
    server = RawServer(serve)
    try:
        yield server
    finally:
        server.stop()


def always(reply: bytes) -> Callable[[RawServer, socket.socket], None]:
    """Answer every request with the same bytes, and close where they do not say how long."""

    def serve(server: RawServer, connection: socket.socket) -> None:
        while server.read_request(connection):
            connection.sendall(reply)
            if b"Content-Length" not in reply:
                return

    return serve


def dripping(reply: bytes, pause: float) -> Callable[[RawServer, socket.socket], None]:
    """Send one byte, wait, send the next, from the first byte of the head on."""

    def serve(server: RawServer, connection: socket.socket) -> None:
        server.read_request(connection)
        for byte in reply:
            connection.sendall(bytes([byte]))
            if server.stopping.wait(pause):
                return

    return serve


def ok(body: bytes, *headers: str, kind: str = "application/json") -> bytes:
    """Return a whole reply with status 200."""
    head = [f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@contextmanager
def slow_way_to(port: int, seconds: float) -> Iterator[int]:
    """Stand between a client and a port, and hold back every answer; yields the way's port."""

    def serve(server: RawServer, connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", port)) as far:
            threading.Thread(target=_pass_on, args=(connection, far, None), daemon=True).start()
            _pass_on(far, connection, lambda: server.stopping.wait(seconds))

    with raw_server(serve) as server:
        yield int(server.url.rpartition(":")[2])


def _pass_on(
    source: socket.socket, target: socket.socket, before: Callable[[], object] | None
) -> None:
    try:
        while data := source.recv(65536):
            if before is not None:
                before()
            target.sendall(data)
    except OSError:
        return
