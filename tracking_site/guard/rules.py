"""The rules: pure functions over rows. No clock, no store, no address, no framework.

`lua/rules.lua` says the same for Redis; a test holds both together over random operations.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from .policy import Policy, Steps

POINT = 100
"""Rows keep suspicion in hundredths of a point, so that memory and Redis add alike."""

Kind = Literal["ok", "repeat", "challenge", "refuse"]


class Row(NamedTuple):
    """What is kept of a network for a day.

    `window` counts periods of `Policy.in_flight_seconds`; `under_way` and `before` are numbers
    reserved in it and in the one before that have no answer yet.
    """

    distinct: int = 0
    suspicion: int = 0
    window: int = 0
    under_way: int = 0
    before: int = 0
    tickets: int = 0


class CircuitView(NamedTuple):
    """What a rule sees of the whole site: alarm 0 to 2, and 0 to 2 ceilings reached."""

    alarm: int = 0
    ceilings: int = 0


CALM = CircuitView()


class Decision(NamedTuple):
    """What becomes of a lookup, the work that it owes, and the rule that says so.

    `retry_after` is in seconds, and 0 unless the kind is refuse. `ticket` says whether waiting
    may stand in for work.
    """

    kind: Kind
    level: int
    rule: str
    retry_after: int = 0
    ticket: bool = True


REPEAT = Decision("repeat", 0, "repeat")


def miss_points(usual_miss_rate: float, policy: Policy) -> int:
    """What a miss adds to suspicion, in hundredths of a point: M = (1 - p) / p."""
    low, high = policy.miss_rate_bounds
    p = min(max(policy.miss_rate_factor * usual_miss_rate, low), high)
    return math.floor(POINT * (1 - p) / p + 0.5)


def carried_over(row: Row) -> Row:
    """The row with which a network that was seen yesterday begins today: half its suspicion.

    Less than a point is nothing, so that most rows need not be kept overnight.
    """
    return Row(suspicion=0 if abs(row.suspicion) < 2 * POINT else int(row.suspicion / 2))


def under_way(row: Row, window: int) -> int:
    """How many numbers of the row are still being asked, as seen from `window`."""
    now, before, _ = _windows(row, window)
    return now + before


def reserved(row: Row, window: int, ticket: bool) -> Row:
    """The row after one more number was let through, before its answer is known."""
    now, before, window = _windows(row, window)
    return Row(
        min(row.distinct + 1, 65_535),
        row.suspicion,
        window,
        min(now + 1, 255),
        before,
        min(row.tickets + ticket, 255),
    )


def settled(row: Row, window: int, change: int, policy: Policy) -> Row:
    """The row after the answer to a number that was reserved in `window`.

    `change` is in hundredths of a point: positive for a miss, negative for a hit, 0 when the
    core gave no answer.
    """
    suspicion = moved(row.suspicion, change, policy)
    now, before = row.under_way, row.before
    if window == row.window:
        now = max(0, now - 1)
    elif window == row.window - 1:
        before = max(0, before - 1)
    return Row(row.distinct, suspicion, row.window, now, before, row.tickets)


def moved(suspicion: int, change: int, policy: Policy) -> int:
    """The random walk, held between its floor and its top."""
    return min(
        max(suspicion + change, policy.suspicion_floor * POINT), policy.suspicion_top * POINT
    )


def is_heavy(row: Row, carrier: bool, policy: Policy) -> bool:
    """Whether the circuit counts the network among those that ask for unusually many numbers."""
    return (
        not carrier
        and row.suspicion > policy.proven * POINT
        and row.distinct >= policy.work_by_distinct[0]
    )


def decide(
    row: Row,
    second: Row,
    cell: int,
    circuit: CircuitView,
    partner_level: int,
    carrier: bool,
    policy: Policy,
    *,
    paid: int = 0,
    by_ticket: bool = False,
    in_flight: int = 0,
) -> Decision:
    """What becomes of a new number, given the rows as they were before it.

    `cell` is the number of misses and of open questions in the number's cell today.
    `paid` is the level of work that came with the request, `by_ticket` whether it was waited for.
    """
    refusal = refusal_rule(row, second, circuit, carrier, policy)
    if refusal:
        return Decision("refuse", 0, refusal)
    level, rule = work(row, second, cell, circuit, partner_level, carrier, policy)
    tickets = policy.carrier_tickets_a_day if carrier else policy.tickets_a_day
    ticket = row.tickets < tickets
    guesses = row.suspicion + in_flight * policy.in_flight_points * POINT
    if not carrier and in_flight and guesses >= policy.refuse_suspicion * POINT:
        return Decision("challenge", max(level, 1), "in_flight", ticket=ticket)
    if paid < level:
        return Decision("challenge", level, rule, ticket=ticket)
    if level and by_ticket and not ticket:
        return Decision("challenge", level, "tickets", ticket=False)
    return Decision("ok", level, rule, ticket=ticket)


def refusal_rule(
    row: Row, second: Row, circuit: CircuitView, carrier: bool, policy: Policy
) -> str | None:
    """The name of the rule that refuses the next new number, or None."""
    if carrier:
        return "distinct_carrier" if row.distinct >= policy.carrier_refuse_distinct else None
    unproven = row.suspicion > policy.proven * POINT
    second_unproven = second.suspicion > policy.proven * POINT
    if row.suspicion >= policy.refuse_suspicion * POINT:
        return "suspicion"
    if row.distinct >= policy.refuse_distinct:
        return "distinct"
    if unproven and row.distinct >= policy.refuse_unproven_distinct:
        return "unproven"
    if second.suspicion >= policy.second_refuse_suspicion * POINT:
        return "second_suspicion"
    if second.distinct >= policy.second_refuse_distinct:
        return "second_distinct"
    if second_unproven and second.distinct >= policy.second_refuse_unproven:
        return "second_unproven"
    if unproven and circuit.alarm:
        if row.distinct >= policy.alarm_refuse_unproven[circuit.alarm - 1]:
            return "alarm"
        # A network that asked nothing yet is shed last: it is most likely a person.
        if circuit.ceilings >= (1 if row.distinct else 2):
            return "ceiling"
    return None


def work(
    row: Row,
    second: Row,
    cell: int,
    circuit: CircuitView,
    partner_level: int,
    carrier: bool,
    policy: Policy,
) -> tuple[int, str]:
    """The level that the next new number owes, and the rule that asks most."""
    unproven = row.suspicion > policy.proven * POINT
    best, rule = 0, "free"
    if carrier:
        suspected = _over(row.suspicion, policy.carrier_work_by_suspicion)
    else:
        suspected = _over(row.suspicion, policy.work_by_suspicion)
        credit = max(0, -row.suspicion) // (policy.credit_per_level * POINT)
        best = max(0, _reached(row.distinct, policy.work_by_distinct) - credit)
        best = max(best, _reached(row.distinct, policy.work_despite_credit))
        if best:
            rule = "work_distinct"
    if suspected > best:
        best, rule = suspected, "work_suspicion"
    if not carrier and unproven and row.distinct >= policy.unproven_distinct:
        owed = 4 if row.suspicion > 0 else 3
        if owed > best:
            best, rule = owed, "work_unproven"
    if (
        not carrier
        and second.suspicion > policy.proven * POINT
        and second.distinct >= policy.second_unproven_work
        and best < 3
    ):
        best, rule = 3, "work_second"
    if cell >= policy.cell_misses and best < policy.cell_level:
        best, rule = policy.cell_level, "work_cell"
    if unproven and circuit.alarm:
        best, rule = best + 1, rule if best else "work_alarm"
        if circuit.ceilings and best < 3:
            best, rule = 3, "work_ceiling"
    if partner_level:
        best, rule = best + partner_level, rule if best else "work_partner"
    return min(best, policy.most_work), rule


def _over(suspicion: int, steps: Steps) -> int:
    first, second, third = steps
    points = suspicion / POINT
    return (points > first) + (points > second) + (points > third)


def _reached(distinct: int, steps: Steps) -> int:
    first, second, third = steps
    return (distinct >= first) + (distinct >= second) + (distinct >= third)


def _windows(row: Row, window: int) -> tuple[int, int, int]:
    """Numbers under way in this window and the one before, and the window to go on from.

    A clock that moved back by one window goes on in the later one; by more, it starts again.
    """
    passed = window - row.window
    if passed == 0:
        return row.under_way, row.before, window
    if passed == 1:
        return 0, row.under_way, window
    if passed == -1:
        return row.under_way, row.before, row.window
    return 0, 0, window
