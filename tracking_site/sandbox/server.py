"""The stand-in core as a server: one thread a connection, hundreds of connections at once."""

import random
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime
from http.server import ThreadingHTTPServer
from types import FrameType, TracebackType
from typing import Any

from tracking_site.sandbox.changes import Changes
from tracking_site.sandbox.control import Control
from tracking_site.sandbox.core import Core
from tracking_site.sandbox.directory import Directory, Participant, Samples
from tracking_site.sandbox.handler import Handler
from tracking_site.sandbox.population import Population
from tracking_site.sandbox.samples import SAMPLES
from tracking_site.sandbox.stats import Stats

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    return datetime.now(UTC)


class CoreServer(ThreadingHTTPServer):
    """Listens, and can let go of every connection at once."""

    request_queue_size = 4096
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], core: Core, control: Control, stats: Stats):
        self.core = core
        self.control = control
        self.stats = stats
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        # The base class asks the resolver for its own name, which can take seconds.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        socket.socket.bind(self.socket, self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is its peer's affair; anything else is a fault of ours.

        Only its place is told, because the message could repeat a number.
        """
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, OSError):
            print(f"sandbox: {type(error).__name__}", file=sys.stderr)
            traceback.print_tb(error.__traceback__)

    def drop_connections(self) -> None:
        self.stopping.set()
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class Sandbox:
    """A stand-in core that can be started and stopped; also a context manager.

    `port` 0 takes any free one, and `url` says which. `clock` gives aware datetimes; `holidays`
    are days without work beyond weekends and fixed dates; `token` is asked of every request when
    it is given. The sample participants are `samples`, the others `directory.population`.
    """

    def __init__(
        self,
        port: int = 0,
        participants: int = 0,
        seed: int = 7,
        token: str | None = None,
        clock: Clock = system_clock,
        holidays: frozenset[date] = frozenset(),
        host: str = "127.0.0.1",
    ) -> None:
        self.samples: tuple[Participant, ...] = SAMPLES
        self.directory = Directory(
            Samples(SAMPLES), Population(participants, seed), clock, holidays
        )
        self._token = token
        self._seed = seed
        self._address = (host, port)
        self._server: CoreServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base address, e.g. `http://127.0.0.1:9100`."""
        if self._server is None:
            raise RuntimeError("the sandbox is not running")
        return f"http://{self._server.server_name}:{self._server.server_port}"

    def start(self) -> "Sandbox":
        """Listens and answers from a thread of its own. Raises OSError when the port is taken."""
        if self._server is not None:
            raise RuntimeError("the sandbox is running already")
        changes = Changes(self.directory)
        stats = Stats()
        control = Control(changes, stats, random.Random(self._seed))
        core = Core(self.directory, changes, self._token)
        self._server = CoreServer(self._address, core, control, stats)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="sandbox", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stops listening and cuts every connection."""
        if self._server is None or self._thread is None:
            return
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.drop_connections()
        self._server = self._thread = None

    def sample(self, situation: str) -> Participant:
        """The sample of a situation. Raises KeyError when there is none."""
        for participant in self.samples:
            if participant.situation == situation:
                return participant
        raise KeyError(situation)

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def serve(
    port: int = 9100,
    participants: int = 0,
    seed: int = 7,
    token: str | None = None,
    clock: Clock = system_clock,
    host: str = "127.0.0.1",
    holidays: frozenset[date] = frozenset(),
) -> None:
    """Runs a sandbox until SIGTERM or Ctrl-C. Raises OSError when the port is taken."""
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with Sandbox(port, participants, seed, token, clock, holidays, host) as sandbox:
            print(
                f"Sandbox core on {sandbox.url}: {len(sandbox.samples)} samples, "
                f"{participants} more participants (seed {seed})",
                flush=True,
            )
            ended.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
