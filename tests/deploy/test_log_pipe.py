"""Whoever reads the log may stop reading: the site goes on, and says later what was lost."""

import fcntl
import json
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from harness.servers import GunicornServer
from sandbox import Sandbox
from tests.deploy.traffic import figure

DROPPED = "log lines were dropped, since nobody read them"
ASKED = 300
LOG_LINES_LOST = "tracking_log_lines_lost_total"


class Reader:
    """Reads nothing of a pipe at `path` until it is told to; the pipe holds two pages."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._descriptor, fcntl.F_SETPIPE_SZ, 8192)
        os.set_blocking(self._descriptor, True)
        self._said_dropped = threading.Event()
        self.lines: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._read)

    def begin(self) -> None:
        self._thread.start()

    def wait_for_what_was_dropped(self) -> None:
        assert self._said_dropped.wait(60), "no line says what was dropped"

    def end(self) -> None:
        self._thread.join(60)
        assert not self._thread.is_alive(), "somebody still holds the pipe"

    def _read(self) -> None:
        with os.fdopen(self._descriptor, encoding="utf-8") as pipe:
            for line in pipe:
                self.lines.append(json.loads(line))
                if self.lines[-1]["event"] == DROPPED:
                    self._said_dropped.set()


def site_that_logs_to(
    path: Path, application: str = "wsgi:application", core: str = "http://127.0.0.1:9"
) -> GunicornServer:
    """Return a site whose pages need no core."""
    settings = {"CLAIMS_API_URL": core, "REQUESTS_PER_MINUTE": "100000"}
    return GunicornServer(settings, application, path, health="/-/healthz")


def test_a_pipe_that_nobody_reads_stops_nobody(tmp_path: Path, sandbox: Sandbox) -> None:
    reader = Reader(tmp_path / "log")
    # Who asks for the figures looks at the core, and a core that is away has a line of its own.
    site = site_that_logs_to(tmp_path / "log", "tests.deploy.few_waiting", sandbox.url)
    with site, requests.Session() as visitor:
        for _ in range(ASKED):
            assert visitor.get(f"{site.url}/bantuan", timeout=60).status_code == 200
        assert figure(site.url, LOG_LINES_LOST) > 0
        reader.begin()
        reader.wait_for_what_was_dropped()
        assert visitor.get(f"{site.url}/robots.txt", timeout=60).status_code == 200
        lost = figure(site.url, LOG_LINES_LOST)
    reader.end()
    dropped = sum(each["lines"] for each in reader.lines if each["event"] == DROPPED)
    asked = [each["route"] for each in reader.lines if each["event"] == "request"]
    assert dropped == lost
    assert asked.count("/bantuan") + dropped == ASKED
    assert "/robots.txt" in asked
    assert any(each["event"].startswith("Worker exiting") for each in reader.lines)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_process_that_ends_has_written_all_its_lines(
    number: signal.Signals, tmp_path: Path
) -> None:
    with site_that_logs_to(tmp_path / "log") as site:
        (worker,) = site.workers()

        def ask(_: int) -> str:
            return requests.get(f"{site.url}/bantuan", timeout=60).headers["X-Request-ID"]

        with ThreadPoolExecutor(8) as visitors:
            answered = list(visitors.map(ask, range(200)))
        os.kill(site.pid, number)
        while Path(f"/proc/{worker}").exists():
            time.sleep(0.05)
    said = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert set(answered) <= {each.get("request_id") for each in said}
    assert f"Worker exiting (pid: {worker})" in {each["event"] for each in said}
