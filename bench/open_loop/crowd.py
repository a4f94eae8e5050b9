"""Visitors as they come, each noting what became of it.

    python -m bench.open_loop.crowd < task.json > noted.json

Everything is measured from the moment at which it was due, not from the one at which a late
generator came round to it; how late it was is noted too.
"""

import gc
import json
import re
import resource
import sys
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.open_loop.figures import Served
from bench.open_loop.plan import Mix, Visitor, address, visitors
from bench.open_loop.wire import (
    PATIENCE_SECONDS,
    Connection,
    Loop,
    Reply,
    allow_many_connections,
)

WARM_SECONDS = 20.0
"""An answer of so long ago is at hand at everybody's: nothing to show is kept for half a minute."""

POLL_SECONDS = 5.0
HEAD_START_SECONDS = 0.5
"""From knowing who comes to the first of them, so that none is late at once."""

MAX_HOPS = 4
ANSWERED = ("found", "not found")

_NAMES = {
    -1: "no answer",
    0: "cut off",
    200: "found",
    202: "waiting",
    204: "found",
    304: "found",
    404: "not found",
    403: "challenged",
    410: "place gone",
    429: "refused",
    503: "503",
}
_VERSION = re.compile(rb'"If-None-Match": "([^"]+)"')
_SECONDS = re.compile(rb'data-seconds="(\d+)"')
_PLACE = re.compile(r"/antre/")
_ASKS_AGAIN = re.compile(rb'hx-get="([^"]+)"')
"""Where the script of a place that waits asks again: its address, with what it said last."""


def outcome(status: int) -> str:
    """Return what became of a request, in a word; of a form or a poll, `found` is that it came."""
    return _NAMES.get(status, "other 5xx" if status >= 500 else f"status {status}")


@dataclass
class Wait:
    """One visitor's time in the line, in seconds since the start; `given` as the page said."""

    came: float
    told_at: float
    given: float
    has_script: bool
    is_absent: bool
    polls: int = 0
    over_at: float = 0.0
    outcome: str = "still waiting"


