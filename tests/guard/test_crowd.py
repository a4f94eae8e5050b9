"""Very many people who ask one number are one question for its cell and one for the site."""

from __future__ import annotations

import pytest

from tests.guard.asking import Desk
from tests.guard.conftest import Number
from tracking_site.guard.ledger import Reservation
from tracking_site.guard.networks import Network, parse_network
from tracking_site.guard.policy import Policy
from tracking_site.guard.rows import BIN_SECONDS

CELL = "000000010190"
NUMBER = Number(f"{CELL}0001")
CROWD = 500


def home(place: int) -> Network:
    return parse_network(f"10.{place >> 8}.{place & 255}.1")


def asked_by_a_crowd(desk: Desk, number: Number, first: int = 0) -> list[Reservation]:
    """Each from a network of its own, before the core has answered anybody."""
    let_through = []
    for place in range(first, first + CROWD):
        desk.network = home(place)
        decision, reservation = desk.reserve(number)
        assert (decision.kind, decision.rule) == ("ok", "free"), place
        assert reservation is not None
        let_through.append(reservation)
    return let_through


def rule_of_a_fresh_network(desk: Desk, number: Number) -> str:
    desk.network = parse_network("198.51.100.7")
    return desk.reserve(number)[0].rule


def test_a_crowd_that_asks_one_cold_number_at_once_is_asked_for_no_work(desk: Desk) -> None:
    for reservation in asked_by_a_crowd(desk, NUMBER):
        desk.ledger.settle(reservation, True, desk.clock.now)
    assert rule_of_a_fresh_network(desk, Number(f"{CELL}0002")) == "free"


def test_a_wrong_number_that_a_crowd_asks_is_one_miss_around_a_person(desk: Desk) -> None:
    for reservation in asked_by_a_crowd(desk, NUMBER):
        desk.ledger.settle(reservation, False, desk.clock.now)
    asked_by_a_crowd(desk, NUMBER, first=CROWD)
    assert rule_of_a_fresh_network(desk, Number(f"{CELL}0002")) == "free"


def test_a_crowd_in_one_neighbourhood_leaves_no_miss_behind(desk: Desk) -> None:
    let_through = []
    for place in range(20):
        desk.network = parse_network(f"203.0.113.{place}")
        let_through.append(desk.reserve(NUMBER)[1])
    for reservation in let_through:
        assert reservation is not None
        desk.ledger.settle(reservation, True, desk.clock.now)
    assert rule_of_a_fresh_network(desk, Number(f"{CELL}0002")) == "free"


def test_a_guesser_cannot_run_ahead_of_the_answers_with_different_numbers(desk: Desk) -> None:
    free = 0
    for serial in range(100):
        desk.network = home(serial)
        decision, _ = desk.reserve(Number(f"{CELL}{serial:04}"))
        free += decision.kind == "ok"
        assert decision.kind == "ok" or decision.rule == "work_cell"
    assert free == Policy().cell_misses


def test_a_number_around_which_others_were_tried_costs_work_however_many_ask_it(
    desk: Desk,
) -> None:
    asked_by_a_crowd(desk, NUMBER)
    for serial in range(Policy().cell_misses):
        desk.network = home(serial)
        desk.look_up(False, Number(f"{CELL}1{serial:03}"))
    assert rule_of_a_fresh_network(desk, NUMBER) == "work_cell"


def test_a_number_that_was_found_counts_no_more_and_hides_no_other(desk: Desk) -> None:
    desk.network = home(0)
    desk.look_up(True, NUMBER)
    for serial in range(Policy().cell_misses):
        desk.network = home(1 + serial)
        desk.look_up(False, Number(f"{CELL}1{serial:03}"))
    assert rule_of_a_fresh_network(desk, NUMBER) == "work_cell"


@pytest.mark.parametrize("found", [True, False])
def test_a_crowd_that_asks_one_number_raises_no_alarm(desk: Desk, found: bool) -> None:
    policy = Policy()
    for place in range(2 * policy.bin_least):
        desk.network = home(place)
        desk.look_up(found, NUMBER)
    desk.clock.advance(BIN_SECONDS)
    assert rule_of_a_fresh_network(desk, desk.number()) == "free"


@pytest.mark.parametrize("found", [True, False])
def test_as_many_numbers_raise_it(desk: Desk, found: bool) -> None:
    policy = Policy()
    for place in range(2 * policy.bin_least):
        desk.network = home(place)
        desk.look_up(found)
    desk.clock.advance(BIN_SECONDS)
    assert rule_of_a_fresh_network(desk, desk.number()) == "work_alarm"
