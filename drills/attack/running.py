"""A copy of the site to attack: core, gunicorn and Redis, each a process of its own."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from harness.servers import (
    START_SECONDS,
    CoreServer,
    GunicornServer,
    RedisServer,
    resident_bytes,
)
from tests.pages import NUMBER

SECRET = "copies-under-attack-seal-with-this-key-alone"
MUCH = "1000000"


@dataclass(frozen=True)
class Build:
    """How a copy is put together. More than one process comes with a Redis.

    `drill` names a hole of `drills.py`; without it the site is built as in production.
    `settings` by their names in the environment. `redis_seconds` is how long it waits for each
    answer of Redis (0: as in production), for attacks on a busy machine that are not about that.
    """

    processes: int = 1
    redis: bool = False
    proxies: int = 1
    drill: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    redis_seconds: float = 0.0

    @property
    def has_redis(self) -> bool:
        return self.redis or self.processes > 1

    def __str__(self) -> str:
        store = "Redis" if self.has_redis else "memory"
        return f"{self.processes} × {store}"


class Core(CoreServer):
    """The sandbox with its population."""

    def answer_after(self, milliseconds: int) -> None:
        """Take so long for every answer from now on."""
        self.control("faults", {"mode": "none", "latency_ms": milliseconds})


class RunningSite(GunicornServer):
    """The site under gunicorn, in a fresh state, with the Redis that it may have.

    The plain request limit is lifted unless `build.settings` say otherwise, so that the
    ledger alone has to hold.
    """

    def __init__(self, build: Build, core: Core, log: Path) -> None:
        self.build = build
        self.core = core
        self.redis = RedisServer() if build.has_redis else None
        is_changed = build.drill or build.redis_seconds
        application = "drills.attack.drill_wsgi" if is_changed else "wsgi"
        super().__init__(self._settings(), f"{application}:application", log, "/-/healthz")

    def resident_bytes(self) -> int:
        """Memory of its workers that stands in RAM."""
        return sum(map(resident_bytes, self.workers()))

    def start(self) -> Self:
        self.core.answer_after(0)
        if self.redis is not None:
            self.redis.start()
        super().start()
        self._wait_for_all_workers()
        return self

    def stop(self) -> None:
        super().stop()
        if self.redis is not None:
            self.redis.kill()

    def _wait_for_all_workers(self) -> None:
        # The first worker answers while others are still loading: those use the processor.
        give_up_at = time.monotonic() + START_SECONDS
        before: dict[int, str] = {}
        while time.monotonic() < give_up_at:
            now = {pid: _processor_time(pid) for pid in self.workers()}
            if now == before and len(now) == self.build.processes:
                return
            before = now
            time.sleep(0.3)
        self.stop()
        raise RuntimeError(f"not all workers started:\n{self.said()}")

    def _settings(self) -> dict[str, str]:
        settings = {
            "CLAIMS_API_URL": self.core.url,
            "SECRET_KEYS": SECRET,
            "TRUSTED_PROXIES": str(self.build.proxies),
            "WEB_CONCURRENCY": str(self.build.processes),
            "POW_SCALE": "0.001",
            "REQUESTS_PER_MINUTE": MUCH,
            "CARRIER_REQUESTS_PER_MINUTE": MUCH,
        }
        if self.redis is not None:
            settings["REDIS_URL"] = self.redis.url
        if self.build.drill:
            settings["DRILL"] = self.build.drill
        if self.build.redis_seconds:
            settings["DRILL_REDIS_SECONDS"] = str(self.build.redis_seconds)
        return {**settings, **self.build.settings}


def lines_with_a_number(log: Path) -> list[str]:
    """The lines in which something that looks like a KPJ or NIK can be read."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line for line in lines if NUMBER.search(line)]


def _processor_time(pid: int) -> str:
    """The time that a process has had, and whether it wants more."""
    state, *counts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return f"{counts[10]} {counts[11]}" if state == "S" else f"busy at {time.monotonic()}"
