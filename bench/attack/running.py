"""A copy of the site to attack: core, gunicorn and Redis, each a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.live import free_port
from tests.pages import NUMBER
from tests.services import RedisServer

ROOT = Path(__file__).parents[2]
SECRET = "copies-under-attack-seal-with-this-key-alone"
START_SECONDS = 90
STOP_SECONDS = 20
MUCH = "1000000"


@dataclass(frozen=True)
class Build:
    """How a copy is put together. More than one process comes with a Redis.

    `drill` names a hole of `drills.py`; without it the site is built as in production.
    `settings` by their names in the environment.
    """

    processes: int = 1
    redis: bool = False
    proxies: int = 1
    drill: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_redis(self) -> bool:
        return self.redis or self.processes > 1

    def __str__(self) -> str:
        store = "Redis" if self.has_redis else "memory"
        return f"{self.processes} × {store}"


class Core:
    """The sandbox with its population; counts how often it was asked."""

    def __init__(self, participants: int, seed: int) -> None:
        self.port = free_port()
        self._words = ["--port", str(self.port), "--participants", str(participants)]
        self._words += ["--seed", str(seed)]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def lookups(self) -> int:
        return int(self._call("/sandbox/stats")["lookups"])

    def answer_after(self, milliseconds: int) -> None:
        """Take so long for every answer from now on."""
        self._call("/sandbox/faults", {"mode": "none", "latency_ms": milliseconds})

    def _call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(self.url + path, data), timeout=10) as answer:
            told: dict[str, Any] = json.loads(answer.read())
            return told

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tracking_site", "sandbox", *self._words]
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        _wait_for(f"{self.url}/v1/health", self._process)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _end(self._process)


class RunningSite:
    """The site under gunicorn, in a fresh state; also a context manager.

    The plain request limit is lifted unless `build.settings` say otherwise, so that the
    ledger alone has to hold.
    """

    def __init__(self, build: Build, core: Core, log: Path) -> None:
        self.build = build
        self.core = core
        self.log = log
        self.port = free_port()
        self.redis = RedisServer() if build.has_redis else None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def workers(self) -> list[str]:
        """The process ids of gunicorn's workers."""
        assert self._process is not None
        master = self._process.pid
        return Path(f"/proc/{master}/task/{master}/children").read_text().split()

    def resident_bytes(self) -> int:
        """Memory of its workers that stands in RAM."""
        pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in self.workers)
        return pages * os.sysconf("SC_PAGE_SIZE")

    def __enter__(self) -> Self:
        self.core.answer_after(0)
        if self.redis is not None:
            self.redis.start()
        application = "bench.attack.drill_wsgi" if self.build.drill else "wsgi"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", f"{application}:application"],
                cwd=ROOT,
                env=self._environ(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait_for(f"{self.url}/-/healthz", self._process)
            self._wait_for_all_workers()
        except RuntimeError as error:
            self.__exit__(None, None, None)
            told = self.log.read_text(errors="replace")[-2_000:]
            raise RuntimeError(f"{error}:\n{told}") from None
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _end(self._process)
        if self.redis is not None:
            self.redis.kill()

    def _wait_for_all_workers(self) -> None:
        # The first worker answers while others are still loading: those use the processor.
        give_up_at = time.monotonic() + START_SECONDS
        before: dict[str, str] = {}
        while time.monotonic() < give_up_at:
            now = {pid: _processor_time(pid) for pid in self.workers}
            if now == before and len(now) == self.build.processes:
                return
            before = now
            time.sleep(0.3)
        raise RuntimeError("not all workers started")

    def _environ(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        settings = {
            "CLAIMS_API_URL": self.core.url,
            "SECRET_KEYS": SECRET,
            "SITE_NOTICE": "Data contoh. Tidak ada data peserta sungguhan.",
            "PORT": str(self.port),
            "TRUSTED_PROXIES": str(self.build.proxies),
            "WEB_CONCURRENCY": str(self.build.processes),
            "POW_SCALE": "0.001",
            "REQUESTS_PER_MINUTE": MUCH,
            "CARRIER_REQUESTS_PER_MINUTE": MUCH,
            "REQUESTS_PER_SECOND": MUCH,
        }
        if self.redis is not None:
            settings["REDIS_URL"] = self.redis.url
        drill = {"DRILL": self.build.drill} if self.build.drill else {}
        return {**kept, **settings, **drill, **self.build.settings}


def lines_with_a_number(log: Path) -> list[str]:
    """The lines in which something that looks like a KPJ or NIK can be read."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if NUMBER.search(line)]


def _processor_time(pid: str) -> str:
    """The time that a process has had, and whether it wants more."""
    state, *counts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return f"{counts[10]} {counts[11]}" if state == "S" else f"busy at {time.monotonic()}"


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    _end(process)
    raise RuntimeError("a process did not start")


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
