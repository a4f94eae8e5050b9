"""A log that cannot be written costs lines and nothing else."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.servers import ROOT
from tests.nobody_waits import Standstill
from tests.observing.conftest import Samples
from tracking_site.observing.logs import Lines


def test_lines_of_many_threads_stay_whole(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    lines = Lines(descriptor)
    texts = [bytes([letter]) * 5000 for letter in b"abcdefgh"]
    threads = [
        threading.Thread(target=lambda text=text: [lines.write(text) for _ in range(50)])
        for text in texts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os.close(descriptor)
    written = (tmp_path / "log").read_bytes().splitlines()
    assert len(written) == 50 * len(texts)
    assert set(written) == set(texts)


def test_a_full_disk_loses_the_line_and_counts_it() -> None:
    lost: list[int] = []
    descriptor = os.open("/dev/full", os.O_WRONLY)
    Lines(descriptor, lambda: lost.append(1)).write(b"{}")
    os.close(descriptor)
    assert lost == [1]


def test_after_a_full_disk_the_next_line_begins_anew(tmp_path: Path) -> None:
    # Whole lines of a hundred bytes, of which two and a half fit.
    path = tmp_path / "log"
    program = (
        "import os, resource\n"
        "from tracking_site.observing.logs import Lines\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (250, resource.RLIM_INFINITY))\n"
        "lines = Lines(1)\n"
        "for _ in range(5): lines.write(b'x' * 99)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)\n"
        "for _ in range(2): lines.write(b'y' * 99)\n"
    )
    with path.open("ab") as log:
        subprocess.run([sys.executable, "-c", program], stdout=log, check=True)
    x, y = "x" * 99, "y" * 99
    assert path.read_text().splitlines() == [x, x, x[:50], y, y]


def test_a_closed_pipe_loses_the_line_and_counts_it() -> None:
    lost: list[int] = []
    reading, writing = os.pipe()
    os.close(reading)
    Lines(writing, lambda: lost.append(1)).write(b"{}")
    os.close(writing)
    assert lost == [1]


def test_a_number_that_slipped_through_is_taken_out(tmp_path: Path, samples: Samples) -> None:
    nik = samples["assessment_day_3"].nik
    descriptor = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT)
    Lines(descriptor).write(f'{{"typed":"{nik}"}}'.encode())
    os.close(descriptor)
    assert (tmp_path / "log").read_text() == '{"typed":"[redacted]"}\n'


def test_no_thread_waits_while_another_writes_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    descriptor = os.open(tmp_path / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    lines = Lines(descriptor)
    stands = Standstill(os.write)
    monkeypatch.setattr("tracking_site.observing.logs.os.write", stands)
    stands.passed_by(lambda: lines.write(b"one"), lambda: lines.write(b"other"))
    os.close(descriptor)
    assert (tmp_path / "log").read_text().splitlines() == ["other", "one"]


FORKED = """
import json, os, sys, threading
from tracking_site.observing import logs

logs.MAX_WAITING = 100
lost = []
reading, writing = os.pipe()
lines = logs.Lines(writing, lambda: lost.append(1))
begun, done = os.pipe(), os.pipe()
if os.fork() == 0:
    os.close(reading)
    {write}
    os.write(done[1], len(lost).to_bytes(4, "big"))
    os.read(begun[0], 1)
    sys.exit()
os.close(writing)
count = int.from_bytes(os.read(done[0], 4), "big")
os.write(begun[1], b"x")
with os.fdopen(reading, "rb") as pipe:
    sys.stdout.write(json.dumps([count, [line.decode() for line in pipe.read().splitlines()]]))
"""
"""A process that was forked writes to a pipe that is read when it has written everything."""


def written_by(program: str) -> tuple[int, list[str]]:
    """Return how many lines were counted as lost, and those that came."""
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True, timeout=120
    )
    count, came = json.loads(ended.stdout)
    return count, came


def said_lost(came: list[str]) -> int:
    said = [json.loads(line) for line in came if line.startswith("{")]
    assert {each["event"] for each in said} <= {"log lines were dropped, since nobody read them"}
    return sum(each["lines"] for each in said)


def test_a_pipe_that_nobody_reads_holds_no_thread_up_and_what_it_lost_is_said() -> None:
    write = "for place in range(5000): lines.write(b'line %d' % place + b'x' * 90)"
    count, came = written_by(FORKED.format(write=write))
    lines = [line for line in came if line.startswith("line")]
    assert count > 0
    assert said_lost(came) == count
    assert len(lines) + count == 5000
    assert lines == sorted(lines, key=lambda line: int(line.split("x")[0].split()[1]))


def test_lines_gather_before_they_are_written() -> None:
    write = (
        "logs.os = Counted(os); logs.GATHER_SECONDS = 1.0\n"
        "    lines.write(b'first'); sleep(0.3)\n"
        "    lines.write(b'second'); sleep(0.3); lines.write(b'third')"
    )
    count, came = written_by(COUNTED + FORKED.format(write=write))
    assert (count, came) == (0, ["first", "wrote 6", "second", "third", "wrote 13"])


COUNTED = """
from time import sleep

class Counted:
    def __init__(self, os):
        self.real = os

    def __getattr__(self, name):
        return getattr(self.real, name)

    def write(self, descriptor, written):
        count = self.real.write(descriptor, written)
        self.real.write(descriptor, b"wrote %d\\n" % count)
        return count
"""
"""What writes after each line or lines how many bytes went in one call."""


def test_the_last_lines_of_a_process_are_written_before_it_ends() -> None:
    write = (
        "threads = [threading.Thread(target=lambda: [lines.write(b'line') for _ in range(12)])"
        " for _ in range(8)]\n    [each.start() for each in threads]"
    )
    assert written_by(FORKED.format(write=write)) == (0, ["line"] * 96)


def test_a_process_that_forks_others_waits_for_no_reader_and_begins_no_thread() -> None:
    reading, writing = os.pipe()
    lost: list[int] = []
    lines = Lines(writing, lambda: lost.append(1))
    before = threading.active_count()
    for _ in range(2000):
        lines.write(b"x" * 99)
    assert lost
    assert threading.active_count() == before
    came = b""
    while came.count(b"\n") < 2000 - len(lost):
        came += os.read(reading, 65_536)
    lines.write(b"next")
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        came += pipe.read()
    assert said_lost(came.decode().splitlines()) == len(lost)
