"""The site as it runs in production: gunicorn as a process of its own, before a sandbox core.

What it writes goes to a file, so that a test can read there what must not be in it.
"""

import os
import signal
import socket
import time
from pathlib import Path
from random import choices
from string import ascii_lowercase
from typing import Self

import requests

from harness.servers import GunicornServer
from sandbox import Participant, Sandbox
from tests.pages import NUMBER

SECRET = "live-sites-of-tests-seal-with-this-key-alone"

_SETTINGS = {
    "SECRET_KEYS": SECRET,
    "SITE_NOTICE_EN": "Sample data. No real participant's data.",
    "GUARD_OFF": "1",
    "REQUESTS_PER_MINUTE": "100000",
    "LOG_LEVEL": "debug",
}


class LiveSite(GunicornServer):
    """A core and a site in front of it, started and stopped together; also a context manager.

    `changes` are settings by their names in the environment. The site keeps its port when it
    is stopped and started again. The core knows `participants` beside its samples. With
    `redis_seconds` it waits so long for each answer of Redis, which a busy machine makes late.
    """

    def __init__(
        self, logs: Path, participants: int = 0, redis_seconds: float = 0, **changes: str
    ) -> None:
        self.core = Sandbox(participants=participants)
        self.logs = logs
        application = "wsgi:application"
        if redis_seconds:
            application = "drills.attack.drill_wsgi"
            changes["DRILL_REDIS_SECONDS"] = str(redis_seconds)
        super().__init__(_SETTINGS | changes, application, log=logs, health="/-/healthz")

    def raw(self, request: bytes) -> bytes:
        """Send bytes as they are and return the beginning of what comes back."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall(request)
            return connection.recv(1000)

    def sample(self, situation: str) -> Participant:
        return self.core.sample(situation)

    def change(self, **changes: str) -> None:
        """Set settings for the next start."""
        self.environ |= changes

    def kill(self) -> None:
        """End gunicorn's master and its workers at once, as a machine that loses its power."""
        for pid in [self.pid, *self.workers()]:
            os.kill(pid, signal.SIGKILL)
        super().kill()

    def logged(self) -> str:
        """Return the log, with what was asked before the call in it, if one process serves."""
        mark = "".join(choices(ascii_lowercase, k=24))
        given = {"X-Request-ID": mark}
        assert requests.get(f"{self.url}/robots.txt", headers=given, timeout=30).ok
        until = time.monotonic() + 30
        while mark not in (log := self.logs.read_text(encoding="utf-8", errors="replace")):
            assert time.monotonic() < until, "a request is not in the log"
            time.sleep(0.01)
        return log

    def numbers_in_log(self) -> list[str]:
        """Return the lines that hold anything that looks like a KPJ or NIK."""
        lines = self.logs.read_text(encoding="utf-8", errors="replace").splitlines()
        numbers = {each for one in self.core.samples for each in (one.nik, one.kpj)}
        return [
            line
            for line in lines
            if NUMBER.search(line) or any(number in line for number in numbers)
        ]

    def __enter__(self) -> Self:
        self.core.start()
        self.environ.setdefault("CLAIMS_API_URL", self.core.url)
        try:
            self.start()
        except BaseException:
            self.core.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.core.stop()
