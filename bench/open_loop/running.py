"""Servers, visitors and what is watched of them: one round of a scenario at one contender."""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from bench.open_loop.crowd import HEAD_START_SECONDS, Notes, Task
from bench.open_loop.plan import PARTICIPANTS, Mix, address, numbers
from bench.open_loop.scenarios import CAPACITY_MS, Scenario, slow
from harness.servers import ROOT, CoreServer, RedisServer, Server, gunicorn_server

PLAIN_THREADS = 64
ROOM_OF_A_ROUND = 50_000
"""Numbers and networks that one round may take, so that the next one has others."""

KNOWN, KNOWN_MISSES = 18, 2
PRICED_RATE, PRICED_SECONDS, PRICED_FROM = 30.0, 12.0, 42_000
"""Cold lookups from which one's processor time is known, and where their numbers begin. They come
at about the pace of a line: one after the other takes less, since caches stay warm."""

KNOWN_FROM = 40_000
"""Where the numbers begin, within a round, that are asked before its start."""

READY_SECONDS = 60
SAMPLE_SECONDS = 0.5
SHED = "tracking_floods_shed_total"
QUIET_SECONDS = 3.0
CORES = os.cpu_count() or 1
TICKS = os.sysconf("SC_CLK_TCK")

GEVENT = ROOT / "bench" / "open_loop" / "gevent_worker.py"


@dataclass(frozen=True)
class Sample:
    """A moment: monotonic time, what the core counted, and what the workers used and held."""

    at: float
    core: Mapping[str, float]
    processor: float
    held: int


@dataclass
class Round:
    """What came of one round."""

    notes: Notes
    samples: list[Sample]
    flooded: Mapping[str, Any] = field(default_factory=dict)
    others: float = 0.0
    """The share of the whole machine that processes outside of this benchmark took meanwhile."""

    shed: Mapping[str, float] = field(default_factory=dict)
    """Requests that were refused as a flood, by the width that had too much."""

    answer_seconds: float = 0.0
    """Processor time of the workers for one cold lookup, seen when the visitors were gone."""


class Processor:
    """The processor time that some processes have used, those that are gone included."""

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self._pids = pids
        self._used: dict[int, float] = {}

    def seconds(self) -> float:
        for pid in self._pids():
            self._used[pid] = max(processor_seconds(pid), self._used.get(pid, 0.0))
        return sum(self._used.values())


def processor_seconds(pid: int) -> float:
    """Return what a process has used in user and system mode; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def proportional_bytes(pid: int) -> int:
    """Return the memory of a process, its part of what it shares with others; 0 without it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:"))


def machine_seconds() -> float:
    """Return what all processes of the machine have used since it started."""
    ticks = [int(field) for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:]]
    user, nice, system, _idle, _waits, interrupts, more_interrupts = ticks[:7]
    return (user + nice + system + interrupts + more_interrupts) / TICKS


@contextmanager
def contender(who: str, scenario: Scenario) -> Iterator[tuple[CoreServer, Server, list[Server]]]:
    """Start the core and one of the contenders afresh; yields both, and all servers there are."""
    settings = {
        "TRUSTED_PROXIES": "1",
        "WEB_CONCURRENCY": str(scenario.processes),
        **scenario.settings,
    }
    if scenario.worker_class == "gevent":
        settings["GUNICORN_CMD_ARGS"] = f"--config {GEVENT}"
    application = "wsgi:application"
    if who == "plain":
        settings = {
            "WEB_CONCURRENCY": str(scenario.processes),
            "WEB_THREADS": str(PLAIN_THREADS),
        }
        application = "bench.peers.plain:application"
    with ExitStack() as stack:
        servers: list[Server] = []
        core = stack.enter_context(CoreServer(PARTICIPANTS))
        servers.append(core)
        if scenario.redis or scenario.processes > 1:
            store = stack.enter_context(RedisServer())
            servers.append(store)
            settings["REDIS_URL"] = store.url
        server = stack.enter_context(gunicorn_server(core, settings, application))
        yield core, server, [*servers, server]


def run(who: str, scenario: Scenario, place: int, seed: int) -> Round:
    """Let a round's visitors come to a contender that has just been started."""
    first = place * ROOM_OF_A_ROUND
    with contender(who, scenario) as (core, server, servers):
        known = warm_up(server, first + KNOWN_FROM)
        core.control("faults", scenario.core)
        core.control("stats/reset", {})
        task = Task(
            port=server.port,
            mix=scenario.mix,
            rate=scenario.rate,
            seconds=scenario.seconds,
            drain=scenario.drain,
            seed=seed + place,
            first=first,
            known=known,
            even=scenario.even,
            together=scenario.together,
        )
        with ExitStack() as stack:
            crowd = stack.enter_context(program("crowd", asdict(task)))
            helpers: list[Program] = [crowd]
            if scenario.flood is not None:
                # The flood does not wait for who is to come: it knows all of it already.
                asked = {"port": server.port, "flood": asdict(scenario.flood)}
                seconds = scenario.seconds + HEAD_START_SECONDS
                helpers.append(stack.enter_context(program("flood", asked | {"seconds": seconds})))
            samples, others = watch(core, server, servers, helpers)
            found = [each.result() for each in helpers]
        shed = shed_by(server.url) if who != "plain" else {}
        answer_seconds = 0.0
        if scenario.prices_answers:
            core.control("faults", slow(CAPACITY_MS))
            answer_seconds = price(server, first + PRICED_FROM)
    flooded = found[1] if len(found) > 1 else {}
    return Round(Notes.of(found[0]), samples, flooded, others, shed, answer_seconds)


