"""What every ledger promises, asked of the one in memory and of the one in Redis."""

from __future__ import annotations

import threading

import pytest

from tests.guard.asking import Desk
from tests.guard.conftest import Clock, Number
from tracking_site.guard.keys import DAY_SECONDS
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.networks import parse_network
from tracking_site.guard.policy import POINT
from tracking_site.guard.redis_ledger import RedisLedger
from tracking_site.guard.rows import Row
from tracking_site.guard.rules import CHARGED, NEAR_REPEAT


def first_row(desk: Desk) -> Row:
    return desk.ledger.peek(desk.ask()).first


def test_three_numbers_are_free_and_the_fourth_costs_work(desk: Desk) -> None:
    kinds = [desk.look_up(True, paid=0).kind for _ in range(4)]
    assert kinds == ["ok", "ok", "ok", "challenge"]


def test_a_repeat_is_free_from_the_whole_second_level(desk: Desk) -> None:
    number = desk.number()
    desk.look_up(True, number)
    assert desk.reserve(number)[0].rule == "repeat"
    desk.network = parse_network("203.0.113.200")
    assert desk.reserve(number) == (NEAR_REPEAT, None)
    desk.network = parse_network("198.51.100.1")
    assert desk.reserve(number)[0].kind == "ok"


def test_what_neighbours_asked_is_told_for_the_work_that_any_number_costs(desk: Desk) -> None:
    """Else a list is tried for nothing: what is challenged was not asked around, and what is
    answered was."""
    theirs = desk.number()
    desk.look_up(True, theirs)
    desk.network = parse_network("203.0.113.200")
    for _ in range(3):
        desk.look_up(True)
    before = first_row(desk)
    told, of_any = desk.reserve(theirs), desk.reserve()
    assert told == of_any
    assert told[0].kind == "challenge"
    assert desk.reserve(theirs, paid=told[0].level) == (NEAR_REPEAT, None)
    assert first_row(desk) == before


def test_a_number_is_charged_before_its_answer_is_known(desk: Desk) -> None:
    for _ in range(3):
        desk.reserve()
    assert desk.reserve()[0].kind == "challenge"


def test_a_challenge_and_a_refusal_change_nothing(desk: Desk) -> None:
    for _ in range(6):
        desk.look_up(False)
    before = desk.ledger.peek(desk.ask())
    assert desk.reserve(paid=4)[0].kind == "refuse"
    assert desk.ledger.peek(desk.ask()) == before
    desk.network = parse_network("198.51.100.1")
    for _ in range(3):
        desk.look_up(True)
    before = desk.ledger.peek(desk.ask())
    assert desk.reserve(paid=0)[0].kind == "challenge"
    assert desk.ledger.peek(desk.ask()) == before


def test_a_refused_number_is_new_when_it_is_asked_again(desk: Desk) -> None:
    number = Number("9" * 16)
    for _ in range(3):
        desk.look_up(True)
    assert desk.reserve(number)[0].kind == "challenge"
    assert desk.reserve(number, paid=1)[0].kind == "ok"


def test_a_hit_takes_a_point_and_a_miss_adds_three(desk: Desk) -> None:
    desk.look_up(True)
    assert first_row(desk).suspicion == -POINT
    desk.look_up(False)
    assert first_row(desk).suspicion == 2 * POINT


def test_no_answer_moves_no_suspicion_but_the_number_stays_charged(desk: Desk) -> None:
    desk.look_up(None)
    assert first_row(desk)[:2] == (1, 0)


def test_six_misses_in_a_row_refuse_the_network(desk: Desk) -> None:
    decisions = [desk.look_up(False) for _ in range(7)]
    assert [d.kind for d in decisions] == ["ok"] * 6 + ["refuse"]
    assert decisions[-1].rule == "suspicion"


