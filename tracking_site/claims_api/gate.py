"""The way to the core: requests in flight, who is held a moment for one, and the line behind.

Of those who ask right now the place that came first goes first. Who is absent keeps the place and
blocks nobody. A line lives by its clock alone: whoever is unknown (a store was restarted) stands
where the moment of arrival puts it.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, nsmallest
from math import floor, inf
from threading import Lock
from typing import Literal, NamedTuple, Protocol

from .bound import CoreBound, Seen

OVERDUE_SECONDS = 2.0
"""So long after the moment at which it was to ask again a place counts as absent."""

EARLY_SECONDS = 1.0
"""So long before its turn a place asks that asks but now and then: it is held until then."""

LAPSE_SECONDS = 180.0
"""So much later it is forgotten: three times the usual longest pause between two questions."""

REACH_GROWS, REACH_SHRINKS, MOST_REACH = 2.0, 0.25, 20.0
"""While the core has room that nobody at the front takes, those further back may go: twice as many
for each half second in which all of it is free, half as many for each four in which none is."""

KEPT_SECONDS = 720.0
"""So long after its arrival a place of which nothing is known returns to where that puts it."""

LEAP_SECONDS = 120.0
"""No request takes so long: the clock was set forward, or the machine slept."""

NEW_LINE_SECONDS = 10.0
"""A line that forms after so long without one knows nothing of its pace yet."""

PACE_SECONDS = 0.25
SLOWEST = 0.05
"""The least pace that is believed, in places a second."""

Verdict = Literal["go", "hold", "wait"]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the line. `name` is 16 bytes: four for the wider network, one for the customer's
    part of it, three for the network, the rest is random. `since` is the moment of arrival in epoch
    seconds (0: only now, or so many seconds ago as its request has `queued` for a thread)."""

    name: bytes
    since: float = 0.0
    queued: float = 0.0


class Intervals(NamedTuple):
    """When to ask again: after this share of the time left, within so many seconds; where less
    than the least would be left then, just before its turn."""

    share: float
    least: float
    most: float

    def of(self, left: float) -> float:
        """Return the pause of a place whose turn comes in `left` seconds."""
        part = left * self.share
        if left - part < self.least:
            part = max(left - EARLY_SECONDS, part)
        return min(max(floor(part + 0.5), self.least), self.most)


class State(NamedTuple):
    """The line as it stands: it moves by `pace` places a second, its first has waited `oldest`
    seconds; `places` are those of the network that was asked about, `around` of the wider one,
    `customer` of the part between. Where it `is_long`, whoever comes is not held, but told to
    wait."""

    allowed: int
    in_flight: int
    pace: float
    length: int
    oldest: float = 0.0
    is_long: bool = False
    places: int = 0
    around: int = 0
    customer: int = 0

    @property
    def seconds(self) -> float:
        """How long the line is for who comes now."""
        return self.length / self.pace


class Turn(NamedTuple):
    """What a place is told: when it came, how many are before it, in how many seconds to ask
    again, whether it may ask at once, how many seconds it has waited, and the line."""

    since: float
    before: int
    pause: float
    is_near: bool
    waited: float
    line: State

    @property
    def seconds(self) -> float:
        return self.before / self.line.pace


class Gate(Protocol):
    """`node` names a process; only it is called when its held places may go."""

    def enter(self, node: bytes, place: Place, hold_seconds: float | None) -> Verdict:
        """Let a place go, or hold it so long, or let it wait outside. None: nobody waits for it,
        and it goes only if there is room that nobody wants."""

    def leave(self, node: bytes, name: bytes, has_failed: bool | None) -> Sequence[bytes]:
        """Take back a request (None: it says nothing of the core); return who may go now."""

    def call(self, node: bytes) -> Sequence[bytes]:
        """Return those held by this process who may go now."""

    def wait(self, place: Place, max_places: int, intervals: Intervals) -> Turn | None:
        """Note when a place asks again; None where it is new and its network has too many already:
        one that was given stays, though at midnight, say, the network may have fewer."""

    def drop(self, name: bytes) -> None:
        """Forget a place."""

    def look(self, network: bytes = b"") -> State:
        """Return how the line stands, for the network whose places begin so."""


