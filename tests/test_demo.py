"""`make run` as a person meets it: where to look, what to type, and Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.request import urlopen

import pytest

from harness.servers import ROOT, free_port

pytestmark = pytest.mark.servers

STOP_SECONDS = 10


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def core_port() -> int:
    return free_port()


@pytest.fixture
def demo(port: int, core_port: int) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tracking_site", "demo"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "CORE_PORT": str(core_port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    ) as process:
        yield process
        process.terminate()


def told_before(process: subprocess.Popen[str], last: str) -> list[str]:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(last):
            break
    return lines


def test_it_says_where_to_look_and_ends_well_at_ctrl_c_whatever_is_under_way(
    demo: subprocess.Popen[str], port: int
) -> None:
    told = "".join(told_before(demo, "Stop with Ctrl-C."))
    assert f"http://127.0.0.1:{port}/" in told
    assert "assessment_day_3" in told
    for _ in range(5):
        with urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            assert answer.status == 200
    # What a terminal does: the whole group is interrupted.
    os.killpg(demo.pid, signal.SIGINT)
    rest = demo.communicate(timeout=STOP_SECONDS)[0]
    assert demo.returncode == 0
    assert "Handling signal: term" in rest
    assert "SIGKILL" not in rest
    assert "Traceback" not in rest


def test_a_second_ctrl_c_leaves_nothing_behind(
    demo: subprocess.Popen[str], port: int, core_port: int
) -> None:
    told_before(demo, "Stop with Ctrl-C.")
    for _ in range(3):
        os.killpg(demo.pid, signal.SIGINT)
        time.sleep(0.05)
    demo.communicate(timeout=STOP_SECONDS)
    assert demo.returncode == 0
    for each in (port, core_port):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", each), timeout=5).close()


@pytest.mark.parametrize("name", ["PORT", "CORE_PORT"])
def test_a_port_that_is_none_is_named_without_a_trace(name: str, port: int, core_port: int) -> None:
    ports = {"PORT": str(port), "CORE_PORT": str(core_port)} | {name: "abc"}
    ran = subprocess.run(
        [sys.executable, "-m", "tracking_site", "demo"],
        cwd=ROOT,
        env={**os.environ, **ports},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 1
    assert "Set PORT or CORE_PORT." in ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr
