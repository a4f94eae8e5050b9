"""What breaks, each for as long as its block lasts."""

import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial

from drills.storm.stage import Stage

HALF_A_LINE = 100

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


FAULTS: dict[str, Fault] = {
    "core refuses connections": core_gone,
    "core slow, 3 s": partial(core_behaving, mode="slow", latency_ms=3000),
    "core drips a byte every 0.1 s": partial(core_behaving, mode="drip"),
    "core answers 503": partial(core_behaving, mode="error", retry_after=5),
    "core sends half of its JSON": partial(core_behaving, mode="malformed"),
    "core sends another shape": partial(core_behaving, mode="wrong_shape"),
    "Redis killed": redis_gone,
    "Redis silent": redis_silent,
    "a process killed": worker_killed,
    "disk full for logs": disk_full,
    "slow core, no Redis, full disk": all_at_once,
}


def _tell(stage: Stage, fault: dict[str, object]) -> None:
    for _ in range(50):
        try:
            stage.core.control("faults", fault)
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the sandbox does not listen")


def _limit_files(stage: Stage, size: int) -> None:
    # The master first: a process that starts meanwhile has its limit.
    for pid in (stage.site.pid, *stage.site.workers()):
        with suppress(ProcessLookupError):
            _, most = resource.prlimit(pid, resource.RLIMIT_FSIZE)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, most))
