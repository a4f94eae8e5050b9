"""What is kept of a network for a day, and of the whole site; and how both move.

No clock, no store, no address. `lua/rows.lua` says the same of rows for Redis; a test holds both
together over random operations.
"""

import math
import struct
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from .policy import POINT, Bounds, Policy

MAX_WINDOWS = 0x7FFF
"""Windows ahead that a row's end of a refusal can lie; further on it lies behind."""

MAX_STRIKES = 15

MAX_NUMBERS, MAX_COUNT = 65_535, 255
"""What a row can hold in two bytes, and in one."""


class Row(NamedTuple):
    """A network's day.

    `window` counts periods of `Policy.in_flight_seconds`; `under_way` and `before` are numbers
    reserved in it and in the one before that have no answer yet. `unproven` are numbers asked
    since it last proved to be a crowd, but for those that got no answer; `crowd` is 1 once
    it did. `until` is the window in which its refusal ends (0: none), `strikes` how often it
    was refused today.
    """

    distinct: int = 0
    suspicion: int = 0
    window: int = 0
    under_way: int = 0
    before: int = 0
    tickets: int = 0
    unproven: int = 0
    crowd: int = 0
    until: int = 0
    strikes: int = 0


FRESH = Row()

ROW = struct.Struct("<HhHBBBHBHB")
"""The fields of a Row in their order: 15 bytes."""

row_of = partial(tuple.__new__, Row)
"""Makes a row of a tuple of all its fields, at half of what Row(...) costs."""


