"""What each rule means, in a sentence for the operator. People read other words, in templates."""

from __future__ import annotations

from .ledger import Peek
from .policy import Policy
from .rows import POINT, Row, under_way
from .rules import Decision

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


def reason(decision: Decision, seen: Peek, policy: Policy) -> str:
    """One line: what happens to the next new number, the rule, and the figures behind it."""
    row, second, third = seen.first, seen.second, seen.third
    standing = "proven" if row.suspicion <= policy.proven * POINT else "unproven"
    waits = f", for {(decision.retry_after + 59) // 60} minutes" if decision.retry_after else ""
    around = f"around it {_figures(second)}"
    if third.distinct:
        around += f", in its /56 {_figures(third)}"
    return (
        f"{decision.kind}, level {decision.level}{waits}: {SENTENCES[decision.rule]} "
        f"[{decision.rule}; {_figures(row)} ({standing}), refused {row.strikes} times today, "
        f"{under_way(row, seen.window)} under way; {around}; alarm {seen.circuit.alarm}]"
    )


def _figures(row: Row) -> str:
    return f"{row.distinct} numbers, suspicion {row.suspicion / POINT:.2f}"