class MemoryGate:
    """The gate of one process. `clock` gives epoch seconds; `max_limit` bounds the bound, and
    `patience` is for how many seconds people wait for the core."""

    def __init__(
        self, max_limit: float, clock: Callable[[], float], bound: CoreBound | None = None,
        patience: float = inf,
    ) -> None:  # fmt: skip
        self._max_limit, self._patience, self._clock = max_limit, patience, clock
        now = clock()
        start = min(CoreBound().limit, max_limit)
        self._bound = bound or CoreBound(limit=start, anchor=start, dipped_at=now)
        self._lock = Lock()
        self._in_flight: dict[bytes, float] = {}
        self._line: list[tuple[float, bytes]] = []
        self._held: dict[bytes, bytes] = {}
        self._due: dict[bytes, tuple[float, float]] = {}
        self._overdue: list[tuple[float, bytes]] = []
        self._lapsing: list[tuple[float, bytes]] = []
        self._of_network: dict[bytes, int] = {}
        self._since = self._last = self._paced_at = self._formed_at = now
        self._area, self._spent, self._answers, self._failed = 0.0, 0.0, 0, 0
        self._pace, self._admitted, self._ahead, self._is_full = 0.0, 0, 0.0, False
        self._reach, self._lined_at = 0.0, now - NEW_LINE_SECONDS - 1

    def enter(self, node: bytes, place: Place, hold_seconds: float | None) -> Verdict:
        with self._lock:
            now = self._advance()
            is_full = len(self._in_flight) >= self._bound.allowed
            if hold_seconds is None and (self._line or is_full):
                return "wait"
            since = self._since_of(place, now)
            if not self._is_near(bisect_left(self._line, (since, b"")), now):
                return "wait"
            held = sum(self._due[name][0] < since for name in self._held)
            if self._bound.allowed - len(self._in_flight) > held:
                self._go(place.name)
                return "go"
            self._is_full = True
            if not hold_seconds:
                return "wait"
            self._stand(place.name, since, now + hold_seconds)
            self._held[place.name] = node
            return "hold"

    def leave(self, node: bytes, name: bytes, has_failed: bool | None) -> Sequence[bytes]:
        with self._lock:
            now = self._advance()
            entered = self._in_flight.pop(name, None)
            names = self._called(node)
            # Of what went before a restart nothing is learned.
            if entered is not None and has_failed is not None:
                self._answers += 1
                self._spent += now - entered
                self._failed += has_failed
                self._end_window(now)
            return names

    def call(self, node: bytes) -> Sequence[bytes]:
        with self._lock:
            self._advance()
            return self._called(node)

    def wait(self, place: Place, max_places: int, intervals: Intervals) -> Turn | None:
        with self._lock:
            now = self._advance()
            since = self._since_of(place, now)
            others = self._of_network.get(place.name[:8], 0) - (place.name in self._due)
            if others >= max_places and not (place.since and place.name in self._due):
                return None
            before = bisect_left(self._line, (since, b""))
            pause = intervals.of(left := before / self._estimate(now))
            # Where another page of its is held, who asks now is answered with that one.
            if place.name not in self._held or self._due[place.name][1] <= now:
                self._held.pop(place.name, None)
                self._stand(place.name, since, now + pause)
                if pause > left + OVERDUE_SECONDS:
                    # It comes after its turn: until then it is before nobody.
                    self._unline(since, place.name)
            told = self._is_near(before, now), now - since, self._state(now)
            return Turn(since, before, pause, *told)

    def drop(self, name: bytes) -> None:
        with self._lock:
            self._advance()
            self._drop(name)

    def look(self, network: bytes = b"") -> State:
        with self._lock:
            counts = [self._of_network.get(each, 0) for each in (network, network[:4], network[:5])]
            return State(*self._state(self._advance())[:-3], *counts)

    def _is_near(self, before: int, now: float) -> bool:
        return before < 2**self._reach * max(3 * self._estimate(now), self._bound.limit)

    def _since_of(self, place: Place, now: float) -> float:
        since = self._due.get(place.name, (0.0, 0.0))[0]
        if self._is_in_line(since, place.name):
            return since
        if now - place.since >= KEPT_SECONDS:
            return now - place.queued
        # A machine whose clock is ahead may have given it, while Redis was away.
        return min(place.since, now)

    def _is_in_line(self, since: float, name: bytes) -> bool:
        place = bisect_left(self._line, (since, name))
        return self._line[place : place + 1] == [(since, name)]

    def _advance(self) -> float:
        # A clock that was set goes on from where it was: back, it would stop the line until it is
        # there again, and forward make hours of a round trip.
        read = self._clock()
        passed = read + self._ahead - self._last
        if passed < 0 or (passed > LEAP_SECONDS and self._in_flight):
            self._ahead -= passed
        now = max(read + self._ahead, self._last)
        self._area += len(self._in_flight) * (now - self._last)
        passed, self._last = now - self._last, now
        while self._overdue and self._overdue[0][0] <= now - OVERDUE_SECONDS:
            due, name = heappop(self._overdue)
            if name in self._due and self._due[name][1] == due:
                self._unline(self._due[name][0], name)
                self._held.pop(name, None)
                heappush(self._lapsing, (due, name))
        while self._lapsing and self._lapsing[0][0] <= now - LAPSE_SECONDS:
            due, name = heappop(self._lapsing)
            if name in self._due and self._due[name][1] == due:
                self._forget(name)
        self._keep_pace(now)
        if now - self._formed_at <= NEW_LINE_SECONDS:
            self._reach = 0.0
        else:
            allowed = self._bound.allowed
            idle = max(allowed - len(self._in_flight) - len(self._held), 0) / allowed
            change = passed * (REACH_GROWS * idle - REACH_SHRINKS * (1 - idle))
            self._reach = min(max(self._reach + change, 0.0), MOST_REACH)
        return now

    def _keep_pace(self, now: float) -> None:
        seconds = now - self._paced_at
        if not self._line or now - self._lined_at > NEW_LINE_SECONDS:
            self._pace, self._admitted, self._paced_at, self._formed_at = 0.0, 0, now, now
        elif seconds >= PACE_SECONDS:
            # While nothing is at the core (it is taken for down, say) none of its pace is seen.
            if self._admitted or self._in_flight:
                memory = min(NEW_LINE_SECONDS, now - self._formed_at)
                seen = self._admitted / seconds
                self._pace += (seen - self._pace) * min(1.0, seconds / memory)
            self._admitted, self._paced_at = 0, now
        if self._line:
            self._lined_at = now

    def _estimate(self, now: float) -> float:
        if self._line and now - self._formed_at >= NEW_LINE_SECONDS:
            return max(self._pace, SLOWEST)
        # Of what is in flight half is over, on average: a core that became slow a moment ago
        # has answered nothing yet that says so.
        flown = self._answers + len(self._in_flight) / 2
        round_trip = max(self._bound.rtt, self._area / flown if flown else 0.0)
        return max(self._pace, self._bound.limit / round_trip if round_trip else self._bound.limit)

    def _state(self, now: float) -> State:
        in_flight, length = len(self._in_flight), len(self._line)
        oldest, is_long = now - self._line[0][0] if length else 0.0, not self._is_near(length, now)
        return State(self._bound.allowed, in_flight, self._estimate(now), length, oldest, is_long)

    def _drop(self, name: bytes) -> None:
        known = self._due.get(name)
        if known:
            self._unline(known[0], name)
            self._held.pop(name, None)
            self._forget(name)

    def _go(self, name: bytes) -> None:
        self._drop(name)
        self._in_flight[name] = self._last
        self._admitted += 1
        self._is_full |= len(self._in_flight) >= self._bound.allowed

    def _called(self, node: bytes) -> Sequence[bytes]:
        free = max(self._bound.allowed - len(self._in_flight), 0)
        first = nsmallest(free, self._held, key=lambda name: (self._due[name][0], name))
        names = [name for name in first if self._held[name] == node]
        for name in names:
            self._go(name)
        return names

    def _end_window(self, now: float) -> None:
        bound, seconds = self._bound, now - self._since
        if seconds < bound.min_seconds or self._answers < bound.min_answers:
            return
        seen = Seen(seconds, self._area, self._answers, self._failed, self._is_full, self._spent)
        self._bound = bound.after(seen, now, self._max_limit, self._patience)
        self._since, self._area, self._spent, self._answers, self._failed = now, 0.0, 0.0, 0, 0
        self._is_full = len(self._in_flight) >= self._bound.allowed

    def _stand(self, name: bytes, since: float, due: float) -> None:
        if name not in self._due:
            for network in (name[:8], name[:5], name[:4]):
                self._of_network[network] = self._of_network.get(network, 0) + 1
        if not self._is_in_line(since, name):
            insort(self._line, (since, name))
        self._due[name] = since, due
        heappush(self._overdue, (due, name))

    def _forget(self, name: bytes) -> None:
        del self._due[name]
        for network in (name[:8], name[:5], name[:4]):
            self._of_network[network] -= 1
            if not self._of_network[network]:
                del self._of_network[network]

    def _unline(self, since: float, name: bytes) -> None:
        if self._is_in_line(since, name):
            del self._line[bisect_left(self._line, (since, name))]
