"""Stand-ins at the lowest seams: a clock that is moved, a core that is told what to say."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tracking_site.claims_api.contract import decode_snapshot
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.claims_api.source import ANYONE, Answer, Caller
from tracking_site.domain.identifiers import Identifier, Kpj

NOW = 1_795_330_800.0


def body_of(*states: str, reference: str = "JHT-1") -> bytes:
    """Return the core's JSON for claims of these states."""
    began = "2026-11-20T09:00:00+07:00"
    claims = [
        {
            "reference": reference,
            "service": "jht",
            "channel": "branch",
            "state": state,
            "branch": {"name": "Jakarta Salemba", "regency": "Jakarta Pusat", "phone": None},
            "submitted_at": began,
            "milestones": [{"stage": "registered", "entered_at": began}],
        }
        for state in states
    ]
    return json.dumps({"as_of": "2026-11-22T14:05:00+07:00", "claims": claims}).encode()


MOVING = body_of("in_progress")
ENDED = body_of("completed", "rejected")
NOTHING = body_of()


def number(n: int) -> Identifier:
    """Return a card number that no sample of the sandbox has."""
    return Kpj(f"{n:011d}")


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


class Events:
    """Counts what is observed, as `name` or `name:label`."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self._lock = threading.Lock()

    def __call__(self, event: str, /, **labels: str) -> None:
        with self._lock:
            self.seen[":".join([event, *labels.values()])] += 1

    def __getitem__(self, name: str) -> int:
        return self.seen[name]


@dataclass
class FakeCore:
    """An AnswerSource that says what it is told, and remembers how often it was asked.

    `gate` keeps every request waiting while it is closed.
    """

    body: bytes = MOVING
    max_age: float | None = None
    error: CoreError | None = None
    asked: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    gate: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    late: list[Callable[[Answer], None]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def answer(self) -> Answer:
        return Answer(self.body, decode_snapshot(self.body), self.max_age)

    def goes_down(self, retry_after: float | None = None) -> None:
        self.error = CoreError(Trouble.SERVER_ERROR, retry_after)

    def comes_back(self) -> None:
        self.error = None

    def answer_for(self, identifier: Identifier, caller: Caller = ANYONE) -> Answer:
        # What the core says is settled when it is asked, as at a real one.
        with self.lock:
            self.asked += 1
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            answer, error = self.answer, self.error
        self.late.append(caller.when_late)
        self.arrived.set()
        try:
            while not self.gate.wait(0.1):
                caller.while_waiting()
        finally:
            with self.lock:
                self.in_flight -= 1
        if error is not None:
            raise type(error)(error.kind, error.retry_after)
        return answer


class Crowd:
    """Runs things in threads and gathers what came of each."""

    def __init__(self) -> None:
        self.results: list[object] = []
        self._threads: list[threading.Thread] = []

    def start(self, work: Callable[[], object]) -> None:
        def run() -> None:
            try:
                result: object = work()
            except Exception as error:  # noqa: BLE001  it is the result
                result = error
            self.results.append(result)

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()

    def join(self, seconds: float = 20) -> list[object]:
        for thread in self._threads:
            thread.join(seconds)
            assert not thread.is_alive(), "still waiting"
        return self.results


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something holds that another thread or process brings about."""
    give_up_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up_at, "it never came about"
        time.sleep(0.005)
