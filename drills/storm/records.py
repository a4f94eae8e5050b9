"""What the visitors got in each phase, and what the processes weighed meanwhile."""

import threading
from collections import Counter
from dataclasses import dataclass, field

from drills.storm.wire import Reply

_DECIDED = {403: "guard", 429: "guard"}


@dataclass
class Phase:
    """`kinds` counts what became of requests: answered, guard, a place in the line, told to come
    back, cut, failed."""

    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    resident: int = 0
    times: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def p99(self) -> float:
        took = sorted(self.took)
        return took[min(len(took) - 1, int(len(took) * 0.99))] if took else 0.0

    @property
    def slowest(self) -> float:
        return max(self.took, default=0.0)


class Records:
    """Phases by name, filled by any thread; `now` is the one that runs."""

    def __init__(self) -> None:
        self.phases: dict[str, Phase] = {}
        self.residents: list[int] = []
        self._lock = threading.Lock()
        self.now = Phase()

    def enter(self, name: str) -> Phase:
        with self._lock:
            self.now = self.phases.setdefault(name, Phase())
            self.now.times += 1
        return self.now

    def hear(self, what: str, reply: Reply) -> None:
        kind = kind_of(reply)
        with self._lock:
            self.now.kinds[kind] += 1
            self.now.took.append(reply.seconds)
            if kind in ("cut", "failed"):
                self.now.failures[f"{what} {reply.status or 'cut off'}"] += 1

    def weigh(self, resident: int) -> None:
        """Book the largest process of a moment."""
        self.now.resident = max(self.now.resident, resident)
        self.residents.append(resident)


def kind_of(reply: Reply) -> str:
    """Tell what became of a request; a 503 is designed when it says when to come back, a 429
    likewise."""
    if reply.status == 0:
        return "cut"
    if reply.status == 503 and "retry-after" in reply.headers:
        return "told"
    if reply.status >= 500 or (reply.status == 429 and "retry-after" not in reply.headers):
        return "failed"
    if reply.status == 202 or "/antre/" in reply.headers.get("location", ""):
        return "place"
    return _DECIDED.get(reply.status, "answered")
