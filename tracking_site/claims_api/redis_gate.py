"""The gate of all processes and nodes, in Redis; and what each does while Redis is away."""

import json
from collections.abc import Callable, Sequence
from math import inf
from pathlib import Path
from typing import Any

from ..redis.client import BriefRedis, RedisDown
from .bound import CoreBound, Seen
from .gate import NEW_LINE_SECONDS, Gate, Intervals, MemoryGate, Place, State, Turn, Verdict

_SCRIPT = Path(__file__).with_name("lua") / "gate.lua"
_KEYS = ("core", "flight", "line", "held", "whose", "due", "names", "nodes")


class RedisGate:
    """Raises RedisDown. `lapse_seconds` is the longest that a request can take; after it its room
    is free, whatever became of the process. `clock` stands in for Redis's own in tests; `share` is
    what of the last limit falls to one process, `patience` for how long people wait."""

    def __init__(
        self,
        client: BriefRedis,
        prefix: str,
        max_limit: float,
        lapse_seconds: float,
        clock: Callable[[], float] | None = None,
        patience: float = inf,
    ) -> None:
        self._script: Any = client.register_script(_SCRIPT.read_text(encoding="utf-8"))
        self._keys = [f"{prefix}gate:{each}" for each in _KEYS]
        self._max_limit = max_limit
        self._lapse_seconds = lapse_seconds
        self._clock = clock
        self._patience = patience
        self.share = CoreBound().limit

    def enter(self, node: bytes, place: Place, hold_seconds: float) -> Verdict:
        verdict, limit, nodes = self._run(
            "enter", node, self._lapse_seconds, place.name, repr(place.since), hold_seconds,
            place.queued,
        )  # fmt: skip
        self.share = float(limit) / nodes
        return verdict.decode()  # type: ignore[no-any-return]

    def enter_behind(self, name: bytes) -> bool:
        return bool(self._run("behind", b"", self._lapse_seconds, name))

    def leave(self, node: bytes, name: bytes, has_failed: bool | None) -> Sequence[bytes]:
        failed = "" if has_failed is None else int(has_failed)
        called, seen = self._run("leave", node, self._lapse_seconds, name, failed)
        if seen:
            self._turn(seen)
        return called  # type: ignore[no-any-return]

    def call(self, node: bytes) -> Sequence[bytes]:
        return self._run("call", node, self._lapse_seconds)  # type: ignore[no-any-return]

    def wait(self, place: Place, max_places: int, intervals: Intervals) -> Turn | None:
        answer = self._run(
            "wait", b"", place.name, repr(place.since), max_places, *intervals, place.queued
        )
        if not answer:
            return None
        since, before, pause, is_near, waited, line = answer
        told = float(since), before, float(pause), bool(is_near), float(waited)
        return Turn(*told, _state(line))

    def look(self, network: bytes = b"") -> State:
        return _state(self._run("look", b"", network))

    def _turn(self, seen: list[Any]) -> None:
        """End a window: the rule is here, and only the first who ends it is heard."""
        turn, now, seconds, area, answers, failed, full, nodes, kept, spent = seen
        begun = float(now) - float(seconds)
        bound = CoreBound(**json.loads(kept)) if kept else CoreBound(dipped_at=begun)
        window = Seen(
            float(seconds), float(area), int(answers), int(failed), bool(full), float(spent)
        )
        new = bound.after(window, float(now), self._max_limit * max(nodes, 1), self._patience)
        self._run(
            "turn", b"", turn, json.dumps(new.as_kept()), new.limit, new.rtt, new.allowed,
            new.min_seconds, new.min_answers,
        )  # fmt: skip

    def _run(self, act: str, node: bytes, *arguments: Any) -> Any:
        now = repr(self._clock()) if self._clock else ""
        return self._script(self._keys, [act, node, now, *arguments])


