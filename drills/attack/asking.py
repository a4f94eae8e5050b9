"""Asking over HTTP, and keeping account of what was learned and what the site asked for it."""

import html
import http.client
import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import urlencode

from drills.attack.work import Challenge, level_of, solve

Headers = Sequence[tuple[str, str]]
T = TypeVar("T")

FORM = ("Content-Type", "application/x-www-form-urlencoded")
FRAGMENT: Headers = (("HX-Request", "true"), ("HX-Request-Type", "partial"), FORM)

CONNECT_PAUSE_SECONDS = 0.004

SHED_PAUSE_SECONDS = 0.2
MAX_SHED_SECONDS = 60.0
"""An attacker whom a busy site sheds unread asks again: it has neither been counted nor weighed."""

PATIENCE = 6
"""Challenges that are solved for one number before it is given up."""

_OUTCOME = re.compile(rb'data-outcome="([a-z_]+)"')
_CHALLENGE = re.compile(rb'data-challenge="([^"]*)"')
_WAIT = re.compile(rb'<input[^>]*name="tunggu"[^>]*>')
_VALUE = re.compile(rb'value="([^"]*)"')


@dataclass(frozen=True)
class Reply:
    """An answer as a program sees it; `seconds` from the first byte sent to the last received."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float

    @property
    def outcome(self) -> str:
        found = _OUTCOME.search(self.body)
        return found[1].decode() if found else f"status {self.status}"

    @property
    def is_shed(self) -> bool:
        """Whether it came from the layer in front, which reads no number (web/layers.py)."""
        return self.status in (429, 503) and _OUTCOME.search(self.body) is None

    @property
    def is_answer(self) -> bool:
        return self.outcome in ("found", "not_found")

    @property
    def challenge(self) -> Challenge | None:
        found = _CHALLENGE.search(self.body)
        challenge: Challenge | None = (
            json.loads(html.unescape(found[1].decode())) if found else None
        )
        return challenge

    @property
    def wait_ticket(self) -> str:
        found = _WAIT.search(self.body)
        value = _VALUE.search(found[0]) if found else None
        return html.unescape(value[1].decode()) if value else ""


class Line:
    """A connection that stays open, for one thread."""

    def __init__(self, port: int, timeout: float = 60) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def send(self, method: str, path: str, headers: Headers = (), body: bytes = b"") -> Reply:
        """Send a request; once more where the server had closed the connection meanwhile."""
        try:
            return self._send(method, path, headers, body)
        except (http.client.RemoteDisconnected, ConnectionError):
            self.close()
            return self._send(method, path, headers, body)

    def connect(self) -> None:
        self._connection.connect()

    def close(self) -> None:
        self._connection.close()

    def _send(self, method: str, path: str, headers: Headers, body: bytes) -> Reply:
        begun = time.perf_counter()
        names_host = any(name == "Host" for name, _ in headers)
        self._connection.putrequest(method, path, skip_host=names_host, skip_accept_encoding=True)
        for name, value in headers:
            self._connection.putheader(name, value)
        if method == "POST":
            self._connection.putheader("Content-Length", str(len(body)))
        self._connection.endheaders(body or None)
        response = self._connection.getresponse()
        read = response.read()
        seconds = time.perf_counter() - begun
        return Reply(response.status, tuple(response.getheaders()), read, seconds)


@dataclass
class Tally:
    """What attackers learned together, and what the site asked of them."""

    answered: set[str] = field(default_factory=set)
    outcomes: Counter[str] = field(default_factory=Counter)
    levels: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def answers(self) -> int:
        """Distinct numbers of which something was learned."""
        return len(self.answered)

    def note(self, number: str, reply: Reply) -> None:
        challenge = reply.challenge if reply.outcome == "challenge" else None
        with self._lock:
            self.outcomes[reply.outcome] += 1
            if reply.is_answer:
                self.answered.add(number)
            if challenge:
                self.levels[level_of(challenge)] += 1

    def absorb(self, other: "Tally") -> None:
        """Add what another tally holds."""
        with self._lock:
            self.answered |= other.answered
            self.outcomes += other.outcomes
            self.levels += other.levels

    def asked(self) -> str:
        """What the site asked, in a few words."""
        work = ", ".join(f"{count} × level {level}" for level, count in sorted(self.levels.items()))
        told = [f"work: {work}"] if work else []
        told += [f"{self.outcomes['refused']} refused"] if self.outcomes["refused"] else []
        strange = {"found", "not_found", "challenge", "refused"}
        told += [f"{n} {kind}" for kind, n in sorted(self.outcomes.items()) if kind not in strange]
        return "; ".join(told) or "nothing"


class Attacker:
    """Asks as one program. `proxied` says how the proxy in front tells an address."""

    def __init__(self, port: int, tally: Tally) -> None:
        self.line = Line(port)
        self.tally = tally

    def ask(self, number: str, address: str, path: str = "/lacak", **fields: str) -> Reply:
        """Ask for a number from an address, as our own proxy would tell it."""
        headers = (*FRAGMENT, ("X-Forwarded-For", address))
        body = urlencode({"nomor": number, **fields}).encode()
        give_up_at = time.monotonic() + MAX_SHED_SECONDS
        while (reply := self.line.send("POST", path, headers, body)).is_shed:
            if time.monotonic() > give_up_at:
                raise RuntimeError("the site sheds everything: nothing was attacked")
            time.sleep(SHED_PAUSE_SECONDS)
        self.tally.note(number, reply)
        return reply

    def ask_paying(self, number: str, address: str, path: str = "/lacak", **fields: str) -> Reply:
        """Ask, and do all work that is asked for it."""
        reply = self.ask(number, address, path, **fields)
        for _ in range(PATIENCE):
            challenge = reply.challenge
            if challenge is None:
                break
            reply = self.ask(number, address, path, altcha=solve(challenge), **fields)
        return reply


def asking(number: str, address: str, **fields: str) -> Callable[[Attacker], Reply]:
    """A job for `at_once`: one request, nothing paid beyond `fields`."""
    return lambda attacker: attacker.ask(number, address, **fields)


def asking_and_paying(number: str, address: str) -> Callable[[Attacker], Reply]:
    """A job for `at_once`: as many requests as it takes, all work done."""
    return lambda attacker: attacker.ask_paying(number, address)


def at_once(port: int, tally: Tally, jobs: Sequence[Callable[[Attacker], T]]) -> list[T]:
    """Do all jobs at the same moment, each on a connection of its own that is open before."""
    if not jobs:  # From Python 3.14 on there is no barrier for nobody.
        return []
    barrier = threading.Barrier(len(jobs))
    results: dict[int, T] = {}
    attackers = [Attacker(port, tally) for _ in jobs]
    for attacker in attackers:
        # One after the other, so that every process of the site gets some of them.
        attacker.line.connect()
        time.sleep(CONNECT_PAUSE_SECONDS)

    def work(place: int) -> None:
        barrier.wait(60)
        results[place] = jobs[place](attackers[place])
        attackers[place].line.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    if len(results) != len(jobs):
        raise RuntimeError("a parallel request got no answer")
    return [results[place] for place in range(len(jobs))]
