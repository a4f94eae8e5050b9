"""What a process counted stays in the sums when it is gone, and its files do not."""

import subprocess
import sys
from pathlib import Path

import pytest

from tracking_site.observing.metrics import fold_dead_process

ROOT = Path(__file__).parent.parent.parent
COUNT = (
    "import os\n"
    "from tracking_site.observing.metrics import Metrics\n"
    "metrics = Metrics()\n"
    "metrics.began()\n"
    "metrics.ended('/', 'page', '200', 0.01)\n"
    "metrics.began()\n"
    "print(os.getpid())\n"
)
READ = (
    "from tracking_site.observing.metrics import Metrics\nprint(Metrics().exposition().decode())\n"
)


def run(script: str, folder: Path) -> str:
    environ = {"PROMETHEUS_MULTIPROC_DIR": str(folder), "PATH": ""}
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    assert ran.stderr == ""
    return ran.stdout


def value(text: str, name: str) -> float:
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


@pytest.mark.proofs
def test_the_sums_stay_and_the_files_of_the_dead_go(tmp_path: Path) -> None:
    for _ in range(5):
        fold_dead_process(int(run(COUNT, tmp_path)), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["counter_0.db", "histogram_0.db"]
    told = run(READ, tmp_path)
    assert value(told, "tracking_requests_total{") == 5
    assert value(told, "tracking_request_seconds_count{") == 5
    assert value(told, 'tracking_request_seconds_bucket{le="0.025"') == 5
    assert value(told, 'tracking_request_seconds_bucket{le="0.005"') == 0


def test_the_living_and_the_dead_are_added_up(tmp_path: Path) -> None:
    fold_dead_process(int(run(COUNT, tmp_path)), tmp_path)
    run(COUNT, tmp_path)
    assert value(run(READ, tmp_path), "tracking_requests_total{") == 2


def test_requests_of_a_process_that_died_are_in_flight_no_more(tmp_path: Path) -> None:
    pid = int(run(COUNT, tmp_path))
    assert value(run(READ, tmp_path), "tracking_requests_in_flight") == 1
    fold_dead_process(pid, tmp_path)
    assert "tracking_requests_in_flight 1" not in run(READ, tmp_path)


def test_a_process_that_counted_nothing_is_no_trouble(tmp_path: Path) -> None:
    fold_dead_process(12, tmp_path)
    assert list(tmp_path.iterdir()) == []
