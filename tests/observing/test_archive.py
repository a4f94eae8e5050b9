"""What a process counted stays in the sums when it is gone, and its files do not."""

import errno
import subprocess
import sys
from mmap import PAGESIZE
from pathlib import Path

import pytest
from prometheus_client.mmap_dict import MmapedDict

from tracking_site.observing.figures import ReservedDict, fold_dead_process

ROOT = Path(__file__).parent.parent.parent
COUNT = (
    "import os\n"
    "from tracking_site.observing.metrics import Metrics\n"
    "for _ in range({processes}):\n"
    "    pid = os.fork()\n"
    "    if not pid:\n"
    "        metrics = Metrics()\n"
    "        metrics.began()\n"
    "        metrics.ended('/', 'page', '200', 0.01)\n"
    "        metrics.began()\n"
    "        os._exit(0)\n"
    "    assert os.waitpid(pid, 0)[1] == 0\n"
    "    print(pid)\n"
)
"""One Python, which forks each of those that count, as a server does."""
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


def counted(folder: Path, processes: int = 1) -> list[int]:
    """Have processes count two requests, of which one ended, and return which they were."""
    return [int(pid) for pid in run(COUNT.format(processes=processes), folder).split()]


def value(text: str, name: str) -> float:
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


@pytest.mark.proofs
def test_the_sums_stay_and_the_files_of_the_dead_go(tmp_path: Path) -> None:
    for pid in counted(tmp_path, 5):
        fold_dead_process(pid, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["counter_0.db", "histogram_0.db"]
    told = run(READ, tmp_path)
    assert value(told, "tracking_requests_total{") == 5
    assert value(told, "tracking_request_seconds_count{") == 5
    assert value(told, 'tracking_request_seconds_bucket{le="0.025"') == 5
    assert value(told, 'tracking_request_seconds_bucket{le="0.005"') == 0


@pytest.mark.proofs
def test_the_living_and_the_dead_are_added_up(tmp_path: Path) -> None:
    [dead] = counted(tmp_path)
    fold_dead_process(dead, tmp_path)
    counted(tmp_path)
    assert value(run(READ, tmp_path), "tracking_requests_total{") == 2


FOLDED_MEANWHILE = (
    "import sys\n"
    "from pathlib import Path\n"
    "from prometheus_client.mmap_dict import MmapedDict\n"
    "from tracking_site.observing.figures import fold_dead_process\n"
    "from tracking_site.observing.metrics import Metrics\n"
    "read, dead = MmapedDict.read_all_values_from_file, {dead}\n"
    "def reads(path):\n"
    "    if dead and 'counter_' + str(dead[0]) in path:\n"
    "        fold_dead_process(dead.pop(0), Path({folder!r}))\n"
    "    return read(path)\n"
    "metrics = Metrics()\n"
    "MmapedDict.read_all_values_from_file = staticmethod(reads)\n"
    "print(metrics.exposition().decode())\n"
    "assert not dead\n"
)


@pytest.mark.proofs
def test_figures_are_read_while_processes_end(tmp_path: Path) -> None:
    """The master folds a file that was listed a moment before; the answer was an error."""
    dead = counted(tmp_path, 3)
    told = run(FOLDED_MEANWHILE.format(dead=dead, folder=str(tmp_path)), tmp_path)
    assert value(told, "tracking_requests_total{") == 3
    assert value(told, "tracking_request_seconds_count{") == 3


@pytest.mark.proofs
def test_requests_of_a_process_that_died_are_in_flight_no_more(tmp_path: Path) -> None:
    [pid] = counted(tmp_path)
    assert value(run(READ, tmp_path), "tracking_requests_in_flight") == 1
    fold_dead_process(pid, tmp_path)
    assert "tracking_requests_in_flight 1" not in run(READ, tmp_path)


def test_a_process_that_counted_nothing_is_no_trouble(tmp_path: Path) -> None:
    fold_dead_process(12, tmp_path)
    assert list(tmp_path.iterdir()) == []


def no_room(*_: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


WITHOUT_ROOM = (
    "import os, sys\n"
    "from tests.observing.test_archive import no_room\n"
    "from tracking_site.observing.metrics import Metrics\n"
    "metrics = Metrics()\n"
    "os.posix_fallocate = no_room\n"
    "pid = os.fork()\n"
    "if not pid:\n"
    "    metrics.began()\n"
    "    metrics.ended('/', 'page', '200', 0.01)\n"
    "    metrics.exposition()\n"
    "    os._exit(0)\n"
    "sys.exit(os.waitpid(pid, 0)[1])\n"
)


@pytest.mark.proofs
def test_what_cannot_be_folded_for_want_of_room_is_still_in_the_sums(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    *folded, pid = counted(tmp_path, 3)
    for each in folded:
        fold_dead_process(each, tmp_path)
    with monkeypatch.context() as full:
        full.setattr("os.posix_fallocate", no_room)
        fold_dead_process(pid, tmp_path)
    told = run(READ, tmp_path)
    assert value(told, "tracking_requests_total{") == 3
    assert value(told, "tracking_request_seconds_count{") == 3


@pytest.mark.proofs
def test_a_process_that_finds_no_room_goes_on_uncounted(tmp_path: Path) -> None:
    """As one that begins while the memory for files is full: to write there would end it."""
    run(WITHOUT_ROOM, tmp_path)
    counted(tmp_path)
    assert value(run(READ, tmp_path), "tracking_requests_total{") == 1


def test_nothing_is_written_that_has_no_room_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, written = tmp_path / "values.db", list[int]()
    write = MmapedDict._init_value

    def watched(values: MmapedDict, key: str) -> None:
        has_room = path.stat().st_blocks * 512
        write(values, key)
        assert values._used <= has_room
        written.append(values._used)

    monkeypatch.setattr(MmapedDict, "_init_value", watched)
    values = ReservedDict(str(path))
    for number in range(2_000):
        values.write_value(f"a name of some length, {number}", 1.0, 0.0)
    assert written[-1] > 16 * PAGESIZE
