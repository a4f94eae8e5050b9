"""A log that cannot be written costs lines and nothing else."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

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
