"""The whole site's circuit: raises the alarm when the answers as a whole look like a scan.

Five-minute bins of new numbers, misses, and numbers of heavy networks are compared with what is
usual here. A surge of people misses as often as always, so it raises nothing.
`lua/circuit.lua` says the same for Redis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from .policy import Policy
from .rules import CALM, CircuitView

BIN_SECONDS = 300
BINS_AN_HOUR = 12
SILENT_BINS = 2 * BINS_AN_HOUR + 1
USUAL_MISS_BOUNDS = (0.03, 0.30)
"""What the site learns as usual stays between these, however long an attack goes on."""
USUAL_HEAVY_BOUNDS = (0.02, 0.50)


@dataclass(slots=True)
class CircuitState:
    """What the circuit remembers. `hour` and `bin` count from the epoch."""

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
    def fresh(cls, policy: Policy) -> CircuitState:
        """The circuit of a site that has seen nothing."""
        return cls(usual_miss=policy.usual_miss_rate, usual_heavy=policy.usual_heavy_share)


def advanced(state: CircuitState, now: float, policy: Policy) -> CircuitState:
    """The circuit at `now` (epoch seconds), with every bin closed that ended before.

    Within a bin it is the same object; otherwise a new one, so that looking changes nothing.
    A clock that moved back by up to an hour goes on in the latest bin; by more, from its own.
    """
    current = math.floor(now / BIN_SECONDS)
    if state.bin - BINS_AN_HOUR <= current <= state.bin:
        return state
    state = replace(state, ring=list(state.ring), forecast=list(state.forecast))
    if state.bin < 0 or current < state.bin:
        state.bin = current
        state.raised = min(state.raised, current)
        _begin_hour(state, current // BINS_AN_HOUR)
        return state
    # After two silent hours nothing is left that could change but the time.
    for _ in range(min(current - state.bin, SILENT_BINS)):
        _close_bin(state, policy)
        state.bin += 1
        if state.bin // BINS_AN_HOUR != state.hour:
            _end_hour(state)
            _begin_hour(state, state.bin // BINS_AN_HOUR)
    if state.bin != current:
        state.bin = current
        _begin_hour(state, current // BINS_AN_HOUR)
    return state


def count(state: CircuitState, missed: bool, heavy: bool) -> None:
    """Adds one answered new number to the current bin and hour."""
    state.numbers += 1
    state.misses += missed
    state.heavy += heavy
    state.hour_numbers += 1


def view(state: CircuitState, siege: bool, policy: Policy) -> CircuitView:
    """What the rules see. In a siege, which an operator declares, the alarm is at its highest."""
    alarm = 2 if siege else state.alarm
    if not alarm:
        return CALM
    ceilings = 0
    if state.forecast_now > 0:
        ceiling = policy.ceiling_factor * max(state.forecast_now, policy.ceiling_least)
        ceilings = (state.hour_numbers >= ceiling) + (state.hour_numbers >= 2 * ceiling)
    return CircuitView(alarm, ceilings)


def _close_bin(state: CircuitState, policy: Policy) -> None:
    del state.ring[0]
    state.ring.append((state.numbers, state.misses, state.heavy))
    if _is_spike(state, policy):
        state.alarm = min(2, state.alarm + 1)
        state.raised = state.bin
    elif _is_strange_hour(state, policy):
        state.alarm = max(1, state.alarm)
        state.raised = state.bin
    elif state.alarm and state.bin - state.raised >= policy.calm_bins:
        state.alarm -= 1
        state.raised = state.bin
    _learn(state, policy)
    state.numbers = state.misses = state.heavy = 0


def _is_spike(state: CircuitState, policy: Policy) -> bool:
    expected = state.usual_miss * state.numbers
    return (
        state.numbers >= policy.bin_least
        and state.misses > policy.spike_factor * expected
        and state.misses - expected > _noise(state.numbers, state.usual_miss, policy)
    )


def _is_strange_hour(state: CircuitState, policy: Policy) -> bool:
    numbers = misses = heavy = 0
    for bin_numbers, bin_misses, bin_heavy in state.ring:
        numbers += bin_numbers
        misses += bin_misses
        heavy += bin_heavy
    if numbers < policy.bin_least:
        return False
    expected = state.usual_miss * numbers
    noise = _noise(numbers, state.usual_miss, policy)
    usual_heavy = state.usual_heavy * numbers
    return (
        (misses > policy.hour_factor * expected and misses - expected > noise)
        or (misses < policy.clean_factor * expected and expected - misses > noise)
        or (
            heavy > policy.heavy_factor * usual_heavy
            and heavy - usual_heavy > _noise(numbers, state.usual_heavy, policy)
        )
    )


def _noise(numbers: int, share: float, policy: Policy) -> float:
    return policy.sigmas * math.sqrt(numbers * share * (1 - share))


def _learn(state: CircuitState, policy: Policy) -> None:
    if not state.numbers:
        return
    is_slow = state.alarm > 0 and state.experience >= policy.slow_from
    weight = state.numbers / 8 if is_slow else float(state.numbers)
    memory = min(float(policy.memory), state.experience + policy.first_memory)
    step = weight / (memory + weight)
    misses = state.misses / state.numbers
    heavy = state.heavy / state.numbers
    state.usual_miss = _held(
        state.usual_miss + (misses - state.usual_miss) * step, USUAL_MISS_BOUNDS
    )
    state.usual_heavy = _held(
        state.usual_heavy + (heavy - state.usual_heavy) * step, USUAL_HEAVY_BOUNDS
    )
    state.experience = min(float(policy.memory), state.experience + weight)


def _held(value: float, bounds: tuple[float, float]) -> float:
    return min(max(value, bounds[0]), bounds[1])


def _end_hour(state: CircuitState) -> None:
    # An hour under alarm is no example of what is usual.
    if state.alarm or not state.hour_numbers:
        return
    place = state.hour % 24
    before = state.forecast[place]
    numbers = float(state.hour_numbers)
    state.forecast[place] = (
        before + (min(numbers, 3 * before) - before) / 4 if before > 0 else numbers
    )


def _begin_hour(state: CircuitState, hour: int) -> None:
    if hour != state.hour:
        state.hour_numbers = 0
    state.hour = hour
    state.forecast_now = state.forecast[hour % 24]
