"""Every rule bites once and lets through once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracking_site.guard.policy import POINT, Policy, bounds_by_carrier
from tracking_site.guard.rows import (
    CALM,
    MAX_COUNT,
    MAX_NUMBERS,
    ROW,
    CircuitView,
    Row,
    booked,
    carried_over,
    reserved,
    windows_left,
)
from tracking_site.guard.rules import Decision, Weighed, decide, miss_points

POLICY = Policy()
FIRST, SECOND, _ = bounds_by_carrier(POLICY)[False]
NEW = Row()
NOW = 1_000
"""The window in which these rows are weighed."""


def asked(
    distinct: int = 0,
    suspicion: float = 0,
    tickets: int = 0,
    unproven: int | None = None,
    until: int = 0,
) -> Row:
    """A row of which every number is unproven unless it is said."""
    if unproven is None:
        unproven = distinct
    return Row(distinct, round(suspicion * POINT), tickets=tickets, unproven=unproven, until=until)


def decided(
    row: Row = NEW,
    second: Row = NEW,
    third: Row = NEW,
    cell: int = 0,
    circuit: CircuitView = CALM,
    partner: int = 0,
    carrier: bool = False,
    again: bool = False,
    paid: int = 0,
    by_ticket: bool = False,
    in_flight: int = 0,
    policy: Policy = POLICY,
) -> Decision:
    row = row._replace(window=NOW, under_way=in_flight)
    situation = Weighed(row, second, third, cell, circuit, partner, carrier, again, NOW)
    return decide(situation, policy, paid=paid, by_ticket=by_ticket)


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


@pytest.mark.parametrize(("distinct", "level"), [(399, 0), (400, 1), (1_000, 2), (2_500, 3)])
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


def test_only_numbers_since_a_network_proved_itself_make_it_unproven() -> None:
    assert work_for(row=asked(120, -9.99, unproven=20)) == ("challenge", 3, "work_unproven")
    assert work_for(row=asked(119, -9.99, unproven=19)) == ("challenge", 2, "work_distinct")


def test_a_number_that_got_no_answer_costs_no_work_for_many_numbers() -> None:
    assert work_for(row=asked(14), again=True) == OK
    assert work_for(row=asked(2_500, -30), again=True) == OK
    assert work_for(row=asked(20), again=True) == ("challenge", 3, "work_unproven")
    assert work_for(row=asked(3, 10.01), again=True) == ("challenge", 2, "work_suspicion")
    assert work_for(row=asked(3, until=NOW + 9), again=True) == ("refuse", 0, "suspicion")


def test_an_unproven_second_level_with_sixty_numbers_owes_level_3() -> None:
    assert work_for(second=asked(60, -9.99)) == ("challenge", 3, "work_second")
    assert work_for(second=asked(60, -10)) == OK
    assert work_for(second=asked(59, 0)) == OK
    assert work_for(second=asked(159, 0, unproven=59)) == OK
    assert work_for(second=asked(60, 0), carrier=True) == OK


@pytest.mark.parametrize(("points", "level"), [(26.99, 0), (27, 3), (53.99, 3), (54, 4)])
def test_a_suspect_second_level_costs_its_unproven_rows_work(points: float, level: int) -> None:
    assert decided(second=asked(20, points)).level == level
    assert decided(asked(2, -10), second=asked(20, points)).level == 0


@pytest.mark.parametrize(("points", "level"), [(14, 0), (14.01, 3), (26.99, 3)])
def test_a_suspect_slash_56_costs_its_unproven_rows_work(points: float, level: int) -> None:
    assert decided(third=asked(20, points)).level == level
    assert decided(asked(2, -10), third=asked(20, points)).level == 0


@pytest.mark.parametrize(("points", "level"), [(53.99, 0), (54, 2), (60, 2)])
def test_around_a_carrier_suspicion_costs_work_and_refuses_nobody(
    points: float, level: int
) -> None:
    second = asked(2_000, points, until=NOW + 9)
    assert work_for(second=second, carrier=True)[1] == level
    assert work_for(second=second, carrier=True, paid=2)[0] == "ok"
    assert work_for(row=asked(2, -10), second=second, carrier=True) == OK


def test_under_alarm_a_carriers_rows_with_misses_pay_most() -> None:
    alarm = CircuitView(1, 0)
    assert work_for(row=asked(2, 6.01), circuit=alarm, carrier=True)[1:] == (4, "work_alarm")
    assert work_for(row=asked(2, 6), circuit=alarm, carrier=True)[1] == 1
    assert work_for(row=asked(2, 6.01), carrier=True)[1] == 1


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
    # Its one number is the one that is asked again.
    again = work_for(row=asked(1), circuit=CircuitView(1, 1), again=True)
    assert again == ("challenge", 3, "work_ceiling")
    again = work_for(row=asked(2), circuit=CircuitView(1, 1), again=True)
    assert again == ("refuse", 0, "ceiling")
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
        (asked(1, 18, until=NOW + 1), "suspicion"),
        (asked(8_000, -30), "distinct"),
        (asked(120, -9.99), "unproven"),
        (asked(1_120, -9.99, unproven=120), "unproven"),
    ],
)
def test_a_network_that_looks_like_a_scanner_is_refused(row: Row, rule: str) -> None:
    assert work_for(row=row, paid=4) == ("refuse", 0, rule)
    assert decided(row, carrier=True, paid=4).kind == "ok"


@pytest.mark.parametrize(
    "row",
    [
        asked(1, 17.99),
        asked(1, 17, until=NOW),
        asked(7_999, -30),
        asked(120, -10),
        asked(1_119, -9.99, unproven=119),
    ],
)
def test_a_network_just_below_is_not_refused(row: Row) -> None:
    assert decided(row, paid=4).kind == "ok"


def test_a_carrier_address_is_refused_far_beyond_a_crowd() -> None:
    assert work_for(row=asked(15_000, -30), carrier=True) == ("refuse", 0, "distinct_carrier")
    assert decided(asked(14_999, 60), carrier=True, paid=3).kind == "ok"


HELD = NOW + 9


@pytest.mark.parametrize(
    ("second", "row", "rule"),
    [
        (asked(20, 54, until=HELD), asked(2, 6), "second_suspicion"),
        (asked(30_000, -30), asked(2, -30), "second_distinct"),
        (asked(265, -9.99, until=HELD), NEW, "second_unproven"),
        (asked(265, -9.99, until=HELD), asked(24, -10), "second_unproven"),
    ],
)
def test_rows_of_a_second_level_that_is_held_are_refused(second: Row, row: Row, rule: str) -> None:
    assert work_for(row=row, second=second, paid=4) == ("refuse", 0, rule)
    assert decided(row, second=second, carrier=True, paid=4).kind == "ok"


@pytest.mark.parametrize(
    ("second", "row"),
    [
        (asked(20, 54, until=HELD), asked(2, 5.99)),
        (asked(20, 54, until=NOW), asked(2, 6)),
        (asked(20, 54, until=HELD), asked(20, -10)),
        (asked(29_999, -30), NEW),
        (asked(265, -9.99, until=HELD), asked(23, -10)),
        (asked(265, -9.99, until=HELD), asked(200, -10, unproven=23)),
        (asked(265, -9.99, until=HELD), asked(99, -10)._replace(crowd=1)),
        (asked(265, -9.99, until=NOW), asked(24, -10)),
        (asked(264, -9.99, until=HELD), asked(24, -10)),
        (asked(20, 54, until=HELD), asked(99, -10)),
        (asked(264, -9.99, until=HELD), NEW),
    ],
)
def test_rows_that_did_not_miss_and_proven_ones_are_served(second: Row, row: Row) -> None:
    assert decided(row, second=second, paid=4).kind == "ok"


@pytest.mark.parametrize(
    ("third", "row", "rule"),
    [
        (asked(9, 27, until=HELD), NEW, "third_suspicion"),
        (asked(130, -9.99), asked(2, -2), "third_unproven"),
        (asked(130, -9.99), asked(24, -10), "third_unproven"),
    ],
)
def test_unproven_rows_of_a_slash_56_are_refused(third: Row, row: Row, rule: str) -> None:
    assert work_for(row=row, third=third, paid=4) == ("refuse", 0, rule)
    assert decided(row, third=third, carrier=True, paid=4).kind == "ok"


@pytest.mark.parametrize(
    ("third", "row"),
    [
        (asked(9, 27, until=HELD), asked(1, -1)),
        (asked(9, 26, until=NOW), NEW),
        (asked(130, -9.99), asked(23, -10)),
        (asked(130, -9.99), asked(99, -10)._replace(crowd=1)),
        (asked(130, -10), asked(99, -10)),
        (asked(9, 27, until=HELD), asked(99, -10)),
        (asked(129, -9.99), NEW),
        (asked(240, -9.99, unproven=129), NEW),
    ],
)
def test_rows_of_a_slash_56_with_credit_are_served(third: Row, row: Row) -> None:
    assert decided(row, third=third, paid=4).kind == "ok"


def test_a_refusal_for_a_while_says_how_long() -> None:
    assert decided(asked(6, 18, until=NOW + 5)).retry_after == 5 * 16
    assert decided(asked(2, 6), second=asked(20, 54, until=NOW + 7)).retry_after == 7 * 16
    assert decided(third=asked(9, 27, until=NOW + 2)).retry_after == 2 * 16
    assert decided(asked(120)).retry_after == 0


@pytest.mark.parametrize(("alarm", "least"), [(1, 20), (2, 8)])
def test_under_alarm_unproven_networks_are_refused_sooner(alarm: int, least: int) -> None:
    circuit = CircuitView(alarm, 0)
    assert work_for(row=asked(least), circuit=circuit, paid=4) == ("refuse", 0, "alarm")
    assert decided(asked(least - 1), circuit=circuit, paid=4).kind == "ok"
    assert decided(asked(99 + least, unproven=least - 1), circuit=circuit, paid=4).kind == "ok"
    assert decided(asked(least, -10), circuit=circuit, paid=4).kind == "ok"


def test_no_more_guesses_are_under_way_at_once_than_in_a_row() -> None:
    assert work_for(row=asked(6), in_flight=6, paid=4) == ("challenge", 1, "in_flight")
    assert decided(asked(5), in_flight=5, paid=4).kind == "ok"
    assert decided(asked(9, -30), in_flight=15, paid=4).kind == "ok"
    assert decided(asked(9, -30), in_flight=16, paid=4).rule == "in_flight"
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
    assert decided(asked(19, tickets=5), paid=3, by_ticket=True).rule == "tickets"
    assert decided(asked(40, tickets=6), paid=4, by_ticket=True).kind == "ok"


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


def test_a_row_that_is_full_can_still_be_kept() -> None:
    full = Row(MAX_NUMBERS, -30 * POINT, NOW, MAX_COUNT, 0, MAX_COUNT, MAX_NUMBERS)
    after = reserved(full, NOW, 1, 1, FIRST, POLICY)
    assert after == full
    assert len(ROW.pack(*after)) == ROW.size


@pytest.mark.parametrize(("suspicion", "is_held"), [(-10, False), (-9, True)])
def test_those_around_are_held_for_many_numbers_unless_they_proved_themselves(
    suspicion: int, is_held: bool
) -> None:
    row = asked(POLICY.second_refuse_unproven - 1, suspicion)
    assert bool(windows_left(reserved(row, NOW, 1, 0, SECOND, POLICY), NOW)) is is_held


@pytest.mark.parametrize(("points", "crowd"), [(-23, 0), (-24, 1)])
def test_a_crowd_is_who_found_very_many_of_its_numbers(points: int, crowd: int) -> None:
    row = booked(asked(POLICY.crowd_numbers, points), NOW, -POINT, FIRST, POLICY)
    assert row.crowd == crowd
    assert (row.unproven == 0) is bool(crowd)
