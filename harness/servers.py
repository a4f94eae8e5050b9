"""Real servers for benchmarks and tests, each a process of its own on a free local port."""

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.request import Request, urlopen

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

ROOT = Path(__file__).parent.parent
SECRET = "a-secret-of-the-benchmark-and-of-nothing-else"
START_SECONDS = 90
STOP_SECONDS = 20
ALSO_LOOKED_IN = "/usr/sbin:/usr/local/sbin"
KEPT_OF_THE_ENVIRONMENT = ("PATH", "HOME", "TMPDIR")
"""No setting of the shell that starts a benchmark or a test reaches a server."""

REDIS = ("redis-server", "valkey-server")


def free_port() -> int:
    """Return a port that nobody listens on, below those that outgoing connections take.

    A server that is away for a while would find one of those taken when it comes back.
    """
    while True:
        port = random.randrange(10_000, 32_000)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def found(*names: str) -> str | None:
    """Return the path of the first of these programs that is installed.

    One that a lock file pins, beside this Python, goes before the machine's own.
    """
    pinned = str(Path(sys.executable).parent)
    path = os.pathsep.join([pinned, os.environ.get("PATH", os.defpath), ALSO_LOOKED_IN])
    return next(filter(None, (shutil.which(name, path=path) for name in names)), None)


def program(*names: str) -> str:
    """Return the path of a program; ends the benchmark with what to install when it is missing."""
    return found(*names) or sys.exit(
        f"{' or '.join(names)} is not installed: tests/install-tools bench"
    )


class Server:
    """A program that listens on `port`, and keeps it when it is started again.

    `environ` may be changed between two starts. What it says goes to `log`, or to nobody. It is
    ready when it takes connections, or when `health`, a path, is answered.
    """

    def __init__(
        self,
        command: Sequence[str],
        port: int,
        environ: Mapping[str, str] | None = None,
        log: Path | None = None,
        health: str = "",
    ) -> None:
        self.port = port
        self.environ = dict(environ or {})
        self.log = log
        self._command = command
        self._health = health
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
        """Start it and wait until it is ready. Raises RuntimeError with its log."""
        self._process = self._launched()
        give_up_at = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up_at and self._process.poll() is None:
            if self._is_ready():
                return self
            time.sleep(0.01)
        self.stop()
        raise RuntimeError(f"did not start: {' '.join(self._command)}\n{self.said()}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)
            self._process.kill()
            self._process.wait()
            self._process = None

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def held_still(self) -> Iterator[None]:
        """While inside, connections are accepted by the kernel and nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    def workers(self) -> list[int]:
        """Return the processes that it has started itself."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def said(self) -> str:
        """Return the end of its log."""
        return self.log.read_text(errors="replace")[-2_000:] if self.log else ""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _launched(self) -> subprocess.Popen[bytes]:
        kept = {name: os.environ[name] for name in KEPT_OF_THE_ENVIRONMENT if name in os.environ}
        with (self.log or Path(os.devnull)).open("ab") as log:
            return subprocess.Popen(
                self._command, cwd=ROOT, env={**kept, **self.environ}, stdout=log, stderr=log
            )

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            if self._health:
                urlopen(self.url + self._health, timeout=5).close()
            else:
                socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        return False


class CoreServer(Server):
    """The sandbox core, with so many people beside its samples."""

    def __init__(self, participants: int = 0, seed: int = 7, log: Path | None = None) -> None:
        port = free_port()
        options = ["--port", str(port), "--participants", str(participants), "--seed", str(seed)]
        command = [sys.executable, "-m", "tracking_site", "sandbox", *options]
        super().__init__(command, port, log=log, health="/v1/health")

    @property
    def lookups(self) -> int:
        """How often it was asked since the last reset."""
        return int(self.control("stats")["lookups"])

    def control(self, path: str, document: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Ask or tell the sandbox, below `/sandbox`. Raises OSError when it does not listen."""
        body = None if document is None else json.dumps(document).encode()
        with urlopen(Request(f"{self.url}/sandbox/{path}", body), timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)
            return told


class RedisServer(Server):
    """A Redis that keeps nothing on disk, by this file if one is given."""

    def __init__(self, configuration: Path | None = None) -> None:
        port = free_port()
        by_file = [str(configuration)] if configuration else []
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        # What a key holds can then be read in its DUMP.
        plain = ["--rdbcompression", "no"]
        # A replica copies its master at once, and leaves no file that the next server would read.
        copies = ["--repl-diskless-sync-delay", "0", "--repl-diskless-load", "swapdb"]
        super().__init__([program(*REDIS), *by_file, *options, *plain, *copies], port)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def stop(self) -> None:
        """End it at once: nothing is to be saved, and asked to end, it waits for its replicas."""
        self.kill()

    def client(self) -> redis.Redis:
        """Return a patient client, for questions that are not measured."""
        return redis.Redis(port=self.port, socket_timeout=5, retry=Retry(NoBackoff(), 0))

    def _is_ready(self) -> bool:
        with contextlib.suppress(redis.RedisError), self.client() as client:
            return bool(client.ping())
        return False


class GunicornServer(Server):
    """An application under the site's own gunicorn.conf.py; `settings` as in the README."""

    def __init__(
        self,
        settings: Mapping[str, str],
        application: str = "wsgi:application",
        log: Path | None = None,
        health: str = "",
    ) -> None:
        port = free_port()
        environ = {
            "SECRET_KEYS": SECRET,
            "SITE_NOTICE": "Data contoh. Tidak ada data peserta sungguhan.",
            "PORT": str(port),
            **settings,
        }
        command = [sys.executable, "-m", "gunicorn", application]
        super().__init__(command, port, environ, log, health)


def gunicorn_server(
    core: Server,
    settings: Mapping[str, str],
    application: str = "wsgi:application",
    log: Path | None = None,
) -> GunicornServer:
    """Return an application that asks this core."""
    return GunicornServer({"CLAIMS_API_URL": core.url, **settings}, application, log)


def resident_bytes(pid: int) -> int:
    """Return the memory that a process has resident, what it shares included; 0 when it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
