"""Percentiles, order and right times, held to their definitions."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.open_loop.figures import Served, is_right, kendall_tau, overtaken, percentile


@pytest.mark.parametrize(
    ("share", "value"), [(0.50, 50), (0.95, 95), (0.99, 99), (1.0, 100), (0.001, 1)]
)
def test_a_percentile_of_a_hundred_is_the_value_of_its_rank(share: float, value: int) -> None:
    assert percentile(range(100, 0, -1), share) == value


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile([0.1], 0.99) == 0.1
    assert percentile([1, 1, 1, 30], 0.75) == 1
    assert percentile([1, 1, 1, 30], 0.76) == 30


@given(st.lists(st.floats(0, 100), min_size=1), st.floats(0.01, 1))
def test_at_least_its_share_does_not_exceed_a_percentile(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert sum(value <= found for value in values) >= share * len(values) - 1e-6
    assert sum(value < found for value in values) < share * len(values)


def in_order(*answered: float) -> list[Served]:
    return [Served(float(came), at, counts=True) for came, at in enumerate(answered)]


def test_nobody_is_overtaken_in_order() -> None:
    assert overtaken(in_order(10, 11, 12)) == 0
    assert kendall_tau(in_order(10, 11, 12)) == 1


def test_being_overtaken_by_less_than_two_seconds_does_not_count() -> None:
    assert overtaken(in_order(12, 10, 13)) == 0
    assert overtaken(in_order(12.1, 10, 13)) == pytest.approx(1 / 3)


def test_one_who_is_late_overtakes_all_before() -> None:
    assert overtaken(in_order(20, 21, 22, 10)) == 0.75
    assert kendall_tau(in_order(4, 3, 2, 1)) == -1


def test_who_does_not_count_can_overtake_but_is_not_missed() -> None:
    without_script = Served(0.0, 50.0, counts=False)
    assert overtaken([without_script, *in_order(10, 11)]) == 0
    early = Served(9.0, 1.0, counts=False)
    assert overtaken([early, *in_order(10, 11)]) == 1


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=40))
def test_order_is_what_comparing_every_pair_gives(times: list[tuple[int, int]]) -> None:
    served = [Served(came, at, counts=True) for came, at in times]
    served.sort(key=lambda each: (each.came, each.answered))
    pairs = list(combinations(served, 2))
    swapped = sum(later.answered < earlier.answered for earlier, later in pairs)
    assert kendall_tau(served) == pytest.approx(1 - 2 * swapped / len(pairs) if pairs else 1)


@pytest.mark.parametrize(
    ("given_seconds", "real", "right"),
    [
        (40, 40, True),
        (40, 55, True),
        (40, 60, False),
        (2, 7, True),
        (2, 7.1, False),
        (130, 100, True),
    ],
)
def test_a_time_is_right_within_a_third_or_five_seconds(
    given_seconds: float, real: float, right: bool
) -> None:
    assert is_right(given_seconds, real) is right
