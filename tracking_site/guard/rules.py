"""The rules: pure functions over rows. No clock, no store, no address, no framework.

`lua/rules.lua` says the same for Redis; a test holds both together over random operations.
"""

import math
from bisect import bisect_left, bisect_right
from typing import Literal, NamedTuple

from .policy import POINT, Policy
from .rows import CALM, FRESH, CircuitView, Row, under_way, windows_left

Kind = Literal["ok", "repeat", "challenge", "refuse"]

SENTENCES = {
    "repeat": "the network was answered for this number today",
    "repeat_near": "another network of this /24 or /48 was answered for this number today",
    "free": "nothing speaks against it",
    "work_distinct": "the network asked for many different numbers today",
    "work_suspicion": "many of its numbers found nothing",
    "work_unproven": "it asked for many numbers and did not prove itself by answers",
    "work_second": "the /24 or /48 around it asked for much that found nothing, and is unproven",
    "work_third": "the /56 around it asked for much that found nothing",
    "work_cell": "many misses today around this very number, over all networks",
    "work_alarm": "the alarm is up and the network is unproven",
    "work_ceiling": "the alarm is up and this hour has far more numbers than usual",
    "work_partner": "the partner's traffic is far beyond its usual hour or its daily quota",
    "in_flight": "too many numbers of the network are being asked at this moment",
    "tickets": "the network used up its wait tickets for today",
    "suspicion": "so many of its numbers found nothing that it looks like a scanner",
    "distinct": "it asked for more numbers than any household or office",
    "distinct_carrier": "it asked for more numbers than the largest crowd behind one address",
    "unproven": "it asked for very many numbers and did not prove itself by answers",
    "second_suspicion": "the /24 or /48 around it looks like a scanner, and it missed itself",
    "second_distinct": "the /24 or /48 around it asked for too many numbers",
    "second_unproven": "the /24 or /48 around it asked for many numbers and is unproven",
    "third_suspicion": "the /56 around it looks like a scanner, and it has no credit itself",
    "third_unproven": "the /56 around it asked for very many numbers and is unproven",
    "alarm": "the alarm is up, and an unproven network may ask few numbers",
    "ceiling": "the alarm is up and this hour has far more numbers than usual",
}
"""What each rule means, for the operator. People read other words, in templates."""


class Weighed(NamedTuple):
    """What a number is weighed by: the rows as they stand in `window`, before it.

    `first` is that of the network, `second` of the /24 or /48 around it, `third` of an IPv6 /56.
    `cell` counts the other numbers of its cell that missed today or are still open. `again`: the
    network asked this very number before and got no answer.
    """

    first: Row = FRESH
    second: Row = FRESH
    third: Row = FRESH
    cell: int = 0
    circuit: CircuitView = CALM
    partner_level: int = 0
    carrier: bool = False
    again: bool = False
    window: int = 0


class Decision(NamedTuple):
    """What becomes of a lookup, the work that it owes, and the rule that says so.

    `retry_after` is in seconds, and 0 where the rule holds until tomorrow or refuses nothing.
    `ticket` says whether waiting may stand in for work.
    """

    kind: Kind
    level: int
    rule: str
    retry_after: int = 0
    ticket: bool = True


FREE = Decision("ok", 0, "free")
REPEAT = Decision("repeat", 0, "repeat")
NEAR_REPEAT = Decision("repeat", 0, "repeat_near")
"""Another network of the same /24 or /48 was answered. It counts nothing, and is said only where
any other number would be let through: or a list could be tried for nothing until one of it is."""


CHARGED = 99
"""In the place of a level of work: the number was charged before, and has its answer by now. What
the network has come to since does not undo that, so it is booked whatever the rules say."""

WHEN_BOOKED = -3
"""In the place of the window of a reservation: the number was charged before, and counts once more
when its answer is booked. So nothing is counted however often it is reserved, by a store whose
answers are lost or by two who ask at once."""


def miss_points(usual_miss_rate: float, policy: Policy) -> int:
    """Return what a miss adds to suspicion, in hundredths of a point: M = (1 - p) / p."""
    low, high = policy.miss_rate_bounds
    p = min(max(policy.miss_rate_factor * usual_miss_rate, low), high)
    return math.floor(POINT * (1 - p) / p + 0.5)


def is_heavy(row: Row, carrier: bool, policy: Policy) -> bool:
    """Return whether the circuit counts the network among those that ask unusually much."""
    return (
        not carrier
        and row.suspicion > policy.proven * POINT
        and row.distinct >= policy.work_by_distinct[0]
    )


def decide(
    situation: Weighed, policy: Policy, *, paid: int = 0, by_ticket: bool = False
) -> Decision:
    """Return what becomes of a number.

    `paid` is the level of work that came with the request, `by_ticket` whether it was waited for.
    """
    if paid >= CHARGED:
        return FREE
    refusal = refused(situation, policy)
    if refusal is not None:
        return refusal
    row, carrier = situation.first, situation.carrier
    level, rule = work(situation, policy)
    tickets = policy.carrier_tickets_a_day if carrier else policy.tickets_a_day
    ticket = row.tickets < tickets + row.distinct // policy.numbers_a_ticket
    in_flight = 0 if carrier else under_way(row, situation.window)
    guesses = row.suspicion + in_flight * policy.in_flight_points * POINT
    if in_flight and guesses >= policy.refuse_suspicion * POINT:
        return Decision("challenge", max(level, 1), "in_flight", ticket=ticket)
    if paid < level:
        return Decision("challenge", level, rule, ticket=ticket)
    if level and by_ticket and not ticket:
        return Decision("challenge", level, "tickets", ticket=False)
    return Decision("ok", level, rule, ticket=ticket)


