"""What the benchmark of the cache runs on: a Redis of its own, a sandbox core, a crowd."""

import logging
import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import requests

from sandbox import Sandbox
from tracking_site.domain.identifiers import Identifier, parse_identifier

LATENCY_MS = 200
FRESH_SECONDS = 1.0
"""How long every contender keeps an answer in the stampede, so that expiry can be waited for."""

Fetch = Callable[[Identifier], object]
Result = tuple[bool, float]


class Core:
    """The sandbox, told how to behave."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url = sandbox.url
        self.numbers = [read(sample.nik) for sample in sandbox.samples]

    def behaves(self, mode: str) -> None:
        requests.post(
            f"{self.url}/sandbox/faults",
            json={"mode": mode, "latency_ms": LATENCY_MS},
            timeout=30,
        ).raise_for_status()
        requests.post(f"{self.url}/sandbox/stats/reset", timeout=30)

    @property
    def lookups(self) -> int:
        return int(requests.get(f"{self.url}/sandbox/stats", timeout=30).json()["lookups"])


def read(text: str) -> Identifier:
    found = parse_identifier(text)
    if not hasattr(found, "canonical"):
        raise ValueError("a sample that is no number")
    return found  # type: ignore[return-value]


class Crowd:
    """Processes that look the same number up in many threads at once, and tell how it went."""

    def __init__(
        self, make: Callable[..., Fetch], core_url: str, redis_url: str, processes: int
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._ends: list[Connection] = []
        self._processes = []
        for _ in range(processes):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_serve, args=(theirs, make, core_url, redis_url), daemon=True
            )
            process.start()
            self._ends.append(ours)
            self._processes.append(process)
        for end in self._ends:
            end.recv()

    def look_up(self, identifier: Identifier, threads: int) -> list[Result]:
        for end in self._ends:
            end.send((identifier, threads))
        return [result for end in self._ends for result in end.recv()]

    def leave(self) -> None:
        for process in self._processes:
            process.kill()
            process.join()


def _serve(end: Any, make: Callable[..., Fetch], core_url: str, redis_url: str) -> None:
    logging.disable(logging.CRITICAL)
    fetch = make(core_url, redis_url)
    end.send("ready")
    while True:
        identifier, threads = end.recv()
        results: list[Result] = []
        begin = threading.Barrier(threads)

        def run(
            identifier: Identifier = identifier,
            results: list[Result] = results,
            begin: threading.Barrier = begin,
        ) -> None:
            begin.wait()
            began = time.monotonic()
            try:
                fetch(identifier)
                is_answered = True
            except Exception:  # noqa: BLE001  each library has its own
                is_answered = False
            results.append((is_answered, time.monotonic() - began))

        crowd = [threading.Thread(target=run, daemon=True) for _ in range(threads)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        end.send(results)
