"""What was asked and not answered: no repeat, charged once, booked when it is answered."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from tests.guard.asking import Desk
from tests.guard.conftest import Number
from tracking_site.guard.ledger import Reservation
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.networks import parse_network
from tracking_site.guard.partners import PartnerQuota
from tracking_site.guard.policy import POINT, Policy
from tracking_site.guard.redis_ledger import _HEAD, _TAIL, RedisLedger, _packed
from tracking_site.guard.rows import CircuitState, Row

CELL = "000000010190"


def row_of(desk: Desk) -> Row:
    return desk.ledger.peek(desk.ask()).first


def taken(desk: Desk, number: Number, **options: object) -> Reservation:
    _, reservation = desk.reserve(number, **options)
    assert reservation is not None
    return reservation


def settle(desk: Desk, reservation: Reservation, found: bool | None) -> None:
    desk.ledger.settle(reservation, found, desk.clock.now)


@pytest.mark.parametrize("way_out", ["no answer", "killed"])
def test_an_unanswered_number_is_charged_once_and_booked_when_it_is_answered(
    desk: Desk, way_out: str
) -> None:
    number = desk.number()
    for _ in range(5):
        reservation = taken(desk, number)
        if way_out == "no answer":
            settle(desk, reservation, None)
        desk.clock.advance(60)
    assert row_of(desk)[:2] == (1, 0)
    settle(desk, taken(desk, number), False)
    assert row_of(desk)[:2] == (1, 3 * POINT)
    assert desk.reserve(number)[0].rule == "repeat"


def test_an_unanswered_number_is_one_of_its_partners_however_often_it_is_asked(
    desk: Desk,
) -> None:
    number, koran = desk.number(), PartnerQuota("koran", daily_lookups=2)
    for _ in range(5):
        settle(desk, taken(desk, number, partner=koran), None)
        desk.clock.advance(60)
    for host, rule in (("198.51.100.1", "free"), ("192.0.2.1", "work_partner")):
        desk.network = parse_network(host)
        assert desk.reserve(partner=koran)[0].rule == rule


def test_asking_again_costs_no_work_for_many_numbers(desk: Desk) -> None:
    asked = [desk.number() for _ in range(8)]
    for number in asked:
        settle(desk, taken(desk, number, paid=4), None)
    assert desk.reserve()[0].rule == "work_distinct"
    assert desk.reserve(asked[0])[0].kind == "ok"


def test_whose_only_number_is_asked_again_is_shed_last(desk: Desk) -> None:
    number, now = desk.number(), desk.clock.now
    settle(desk, taken(desk, number), None)
    many = 2 * Policy().ceiling_least
    site = CircuitState.fresh(Policy()).advanced(now, Policy())
    site = replace(site, alarm=1, forecast_now=1.0, hour_numbers=many)
    if isinstance(desk.ledger, MemoryLedger):
        desk.ledger._circuit = site
    elif isinstance(desk.ledger, RedisLedger):
        desk.ledger._client.mset(dict(zip((_HEAD, _TAIL), _packed(site), strict=True)))
    assert desk.reserve(paid=4)[0].rule == "ceiling"
    assert desk.reserve(number, paid=4)[0].kind == "ok"


def test_guesses_of_an_outage_are_refused_when_they_are_asked_again(desk: Desk) -> None:
    asked = [desk.number() for _ in range(100)]
    for number in asked:
        _, reservation = desk.reserve(number, paid=4)
        if reservation is not None:
            settle(desk, reservation, None)
        desk.clock.advance(20)
    answers = 0
    for number in asked:
        _, reservation = desk.reserve(number, paid=4)
        if reservation is not None:
            answers += 1
            settle(desk, reservation, False)
    assert answers == 6
    assert row_of(desk).suspicion == 18 * POINT


def test_a_double_click_is_one_miss(desk: Desk) -> None:
    number = desk.number()
    first, second = taken(desk, number), taken(desk, number)
    settle(desk, first, False)
    settle(desk, second, False)
    assert row_of(desk)[:2] == (1, 3 * POINT)
    assert row_of(desk).under_way == 0


def test_settling_again_changes_nothing(desk: Desk) -> None:
    reservation = taken(desk, desk.number())
    settle(desk, reservation, False)
    before = desk.ledger.peek(desk.ask())
    for found in (False, True):
        settle(desk, reservation, found)
    assert desk.ledger.peek(desk.ask()) == before


def test_sixty_four_copies_of_an_unanswered_number_are_no_more_than_guesses_at_once(
    desk: Desk,
) -> None:
    number = desk.number()
    settle(desk, taken(desk, number), None)
    let_through = [desk.reserve(number, paid=4)[1] for _ in range(64)]
    most = Policy().refuse_suspicion // Policy().in_flight_points
    assert sum(each is not None for each in let_through) == most


def test_threads_that_ask_one_number_at_once_are_charged_for_one(desk: Desk) -> None:
    ask, gate = desk.ask(desk.number()), threading.Barrier(16)

    def fire() -> None:
        gate.wait()
        _, reservation = desk.ledger.reserve(ask)
        if reservation is not None:
            settle(desk, reservation, False)

    threads = [threading.Thread(target=fire) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert row_of(desk)[:2] == (1, 3 * POINT)


def test_a_failed_question_stays_in_its_cell_and_adds_no_second_point(desk: Desk) -> None:
    for serial in range(4):
        for _ in range(3):
            settle(desk, taken(desk, Number(f"{CELL}{serial:04}"), paid=4), None)
        desk.network = parse_network(f"198.51.{serial}.1")
    assert desk.reserve(Number(f"{CELL}9999"))[0].rule == "work_cell"
    desk.network = parse_network("203.0.113.7")
    assert desk.reserve(Number(f"{CELL}0000"), paid=4)[0].kind == "ok"


def test_an_answer_that_comes_later_takes_the_point_of_its_cell_back(desk: Desk) -> None:
    number = Number(f"{CELL}0001")
    settle(desk, taken(desk, number), None)
    settle(desk, taken(desk, number), True)
    for serial in range(3):
        desk.network = parse_network(f"198.51.{serial}.1")
        settle(desk, taken(desk, Number(f"{CELL}1{serial:03}")), False)
    assert desk.reserve(Number(f"{CELL}9999"))[0].rule == "free"


def test_a_network_that_is_refused_gets_no_repeat_that_it_did_not_ask_itself(desk: Desk) -> None:
    own, others = desk.number(), desk.number()
    settle(desk, taken(desk, own), False)
    desk.network = parse_network("203.0.113.200")
    settle(desk, taken(desk, others), False)
    desk.network = parse_network("203.0.113.7")
    assert desk.reserve(others)[0].rule == "repeat_near"
    for _ in range(5):
        desk.look_up(False)
    assert desk.reserve(others, paid=4)[0].kind == "refuse"
    assert desk.reserve(own)[0].rule == "repeat"


def test_a_number_is_credited_once_a_day_over_the_whole_site(desk: Desk) -> None:
    numbers = [desk.number() for _ in range(3)]
    for host in ("203.0.113.7", "203.0.113.8", "198.51.100.1", "2001:db8::1"):
        desk.network = parse_network(host)
        for number in numbers:
            desk.look_up(True, number)
        expected = -3 * POINT if host == "203.0.113.7" else 0
        assert row_of(desk).suspicion == expected
    desk.clock.advance(86_400)
    desk.look_up(True, numbers[0])
    assert row_of(desk).suspicion == -POINT


def test_a_crowd_that_asked_in_vain_is_not_taken_for_unproven(desk: Desk) -> None:
    asked = [desk.number() for _ in range(300)]
    for number in asked:
        settle(desk, taken(desk, number, paid=4), None)
        desk.clock.advance(2)
    assert row_of(desk).unproven == 0
    assert all(desk.look_up(True, number).kind == "ok" for number in asked)
