"""What holds for the rules whatever the rows are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tracking_site.guard.policy import POINT, Policy, bounds_by_carrier
from tracking_site.guard.rows import (
    CircuitView,
    Row,
    booked,
    freed,
    moved,
    reserved,
    rested,
    under_way,
    windows_left,
)
from tracking_site.guard.rules import SENTENCES, Decision, Weighed, decide

POLICY = Policy()
FIRST, SECOND, _ = bounds_by_carrier(POLICY)[False]
NOW = 30_000
suspicions = st.integers(POLICY.suspicion_floor * POINT, POLICY.suspicion_top * POINT)
untils = st.one_of(st.just(0), st.integers(NOW - 40, NOW + 400))


def rows_up_to(most: int) -> st.SearchStrategy[Row]:
    return st.builds(
        Row,
        st.integers(0, most),
        suspicions,
        st.just(NOW),
        st.integers(0, 40),
        st.just(0),
        st.integers(0, 255),
        st.integers(0, 400),
        st.integers(0, 1),
        untils,
        st.integers(0, 15),
    )


rows, seconds, thirds = rows_up_to(16_000), rows_up_to(40_000), rows_up_to(2_000)
circuits = st.builds(CircuitView, st.integers(0, 2), st.integers(0, 2))
cells, partners, booleans = st.integers(0, 255), st.integers(0, 1), st.booleans()
situations = st.builds(
    Weighed, rows, seconds, thirds, cells, circuits, partners, booleans, booleans, st.just(NOW)
)


def severity(decision: Decision) -> int:
    return 9 if decision.kind == "refuse" else decision.level


def weighed(situation: Weighed) -> Decision:
    """What is decided where nothing is under way, which asks for work of its own."""
    return decide(situation._replace(first=situation.first._replace(under_way=0)), POLICY)


@given(situations, st.integers(1, 30))
def test_more_misses_never_make_it_cheaper(situation: Weighed, misses: int) -> None:
    worse = [
        row._replace(suspicion=moved(row.suspicion, misses * 300, POLICY)) for row in situation[:3]
    ]
    after = weighed(Weighed(*worse, *situation[3:]))
    assert severity(after) >= severity(weighed(situation))


@given(situations, st.integers(1, 2_000))
def test_more_distinct_numbers_never_make_it_cheaper(situation: Weighed, more: int) -> None:
    worse = [
        row._replace(distinct=row.distinct + more, unproven=row.unproven + more)
        for row in situation[:3]
    ]
    after = weighed(Weighed(*worse, *situation[3:]))
    assert severity(after) >= severity(weighed(situation))


@given(situations)
def test_a_listed_carrier_is_never_refused_where_others_are_not(situation: Weighed) -> None:
    listed = weighed(situation._replace(carrier=True))
    other = weighed(situation._replace(carrier=False))
    assert listed.kind != "refuse" or other.kind == "refuse"
    # Under alarm the brake hits a carrier's rows with misses first.
    brakes = situation.circuit.alarm and situation.first.suspicion > 6 * POINT
    assert severity(listed) <= severity(other) or brakes


@given(situations)
def test_asking_again_for_what_was_not_answered_never_costs_more(situation: Weighed) -> None:
    again = weighed(situation._replace(again=True))
    assert severity(again) <= severity(weighed(situation._replace(again=False)))
    assert again.kind != "refuse" or weighed(situation._replace(again=False)).kind == "refuse"


@given(situations, st.integers(0, 4))
def test_more_work_never_turns_an_ok_into_something_else(situation: Weighed, paid: int) -> None:
    decision = decide(situation, POLICY, paid=paid)
    more = decide(situation, POLICY, paid=paid + 1)
    assert decision.kind != "ok" or more.kind == "ok"


@given(situations, st.integers(0, 5), booleans)
def test_every_decision_names_a_rule_that_has_a_sentence(
    situation: Weighed, paid: int, by_ticket: bool
) -> None:
    decision = decide(situation, POLICY, paid=paid, by_ticket=by_ticket)
    assert decision.rule in SENTENCES
    assert 0 <= decision.level <= POLICY.most_work
    assert decision.kind == "refuse" or not decision.retry_after


@given(situations, cells)
def test_the_cell_and_the_partner_never_refuse(situation: Weighed, cell: int) -> None:
    quiet = decide(situation._replace(cell=0, partner_level=0), POLICY, paid=4)
    loud = decide(situation._replace(cell=cell, partner_level=1), POLICY, paid=4)
    assert loud.kind == quiet.kind


@given(situations, seconds, thirds)
def test_a_proven_row_is_refused_for_nothing_that_others_around_it_missed(
    situation: Weighed, second: Row, third: Row
) -> None:
    row = situation.first._replace(suspicion=-10 * POINT)
    lone = situation._replace(first=row, second=Row(), third=Row())
    if not row.crowd and row.unproven >= POLICY.proven_around:
        # Luck proves some of very many rows: these are held where the others may ask no more.
        second = second._replace(unproven=min(second.unproven, POLICY.second_refuse_unproven - 1))
        third = third._replace(unproven=min(third.unproven, POLICY.third_refuse_unproven - 1))
    if second.distinct < POLICY.second_refuse_distinct:
        crowded = decide(lone._replace(second=second, third=third), POLICY, paid=4)
        assert crowded == decide(lone, POLICY, paid=4)


@given(
    rows, st.lists(st.tuples(st.sampled_from((-100, 0, 203, 300)), st.integers(0, 300))), booleans
)
def test_a_row_is_never_free_at_its_limit_and_never_held_for_ever(
    row: Row, steps: list[tuple[int, int]], around: bool
) -> None:
    bounds = SECOND if around else FIRST
    window = NOW
    for change, passed in steps:
        window += passed
        row = booked(freed(row, row.window, True), window, change, bounds, POLICY)
        assert row.suspicion < bounds.refuse or windows_left(row, window)
    later = rested(row, (row.until or window) & 0xFFFF, bounds)
    assert not later.until
    assert later.suspicion < bounds.refuse


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
            row = reserved(row, window, 1, 0, FIRST, POLICY)
            reservations.append(row.window)
        elif reservations:
            row = freed(row, reservations.pop(), move < -2)
        assert under_way(row, window) >= 0
    assert under_way(row, row.window + 2) == 0