def _state(said: list[Any]) -> State:
    allowed, in_flight, pace, length, oldest, is_long, *places = said
    return State(
        int(allowed), in_flight, float(pace), length, float(oldest), bool(is_long), *places
    )


class SharedGate:
    """The gate in Redis; while that is away, one in memory with this process's share of the last
    limit, which does not grow, and in which what the other let in still has its room. Who comes
    anew goes past nobody of a line that was there a moment ago. `clock` gives epoch seconds."""

    def __init__(self, shared: RedisGate, clock: Callable[[], float]) -> None:
        self._shared = shared
        self._clock = clock
        self._own = MemoryGate(CoreBound().limit, clock)
        self._is_alone = False
        self._alone: dict[bytes, MemoryGate] = {}
        self._inside: set[bytes] = set()
        self._line, self._line_until = State(0, 0, 1.0, 0), 0.0

    def enter(self, node: bytes, place: Place, hold_seconds: float) -> Verdict:
        try:
            verdict = self._shared.enter(node, place, hold_seconds)
        except RedisDown:
            if self._goes_past(place):
                return "wait"
            gate = self._own_gate()
            verdict = gate.enter(node, place, hold_seconds)
            if verdict != "wait":
                self._alone[place.name] = gate
            return verdict
        self._is_alone = False
        if verdict == "go":
            self._inside.add(place.name)
        return verdict

    def enter_behind(self, name: bytes) -> bool:
        try:
            is_let = self._shared.enter_behind(name)
        except RedisDown:
            gate = self._own_gate()
            is_let = gate.enter_behind(name)
            if is_let:
                self._alone[name] = gate
            return is_let
        if is_let:
            self._inside.add(name)
        return is_let

    def leave(self, node: bytes, name: bytes, has_failed: bool | None) -> Sequence[bytes]:
        gate: Gate = self._alone.pop(name, self._shared)
        names: list[bytes] = []
        if name in self._inside:
            self._inside.discard(name)
            names += self._own.leave(node, name, None) if self._is_alone else ()
        try:
            return [*names, *self._let_in(gate, gate.leave(node, name, has_failed))]
        except RedisDown:
            # Its room there lapses by itself.
            return names

    def call(self, node: bytes) -> Sequence[bytes]:
        names = list(self._own.call(node)) if self._alone else []
        try:
            return [*names, *self._let_in(self._shared, self._shared.call(node))]
        except RedisDown:
            return names

    def wait(self, place: Place, max_places: int, intervals: Intervals) -> Turn | None:
        self._alone.pop(place.name, None)
        try:
            told = self._shared.wait(place, max_places, intervals)
        except RedisDown:
            if not self._goes_past(place):
                return self._own_gate().wait(place, max_places, intervals)
            pause = intervals.of(self._line.seconds)
            return Turn(self._clock(), self._line.length, pause, False, 0.0, self._line)
        if told is not None:
            self._line, self._line_until = told.line, self._clock() + NEW_LINE_SECONDS
        return told

    def look(self, network: bytes = b"") -> State:
        try:
            return self._shared.look(network)
        except RedisDown:
            return self._own_gate().look(network)

    def _goes_past(self, place: Place) -> bool:
        # A short line is gone in a moment; those in it may have left, which nobody knows here.
        is_long = self._line.length > self._shared.share
        # Within so long: a clock that was set back would have it last until it is there again.
        left = self._line_until - self._clock()
        return not place.since and is_long and 0 < left <= NEW_LINE_SECONDS

    def _let_in(self, gate: Gate, names: Sequence[bytes]) -> Sequence[bytes]:
        if gate is self._shared:
            self._inside.update(names)
        return names

    def _own_gate(self) -> MemoryGate:
        if not self._is_alone:
            share, now = self._shared.share, self._clock()
            learned = CoreBound(limit=share, anchor=share, fast=False, young=False, dipped_at=now)
            self._own, self._is_alone = MemoryGate(share, self._clock, learned), True
            for name in [*self._inside]:
                self._own.enter_behind(name)
        return self._own
