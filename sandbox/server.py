"""The stand-in core as a server: one event loop, a thousand requests under way at once."""

import asyncio
import random
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime
from types import FrameType
from typing import Any

from sandbox.capacity import Capacity
from sandbox.changes import Changes
from sandbox.connection import Connection, Desk
from sandbox.control import Control
from sandbox.core import Core
from sandbox.directory import Directory, Participant, Samples
from sandbox.population import Population
from sandbox.samples import SAMPLES
from sandbox.stats import Stats

Clock = Callable[[], datetime]

QUEUE = 4096
"""Connections that may wait to be accepted."""


def system_clock() -> datetime:
    return datetime.now(UTC)


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
        self._host, self._port = host, port
        self._desk: Desk | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The base address, e.g. `http://127.0.0.1:9100`."""
        if self._desk is None:
            raise RuntimeError("the sandbox is not running")
        return self._url

    def start(self) -> "Sandbox":
        """Listens and answers from a thread of its own. Raises OSError when the port is taken."""
        if self._desk is not None:
            raise RuntimeError("the sandbox is running already")
        listener = _listening(self._host, self._port)
        host, port = listener.getsockname()
        self._url = f"http://{host}:{port}"
        changes = Changes(self.directory)
        stats = Stats()
        control = Control(changes, stats, random.Random(self._seed))
        core = Core(self.directory, changes, self._token)
        capacity = Capacity(random.Random(self._seed))
        self._desk = Desk(
            asyncio.new_event_loop(), core, control, stats, capacity, self.directory.clock
        )
        is_running = threading.Event()
        self._thread = threading.Thread(
            target=_run, args=(self._desk, listener, is_running), name="sandbox", daemon=True
        )
        self._thread.start()
        is_running.wait()
        return self

    def stop(self) -> None:
        """Stops listening and cuts every connection."""
        if self._desk is None or self._thread is None:
            return
        self._desk.loop.call_soon_threadsafe(self._desk.loop.stop)
        self._thread.join()
        self._desk = self._thread = None

    def sample(self, situation: str) -> Participant:
        """The sample of a situation. Raises KeyError when there is none."""
        for participant in self.samples:
            if participant.situation == situation:
                return participant
        raise KeyError(situation)

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _listening(host: str, port: int) -> socket.socket:
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(QUEUE)
    except BaseException:
        listener.close()
        raise
    return listener


def _run(desk: Desk, listener: socket.socket, is_running: threading.Event) -> None:
    """Answer until the loop is stopped, then cut every connection."""
    loop = desk.loop
    loop.set_exception_handler(_tell_of)
    listening = loop.create_server(lambda: Connection(desk), sock=listener, backlog=QUEUE)
    server = loop.run_until_complete(listening)
    # Before it runs, a loop that is stopped would not notice.
    loop.call_soon(is_running.set)
    try:
        loop.run_forever()
    finally:
        server.close()
        for connection in tuple(desk.connections):
            connection.abort()
        # One more turn, in which the connections are told that they are lost.
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


def _tell_of(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell of a fault of ours; a connection that broke is its peer's affair.

    Only its place is told, because the message could repeat a number.
    """
    error = context.get("exception")
    if error is not None and not isinstance(error, OSError):
        print(f"sandbox: {type(error).__name__}", file=sys.stderr)
        traceback.print_tb(error.__traceback__)


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
