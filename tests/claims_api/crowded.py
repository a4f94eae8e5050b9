"""A core with so many slots and people who ask it through the real gate, in events, not in time.

Beyond its slots the core serves all more slowly in proportion, and beyond four times as many it
answers 503. People come as a Poisson process, whatever becomes of those before them.
"""

import heapq
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from statistics import mean

from tracking_site.claims_api.gate import Gate, Intervals, Place

HOLD_SECONDS = 3.0
CALL_SECONDS = 0.1
RELOAD_SECONDS = 20.0
BEGIN = 1_000.0


class Events:
    """What happens, in order; `now` is the moment of what is happening."""

    def __init__(self, seed: int) -> None:
        self.now = BEGIN
        self.random = random.Random(seed)
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def at(self, moment: float, happen: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (moment, next(self._order), happen))

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while self._queue and self._queue[0][0] <= until:
            self.now, _, happen = heapq.heappop(self._queue)
            happen()
        self.now = until


@dataclass
class CoreOfSlots:
    events: Events
    slots: int = 20
    seconds: float = 0.5
    sigma: float = 0.3
    round_trips: list[tuple[float, float]] = field(default_factory=list)
    refused: int = 0
    _done: float = 0.0
    _last: float = BEGIN
    _turn: int = 0
    _jobs: list[tuple[float, int, float, Callable[[bool], None]]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)

    def ask(self, answered: Callable[[bool], None]) -> None:
        """Call `answered` with whether it failed, once that is so."""
        self._advance()
        now = self.events.now
        if len(self._jobs) >= 4 * self.slots:
            self.refused += 1
            self.events.at(now + 0.01, lambda: answered(True))
            return
        work = self.seconds * math.exp(self.events.random.gauss(-(self.sigma**2) / 2, self.sigma))
        heapq.heappush(self._jobs, (self._done + work, next(self._order), now, answered))
        self._plan()

    def become(self, slots: int | None = None, slower: float = 1.0) -> None:
        """Change what it can do from now on."""
        self._advance()
        self.slots = slots or self.slots
        self.seconds *= slower
        self._jobs = [(self._done + (at - self._done) * slower, *rest) for at, *rest in self._jobs]
        self._plan()

    @property
    def in_flight(self) -> int:
        return len(self._jobs)

    def _speed(self) -> float:
        return min(1.0, self.slots / len(self._jobs)) if self._jobs else 1.0

    def _advance(self) -> None:
        self._done += (self.events.now - self._last) * self._speed()
        self._last = self.events.now

    def _plan(self) -> None:
        self._turn += 1
        turn = self._turn
        if self._jobs:
            left = max(0.0, self._jobs[0][0] - self._done) / self._speed()
            self.events.at(self.events.now + left, lambda: self._finish(turn))

    def _finish(self, turn: int) -> None:
        if turn != self._turn:
            return
        self._advance()
        _, _, came, answered = heapq.heappop(self._jobs)
        self.round_trips.append((self.events.now, self.events.now - came))
        self._plan()
        answered(False)


@dataclass
class Person:
    name: bytes
    came: float
    has_script: bool = True
    leaves: bool = False
    since: float = 0.0
    told: list[tuple[float, float]] = field(default_factory=list)
    holds: int = 0


