"""Real servers that tests start for themselves, each on a free port of the loopback address."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.live import free_port
from tests.needs import needed

START_SECONDS = 20


class RedisServer:
    """A Redis without persistence that can be stopped, killed, held still and started again."""

    def __init__(self, configuration: Path | None = None) -> None:
        self.port = free_port()
        self._configuration = [str(configuration)] if configuration else []
        self._program = needed("redis")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def client(self) -> redis.Redis:
        """Return a patient client for the test's own questions."""
        return redis.Redis(port=self.port, socket_timeout=5, retry=Retry(NoBackoff(), 0))

    def start(self) -> None:
        """Start it, always on the same port; RuntimeError when it does not answer."""
        self._process = subprocess.Popen(
            [
                self._program,
                *self._configuration,
                *("--port", str(self.port), "--bind", "127.0.0.1"),
                *("--save", "", "--appendonly", "no"),
            ],
            stdout=subprocess.DEVNULL,
        )
        give_up_at = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up_at and self._process.poll() is None:
            try:
                with self.client() as client:
                    client.ping()
                return
            except redis.RedisError:
                time.sleep(0.02)
        self.kill()
        raise RuntimeError("redis-server did not start")

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def held_still(self) -> Iterator[None]:
        """While inside, connections are accepted by the kernel and nothing is answered."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)


@contextmanager
def running_redis(configuration: Path | None = None) -> Iterator[RedisServer]:
    """Run a Redis, by this file if one is given.

    Skips the test that asks where none is installed (tests/needs.py).
    """
    server = RedisServer(configuration)
    server.start()
    try:
        yield server
    finally:
        server.kill()
