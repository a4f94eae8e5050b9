"""The site under gunicorn as it is deployed: processes, signals, recycling, refusals to start."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import gettempdir
from typing import NamedTuple

import pytest
import requests

from harness.servers import ROOT, RedisServer, Server, free_port
from tests.deploy.traffic import Traffic, figure
from tests.live import SECRET, LiveSite
from tests.services import running_redis


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


def slow_core(site: LiveSite, milliseconds: int) -> None:
    fault = {"mode": "slow", "latency_ms": milliseconds}
    requests.post(f"{site.core.url}/sandbox/faults", json=fault, timeout=5)


class Ended(NamedTuple):
    pid: int
    returncode: int
    stdout: str
    stderr: str


def start(**changes: str) -> Ended:
    """Try to start a site that must refuse."""
    environ = {
        "CLAIMS_API_URL": "http://127.0.0.1:9",
        "SECRET_KEYS": SECRET,
        "PORT": str(free_port()),
        "PATH": os.environ["PATH"],
    }
    site = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "wsgi:application"],
        cwd=ROOT,
        env=environ | changes,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    out, errors = site.communicate(timeout=60)
    return Ended(site.pid, site.returncode, out, errors)


@pytest.mark.parametrize(
    "changes", [{"WEB_CONCURRENCY": "2"}, {"GUNICORN_CMD_ARGS": "--workers 2"}]
)
def test_processes_without_a_shared_store_are_refused_with_the_reason(
    changes: dict[str, str],
) -> None:
    ran = start(**changes)
    assert ran.returncode != 0
    assert "REDIS_URL" in ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr


def test_where_its_output_is_closed_no_line_of_the_log_lands_in_another_file() -> None:
    port = free_port()
    environ = {
        "CLAIMS_API_URL": "http://127.0.0.1:9",
        "SECRET_KEYS": SECRET,
        "PORT": str(port),
        "LOG_LEVEL": "debug",
    }
    closed = f"exec {sys.executable} -m gunicorn wsgi:application <&- >&- 2>&-"
    with Server(["sh", "-c", closed], port, environ, health="/-/healthz") as site:
        (worker,) = site.workers()
        written_to = {Path(f"/proc/{worker}/fd/{each}").readlink() for each in range(3)}
        figures = requests.get(f"{site.url}/-/metrics", timeout=10)
    assert written_to == {Path(os.devnull)}
    assert figures.status_code == 200


def test_the_thread_that_takes_connections_does_not_wait_long_for_the_busy_ones() -> None:
    asked = "import runpy, sys; runpy.run_path('gunicorn.conf.py'); print(sys.getswitchinterval())"
    assert told_by(asked) == "0.001"


def test_a_proxy_closes_an_idle_connection_before_the_site_does(tmp_path: Path) -> None:
    """Who closes first is asked on it by the other one now and then, and a form is lost so."""
    asked = "import runpy; print(runpy.run_path('gunicorn.conf.py')['keepalive'])"
    # The longest of those that cannot be changed: a load balancer of Google's.
    assert int(told_by(asked, TRUSTED_PROXIES="1")) > 600
    # Browsers each have one, and ask again by themselves.
    assert told_by(asked) == "5"
    behind = LiveSite(tmp_path / "log", TRUSTED_PROXIES="1")
    with behind as site, requests.Session() as visitor:
        assert visitor.get(f"{site.url}/robots.txt", timeout=5).ok
        (connection,) = visitor.get_adapter(site.url).poolmanager.pools._container.values()
        time.sleep(6)
        assert visitor.get(f"{site.url}/robots.txt", timeout=5).ok
        assert connection.num_connections == 1


HEAPS = """
import ctypes, runpy, threading
runpy.run_path("gunicorn.conf.py")
libc = ctypes.CDLL(None)
libc.fopen.restype = libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(8)
def take():
    together.wait()
    libc.malloc(2000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
report = ctypes.c_void_p(libc.fopen(b"/dev/stdout", b"w"))
libc.malloc_info(0, report)
libc.fflush(report)
"""


def test_threads_share_two_heaps() -> None:
    assert told_by(HEAPS).count("<heap ") <= 2


FULL = """
import runpy, shutil
from types import SimpleNamespace as Some
shutil.disk_usage = lambda path: Some(free=1 << 20)
conf = runpy.run_path("gunicorn.conf.py")
print(conf["_metrics"].parent, conf["worker_tmp_dir"], conf["_kept"])
"""


def test_a_memory_for_files_that_is_full_at_the_start_is_not_used() -> None:
    """To write there would end the process."""
    assert told_by(FULL) == f"{gettempdir()} None None"


LOOKED_AT = """
import runpy
from types import SimpleNamespace as Some
watched = []
floods = Some(watch=lambda waiting, processes: watched.append(waiting() / processes))
worker = Some(wsgi=Some(extensions={"floods": floods}), sockets=[], cfg=Some(workers=2), unbegun=7)
runpy.run_path("gunicorn.conf.py")["post_worker_init"](worker)
print(watched)
"""


def test_requests_that_no_thread_has_begun_count_as_waiting() -> None:
    assert told_by(LOOKED_AT) == "[7.0]"


def told_by(code: str, **settings: str) -> str:
    """Run code where the configuration may change the process, and return what it printed."""
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"CLAIMS_API_URL": "http://127.0.0.1:9", "SECRET_KEYS": SECRET, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.strip()


def test_a_wrong_setting_stops_the_start_and_leaves_nothing_behind() -> None:
    ran = start(WEB_THREADS="many")
    assert ran.returncode != 0
    assert "WEB_THREADS must be a whole number" in ran.stderr
    assert not list(Path("/dev/shm").glob(f"tracking-*-{ran.pid}-*"))


def test_a_signal_for_more_processes_is_not_obeyed_without_a_shared_store(tmp_path: Path) -> None:
    with LiveSite(tmp_path / "log") as site:
        os.kill(site.pid, signal.SIGTTIN)
        time.sleep(1)
        assert len(site.workers()) == 1
        assert "staying with one" in site.logs.read_text()
        assert requests.get(site.url, timeout=5).status_code == 200


def test_nor_does_a_second_site_begin_beside_the_first_one(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with LiveSite(log) as site:
        os.kill(site.pid, signal.SIGUSR2)
        until = time.monotonic() + 30
        while "second site" not in (told := log.read_text()):
            assert time.monotonic() < until, told[-500:]
            assert len(site.workers()) == 1, "another master"
            time.sleep(0.05)
        assert len(site.workers()) == 1
        assert requests.get(site.url, timeout=5).status_code == 200


def test_a_hang_up_exchanges_processes_whatever_has_become_of_the_settings(
    tmp_path: Path,
) -> None:
    site_file = tmp_path / "site.toml"
    site_file.write_text('name = "Lacak"', encoding="utf-8")
    with LiveSite(tmp_path / "log", SITE_FILE=str(site_file)) as site:
        asked = {"nomor": site.sample("paid_today").nik}
        assert requests.post(f"{site.url}/lacak", asked, timeout=20).status_code == 200
        workers = site.workers()
        site_file.unlink()
        os.kill(site.pid, signal.SIGHUP)
        until = time.monotonic() + 30
        while set(site.workers()) & set(workers) or not site.workers():
            assert time.monotonic() < until, "no new processes"
            time.sleep(0.05)
        assert requests.get(site.url, timeout=20).status_code == 200
        assert figure(site.url, "tracking_requests_total", route="/lacak") == 1


@pytest.mark.parametrize("ends", ["one process", "all processes"])
def test_what_a_process_leaves_when_it_ends_is_there_for_those_that_come(
    tmp_path: Path, ends: str
) -> None:
    with LiveSite(tmp_path / "log") as site:
        files = static_files(site.url)
        assert files and set(files.values()) == {200}
        workers = site.workers()
        if ends == "all processes":
            os.kill(site.pid, signal.SIGHUP)
        else:
            os.kill(workers[0], signal.SIGTERM)
        until = time.monotonic() + 30
        while set(site.workers()) & set(workers) or not site.workers():
            assert time.monotonic() < until, "no new process"
            time.sleep(0.05)
        assert static_files(site.url) == files


def static_files(url: str) -> dict[tuple[str, str], int]:
    """Return what each file that the front page names is answered with, by its coding."""
    page = requests.get(url, timeout=20).text
    names = set(re.findall(r"/static/[^\"' ]+", page))
    return {
        (name, coding): requests.get(
            url + name, headers={"Accept-Encoding": coding}, timeout=20
        ).status_code
        for name in names
        for coding in ("identity", "gzip", "br")
    }


@pytest.mark.redis
def test_figures_are_right_across_processes(tmp_path: Path, redis: RedisServer) -> None:
    with LiveSite(tmp_path / "log", REDIS_URL=redis.url, WEB_CONCURRENCY="2") as site:
        with Traffic(site.url, clients=8) as traffic:
            while traffic.answered < 400:
                time.sleep(0.05)
        seen = [figure(site.url, "tracking_requests_total", route="/") for _ in range(4)]
        assert seen == [traffic.answered] * 4
        assert figure(site.url, "tracking_request_seconds_count", route="/") == traffic.answered
        assert figure(site.url, "tracking_requests_in_flight") == 1


@pytest.mark.redis
def test_each_process_goes_by_a_name_of_its_own_at_the_core(
    tmp_path: Path, redis: RedisServer
) -> None:
    """Of one name, each calls those whom another holds, and loses them their turn."""
    with LiveSite(tmp_path / "log", REDIS_URL=redis.url, WEB_CONCURRENCY="2") as site:
        slow_core(site, 300)
        numbers = [each.nik for each in site.core.samples][:32]

        def look_up(number: str) -> int:
            return requests.post(f"{site.url}/lacak", {"nomor": number}, timeout=30).status_code

        with ThreadPoolExecutor(16) as people:
            statuses = set(people.map(look_up, numbers))
        assert 200 in statuses
        with redis.client() as client:
            (nodes,) = client.scan_iter("*gate:nodes")
            assert client.zcard(nodes) == 2


@pytest.mark.redis
def test_recycled_and_killed_processes_drop_nothing_and_stay_in_the_sums(
    tmp_path: Path, redis: RedisServer
) -> None:
    arguments = "--max-requests 150 --max-requests-jitter 50"
    with LiveSite(
        tmp_path / "log", REDIS_URL=redis.url, WEB_CONCURRENCY="2", GUNICORN_CMD_ARGS=arguments
    ) as site:
        first = set(site.workers())
        until = time.monotonic() + 30
        with Traffic(site.url, clients=6, keep_alive=False) as traffic:
            while traffic.answered < 1200 or (
                first & set(site.workers()) and time.monotonic() < until
            ):
                time.sleep(0.05)
        assert traffic.failed == []
        assert not first & set(site.workers())
        assert figure(site.url, "tracking_requests_total", route="/") == traffic.answered
        os.kill(site.workers()[0], signal.SIGKILL)
        time.sleep(1.5)
        assert figure(site.url, "tracking_requests_total", route="/") == traffic.answered


@pytest.mark.redis
def test_whoever_comes_is_let_in_while_a_process_that_is_replaced_answers_on(
    tmp_path: Path, redis: RedisServer
) -> None:
    """Its last answer takes as long as the core, and nobody else is there to let anybody in."""
    worn_at = 60
    arguments = f"--max-requests {worn_at} --max-requests-jitter 1"
    with (
        LiveSite(tmp_path / "log", REDIS_URL=redis.url, GUNICORN_CMD_ARGS=arguments) as site,
        ThreadPoolExecutor(1) as visitor,
    ):
        slow_core(site, 4500)
        form = {"nomor": site.sample("paid_today").nik}
        first, let_in = site.workers(), 0
        for _ in range(worn_at - 5):
            assert requests.get(site.url, timeout=20).ok
        lookup = visitor.submit(
            lambda: (
                requests.post(
                    f"{site.url}/lacak", data=form, timeout=20, allow_redirects=False
                ).status_code
            )
        )
        while not lookup.done():
            assert requests.get(site.url, timeout=20).ok
            let_in += not lookup.done()
        assert lookup.result() == 303
        assert let_in > 15
        until = time.monotonic() + 30
        while not set(site.workers()) - set(first):
            assert time.monotonic() < until, "it was not replaced"
            time.sleep(0.1)


def test_a_lookup_that_is_under_way_is_answered_before_the_site_stops(tmp_path: Path) -> None:
    with LiveSite(tmp_path / "log") as site:
        slow_core(site, 2000)
        answers: list[int] = []

        def look_up() -> None:
            form = {"nomor": site.sample("paid_today").nik}
            address = f"{site.url}/lacak"
            told = requests.post(address, data=form, timeout=20, allow_redirects=False)
            answers.append(told.status_code)

        visitor = threading.Thread(target=look_up)
        visitor.start()
        while figure(site.url, "tracking_requests_in_flight") < 2:
            time.sleep(0.05)
        site.stop()
        visitor.join()
        assert answers == [303], site.logs.read_text()[-2000:]


def test_many_who_come_at_once_after_a_quiet_while_are_answered(tmp_path: Path) -> None:
    with LiveSite(tmp_path / "log") as site:
        answers: list[int] = []
        for _ in range(3):
            time.sleep(3)  # The quiet itself is what must not count as waiting.
            visitors = [
                threading.Thread(
                    target=lambda: answers.append(requests.get(site.url, timeout=20).status_code)
                )
                for _ in range(20)
            ]
            for visitor in visitors:
                visitor.start()
            for visitor in visitors:
                visitor.join()
        assert answers == [200] * 60


def test_no_address_query_or_number_is_in_what_gunicorn_says(tmp_path: Path) -> None:
    with LiveSite(tmp_path / "log") as site:
        nik = site.sample("paid_today").nik
        requests.get(f"{site.url}/?nomor={nik}", timeout=5)
        requests.get(f"{site.url}/{nik}", headers={"X-Request-ID": nik}, timeout=5)
        requests.post(f"{site.url}/lacak", data={"nomor": nik}, timeout=5)
        site.raw(f"GET /{nik}?nomor={nik} HTTP/9.9\r\n\r\n".encode())
        site.raw(f"GET /\x01{nik} HTTP/1.1\r\n{nik} : x\r\n\r\n".encode())
        requests.get(site.url, headers={"X": nik * 300}, timeout=5)
    assert site.numbers_in_log() == []
    assert nik[:10] not in site.logs.read_text()
    assert site.logs.read_text().count('"event":"request"') >= 3
