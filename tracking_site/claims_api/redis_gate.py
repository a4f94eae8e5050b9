"""The gate of all processes and nodes, in Redis; and what each does while Redis is away."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path
from threading import Lock
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

    def enter(self, node: bytes, place: Place, hold_seconds: float | None) -> Verdict:
        hold = "" if hold_seconds is None else hold_seconds
        verdict, limit, nodes = self._run(
            "enter", node, self._lapse_seconds, place.name, repr(place.since), hold, place.queued
        )
        self.share = float(limit) / nodes
        return verdict.decode()  # type: ignore[no-any-return]

    def leave(self, node: bytes, name: bytes, has_failed: bool | None) -> Sequence[bytes]:
        failed = "" if has_failed is None else int(has_failed)
        called, seen = self._run("leave", node, self._lapse_seconds, name, failed)
        if seen:
            # Who is called has room already; what ends no window now is told to the next one.
            with suppress(RedisDown):
                self._turn(seen)
        return called  # type: ignore[no-any-return]

    def call(self, node: bytes, gone: Sequence[bytes] = ()) -> Sequence[bytes]:
        """Do the same when nothing is in flight of `gone`."""
        return self._run("call", node, self._lapse_seconds, *gone)  # type: ignore[no-any-return]

    def wait(self, place: Place, max_places: int, intervals: Intervals) -> Turn | None:
        answer = self._run(
            "wait", b"", place.name, repr(place.since), max_places, *intervals, place.queued
        )
        if not answer:
            return None
        since, before, pause, is_near, waited, line = answer
        told = float(since), before, float(pause), bool(is_near), float(waited)
        return Turn(*told, _state(line))

    def drop(self, name: bytes) -> None:
        self._run("drop", b"", name)

    def look(self, network: bytes = b"") -> State:
        return _state(self._run("look", b"", network))

    def _turn(self, seen: list[Any]) -> None:
        """End a window: the rule is here, and only the first who ends it is heard."""
        turn, now, seconds, area, answers, failed, full, nodes, kept, spent = seen
        plain = CoreBound(dipped_at=float(now) - float(seconds)).as_kept()
        # Another version of the site may have kept other figures.
        known = {each: value for each, value in json.loads(kept or "{}").items() if each in plain}
        bound = CoreBound(**(plain | known))
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


MAX_OWED = 256
"""Rooms in Redis that one process remembers to give back; the others lapse."""


class SharedGate:
    """The gate in Redis; while that is away, one in memory with this process's share of the last
    limit, which does not grow, and in which what others let in still has its room. Who comes anew
    goes past nobody of a line that was there a moment ago. `clock` gives epoch seconds.

    Rooms that Redis may keep for no request, since its answer was lost or it was away when they
    were to be given back, are given back when it is there again: they may be all that there are.
    """

    def __init__(self, shared: RedisGate, clock: Callable[[], float]) -> None:
        self._shared = shared
        self._clock = clock
        self._own = MemoryGate(CoreBound().limit, clock)
        self._is_alone = False
        self._turning = Lock()
        self._alone: dict[bytes, MemoryGate] = {}
        self._inside: set[bytes] = set()
        self._held_until: dict[bytes, float] = {}
        self._owed: set[bytes] = set()
        self._line, self._line_until = State(0, 0, 1.0, 0), 0.0

    def enter(self, node: bytes, place: Place, hold_seconds: float | None) -> Verdict:
        # Before it is asked: by the time it answers another thread may have heard of the call.
        if hold_seconds:
            now = self._clock()
            # A program gives up when its hold is over, and comes back to no place.
            for name, until in [*self._held_until.items()][:2]:
                if not -NEW_LINE_SECONDS < until - now <= NEW_LINE_SECONDS:
                    self._held_until.pop(name, None)
            if len(self._held_until) < MAX_OWED:
                self._held_until[place.name] = now + hold_seconds
        try:
            verdict = self._shared.enter(node, place, hold_seconds)
        except RedisDown as error:
            self._held_until.pop(place.name, None)
            self._may_owe([place.name], error)
            if self._goes_past(place):
                return "wait"
            gate = self._own_gate()
            verdict = gate.enter(node, place, hold_seconds)
            if verdict == "go":
                self._let_in(gate, [place.name])
            return verdict
        self._is_alone = False
        if verdict == "go":
            self._let_in(self._shared, [place.name])
        elif verdict == "wait":
            self._held_until.pop(place.name, None)
        return verdict

    def leave(self, node: bytes, name: bytes, has_failed: bool | None) -> Sequence[bytes]:
        gate: Gate = self._alone.pop(name, self._shared)
        self._inside.discard(name)
        names: list[bytes] = []
        if self._is_alone and gate is not self._own:
            names += self._let_in(self._own, self._own.leave(node, name, None))
        try:
            names += self._let_in(gate, gate.leave(node, name, has_failed))
        except RedisDown as error:
            self._owe(name)
            self._may_owe([*self._held_until], error)
            return names
        if self._owed and gate is self._shared:
            names += self._called(node)
        return names

    def call(self, node: bytes) -> Sequence[bytes]:
        return [*self._let_in(self._own, self._own.call(node)), *self._called(node)]

    def wait(self, place: Place, max_places: int, intervals: Intervals) -> Turn | None:
        # Another page of the place may be held still, and be called.
        if not 0 < self._held_until.get(place.name, 0.0) - self._clock() <= NEW_LINE_SECONDS:
            self._held_until.pop(place.name, None)
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

    def drop(self, name: bytes) -> None:
        self._held_until.pop(name, None)
        try:
            self._shared.drop(name)
        except RedisDown:
            self._own_gate().drop(name)

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
        if isinstance(gate, MemoryGate):
            self._alone.update(dict.fromkeys(names, gate))
        else:
            self._inside.update(names)
            for name in names:
                self._held_until.pop(name, None)
            self._owed.difference_update(names)
        return names

    def _may_owe(self, names: Sequence[bytes], error: RedisDown) -> None:
        # It may have let them in, and its answer alone was lost. While it rests it is not asked.
        if not error.is_resting:
            for name in names:
                self._owe(name)

    def _owe(self, name: bytes) -> None:
        if len(self._owed) < MAX_OWED:
            self._owed.add(name)

    def _called(self, node: bytes) -> Sequence[bytes]:
        gone = [*self._owed]
        try:
            names = self._shared.call(node, gone)
        except RedisDown as error:
            self._may_owe([*self._held_until], error)
            return ()
        self._owed.difference_update(gone)
        return self._let_in(self._shared, names)

    def _own_gate(self) -> MemoryGate:
        # Many threads may find at once that Redis is away.
        with self._turning:
            if not self._is_alone:
                share, now = self._shared.share, self._clock()
                learned = CoreBound(
                    limit=share, anchor=share, fast=False, young=False, dipped_at=now
                )
                self._own = MemoryGate(share, self._clock, learned)
                for name in [*self._inside, *self._alone]:
                    self._own.enter(b"", Place(name), None)
                self._is_alone = True
            return self._own