@dataclass
class People:
    """All who come, at processes by chance; `gates` has the gate of each process."""

    events: Events
    core: CoreOfSlots
    gates: Sequence[Gate]
    served: list[Person] = field(default_factory=list)
    answered_at: list[float] = field(default_factory=list)
    waiting: int = 0
    polls: int = 0
    failed: int = 0
    by_process: list[int] = field(default_factory=list)
    pauses: Callable[["People"], Intervals] = lambda people: Intervals(0.5, 1.0, 60.0)
    without_script: float = 0.0
    leaving: float = 0.0
    left: int = 0

    def __post_init__(self) -> None:
        self._held: list[dict[bytes, Person]] = [{} for _ in self.gates]
        self.by_process = [0] * len(self.gates)
        self._order = count()
        self._call()

    def come(self, rate: float, seconds: float) -> None:
        until, chance = self.events.now + seconds, random.Random(rate)

        def next_one() -> None:
            if self.events.now < until:
                number = next(self._order)
                name = b"n%07d" % number + b"p%07d" % number
                has_script = chance.random() >= self.without_script
                leaves = chance.random() < self.leaving
                self._ask(Person(name, self.events.now, has_script, leaves))
                self.events.at(self.events.now + self.events.random.expovariate(rate), next_one)

        next_one()

    def _ask(self, person: Person) -> None:
        process = self.events.random.randrange(len(self.gates))
        gate, now = self.gates[process], self.events.now
        verdict = gate.enter(_node(process), Place(person.name, person.since), HOLD_SECONDS)
        if verdict == "go":
            self._go(process, person)
        elif verdict == "wait":
            self._wait(process, person)
        else:
            self._held[process][person.name] = person
            person.holds += 1
            hold = person.holds
            self.events.at(now + HOLD_SECONDS, lambda: self._over(process, person, hold))

    def _over(self, process: int, person: Person, hold: int) -> None:
        if person.holds == hold and self._held[process].pop(person.name, None):
            self._wait(process, person)

    def _wait(self, process: int, person: Person) -> None:
        place = Place(person.name, person.since)
        pauses = self.pauses(self)
        if not person.has_script:
            pauses = pauses._replace(least=RELOAD_SECONDS)
        told = self.gates[process].wait(place, 5, pauses)
        assert told is not None
        person.since = told.since
        self.waiting += not person.told
        self.polls += bool(person.told)
        person.told.append((self.events.now, told.seconds))
        if person.leaves:
            self.left += 1
        else:
            self.events.at(self.events.now + told.pause, lambda: self._ask(person))

    def _go(self, process: int, person: Person) -> None:
        self.by_process[process] += 1

        def answered(has_failed: bool) -> None:
            gate = self.gates[process]
            self._called(process, gate.leave(_node(process), person.name, has_failed))
            self.failed += has_failed
            if not has_failed:
                self.served.append(person)
                self.answered_at.append(self.events.now)

        self.core.ask(answered)

    def _call(self) -> None:
        for process, held in enumerate(self._held):
            if held:
                self._called(process, self.gates[process].call(_node(process)))
        self.events.at(self.events.now + CALL_SECONDS, self._call)

    def _called(self, process: int, names: Sequence[bytes]) -> None:
        for name in names:
            person = self._held[process].pop(name, None)
            if person is not None:
                self._go(process, person)
            else:
                self.gates[process].leave(_node(process), name, None)

    def answers(self, begin: float, end: float) -> int:
        """Return how many were answered between two seconds after the start."""
        return sum(BEGIN + begin < at <= BEGIN + end for at in self.answered_at)

    def latency(self, begin: float, end: float) -> float:
        """Return the mean round trip of the core between two seconds after the start."""
        return mean(took for at, took in self.core.round_trips if BEGIN + begin < at <= BEGIN + end)

    def overtaken(self) -> float:
        """Return the share of those with script whom a later one was answered before by > 2 s."""
        soonest, late = math.inf, []
        times = zip(self.served, self.answered_at, strict=True)
        for _came, has_script, at in sorted(
            ((each.came, each.has_script, at) for each, at in times), reverse=True
        ):
            if has_script:
                late.append(at - soonest > 2)
            soonest = min(soonest, at)
        return mean(late)

    def first_told_right(self) -> float:
        """Return the share of first times told that were right within 30 % or 5 s."""
        judged = [
            abs(each.told[0][1] - (at - each.told[0][0])) <= max(5, 0.3 * (at - each.told[0][0]))
            for each, at in zip(self.served, self.answered_at, strict=True)
            if each.told and each.has_script
        ]
        return mean(judged)


def _node(process: int) -> bytes:
    return b"node%04d" % process