def window_of(now: float, in_flight_seconds: int) -> int:
    """The period to which a reservation belongs, as 16 bits."""
    return int(now // in_flight_seconds) & 0xFFFF


def windows_left(row: Row, window: int) -> int:
    """Return how many windows the row's refusal still lasts; 0 when it is not refused."""
    if not row.until:
        return 0
    left = (row.until - window) & 0xFFFF
    return left if left <= MAX_WINDOWS else 0


def rested(row: Row, window: int, bounds: Bounds) -> Row:
    """Return the row as it stands in `window`: a refusal that is over leaves it just below.

    What the network asked and missed stays; time alone forgives nothing else.
    """
    if (not row.until and row.suspicion < bounds.refuse) or windows_left(row, window):
        return row
    released = bounds.crowd_released if row.crowd else bounds.released
    return row._replace(
        suspicion=min(row.suspicion, released),
        unproven=min(row.unproven, bounds.unproven - bounds.more),
        until=0,
    )


def carried_over(row: Row) -> Row:
    """Return the row with which a network of yesterday begins today: half its suspicion.

    Less than a point is nothing, so that most rows need not be kept overnight.
    """
    return Row(suspicion=0 if abs(row.suspicion) < 2 * POINT else int(row.suspicion / 2))


def standing(today: Row | None, before: Row | None, window: int, bounds: Bounds) -> Row:
    """Return the row as it stands in `window`, by what is kept of today and of yesterday."""
    row = today or (carried_over(before) if before else FRESH)
    return rested(row, window, bounds)


def under_way(row: Row, window: int) -> int:
    """Return how many numbers of the row are still being asked, as seen from `window`."""
    return sum(_windows(row, window)[:2])


def reserved(row: Row, window: int, new: int, ticket: int, bounds: Bounds, policy: Policy) -> Row:
    """Return the row after a number was let through, before its answer is known.

    `new` is 0 for a number that the same network asked before and got no answer to.
    """
    now, before, window = _windows(row, window)
    distinct, suspicion, _, _, _, tickets, unproven, crowd, until, strikes = row
    # Comparisons cost half of what min() does, and this is done for every lookup.
    distinct += new if distinct < MAX_NUMBERS else 0
    now += 1 if now < MAX_COUNT else 0
    tickets += ticket if tickets < MAX_COUNT else 0
    unproven += 1 if unproven < MAX_NUMBERS else 0
    row = row_of(
        (distinct, suspicion, window, now, before, tickets, unproven, crowd, until, strikes)
    )
    if unproven >= bounds.unproven and suspicion > policy.proven * POINT:
        return _struck(row, window, bounds)
    return row


def freed(row: Row, window: int, is_answered: bool) -> Row:
    """Return the row after the number that was reserved in `window` is no longer under way.

    One that got no answer is none of the network's unproven numbers either.
    """
    distinct, suspicion, of, now, before, tickets, unproven, crowd, until, strikes = row
    if window == of:
        now = max(0, now - 1)
    elif window == of - 1:
        before = max(0, before - 1)
    unproven = unproven if is_answered else max(0, unproven - 1)
    return row_of((distinct, suspicion, of, now, before, tickets, unproven, crowd, until, strikes))


def booked(row: Row, window: int, change: int, bounds: Bounds, policy: Policy) -> Row:
    """Return the row after an answer in `window` for a number that is under way no more.

    `change` is in hundredths of a point: positive for a miss, negative for a hit.
    """
    distinct, suspicion, of, now, before, tickets, unproven, crowd, until, strikes = rested(
        row, window, bounds
    )
    suspicion = moved(suspicion, change, policy)
    if suspicion <= policy.proven * POINT:
        until = 0
        if suspicion <= policy.crowd_suspicion * POINT and distinct >= policy.crowd_numbers:
            unproven, crowd = 0, 1
    row = row_of((distinct, suspicion, of, now, before, tickets, unproven, crowd, until, strikes))
    return row if suspicion < bounds.refuse else _struck(row, window, bounds)


def moved(suspicion: int, change: int, policy: Policy) -> int:
    """Return the random walk's next place, held between its floor and its top."""
    suspicion += change
    floor, top = policy.suspicion_floor * POINT, policy.suspicion_top * POINT
    return floor if suspicion < floor else top if suspicion > top else suspicion


def _struck(row: Row, window: int, bounds: Bounds) -> Row:
    """The row refused for a while, each time twice as long, unless it is refused already."""
    if windows_left(row, window):
        return row
    first = bounds.crowd_windows if row.crowd else bounds.windows
    until = window + min(first << row.strikes, MAX_WINDOWS) & 0xFFFF
    return row._replace(until=until or 1, strikes=min(row.strikes + 1, MAX_STRIKES))


def _windows(row: Row, window: int) -> tuple[int, int, int]:
    """Numbers under way in this window and the one before, and the window to go on from.

    A clock that moved back by one window goes on in the later one; by more, it starts again.
    """
    passed = window - row.window
    if passed in (0, -1):
        return row.under_way, row.before, row.window
    return 0, row.under_way if passed == 1 else 0, window


BIN_SECONDS, BINS_AN_HOUR = 300, 12
SILENT_BINS = 2 * BINS_AN_HOUR + 1
USUAL_MISS_BOUNDS = (0.03, 0.30)
"""What the site learns as usual stays between these, however long an attack goes on."""
USUAL_HEAVY_BOUNDS = (0.02, 0.50)


class CircuitView(NamedTuple):
    """What a rule sees of the whole site: alarm 0 to 2, and 0 to 2 ceilings reached."""

    alarm: int = 0
    ceilings: int = 0


CALM = CircuitView()


@dataclass(slots=True)
class CircuitState:
    """The whole site's circuit: raises the alarm when the answers as a whole look like a scan.

    Five-minute bins of new numbers, misses, and numbers of heavy networks are compared with what
    is usual here. A surge of people misses as often as always, so it raises nothing. `hour` and
    `bin` count from the epoch.
    """

    bin: int = -1
    hour: int = -1
    alarm: int = 0
    raised: int = 0
    numbers: int = 0
    misses: int = 0
    heavy: int = 0
    hour_numbers: int = 0
    forecast_now: float = 0.0
    usual_miss: float = 0.0
    usual_heavy: float = 0.0
    experience: float = 0.0
    ring: list[tuple[int, int, int]] = field(default_factory=lambda: [(0, 0, 0)] * BINS_AN_HOUR)
    forecast: list[float] = field(default_factory=lambda: [0.0] * 24)

    @classmethod
    def fresh(cls, policy: Policy) -> "CircuitState":
        """Return the circuit of a site that has seen nothing."""
        return cls(usual_miss=policy.usual_miss_rate, usual_heavy=policy.usual_heavy_share)

    def advanced(self, now: float, policy: Policy) -> "CircuitState":
        """Return the circuit at `now` (epoch seconds), with every bin closed that ended before.

        Within a bin it is the same object; otherwise a new one, so that looking changes nothing.
        A clock that moved back by up to an hour goes on in the latest bin; by more, from its own.
        """
        current = math.floor(now / BIN_SECONDS)
        if self.bin - BINS_AN_HOUR <= current <= self.bin:
            return self
        new = replace(self, forecast=list(self.forecast))
        if new.bin < 0 or current < new.bin:
            new.raised = min(new.raised, current)
        else:
            # After two silent hours nothing is left that could change but the time.
            for _ in range(min(current - new.bin, SILENT_BINS)):
                new._close_bin(policy)
                new.bin += 1
                if new.bin // BINS_AN_HOUR != new.hour:
                    new._end_hour()
                    new._begin_hour(new.bin // BINS_AN_HOUR)
        if new.bin != current:
            new.bin = current
            new._begin_hour(current // BINS_AN_HOUR)
        return new

    def count(self, missed: bool, heavy: bool) -> None:
        """Count one answered new number in the current bin and hour."""
        self.numbers += 1
        self.misses += missed
        self.heavy += heavy
        self.hour_numbers += 1

    def view(self, siege: bool, policy: Policy) -> CircuitView:
        """Return what the rules see; in a siege, which an operator declares, the alarm is 2."""
        alarm = 2 if siege else self.alarm
        if not alarm:
            return CALM
        ceilings = 0
        if self.forecast_now > 0:
            ceiling = policy.ceiling_factor * max(self.forecast_now, policy.ceiling_least)
            ceilings = (self.hour_numbers >= ceiling) + (self.hour_numbers >= 2 * ceiling)
        return CircuitView(alarm, ceilings)

    def _close_bin(self, policy: Policy) -> None:
        self.ring = [*self.ring[1:], (self.numbers, self.misses, self.heavy)]
        if self._is_spike(policy):
            self.alarm, self.raised = min(2, self.alarm + 1), self.bin
        elif self._is_strange_hour(policy):
            self.alarm, self.raised = max(1, self.alarm), self.bin
        elif self.alarm and self.bin - self.raised >= policy.calm_bins:
            self.alarm, self.raised = self.alarm - 1, self.bin
        self._learn(policy)
        self.numbers = self.misses = self.heavy = 0

    def _is_spike(self, policy: Policy) -> bool:
        expected = self.usual_miss * self.numbers
        return (
            self.numbers >= policy.bin_least
            and self.misses > policy.spike_factor * expected
            and self.misses - expected > _noise(self.numbers, self.usual_miss, policy)
        )

    def _is_strange_hour(self, policy: Policy) -> bool:
        numbers, misses, heavy = map(sum, zip(*self.ring, strict=True))
        if numbers < policy.bin_least:
            return False
        expected = self.usual_miss * numbers
        noise = _noise(numbers, self.usual_miss, policy)
        usual_heavy = self.usual_heavy * numbers
        return (
            (misses > policy.hour_factor * expected and misses - expected > noise)
            or (misses < policy.clean_factor * expected and expected - misses > noise)
            or (
                heavy > policy.heavy_factor * usual_heavy
                and heavy - usual_heavy > _noise(numbers, self.usual_heavy, policy)
            )
        )

    def _learn(self, policy: Policy) -> None:
        if not self.numbers:
            return
        is_slow = self.alarm > 0 and self.experience >= policy.slow_from
        weight = self.numbers / 8 if is_slow else float(self.numbers)
        memory = min(float(policy.memory), self.experience + policy.first_memory)
        step = weight / (memory + weight)
        missed, heavy = self.misses / self.numbers, self.heavy / self.numbers
        self.usual_miss = _learned(self.usual_miss, missed, step, USUAL_MISS_BOUNDS)
        self.usual_heavy = _learned(self.usual_heavy, heavy, step, USUAL_HEAVY_BOUNDS)
        self.experience = min(float(policy.memory), self.experience + weight)

    def _end_hour(self) -> None:
        # An hour under alarm is no example of what is usual.
        if self.alarm or not self.hour_numbers:
            return
        place, numbers = self.hour % 24, float(self.hour_numbers)
        before = self.forecast[place]
        step = (min(numbers, 3 * before) - before) / 4
        self.forecast[place] = before + step if before > 0 else numbers

    def _begin_hour(self, hour: int) -> None:
        if hour != self.hour:
            self.hour_numbers = 0
        self.hour = hour
        self.forecast_now = self.forecast[hour % 24]


def _noise(numbers: int, share: float, policy: Policy) -> float:
    return policy.sigmas * math.sqrt(numbers * share * (1 - share))


def _learned(usual: float, seen: float, step: float, bounds: tuple[float, float]) -> float:
    return min(max(usual + (seen - usual) * step, bounds[0]), bounds[1])
