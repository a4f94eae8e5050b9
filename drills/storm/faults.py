"""What breaks, each for as long as its block lasts."""

import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial

from drills.storm.stage import Stage
from harness.servers import RedisServer

HALF_A_LINE = 100
FEW_AT_ONCE: dict[str, object] = {"mode": "capacity", "slots": 4, "latency_ms": 400, "sigma": 0.3}
COPY_SECONDS = 10.0
SURGE = "ten times the visitors, core bears four at once"

Fault = Callable[[Stage], AbstractContextManager[None]]


@contextmanager
def calm(stage: Stage) -> Iterator[None]:
    yield


@contextmanager
def core_gone(stage: Stage) -> Iterator[None]:
    """The core's process is killed, and its port refuses."""
    stage.core.kill()
    try:
        yield
    finally:
        stage.core.start()


@contextmanager
def core_behaving(stage: Stage, **fault: object) -> Iterator[None]:
    """The sandbox does what `python -m tracking_site sandbox` calls a fault."""
    _tell(stage, fault)
    try:
        yield
    finally:
        _tell(stage, {"mode": "none"})


@contextmanager
def redis_gone(stage: Stage) -> Iterator[None]:
    """Redis is killed, and comes back empty."""
    stage.store.kill()
    try:
        yield
    finally:
        stage.store.start()


@contextmanager
def redis_silent(stage: Stage) -> Iterator[None]:
    """Redis takes connections and says nothing."""
    with stage.store.held_still():
        yield


@contextmanager
def worker_killed(stage: Stage) -> Iterator[None]:
    """One of the site's processes is killed, with whatever it had under way."""
    os.kill(stage.site.workers()[0], signal.SIGKILL)
    yield


@contextmanager
def disk_full(stage: Stage) -> Iterator[None]:
    """Half a line more fits into the log; it is the only file that is so large already."""
    _limit_files(stage, stage.log_bytes + HALF_A_LINE)
    try:
        yield
    finally:
        _limit_files(stage, resource.RLIM_INFINITY)


@contextmanager
def all_at_once(stage: Stage) -> Iterator[None]:
    with ExitStack() as stack:
        for fault in (disk_full, redis_gone, partial(core_behaving, mode="slow", rate=0.5)):
            stack.enter_context(fault(stage))
        yield


@contextmanager
def surge(stage: Stage) -> Iterator[None]:
    """Ten times as many people come, and the core bears few at once."""
    with core_behaving(stage, **FEW_AT_ONCE), stage.surge():
        yield


@contextmanager
def roads_forget(stage: Stage) -> Iterator[None]:
    """A firewall loses its table: every connection to the core and to Redis is dead, in silence."""
    stage.roads.core.forget()
    stage.roads.store.forget()
    yield


@contextmanager
def failover(stage: Stage) -> Iterator[None]:
    """The copy becomes Redis's master behind the same address; the old one refuses to write."""
    old, new = stage.store, stage.roads.spare
    new.client().replicaof("127.0.0.1", old.port)
    _wait_until_same(old, new)
    new.client().replicaof("no", "one")
    stage.roads.store.lead_to(new.port)
    old.client().replicaof("127.0.0.1", new.port)
    stage.store, stage.roads.spare = new, old
    yield


FAULTS: dict[str, Fault] = {
    "core refuses connections": core_gone,
    "core slow, 3 s": partial(core_behaving, mode="slow", latency_ms=3000),
    "core drips a byte every 0.1 s": partial(core_behaving, mode="drip"),
    "core answers 503": partial(core_behaving, mode="error", retry_after=5),
    "core sends half of its JSON": partial(core_behaving, mode="malformed"),
    "core sends another shape": partial(core_behaving, mode="wrong_shape"),
    "core bears four at once": partial(core_behaving, **FEW_AT_ONCE),
    SURGE: surge,
    "Redis killed": redis_gone,
    "Redis silent": redis_silent,
    "a process killed": worker_killed,
    "disk full for logs": disk_full,
    "slow core, no Redis, full disk": all_at_once,
}
LONGER = {SURGE: 8}
"""A surge lasts for two minutes where other faults last for fifteen seconds."""

ON_THE_ROADS: dict[str, Fault] = {
    "the network forgets all connections": roads_forget,
    "Redis fails over behind its address": failover,
}
"""For a stage that has roads."""


def _tell(stage: Stage, fault: dict[str, object]) -> None:
    for _ in range(50):
        try:
            stage.core.control("faults", fault)
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the sandbox does not listen")


def _wait_until_same(master: RedisServer, copy: RedisServer) -> None:
    give_up_at = time.monotonic() + COPY_SECONDS
    while time.monotonic() < give_up_at:
        behind = master.client().info("replication")["master_repl_offset"]
        told = copy.client().info("replication")
        if told["master_link_status"] == "up" and told["slave_repl_offset"] >= behind:
            return
        time.sleep(0.05)
    raise RuntimeError("the copy of Redis does not come up")


def _limit_files(stage: Stage, size: int) -> None:
    # The master first: a process that starts meanwhile has its limit.
    for pid in (stage.site.pid, *stage.site.workers()):
        with suppress(ProcessLookupError):
            _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, most))
