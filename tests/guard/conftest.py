"""A real Redis for the ledgers, and the small things that every test of the guard needs."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis

from tracking_site.guard.build import REDIS_SECONDS
from tracking_site.redis_client import brief_redis

START = 4_000_000_000.0
"""A virtual clock begins far ahead, where the machine's own clock expires nothing."""


@dataclass
class Clock:
    """A clock that stands until it is told to move."""

    now: float = START

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True)
class Number:
    """An identifier as the guard sees it; the characters mean nothing here."""

    canonical: str
    kind: str = "nik"


class RedisServer:
    """A redis-server of the test's own, that can be stopped, frozen and started again."""

    def __init__(self, directory: Path):
        self._directory = directory
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self._directory)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                self.client().ping()
            except redis.RedisError:
                time.sleep(0.02)
            else:
                return
        raise RuntimeError("redis-server did not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def client(self, seconds: float = REDIS_SECONDS) -> redis.Redis:
        """The client of production; `seconds` for whoever must not be in a hurry."""
        url = f"redis://127.0.0.1:{self.port}/0"
        return brief_redis(url, connect_seconds=seconds, answer_seconds=seconds)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.kill()


@pytest.fixture
def redis_client(redis_server: RedisServer) -> redis.Redis:
    """An empty database, with time enough for a busy machine."""
    client = redis_server.client(seconds=5)
    client.flushall()
    return client


@pytest.fixture
def own_redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that the test may kill."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    server = RedisServer(tmp_path)
    yield server
    server.kill()


@pytest.fixture
def clock() -> Clock:
    return Clock()


NumberMaker = Callable[[int], Number]
