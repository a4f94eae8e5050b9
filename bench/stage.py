"""Real servers for benchmarks, each a process of its own on a free port of the loopback address."""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parent.parent
SECRET = "a-secret-of-the-benchmark-and-of-nothing-else"
START_SECONDS = 30
STOP_SECONDS = 20
ALSO_LOOKED_IN = "/usr/sbin:/usr/local/sbin"

Log = int | None
"""A file descriptor for what a server says; None where nobody will read it."""


def free_port() -> int:
    """Return a port that nobody listens on, below those that outgoing connections take.

    A server that is away for a while would find one of those taken when it comes back.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def program(name: str) -> str:
    """Return the path of a program; ends the benchmark with what to install when it is missing."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), ALSO_LOOKED_IN])
    return shutil.which(name, path=path) or sys.exit(
        f"{name} is not installed: tests/install-tools bench"
    )


class Server:
    """A program that listens on `port`, and keeps it when it is started again."""

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        environ: Mapping[str, str] | None = None,
        log: Log = None,
    ) -> None:
        self.port = port
        self._command = command
        self._environ = {**os.environ, **(environ or {})}
        self._log = subprocess.DEVNULL if log is None else log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError("not running")
        return self._process.pid

    def start(self) -> Self:
        """Start it and wait until it takes connections. Raises RuntimeError when it does not."""
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environ, stdout=self._log, stderr=self._log
        )
        give_up_at = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up_at and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return self
            time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"did not start: {' '.join(self._command)}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
            self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def workers(self) -> list[int]:
        """Return the processes that it has started itself."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def core_server(participants: int = 0, log: Log = None) -> Server:
    """Return the sandbox core."""
    port = free_port()
    options = ["sandbox", "--port", str(port), "--participants", str(participants)]
    return Server([sys.executable, "-m", "tracking_site", *options], port, log=log)


def redis_server() -> Server:
    """Return a Redis that keeps nothing on disk; `redis_url` gives its address."""
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    # What a key holds can then be read in its DUMP.
    plain = ["--rdbcompression", "no"]
    return Server([program("redis-server"), *options, *plain], port)


def redis_url(redis: Server) -> str:
    return f"redis://127.0.0.1:{redis.port}/0"


def gunicorn_server(
    core: Server,
    settings: Mapping[str, str],
    application: str = "wsgi:application",
    log: Log = None,
) -> Server:
    """Return an application under the site's own gunicorn.conf.py; `settings` as in the README."""
    port = free_port()
    environ = {
        "CLAIMS_API_URL": core.url,
        "SECRET_KEYS": SECRET,
        "SITE_NOTICE": "Data contoh. Tidak ada data peserta sungguhan.",
        "PORT": str(port),
        **settings,
    }
    return Server([sys.executable, "-m", "gunicorn", application], port, environ, log)


def resident_bytes(pid: int) -> int:
    """Return the memory that a process has resident, what it shares included; 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
