"""What holds for the rules whatever the rows are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracking_site.guard.policy import Policy
from tracking_site.guard.reasons import SENTENCES
from tracking_site.guard.rules import (
    POINT,
    CircuitView,
    Decision,
    Row,
    decide,
    moved,
    reserved,
    settled,
    under_way,
)

POLICY = Policy()
suspicions = st.integers(POLICY.suspicion_floor * POINT, POLICY.suspicion_top * POINT)
rows = st.builds(Row, st.integers(0, 16_000), suspicions, tickets=st.integers(0, 255))
seconds = st.builds(Row, st.integers(0, 7_000), suspicions)
circuits = st.builds(CircuitView, st.integers(0, 2), st.integers(0, 2))
cells, partners, carriers = st.integers(0, 255), st.integers(0, 1), st.booleans()
in_flights = st.integers(0, 40)
situations = st.tuples(rows, seconds, cells, circuits, partners, carriers)


def severity(decision: Decision) -> int:
    return 9 if decision.kind == "refuse" else decision.level


@given(situations, st.integers(1, 30))
def test_more_misses_never_make_it_cheaper(situation: tuple, misses: int) -> None:
    row, second, *rest = situation
    worse = row._replace(suspicion=moved(row.suspicion, misses * 300, POLICY))
    worse_second = second._replace(suspicion=moved(second.suspicion, misses * 300, POLICY))
    before = decide(row, second, *rest, POLICY)
    after = decide(worse, worse_second, *rest, POLICY)
    assert severity(after) >= severity(before)


@given(situations, st.integers(1, 2_000))
def test_more_distinct_numbers_never_make_it_cheaper(situation: tuple, more: int) -> None:
    row, second, *rest = situation
    before = decide(row, second, *rest, POLICY)
    after = decide(
        row._replace(distinct=row.distinct + more),
        second._replace(distinct=second.distinct + more),
        *rest,
        POLICY,
    )
    assert severity(after) >= severity(before)


@given(rows, seconds, cells, circuits, partners)
def test_a_listed_carrier_is_never_refused_where_others_are_not(
    row: Row, second: Row, cell: int, circuit: CircuitView, partner: int
) -> None:
    listed = decide(row, second, cell, circuit, partner, True, POLICY)
    other = decide(row, second, cell, circuit, partner, False, POLICY)
    assert severity(listed) <= severity(other)


@given(situations, st.integers(0, 4), in_flights)
def test_more_work_never_turns_an_ok_into_something_else(
    situation: tuple, paid: int, in_flight: int
) -> None:
    decision = decide(*situation, POLICY, paid=paid, in_flight=in_flight)
    more = decide(*situation, POLICY, paid=paid + 1, in_flight=in_flight)
    assert decision.kind != "ok" or more.kind == "ok"


@given(situations, st.integers(0, 5), in_flights, st.booleans())
def test_every_decision_names_a_rule_that_has_a_sentence(
    situation: tuple, paid: int, in_flight: int, by_ticket: bool
) -> None:
    decision = decide(*situation, POLICY, paid=paid, in_flight=in_flight, by_ticket=by_ticket)
    assert decision.rule in SENTENCES
    assert 0 <= decision.level <= POLICY.most_work


@given(situations, cells)
def test_the_cell_and_the_partner_never_refuse(situation: tuple, cell: int) -> None:
    row, second, _, circuit, _, carrier = situation
    quiet = decide(row, second, 0, circuit, 0, carrier, POLICY, paid=4)
    loud = decide(row, second, cell, circuit, 1, carrier, POLICY, paid=4)
    assert loud.kind == quiet.kind


@given(suspicions, st.lists(st.sampled_from((-100, 203, 300)), max_size=60))
def test_the_walk_stays_between_floor_and_top(suspicion: int, steps: list[int]) -> None:
    for step in steps:
        suspicion = moved(suspicion, step, POLICY)
        assert POLICY.suspicion_floor * POINT <= suspicion <= POLICY.suspicion_top * POINT


@given(st.lists(st.integers(-3, 3), max_size=60), st.integers(10, 50_000))
def test_numbers_under_way_never_go_below_zero_nor_stay_for_ever(
    moves: list[int], window: int
) -> None:
    row, reservations = Row(), []
    for move in moves:
        window = max(0, window + (move if abs(move) > 1 else 0))
        if move >= 0:
            row = reserved(row, window, False)
            reservations.append(row.window)
        elif reservations:
            row = settled(row, reservations.pop(), 0, POLICY)
        assert under_way(row, window) >= 0
    assert under_way(row, row.window + 2) == 0
