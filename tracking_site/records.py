"""What is known of the request being served, filled in by whoever knows it.

A record holds codes of closed sets, durations and a shortened network, and nothing else.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from threading import local
from time import perf_counter
from typing import Protocol

_current: ContextVar["Record | None"] = ContextVar("record", default=None)


@dataclass(slots=True)
class Record:
    """One request. Durations are in seconds; what did not happen stays empty or 0.

    They lie in one another: `guarded` (limit and guard) holds `looked_up`, that holds `source`
    (cache and core), and that holds `core`. `render` stands beside them. `rule` and `level` are
    the guard's, where it asked for work or refused.
    """

    request_id: str
    network: str = ""
    route: str = ""
    outcome: str = ""
    rule: str = ""
    level: int = 0
    cache: str = ""
    partner: str = ""
    guarded: float = 0.0
    looked_up: float = 0.0
    source: float = 0.0
    core: float = 0.0
    render: float = 0.0


class _Queue(local):
    seconds = 0.0
    is_passed = False
    is_aside = False
    aside: Callable[[], AbstractContextManager[None]] = nullcontext


QUEUE = _Queue()
"""What the server says to this thread. How many seconds the request that it serves had come before;
`is_passed` where that is served before all that wait. Who waits does so `with QUEUE.aside():`, and
the server lets another thread run meanwhile (`is_aside`)."""


def current() -> Record | None:
    """Return the record of the request that this thread serves; None outside of one."""
    return _current.get()


def current_id() -> str | None:
    record = _current.get()
    return record.request_id if record else None


def note(**facts: str | int) -> None:
    """Write down facts of the request being served; outside of one nothing happens."""
    record = _current.get()
    if record is not None:
        for name, value in facts.items():
            setattr(record, name, value)


class timed:  # noqa: N801 - read as a statement: `with timed("render"):`
    """Adds the time spent inside to a duration of the request being served."""

    __slots__ = ("_begun", "_name")

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._begun = perf_counter()

    def __exit__(self, *_: object) -> None:
        record = _current.get()
        if record is not None:
            seconds = perf_counter() - self._begun
            setattr(record, self._name, getattr(record, self._name) + seconds)


@contextmanager
def recorded(record: Record) -> Iterator[None]:
    """Make a record the current one."""
    token = _current.set(record)
    try:
        yield
    finally:
        _current.reset(token)


class Observe(Protocol):
    """Told what happens beside requests, in codes of closed sets (claims_api/events.py)."""

    def __call__(self, event: str, /, **labels: str) -> None: ...


def do_nothing(*_: object, **__: object) -> None:
    """Stand where nobody counts, or a caller has nothing to be told."""