def test_tomorrow_half_of_the_suspicion_is_left_and_the_numbers_are_forgotten(desk: Desk) -> None:
    for _ in range(6):
        desk.look_up(False)
    desk.clock.advance(DAY_SECONDS)
    assert first_row(desk) == Row(0, 9 * POINT)
    # The /24 is alone with it, and begins with as much.
    assert desk.reserve()[0].level == 1
    desk.clock.advance(2 * DAY_SECONDS)
    assert first_row(desk) == Row()


def test_sixty_four_threads_get_exactly_the_free_three(desk: Desk) -> None:
    asks = [desk.ask() for _ in range(64)]
    gate = threading.Barrier(16)
    kinds: list[str] = []

    def fire(mine: int) -> None:
        gate.wait()
        kinds.extend(desk.ledger.reserve(ask)[0].kind for ask in asks[mine::16])

    threads = [threading.Thread(target=fire, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kinds) == ["challenge"] * 61 + ["ok"] * 3


def test_a_crowd_of_guesses_at_once_gets_no_more_than_six(desk: Desk) -> None:
    let_through = [desk.reserve(paid=4)[1] for _ in range(64)]
    assert sum(reservation is not None for reservation in let_through) == 6
    assert desk.reserve(paid=4)[0].rule == "in_flight"


def test_numbers_that_never_got_an_answer_block_nobody_for_long(desk: Desk) -> None:
    for _ in range(6):
        desk.reserve(paid=4)
    assert desk.reserve(paid=4)[0].rule == "in_flight"
    desk.clock.advance(33)
    assert desk.reserve(paid=4)[0].kind == "ok"


def test_misses_around_one_person_cost_everybody_work(desk: Desk) -> None:
    for host in range(5):
        desk.network = parse_network(f"198.51.{host}.1")
        desk.look_up(False, Number(f"000000010190{host:04}"))
    desk.network = parse_network("192.0.2.1")
    decision = desk.reserve(Number("0000000101909999"))[0]
    assert (decision.kind, decision.level, decision.rule) == ("challenge", 3, "work_cell")
    assert desk.reserve(Number("0000010101909999"))[0].kind == "ok"


def test_hits_around_one_person_cost_nobody_anything(desk: Desk) -> None:
    for host in range(30):
        desk.network = parse_network(f"198.51.{host}.1")
        assert desk.look_up(True, Number(f"000000010190{host:04}"), paid=0).kind == "ok"


def test_around_a_carrier_is_counted_too_and_its_56_is_not(desk: Desk) -> None:
    desk.network = parse_network("2001:db8:1:2::3")
    desk.look_up(False, carrier=True)
    seen = desk.ledger.peek(desk.ask())
    assert (seen.second.distinct, seen.second.suspicion) == (1, 3 * POINT)
    assert seen.third == Row()


def test_the_networks_around_an_ipv6_address_are_counted_by_56_and_48(desk: Desk) -> None:
    for network in ("2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:1:100::1"):
        desk.network = parse_network(network)
        desk.look_up(False)
    seen = desk.ledger.peek(desk.ask())
    assert [row.distinct for row in (seen.first, seen.third, seen.second)] == [1, 1, 3]
    desk.network = parse_network("2001:db8:1:2::9")
    assert desk.ledger.peek(desk.ask()).third.distinct == 2


def test_wait_tickets_run_out(desk: Desk) -> None:
    for _ in range(3):
        desk.look_up(True)
    kinds = [desk.look_up(None, paid=3, by_ticket=True).kind for _ in range(6)]
    assert kinds == ["ok"] * 5 + ["challenge"]
    assert desk.look_up(True, paid=3).kind == "ok"


@pytest.mark.redis
def test_forgiving_clears_every_level_of_today_and_yesterday(
    operated: RedisLedger, clock: Clock
) -> None:
    desk = Desk(operated, clock)
    desk.network = parse_network("2001:db8:1:2::3")
    for _ in range(6):
        desk.look_up(False)
    desk.clock.advance(DAY_SECONDS)
    desk.look_up(False)
    operated.forgive(desk.ask())
    seen = desk.ledger.peek(desk.ask())
    assert (seen.first, seen.second, seen.third) == (Row(), Row(), Row())


@pytest.mark.redis
def test_a_siege_holds_the_alarm_up_until_it_is_over(operated: RedisLedger, clock: Clock) -> None:
    desk = Desk(operated, clock)
    operated.siege(True)
    assert desk.reserve()[0].rule == "work_alarm"
    operated.siege(False)
    assert desk.reserve()[0].rule == "free"


def test_a_clock_that_moved_back_over_midnight_brings_no_new_budget(desk: Desk) -> None:
    for _ in range(6):
        desk.look_up(False)
    desk.clock.advance(-7 * 3_600)
    assert desk.reserve(paid=4)[0].rule == "suspicion"
    desk.clock.advance(7 * 3_600)
    assert desk.reserve(paid=4)[0].rule == "suspicion"


@pytest.mark.redis
def test_the_heaviest_networks_are_named_by_digest_alone(
    operated: RedisLedger, clock: Clock
) -> None:
    desk = Desk(operated, clock)
    for _ in range(4):
        desk.look_up(False)
    desk.network = parse_network("198.51.100.1")
    desk.look_up(True)
    day = desk.days.day_of(desk.clock.now)
    status = operated.status(desk.clock.now, day, top=1)
    assert status.rows == 4
    assert [heavy.row.distinct for heavy in status.top] == [4]
    assert len(status.top[0].digest) == 8


def test_what_a_ledger_knows_to_be_a_repeat_is_one(desk: Desk) -> None:
    asked, other = desk.number(), desk.number()
    desk.look_up(True, asked)
    answers_at_once = isinstance(desk.ledger, MemoryLedger)
    assert desk.knows(asked) is answers_at_once
    assert not desk.knows(other)


def test_who_was_answered_a_number_is_said_to_that_very_network_alone(desk: Desk) -> None:
    """Also in Redis, which `knows` does not ask."""
    answered, unanswered = desk.number(), desk.number()
    desk.look_up(True, answered)
    desk.look_up(None, unanswered)

    def was_answered(number: Number) -> bool:
        ask = desk.ask(number)
        return desk.ledger.was_answered(ask.day, ask.pair)

    assert was_answered(answered)
    assert not was_answered(unanswered)
    assert not was_answered(desk.number())
    desk.network = parse_network("203.0.113.8")
    assert not was_answered(answered)


def test_what_was_charged_before_is_booked_whatever_the_network_has_come_to(desk: Desk) -> None:
    """Numbers that wait in the line are answered when others have long been missed."""
    waits = desk.number()
    desk.look_up(None, waits)
    while desk.look_up(False).kind == "ok":
        pass
    assert desk.reserve(waits, paid=4)[0].kind == "refuse"
    assert desk.look_up(False, waits, paid=CHARGED).kind == "ok"
    assert desk.reserve(waits)[0].kind == "repeat"
    assert desk.reserve(paid=4)[0].kind == "refuse"


def test_what_was_charged_before_counts_once_however_often_it_is_reserved(desk: Desk) -> None:
    """By a store whose answers are lost, or on two pages at once."""
    waits = desk.number()
    desk.look_up(None, waits)
    before = first_row(desk)
    reserved = [desk.reserve(waits, paid=CHARGED)[1] for _ in range(200)]
    assert first_row(desk) == before
    assert before.unproven == 0
    for each in reserved[:3]:
        assert each is not None
        desk.ledger.settle(each, None, desk.clock.now)
    assert first_row(desk) == before
    for each in reserved:
        assert each is not None
        desk.ledger.settle(each, False, desk.clock.now)
    after = first_row(desk)
    assert (after.distinct, after.unproven, after.under_way, after.strikes) == (1, 1, 0, 0)
    assert 2 * POINT <= after.suspicion <= 3 * POINT
    assert desk.reserve(waits)[0].kind == "repeat"


def test_a_day_later_nothing_is_known_any_more(desk: Desk) -> None:
    number = desk.number()
    desk.look_up(True, number)
    desk.clock.advance(DAY_SECONDS)
    assert not desk.knows(number)