def refused(situation: Weighed, policy: Policy) -> Decision | None:
    row, second, third, _, circuit, _, carrier, again, window = situation
    if carrier:
        is_over = row.distinct >= policy.carrier_refuse_distinct
        return _refuse("distinct_carrier") if is_over else None
    unproven = row.suspicion > policy.proven * POINT
    if row.until and windows_left(row, window):
        return _refuse("suspicion", row, window, policy)
    if row.distinct >= policy.refuse_distinct:
        return _refuse("distinct")
    if second.distinct >= policy.second_refuse_distinct:
        return _refuse("second_distinct")
    # Of very many rows luck proves some, which go on for no more numbers than a home asks.
    if not unproven and (row.crowd or row.unproven < policy.proven_around):
        return None
    if unproven and row.unproven >= policy.refuse_unproven_distinct:
        return _refuse("unproven")
    if second.until and windows_left(second, window):
        if second.unproven >= policy.second_refuse_unproven:
            return _refuse("second_unproven", second, window, policy)
        if row.suspicion >= policy.second_refuse_own * POINT:
            return _refuse("second_suspicion", second, window, policy)
    if third.unproven >= policy.third_refuse_unproven and third.suspicion > policy.proven * POINT:
        return _refuse("third_unproven")
    if not unproven:
        return None
    if third.until and row.suspicion >= 0 and windows_left(third, window):
        return _refuse("third_suspicion", third, window, policy)
    if circuit.alarm:
        if row.unproven >= policy.alarm_refuse_unproven[circuit.alarm - 1]:
            return _refuse("alarm")
        # A network that asked nothing else yet is shed last: it is most likely a person.
        if circuit.ceilings >= (1 if row.distinct > again else 2):
            return _refuse("ceiling")
    return None


def work(situation: Weighed, policy: Policy) -> tuple[int, str]:
    """Return the level that the number owes, and the rule that asks most."""
    row, second, third, cell, circuit, partner_level, carrier, again, _ = situation
    suspicion = row.suspicion
    unproven = suspicion > policy.proven * POINT
    best, rule = 0, "free"
    if row.distinct and not carrier and not again:
        credit = max(0, -suspicion) // (policy.credit_per_level * POINT)
        best = max(0, bisect_right(policy.work_by_distinct, row.distinct) - credit)
        best = max(best, bisect_right(policy.work_despite_credit, row.distinct))
        if best:
            rule = "work_distinct"
    steps = policy.carrier_work_by_suspicion if carrier else policy.work_by_suspicion
    if suspicion > steps[0] * POINT:
        suspected = bisect_left(steps, suspicion / POINT)
        if suspected > best:
            best, rule = suspected, "work_suspicion"
    if unproven:
        around, why = _around(row, second, third, carrier, policy)
        if around > best:
            best, rule = around, why
    if cell >= policy.cell_misses and best < policy.cell_level:
        best, rule = policy.cell_level, "work_cell"
    if unproven and circuit.alarm:
        best, rule = best + 1, rule if best else "work_alarm"
        if circuit.ceilings and best < 3:
            best, rule = 3, "work_ceiling"
        if carrier and suspicion > policy.carrier_alarm_suspicion * POINT:
            best, rule = policy.most_work, "work_alarm"
    if partner_level:
        best, rule = best + partner_level, rule if best else "work_partner"
    return min(best, policy.most_work), rule


def _around(row: Row, second: Row, third: Row, carrier: bool, policy: Policy) -> tuple[int, str]:
    """What an unproven row owes for itself and for the networks around it."""
    if carrier:
        is_suspect = second.suspicion >= policy.carrier_second_suspicion * POINT
        return (2, "work_second") if is_suspect else (0, "")
    best, rule = 0, ""
    if row.unproven >= policy.unproven_distinct:
        best, rule = 4 if row.suspicion > 0 else 3, "work_unproven"
    low, high = policy.second_work_by_suspicion
    if second.suspicion >= high * POINT:
        return 4, rule if best == 4 else "work_second"
    if best < 3 and (
        second.suspicion >= low * POINT
        or (
            second.unproven >= policy.second_unproven_work
            and second.suspicion > policy.proven * POINT
        )
    ):
        best, rule = 3, "work_second"
    if best < 3 and third.suspicion > policy.third_work_suspicion * POINT:
        best, rule = 3, "work_third"
    return best, rule


def _refuse(rule: str, row: Row = FRESH, window: int = 0, policy: Policy | None = None) -> Decision:
    seconds = windows_left(row, window) * policy.in_flight_seconds if policy else 0
    return Decision("refuse", 0, rule, seconds)