def shed_by(site: str) -> dict[str, float]:
    """Return how many requests a site refused as a flood, by the width that had too much."""
    with urlopen(f"{site}/-/metrics", timeout=30) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    return {
        sample.labels["width"]: sample.value
        for family in families
        for sample in family.samples
        if sample.name == SHED
    }


def watch(
    core: CoreServer, server: Server, servers: list[Server], helpers: list["Program"]
) -> tuple[list[Sample], float]:
    """Look at the core and the workers until the visitors are gone.

    Returns the samples, and the share of the machine that others took.
    """
    workers = Processor(server.workers)
    own = Processor(
        lambda: [each.pid for each in servers] + [each.pid for each in helpers] + [os.getpid()]
    )
    samples: list[Sample] = []
    begun, before = time.monotonic(), machine_seconds() - own.seconds() - workers.seconds()
    is_over = False
    while not is_over:
        is_over = helpers[0].is_over
        counted = {name: float(value) for name, value in core.control("stats").items()}
        held = sum(map(proportional_bytes, server.workers()))
        samples.append(Sample(time.monotonic(), counted, workers.seconds(), held))
        own.seconds()
        time.sleep(0 if is_over else SAMPLE_SECONDS)
    others = machine_seconds() - own.seconds() - workers.seconds() - before
    return samples, max(0.0, others / (time.monotonic() - begun) / CORES)


def wait_until_quiet(share: float, longest: float) -> None:
    """Wait until everybody else takes less than a share of the machine, or so many seconds."""
    give_up_at = time.monotonic() + longest
    while time.monotonic() < give_up_at:
        before = machine_seconds()
        time.sleep(QUIET_SECONDS)
        if (machine_seconds() - before) / QUIET_SECONDS / CORES < share:
            return


def warm_up(server: Server, first: int) -> list[str]:
    """Ask for some numbers while the core is quick; return those that were found."""
    known, unknown = numbers(first)
    found = [next(known) for _ in range(KNOWN)]
    asked = [*found, *(next(unknown) for _ in range(KNOWN_MISSES))]
    give_up_at = time.monotonic() + READY_SECONDS
    for place, number in enumerate(asked):
        while True:
            status = ask(server, number, address(first + place))
            if status in (200, 404):
                break
            if time.monotonic() > give_up_at:
                raise RuntimeError(f"{status} for a lookup before the start: {server.said()}")
            time.sleep(0.5)
    return found


def price(server: Server, first: int) -> float:
    """Return the processor time that the workers need for one cold lookup that need not wait,
    without its form."""
    mix = Mix(cold=1, plain=0, polls=0, absent=0, leaves=0, opens_form=False)
    task = Task(
        port=server.port,
        mix=mix,
        rate=PRICED_RATE,
        seconds=PRICED_SECONDS,
        drain=READY_SECONDS,
        seed=first,
        first=first,
        known=[],
    )
    workers = Processor(server.workers)
    used = workers.seconds()
    with program("crowd", asdict(task)) as crowd:
        outcomes = Notes.of(crowd.result()).outcomes["cold"]
    return (workers.seconds() - used) / outcomes.total()


def ask(server: Server, number: str, address: str, *, opens_form: bool = True) -> int:
    """Open the form, perhaps, and look one number up; return the status."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        headers = {"X-Forwarded-For": address, "HX-Request": "true"}
        if opens_form:
            connection.request("GET", "/", headers=headers)
            connection.getresponse().read()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/lacak", f"nomor={number}", headers | form)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


class Program:
    """A generator as a process of its own, which answers once."""

    def __init__(self, process: "subprocess.Popen[bytes]", answer: Path) -> None:
        self._process = process
        self._answer = answer
        self.pid = process.pid

    @property
    def is_over(self) -> bool:
        return self._process.poll() is not None

    def result(self) -> dict[str, Any]:
        """Return what it noted. Raises RuntimeError when it broke."""
        if self._process.wait():
            raise RuntimeError(f"a generator ended with {self._process.returncode}")
        found: dict[str, Any] = json.loads(self._answer.read_text())
        return found


@contextmanager
def program(name: str, task: Mapping[str, Any]) -> Iterator[Program]:
    """Start `bench.open_loop.<name>` with a task."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answer = Path(folder, "task"), Path(folder, "answer")
        asked.write_text(json.dumps(task))
        command = [sys.executable, "-m", f"bench.open_loop.{name}"]
        with asked.open("rb") as given, answer.open("wb") as taken:
            process = subprocess.Popen(command, cwd=ROOT, stdin=given, stdout=taken)
        try:
            yield Program(process, answer)
        finally:
            process.kill()
            process.wait()
