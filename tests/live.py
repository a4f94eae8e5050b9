"""The site as it runs in production: gunicorn as a process of its own, before a sandbox core.

What it writes goes to a file, so that a test can read there what must not be in it.
"""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.error import URLError
from urllib.request import urlopen

from tests.pages import NUMBER
from tracking_site.sandbox import Participant, Sandbox

ROOT = Path(__file__).parent.parent
SECRET = "live-sites-of-tests-seal-with-this-key-alone"
START_SECONDS = 30
STOP_SECONDS = 20


def free_port() -> int:
    """Return a port of the loopback address that nobody uses at the moment.

    It lies below those that the kernel gives to clients: one of them could take it meanwhile.
    """
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as listener, suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


class LiveSite:
    """A core and a site in front of it, started and stopped together; also a context manager.

    `changes` are settings by their names in the environment. The site keeps its port when it
    is stopped and started again. The core knows `participants` beside its samples.
    """

    def __init__(self, logs: Path, participants: int = 0, **changes: str) -> None:
        self.core = Sandbox(participants=participants)
        self.logs = logs
        self.port = free_port()
        self._changes = changes
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process of gunicorn's master."""
        assert self._process is not None
        return self._process.pid

    def raw(self, request: bytes) -> bytes:
        """Send bytes as they are and return the beginning of what comes back."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall(request)
            return connection.recv(1000)

    def sample(self, situation: str) -> Participant:
        return self.core.sample(situation)

    def change(self, **changes: str) -> None:
        """Set settings for the next start."""
        self._changes |= changes

    def start(self) -> None:
        """Start the site and wait until it answers. Raises RuntimeError with its log."""
        with self.logs.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "wsgi:application"],
                cwd=ROOT,
                env=self._environ(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        give_up_at = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up_at and self._process.poll() is None:
            try:
                with urlopen(f"{self.url}/-/healthz", timeout=1):
                    return
            except (URLError, OSError):
                time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"the site did not start:\n{self.logs.read_text(errors='replace')}")

    def stop(self) -> None:
        """Stop the site; its core goes on."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """End gunicorn's master and its workers at once, as a machine that loses its power."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for pid in [self.pid, *map(int, children)]:
            os.kill(pid, signal.SIGKILL)
        assert self._process is not None
        self._process.wait()
        self._process = None

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
        try:
            self.start()
        except BaseException:
            self.core.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self.core.stop()

    def _environ(self) -> dict[str, str]:
        settings = {
            "CLAIMS_API_URL": self.core.url,
            "SECRET_KEYS": SECRET,
            "SITE_NOTICE": "Data contoh. Tidak ada data peserta sungguhan.",
            "SITE_NOTICE_EN": "Sample data. No real participant's data.",
            "GUARD_OFF": "1",
            "REQUESTS_PER_MINUTE": "100000",
            "REQUESTS_PER_SECOND": "10000",
            "LOG_LEVEL": "debug",
        }
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        return {**kept, "PORT": str(self.port), **settings, **self._changes}