@dataclass
class Notes:
    """What became of everybody: seconds and outcomes by kind of request, and the line."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    waits: list[Wait] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)
    begun: float = 0.0
    lags: list[float] = field(default_factory=list)
    most_open: int = 0
    most_waiting: int = 0
    busy_share: float = 0.0

    @classmethod
    def of(cls, document: dict[str, Any]) -> "Notes":
        """Return the notes that a process wrote as JSON."""
        outcomes = {kind: Counter(found) for kind, found in document["outcomes"].items()}
        waits = [Wait(**each) for each in document["waits"]]
        served = [Served(**each) for each in document["served"]]
        return cls(**{**document, "outcomes": outcomes, "waits": waits, "served": served})

    def note(self, kind: str, seconds: float, what: str) -> None:
        self.outcomes.setdefault(kind, Counter())[what] += 1
        # A refusal is quick; only an answer, or having waited for none, says what a visit takes.
        if what in ANSWERED or what == "no answer":
            self.seconds.setdefault(kind, []).append(seconds)


class Crowd:
    """Everybody who comes to one site; `known` are numbers that were asked before the start."""

    def __init__(self, loop: Loop, port: int, known: list[str], opens_form: bool) -> None:
        self.loop = loop
        self.port = port
        self.opens_form = opens_form
        self.notes = Notes()
        self.begun = self.notes.begun = loop.now() + HEAD_START_SECONDS
        self.present = 0
        self.open = 0
        self.waiting = 0
        self._known = known
        self._lately: deque[tuple[float, str, bool]] = deque()

    def due(self, when: float, call: Callable[[], None]) -> None:
        """Let something happen, and note how late it does."""

        def happen() -> None:
            self.notes.lags.append(self.loop.now() - when)
            call()

        self.loop.at(when, happen)

    def asked_before(self, luck: float) -> str:
        """Return a number whose answer came a moment ago.

        One with nothing to show is given once: many networks that miss one number are what the
        guard looks for, and no usual visitors.
        """
        while self._lately and self._lately[0][0] < self.loop.now() - WARM_SECONDS:
            self._lately.popleft()
        if not self._lately:
            return self._known[int(luck * len(self._known))]
        place = int(luck * len(self._lately))
        _, number, is_found = self._lately[place]
        if not is_found:
            del self._lately[place]
        return number

    def wait_more(self, change: int) -> None:
        """Note that so many more people wait for an answer to their lookup."""
        self.waiting += change
        self.notes.most_waiting = max(self.notes.most_waiting, self.waiting)

    def remember(self, number: str, *, is_found: bool) -> None:
        self._lately.append((self.loop.now(), number, is_found))

    def since_start(self, moment: float) -> float:
        return moment - self.begun


class Visit:
    """One visitor: the form, the lookup, perhaps a place in the line or one poll."""

    def __init__(self, crowd: Crowd, who: Visitor) -> None:
        self._crowd = crowd
        self._who = who
        self._connection = Connection(crowd.loop, crowd.port)
        self._wait: Wait | None = None
        self._path = ""
        self._came = 0.0
        crowd.due(crowd.begun + who.at, self._arrive)

    def _arrive(self) -> None:
        self._crowd.present += 1
        due = self._crowd.begun + self._who.at
        if self._crowd.opens_form:
            self._ask("GET", "/", due, lambda reply: self._read_form(reply, due))
        else:
            self._look_up(due)

    def _read_form(self, reply: Reply, due: float) -> None:
        now = self._crowd.loop.now()
        what = outcome(reply.status)
        self._crowd.notes.note("form", now - due, what)
        if what != "found":
            self._go()
            return
        press = now + self._who.thinks
        self._crowd.due(press, lambda: self._look_up(press))

    def _look_up(self, due: float) -> None:
        who = self._who
        number = who.number or self._crowd.asked_before(who.luck)
        self._came = due
        self._crowd.wait_more(1)
        kind = "cold" if who.number else "warm"
        body = f"nomor={number}"
        self._ask("POST", "/lacak", due, lambda reply: self._answered(kind, reply, due), body)

    def _answered(self, kind: str, reply: Reply, due: float) -> None:
        crowd, who, now = self._crowd, self._who, self._crowd.loop.now()
        what = outcome(reply.status)
        if what == "waiting":
            crowd.notes.note("told to wait", now - due, "found")
            self._wait = Wait(
                came=crowd.since_start(self._came),
                told_at=crowd.since_start(now),
                given=_given(reply),
                has_script=who.has_script,
                is_absent=who.absent > 0,
            )
            crowd.notes.waits.append(self._wait)
        crowd.notes.note(kind, now - due, what)
        if what != "waiting":
            crowd.wait_more(-1)
        if what == "waiting":
            self._stand(reply, who.absent)
            return
        if what in ANSWERED and who.number:
            self._served(now, what)
        version = _VERSION.search(reply.body)
        told = reply.headers
        pushed = told.get("hx-push-url") or told.get("hx-replace-url") or ""
        if what == "found" and who.polls and who.has_script and version and pushed:
            self._crowd.due(now + POLL_SECONDS, lambda: self._poll(pushed, version[1].decode()))
            return
        self._go()

    def _served(self, now: float, what: str) -> None:
        if self._who.number:
            # One asked before is remembered as long as its first answer is at everybody's hand.
            self._crowd.remember(self._who.number, is_found=what == "found")
        if self._who.absent == 0:
            crowd = self._crowd
            came, answered = crowd.since_start(self._came), crowd.since_start(now)
            crowd.notes.served.append(Served(came, answered, counts=self._who.has_script))

    def _poll(self, path: str, version: str) -> None:
        due = self._crowd.loop.now()

        def note(reply: Reply) -> None:
            took = self._crowd.loop.now() - due
            self._crowd.notes.note("poll", took, outcome(reply.status))
            self._go()

        self._ask("GET", f"{path}?sejak={version}", due, note, version=version)

    def _stand(self, reply: Reply, absent: float = 0.0) -> None:
        """Come back when the site said, or not at all."""
        if self._who.leaves and self._wait is not None:
            self._leave_line("left")
            return
        if self._who.has_script and (asks := _ASKS_AGAIN.search(reply.body)):
            self._path = asks[1].decode()
        back = self._crowd.loop.now() + _back_in(reply) + absent
        self._connection.close()
        self._crowd.due(back, lambda: self._come_back(back))

    def _come_back(self, due: float) -> None:
        if self._wait is not None:
            self._wait.polls += 1
        self._ask("GET", self._path, due, lambda reply: self._asked_again(reply, due))

    def _asked_again(self, reply: Reply, due: float) -> None:
        now = self._crowd.loop.now()
        what = outcome(reply.status)
        self._crowd.notes.note("place", now - due, "found" if what == "waiting" else what)
        if what == "waiting":
            self._stand(reply)
            return
        if what in ANSWERED:
            self._served(now, what)
        self._leave_line(what)

    def _leave_line(self, what: str) -> None:
        if self._wait is not None:
            self._wait.outcome = what
            self._wait.over_at = self._crowd.since_start(self._crowd.loop.now())
        self._crowd.wait_more(-1)
        self._go()

    def _go(self) -> None:
        self._connection.close()
        self._crowd.present -= 1

    def _ask(
        self,
        method: str,
        path: str,
        due: float,
        then: Callable[[Reply], None],
        body: str = "",
        version: str = "",
        hops: int = 0,
    ) -> None:
        """Ask and follow where the answer leads, all within one patience from when it was due."""
        crowd = self._crowd

        def hear(reply: Reply) -> None:
            crowd.open -= 1
            where = reply.headers.get("location", "")
            if reply.status == 303 and where and hops < MAX_HOPS:
                if _PLACE.search(where):
                    self._path = where
                self._ask("GET", where, due, then, hops=hops + 1)
            else:
                then(reply)

        crowd.open += 1
        crowd.notes.most_open = max(crowd.notes.most_open, crowd.open)
        asks_by_script = self._who.has_script and path != "/"
        request = written(method, path, self._who.address, asks_by_script, body, version)
        self._connection.ask(request, hear, due + PATIENCE_SECONDS)


def written(
    method: str, path: str, address: str, is_htmx: bool, body: str = "", version: str = ""
) -> bytes:
    """Return a request as a browser behind one proxy sends it."""
    path = "/" + path.split("/", 3)[3] if path.startswith("http") else path
    lines = [f"{method} {path} HTTP/1.1", "Host: site.example", f"X-Forwarded-For: {address}"]
    if is_htmx:
        lines += ["HX-Request: true", "HX-Request-Type: partial"]
    if version:
        lines.append(f"If-None-Match: {version}")
    if method == "POST":
        lines.append("Content-Type: application/x-www-form-urlencoded")
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _given(reply: Reply) -> float:
    """Return the time that the page gives, or else the one of its head."""
    said = _SECONDS.search(reply.body)
    return float(said[1]) if said else _back_in(reply)


def _back_in(reply: Reply) -> float:
    """Return after how many seconds to ask again: Retry-After, or Refresh without JavaScript."""
    said = reply.headers.get("retry-after") or reply.headers.get("refresh", "")
    number = re.match(r"\d+", said)
    return float(number[0]) if number else 5.0


@dataclass(frozen=True)
class Task:
    """One round: whom to ask, who comes, and how long to wait for the last of them."""

    port: int
    mix: Mix
    rate: float
    seconds: float
    drain: float
    seed: int
    first: int
    known: list[str]
    even: bool = False
    together: int = 0
    """So many visitors at once of one number instead, who open no form."""


def come(task: Task) -> Notes:
    """Let everybody come, and wait until the last is served or the time is over."""
    allow_many_connections()
    opens_form = task.mix.opens_form and not task.together
    who = visitors(task.mix, task.rate, task.seconds, task.seed, task.first, even=task.even)
    if task.together:
        who = _together(task)
    loop = Loop()
    crowd = Crowd(loop, task.port, task.known, opens_form)
    for each in who:
        Visit(crowd, each)
    arriving_until = crowd.begun + task.seconds
    over_at = arriving_until + task.drain
    used = _processor_seconds()
    loop.run(lambda: loop.now() > over_at or (loop.now() > arriving_until and not crowd.present))
    crowd.notes.busy_share = (_processor_seconds() - used) / (loop.now() - crowd.begun)
    return crowd.notes


def _together(task: Task) -> list[Visitor]:
    mix = Mix(cold=1, unknown=0, plain=0, polls=0, absent=0, leaves=0, opens_form=False)
    one = visitors(mix, 10, 1, task.seed, task.first, even=True)[0]
    return [
        Visitor(0.0, address(task.first + place), one.number, 0.0, True, 0.0, False, 0.0, False)
        for place in range(task.together)
    ]


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    # What is noted lives to the end; looking for garbage in it would make visitors late.
    gc.disable()
    asked: dict[str, Any] = json.load(sys.stdin)
    notes = come(Task(**{**asked, "mix": Mix(**asked["mix"])}))
    json.dump(vars(notes), sys.stdout, default=asdict)


if __name__ == "__main__":
    main()
