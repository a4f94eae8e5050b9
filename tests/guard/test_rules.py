"""Every rule bites once and lets through once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracking_site.guard.policy import Policy
from tracking_site.guard.rules import (
    CALM,
    POINT,
    CircuitView,
    Decision,
    Row,
    carried_over,
    decide,
    miss_points,
)

POLICY = Policy()
NEW = Row()


def asked(distinct: int = 0, suspicion: float = 0, tickets: int = 0) -> Row:
    return Row(distinct, round(suspicion * POINT), tickets=tickets)


def decided(
    row: Row = NEW,
    second: Row = NEW,
    cell: int = 0,
    circuit: CircuitView = CALM,
    partner: int = 0,
    carrier: bool = False,
    paid: int = 0,
    by_ticket: bool = False,
    in_flight: int = 0,
    policy: Policy = POLICY,
) -> Decision:
    return decide(
        row,
        second,
        cell,
        circuit,
        partner,
        carrier,
        policy,
        paid=paid,
        by_ticket=by_ticket,
        in_flight=in_flight,
    )


def work_for(**conditions: object) -> tuple[str, int, str]:
    decision = decided(**conditions)  # type: ignore[arg-type]
    return decision.kind, decision.level, decision.rule


OK = ("ok", 0, "free")


@pytest.mark.parametrize(("distinct", "level"), [(3, 1), (7, 1), (8, 2), (13, 2), (14, 3)])
def test_many_distinct_numbers_cost_work(distinct: int, level: int) -> None:
    assert work_for(row=asked(distinct)) == ("challenge", level, "work_distinct")


@pytest.mark.parametrize("distinct", [0, 1, 2])
def test_the_first_three_numbers_are_free(distinct: int) -> None:
    assert work_for(row=asked(distinct)) == OK


@pytest.mark.parametrize(
    ("distinct", "suspicion", "level"), [(8, -5.9, 2), (8, -6, 1), (8, -12, 0), (14, -17.9, 1)]
)
def test_each_six_of_credit_lowers_the_work_by_one(
    distinct: int, suspicion: float, level: int
) -> None:
    assert decided(asked(distinct, suspicion)).level == level


@pytest.mark.parametrize(("distinct", "level"), [(199, 0), (200, 1), (500, 2), (900, 3)])
def test_very_many_numbers_cost_work_despite_all_credit(distinct: int, level: int) -> None:
    assert decided(asked(distinct, -30)).level == level


@pytest.mark.parametrize(
    ("suspicion", "level"), [(6, 0), (6.01, 1), (10, 1), (10.01, 2), (14, 2), (14.01, 3)]
)
def test_suspicion_costs_work(suspicion: float, level: int) -> None:
    assert decided(asked(2, suspicion)).level == level


@pytest.mark.parametrize(
    ("suspicion", "level"), [(6, 0), (6.01, 1), (14, 1), (14.01, 2), (22, 2), (22.01, 3)]
)
def test_suspicion_behind_a_carrier_costs_less_work(suspicion: float, level: int) -> None:
    assert decided(asked(2, suspicion), carrier=True).level == level


def test_an_unproven_network_with_twenty_numbers_owes_level_3_or_4() -> None:
    assert work_for(row=asked(20, -9.99)) == ("challenge", 3, "work_unproven")
    assert work_for(row=asked(20, 0.01)) == ("challenge", 4, "work_unproven")


def test_a_proven_network_with_twenty_numbers_owes_what_its_credit_leaves() -> None:
    assert work_for(row=asked(20, -18)) == OK


def test_an_unproven_second_level_with_sixty_numbers_owes_level_3() -> None:
    assert work_for(second=asked(60, -9.99)) == ("challenge", 3, "work_second")
    assert work_for(second=asked(60, -10)) == OK
    assert work_for(second=asked(59, 0)) == OK
    assert work_for(second=asked(60, 0), carrier=True) == OK


def test_four_misses_in_a_cell_cost_level_3_for_everybody_but_refuse_nobody() -> None:
    assert work_for(cell=4) == ("challenge", 3, "work_cell")
    assert work_for(cell=255, carrier=True) == ("challenge", 3, "work_cell")
    assert work_for(cell=255, paid=3) == ("ok", 3, "work_cell")
    assert work_for(cell=3) == OK


def test_an_alarm_costs_unproven_networks_one_level_more() -> None:
    assert work_for(circuit=CircuitView(1, 0)) == ("challenge", 1, "work_alarm")
    assert work_for(row=asked(3), circuit=CircuitView(1, 0)) == ("challenge", 2, "work_distinct")
    assert work_for(row=asked(3, -10), circuit=CircuitView(2, 0)) == OK


def test_beyond_the_ceiling_unproven_networks_are_shed_and_fresh_ones_last() -> None:
    assert work_for(row=asked(1), circuit=CircuitView(1, 1)) == ("refuse", 0, "ceiling")
    assert work_for(circuit=CircuitView(1, 1)) == ("challenge", 3, "work_ceiling")
    assert work_for(circuit=CircuitView(1, 2)) == ("refuse", 0, "ceiling")
    assert work_for(row=asked(1, -10), circuit=CircuitView(1, 2)) == OK
    assert work_for(row=asked(1), circuit=CircuitView(1, 2), carrier=True)[0] == "challenge"


def test_a_busy_partner_costs_one_level_more() -> None:
    assert work_for(partner=1) == ("challenge", 1, "work_partner")
    assert work_for(row=asked(3), partner=1) == ("challenge", 2, "work_distinct")
    assert work_for(partner=0) == OK


def test_no_work_is_above_the_highest_level() -> None:
    loaded = decided(asked(20, 1), circuit=CircuitView(1, 0), partner=1, policy=LENIENT)
    assert (loaded.kind, loaded.level) == ("challenge", 4)


LENIENT = replace(POLICY, alarm_refuse_unproven=(100, 100))


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (asked(1, 18), "suspicion"),
        (asked(1_500, -30), "distinct"),
        (asked(140, -9.99), "unproven"),
    ],
)
def test_a_network_that_looks_like_a_scanner_is_refused(row: Row, rule: str) -> None:
    assert work_for(row=row, paid=4) == ("refuse", 0, rule)
    assert decided(row, carrier=True, paid=4).kind == "ok"


@pytest.mark.parametrize("row", [asked(1, 17.99), asked(1_499, -30), asked(140, -10)])
def test_a_network_just_below_is_not_refused(row: Row) -> None:
    assert decided(row, paid=4).kind == "ok"


def test_a_carrier_address_is_refused_far_beyond_a_crowd() -> None:
    assert work_for(row=asked(15_000, -30), carrier=True) == ("refuse", 0, "distinct_carrier")
    assert decided(asked(14_999, 60), carrier=True, paid=3).kind == "ok"


@pytest.mark.parametrize(
    ("second", "rule"),
    [
        (asked(20, 54), "second_suspicion"),
        (asked(6_000, -30), "second_distinct"),
        (asked(300, -9.99), "second_unproven"),
    ],
)
def test_a_whole_second_level_is_refused(second: Row, rule: str) -> None:
    assert work_for(second=second, paid=4) == ("refuse", 0, rule)
    assert decided(second=second, carrier=True, paid=4).kind == "ok"


@pytest.mark.parametrize("second", [asked(20, 53.99), asked(5_999, -30), asked(300, -10)])
def test_a_second_level_just_below_is_not_refused(second: Row) -> None:
    assert decided(second=second, paid=4).kind == "ok"


@pytest.mark.parametrize(("alarm", "least"), [(1, 20), (2, 8)])
def test_under_alarm_unproven_networks_are_refused_sooner(alarm: int, least: int) -> None:
    circuit = CircuitView(alarm, 0)
    assert work_for(row=asked(least), circuit=circuit, paid=4) == ("refuse", 0, "alarm")
    assert decided(asked(least - 1), circuit=circuit, paid=4).kind == "ok"
    assert decided(asked(least, -10), circuit=circuit, paid=4).kind == "ok"


def test_no_more_than_nine_guesses_are_under_way_at_once() -> None:
    assert work_for(row=asked(9), in_flight=9, paid=4) == ("challenge", 2, "in_flight")
    assert decided(asked(8), in_flight=8, paid=4).kind == "ok"
    assert decided(asked(9, -30), in_flight=23, paid=4).kind == "ok"
    assert decided(asked(200, 5), in_flight=200, paid=4, carrier=True).kind == "ok"


def test_work_of_the_level_lets_through_and_less_does_not() -> None:
    assert decided(asked(8), paid=1).kind == "challenge"
    assert decided(asked(8), paid=2) == Decision("ok", 2, "work_distinct")


def test_wait_tickets_are_few() -> None:
    assert decided(asked(8, tickets=4), paid=2, by_ticket=True).kind == "ok"
    used_up = decided(asked(8, tickets=5), paid=2, by_ticket=True)
    assert used_up == Decision("challenge", 2, "tickets", ticket=False)
    assert decided(asked(8, tickets=5), paid=2).kind == "ok"
    assert not decided(asked(8, tickets=5)).ticket


@pytest.mark.parametrize(
    ("usual", "points"), [(0.0, 300), (0.109, 300), (0.13, 250), (0.15, 203), (0.9, 203)]
)
def test_a_miss_costs_two_to_three_points(usual: float, points: int) -> None:
    assert miss_points(usual, POLICY) == points


@pytest.mark.parametrize(
    ("suspicion", "tomorrow"), [(1800, 900), (-3000, -1500), (199, 0), (-199, 0), (-301, -150)]
)
def test_half_of_the_suspicion_is_carried_over(suspicion: int, tomorrow: int) -> None:
    assert carried_over(Row(40, suspicion, tickets=3)) == Row(0, tomorrow)
