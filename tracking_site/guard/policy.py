"""Everything about the guard that can be another number, each followed by its sentence.

Rules, ledgers, simulation, drills and the mode without Redis differ by a `Policy` only.
Suspicion is counted in points (a hit takes one); rows keep it in hundredths of a point.
"""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

Steps = tuple[int, int, int]
"""Where each of three levels begins, rising."""

NEVER = 1 << 30
"""A threshold that nothing reaches."""

POINT = 100
"""Rows keep suspicion in hundredths of a point, so that memory and Redis add alike."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The budgets of the guard. The defaults are the ones of `docs/security.md`."""

    # Suspicion: a random walk over hits and misses (Jung, Paxson, Berger, Balakrishnan, 2004).
    usual_miss_rate: float = 0.11
    """The share of distinct numbers that find nothing, before the site has seen its own."""
    miss_rate_factor: float = 2.2
    """A network is suspect when it misses this many times as often as is usual."""
    miss_rate_bounds: tuple[float, float] = (0.25, 0.33)
    """Between these the suspect rate is held, so that a miss costs 2 to 3 points."""
    suspicion_floor: int = -30
    """Credit beyond this is not kept: thirty good answers do not buy a hundred guesses."""
    suspicion_top: int = 60
    """Suspicion beyond this is not kept, so that a shared address recovers the same day."""
    proven: int = -10
    """A network at or below this many points has shown that it asks as people ask."""

    # Work for the next new number of a network.
    work_by_distinct: Steps = (3, 8, 14)
    """Distinct numbers already asked today from which level 1, 2, 3 is due; three are free."""
    credit_per_level: int = 6
    """Each so many points below zero lower the level for distinct numbers by one."""
    work_despite_credit: Steps = (400, 1_000, 2_500)
    """Distinct numbers from which at least level 1, 2, 3 is due, whatever the credit."""
    work_by_suspicion: Steps = (6, 10, 14)
    """Points above which level 1, 2, 3 is due."""
    carrier_work_by_suspicion: Steps = (6, 14, 22)
    """The same behind a listed carrier, where one attacker must not slow a crowd down."""
    unproven_distinct: int = 20
    """Unproven numbers from which an unproven network owes level 3, or 4 with suspicion.

    Unproven are numbers since the network last proved to be a crowd.
    """

    # Refusal.
    refuse_suspicion: int = 18
    """Points from which a network is refused for a while: six misses and nothing found."""
    refuse_seconds: int = 3_600
    """How long it is refused the first time that day; each time after it twice as long."""
    released_points: int = 1
    """So far below the limit it goes on afterwards: one miss more, and it is refused again."""
    crowd_numbers: int = 60
    crowd_suspicion: int = -25
    """So many numbers and at most so many points show that many people stand behind a network.

    Deeper than `proven`: of lists of which 60 % exist, one in thirty comes so far as that.
    """
    crowd_refuse_seconds: int = 600
    """How long such a crowd is refused the first time, because one among it guessed."""
    crowd_released_points: int = 6
    """So far below the limit a crowd goes on: two misses are usual where many ask."""
    refuse_unproven_distinct: int = 120
    """Unproven numbers after which an unproven network is refused until tomorrow."""
    refuse_distinct: int = 8_000
    """Distinct numbers after which any network is refused: a crowd of 5,000 asks fewer."""
    carrier_refuse_distinct: int = 15_000
    """The same behind a listed carrier: three times the largest crowd behind one address."""
    in_flight_points: int = 3
    """Points that each unanswered number counts in the question whether one more may be asked.

    As much as a miss, so that guesses at once are no more than guesses in a row.
    """
    in_flight_seconds: int = 16
    """After one to two times this long an unanswered number is no longer counted as under way."""

    # The networks around: /24 or /48. They ask for work, and refuse only rows that missed.
    second_work_by_suspicion: tuple[int, int] = (27, 54)
    """Points of the /24 or /48 from which its unproven rows owe level 3 and 4."""
    second_refuse_suspicion: int = 54
    """Points from which its unproven rows are refused for a while if they missed themselves."""
    second_refuse_own: int = 6
    """Points of such a row: two misses. One mistyped number is forgiven."""
    second_unproven_work: int = 60
    """Unproven numbers of the /24 or /48 from which its unproven rows owe level 3."""
    second_refuse_unproven: int = 265
    """Unproven numbers after which its unproven rows are refused for a while."""
    second_unproven_more: int = 2
    """Numbers more that they have after each such while."""
    proven_around: int = 24
    """Numbers from which a proven row that is no crowd is held with the unproven ones, where the
    /24, /48 or /56 has asked its unproven numbers: of a thousand rows luck proves some.
    """
    second_refuse_distinct: int = 30_000
    """Distinct numbers after which any second-level network is refused."""

    # IPv6 /56: what one customer has, so that refusal belongs there too.
    third_work_suspicion: int = 14
    """Points of the /56 above which its unproven rows owe level 3."""
    third_refuse_suspicion: int = 27
    """Points from which its unproven rows without credit are refused for a while."""
    third_refuse_unproven: int = 130
    """Unproven numbers after which its unproven rows are refused until tomorrow."""

    # The /24 or /48 of a listed carrier: never a refusal.
    carrier_second_suspicion: int = 54
    """Points from which its unproven rows owe level 2."""
    carrier_alarm_suspicion: int = 6
    """Points above which a carrier's row owes level 4 under alarm."""

    # One person as the target: the same birth date and district, or the same run of cards.
    cell_misses: int = 4
    """Numbers of a cell that missed today, over all networks, from which its others cost work.

    One that has no answer yet counts too, and one that many ask counts once. Whom a search finds
    on the way counts as no miss; two on top of four are very rare.
    """
    cell_level: int = 3
    """That work. Never a refusal, so that nobody can lock a person out."""

    # The whole site.
    alarm_refuse_unproven: tuple[int, int] = (20, 8)
    """Unproven numbers after which an unproven network is refused at alarm 1 and 2."""
    bin_least: int = 200
    """New numbers in five minutes below which the bin says nothing."""
    spike_factor: float = 1.5
    """A miss rate above this many times the usual, in one bin, raises the alarm by one."""
    hour_factor: float = 1.2
    """A miss rate above this many times the usual, over an hour, raises the alarm to 1."""
    clean_factor: float = 0.8
    """A miss rate below this many times the usual, over an hour, is a clean list: alarm 1."""
    heavy_factor: float = 3.0
    """Heavy networks with this many times their usual share of an hour: alarm 1."""
    sigmas: float = 5.0
    """No deviation counts before it is this many standard deviations from the usual."""
    calm_bins: int = 6
    """Bins without a reason (30 minutes) that lower the alarm by one."""
    ceiling_factor: float = 1.6
    """Under alarm, distinct numbers an hour beyond this many forecasts shed unproven networks."""
    ceiling_least: int = 1_000
    """Distinct numbers an hour below which nothing is shed, whatever the forecast."""
    usual_heavy_share: float = 0.15
    """The share of new numbers asked by heavy networks, before the site has seen its own."""
    first_memory: int = 5_000
    """How many numbers the two usual shares above are worth as experience."""
    memory: int = 1_000_000
    """The usual shares follow the last so many numbers."""
    slow_from: int = 20_000
    """With this much experience they follow eight times slower while the alarm is up.

    Before, an alarm more likely means that the shares given for the start were wrong.
    """

    # Partners.
    partner_factor: float = 3.0
    """A partner's hour beyond this many of its usual hours costs one level more."""
    partner_least: int = 300
    """A usual hour is at least this many numbers, so that a small partner may be read."""
    partner_numbers_each: int = 3
    """Numbers that a network adds to a partner's traffic in a day, unless a crowd is behind it.

    More of them come from a stranger who uses the partner's quota up, not from its readers.
    """
    partner_memory_hours: int = 48
    """A partner's usual hour follows its last so many hours."""

    # Waiting instead of work.
    tickets_a_day: int = 5
    """Numbers a network may wait for instead of working: waiting in parallel costs nothing."""
    carrier_tickets_a_day: int = 100
    """The same behind a listed carrier."""
    numbers_a_ticket: int = 20
    """Each so many numbers asked allow one more ticket: not all have JavaScript in a crowd."""

    most_work: int = 4
    """The highest level there is."""

    def degraded(self, processes: int = 1) -> "Policy":
        """The policy of a process that has lost the shared ledger: an eighth of the budgets.

        Work is due from the second number on; the first is free, so that nobody new is turned
        away. Each process counts alone, so budgets of unproven networks are divided among them.
        """
        share = max(1, processes)
        return replace(
            self,
            work_by_distinct=(1, 2, 4),
            work_despite_credit=_eighths(self.work_despite_credit),
            unproven_distinct=max(2, self.unproven_distinct // 8),
            refuse_suspicion=max(4, self.refuse_suspicion // 2),
            refuse_unproven_distinct=max(3, self.refuse_unproven_distinct // (8 * share)),
            refuse_distinct=self.refuse_distinct // 8,
            carrier_refuse_distinct=self.carrier_refuse_distinct // 8,
            cell_misses=max(1, self.cell_misses // share),
            second_refuse_suspicion=max(9, self.second_refuse_suspicion // 2),
            # First numbers of a dozen neighbours must still be free.
            second_unproven_work=max(20, self.second_unproven_work // 8),
            second_refuse_unproven=max(30, self.second_refuse_unproven // 8),
            second_unproven_more=1,
            second_refuse_distinct=self.second_refuse_distinct // 8,
            third_refuse_suspicion=max(9, self.third_refuse_suspicion // 2),
            third_refuse_unproven=max(8, self.third_refuse_unproven // (8 * share)),
            alarm_refuse_unproven=(4, 4),
            tickets_a_day=1,
            carrier_tickets_a_day=max(1, self.carrier_tickets_a_day // 8),
        )


def _eighths(steps: Steps) -> Steps:
    first, second, third = steps
    return first // 8, second // 8, third // 8


class Bounds(NamedTuple):
    """From where networks of one width are refused for a while, and where they go on from.

    Points in hundredths, times in windows. `unproven` are unproven numbers, `more` those that
    each refusal's end allows on top. A crowd has bounds of its own.
    """

    refuse: int = NEVER
    released: int = NEVER
    windows: int = 0
    crowd_released: int = NEVER
    crowd_windows: int = 0
    unproven: int = NEVER
    more: int = 0


def bounds_by_carrier(policy: Policy) -> dict[bool, tuple[Bounds, ...]]:
    """Return the bounds of a network's rows in their order: of a carrier's, and of all others."""
    windows = math.ceil(policy.refuse_seconds / policy.in_flight_seconds)
    crowd_windows = math.ceil(policy.crowd_refuse_seconds / policy.in_flight_seconds)

    def bounds(points: int, crowd_points: int, crowd_windows: int) -> Bounds:
        limit, released = points * POINT, (points - policy.released_points) * POINT
        return Bounds(limit, released, windows, (points - crowd_points) * POINT, crowd_windows)

    first = bounds(policy.refuse_suspicion, policy.crowd_released_points, crowd_windows)
    second = bounds(policy.second_refuse_suspicion, policy.released_points, windows)
    third = bounds(policy.third_refuse_suspicion, policy.released_points, windows)
    second = second._replace(
        unproven=policy.second_refuse_unproven, more=policy.second_unproven_more
    )
    return {True: (Bounds(), Bounds()), False: (first, second, third)}
