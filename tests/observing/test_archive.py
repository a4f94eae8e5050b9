"""What a process counted stays in the sums when it is gone, and the next one counts on there."""

import errno
import subprocess
import sys
from mmap import PAGESIZE
from pathlib import Path

import pytest
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import mark_process_dead

from tracking_site.observing.figures import ReservedDict

ROOT = Path(__file__).parent.parent.parent
COUNT = (
    "import os\n"
    "from tracking_site.observing.figures import count_as\n"
    "from tracking_site.observing.metrics import Metrics\n"
    "metrics = Metrics()\n"
    "for name in {names}:\n"
    "    pid = os.fork()\n"
    "    if not pid:\n"
    "        count_as(name)\n"
    "        metrics.began()\n"
    "        metrics.ended('/', 'page', '200', 0.01)\n"
    "        metrics.began()\n"
    "        os._exit(0)\n"
    "    assert os.waitpid(pid, 0)[1] == 0\n"
)
"""One Python, which forks each of those that count, as a server does, one after the other."""
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


def counted(folder: Path, *names: str) -> None:
    """Have processes of these names count two requests, of which one ended."""
    run(COUNT.format(names=names), folder)


def files_of(folder: Path, name: str) -> list[str]:
    return sorted(path.name for path in folder.glob(f"*_{name}.db"))


def value(text: str, name: str) -> float:
    return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


@pytest.mark.proofs
def test_who_comes_in_the_place_of_another_counts_on_in_its_files(tmp_path: Path) -> None:
    counted(tmp_path, "w0")
    files = sorted(tmp_path.glob("*_w0.db"))
    sizes = [path.stat().st_size for path in files]
    counted(tmp_path, *["w0"] * 4)
    assert sorted(tmp_path.glob("*_w*.db")) == files
    assert [path.stat().st_size for path in files] == sizes
    told = run(READ, tmp_path)
    assert value(told, "tracking_requests_total{") == 5
    assert value(told, "tracking_request_seconds_count{") == 5
    assert value(told, 'tracking_request_seconds_bucket{le="0.025"') == 5
    assert value(told, 'tracking_request_seconds_bucket{le="0.005"') == 0


@pytest.mark.proofs
def test_those_of_several_names_are_added_up(tmp_path: Path) -> None:
    counted(tmp_path, "w0", "w1", "w0")
    assert value(run(READ, tmp_path), "tracking_requests_total{") == 3


ENDED_MEANWHILE = (
    "from prometheus_client.mmap_dict import MmapedDict\n"
    "from prometheus_client.multiprocess import mark_process_dead\n"
    "from tracking_site.observing.metrics import Metrics\n"
    "read, dead = MmapedDict.read_all_values_from_file, ['w0']\n"
    "def reads(path):\n"
    "    if dead:\n"
    "        mark_process_dead(dead.pop(), {folder!r})\n"
    "    return read(path)\n"
    "metrics = Metrics()\n"
    "MmapedDict.read_all_values_from_file = staticmethod(reads)\n"
    "print(metrics.exposition().decode())\n"
    "assert not dead\n"
)


@pytest.mark.proofs
def test_figures_are_read_while_processes_end(tmp_path: Path) -> None:
    """Files of the living go that were listed a moment before."""
    counted(tmp_path, "w0", "w1")
    told = run(ENDED_MEANWHILE.format(folder=str(tmp_path)), tmp_path)
    assert value(told, "tracking_requests_total{") == 2
    assert value(told, "tracking_request_seconds_count{") == 2


@pytest.mark.proofs
def test_requests_of_a_process_that_died_are_in_flight_no_more(tmp_path: Path) -> None:
    counted(tmp_path, "w0")
    assert value(run(READ, tmp_path), "tracking_requests_in_flight") == 1
    mark_process_dead("w0", str(tmp_path))
    assert "tracking_requests_in_flight 1" not in run(READ, tmp_path)
    assert files_of(tmp_path, "w0") == ["counter_w0.db", "histogram_w0.db"]


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
def test_what_others_counted_stays_where_the_next_finds_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(tmp_path, "w0")
    monkeypatch.setattr("os.posix_fallocate", no_room)
    with pytest.raises(OSError, match="No space"):
        ReservedDict(str(tmp_path / "counter_w0.db"))
    assert value(run(READ, tmp_path), "tracking_requests_total{") == 1


@pytest.mark.proofs
def test_a_process_that_finds_no_room_goes_on_uncounted(tmp_path: Path) -> None:
    """As one that begins while the memory for files is full: to write there would end it."""
    run(WITHOUT_ROOM, tmp_path)
    counted(tmp_path, "w0")
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


LOOKS = {
    'tracking_ready{what="core"}': "metrics.ready({{'core': %s}})",
    "tracking_busy_seconds": "metrics.looks_at(tuple, lambda: not %s); metrics.exposition()",
}


@pytest.mark.proofs
@pytest.mark.parametrize("name", LOOKS)
def test_of_what_is_looked_at_the_last_look_counts(name: str, tmp_path: Path) -> None:
    look = COUNT.replace("metrics.ended('/', 'page', '200', 0.01)", LOOKS[name])
    run((look % False).format(names=("w0",)), tmp_path)
    run((look % True).format(names=("w1",)), tmp_path)
    assert value(run(READ, tmp_path), name) == float("ready" in name)
