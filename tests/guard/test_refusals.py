"""How long a refusal lasts, whom it is for, and what is left after it."""

from __future__ import annotations

from tests.guard.asking import Desk
from tracking_site.guard.keys import DAY_SECONDS
from tracking_site.guard.networks import parse_network
from tracking_site.guard.policy import POINT
from tracking_site.guard.rows import Row

HOUR = 3_600
WINDOW = 16


def row_of(desk: Desk) -> Row:
    return desk.ledger.peek(desk.ask()).first


def guess_until_refused(desk: Desk) -> int:
    answers = 0
    while desk.look_up(False).kind == "ok":
        answers += 1
    return answers


def test_a_refusal_lasts_an_hour_then_twice_as_long_each_time(desk: Desk) -> None:
    desk.clock.advance(desk.days.seconds_left(desk.clock.now))
    assert guess_until_refused(desk) == 6
    for hours in (1, 2, 4, 8):
        left = desk.reserve(paid=4)[0].retry_after
        assert hours * HOUR - WINDOW <= left <= hours * HOUR
        desk.clock.advance(left - 1 - WINDOW)
        assert desk.reserve(paid=4)[0].rule == "suspicion"
        desk.clock.advance(1 + WINDOW)
        assert guess_until_refused(desk) == 1


def test_after_a_refusal_one_of_sixty_four_at_once_is_let_through(desk: Desk) -> None:
    guess_until_refused(desk)
    desk.clock.advance(HOUR)
    let_through = [desk.reserve(paid=4)[1] for _ in range(64)]
    assert sum(reservation is not None for reservation in let_through) == 1


def test_good_answers_after_a_refusal_open_the_way_again(desk: Desk) -> None:
    guess_until_refused(desk)
    desk.clock.advance(HOUR)
    assert [desk.look_up(True).kind for _ in range(3)] == ["ok"] * 3
    assert row_of(desk).suspicion == 14 * POINT
    assert guess_until_refused(desk) == 2


def test_a_crowd_that_proved_itself_is_refused_for_minutes(desk: Desk) -> None:
    for _ in range(60):
        desk.look_up(True)
        desk.clock.advance(20)
    assert guess_until_refused(desk) == 16
    assert row_of(desk).crowd == 1
    for minutes in (10, 20, 40):
        left = desk.reserve(paid=4)[0].retry_after
        # In windows of sixteen seconds, rounded up.
        assert minutes * 60 - WINDOW <= left <= minutes * 61
        desk.clock.advance(left)
        assert guess_until_refused(desk) == 2


def test_numbers_before_the_last_proof_do_not_count_against_an_unproven_network(
    desk: Desk,
) -> None:
    for _ in range(200):
        desk.look_up(True)
        desk.clock.advance(20)
    for _ in range(8):
        desk.look_up(False)
    assert -10 * POINT < row_of(desk).suspicion < 0
    decision = desk.reserve(paid=4)[0]
    assert (decision.kind, decision.level, decision.rule) == ("ok", 2, "work_distinct")


def test_midnight_ends_a_refusal_and_leaves_half_of_the_suspicion(desk: Desk) -> None:
    guess_until_refused(desk)
    desk.clock.advance(desk.days.seconds_left(desk.clock.now))
    assert row_of(desk) == Row(suspicion=9 * POINT)


def guesser(desk: Desk, place: int, around: str) -> None:
    desk.network = parse_network(around.format(place))
    desk.look_up(False)
    desk.look_up(False)
    desk.look_up(False)


def test_around_a_guesser_rows_that_missed_twice_are_refused_and_no_others(desk: Desk) -> None:
    for around in ("203.0.113.{}", "2001:db8:1:{}00::1"):
        known = parse_network(around.format(90))
        desk.network = known
        for _ in range(12):
            desk.look_up(True)
        mistyped = parse_network(around.format(91))
        desk.network = mistyped
        desk.look_up(False)
        for place in range(10, 31):
            guesser(desk, place, around)
        desk.network = parse_network(around.format(92))
        decision = desk.reserve(paid=3)[0]
        assert (decision.kind, decision.level, decision.rule) == ("challenge", 4, "work_second")
        assert desk.reserve(paid=4)[0].kind == "ok"
        desk.network = mistyped
        assert desk.look_up(True).kind == "ok"
        desk.network = known
        assert desk.reserve(paid=0)[0].rule in ("free", "work_distinct")
        desk.network = parse_network(around.format(12))
        assert desk.reserve(paid=4)[0].rule == "second_suspicion"


def test_a_slash_56_is_one_customer_and_refused_as_one(desk: Desk) -> None:
    for place in range(3):
        guesser(desk, place, "2001:db8:1:{}::1")
    desk.network = parse_network("2001:db8:1:77::1")
    decision = desk.reserve(paid=4)[0]
    assert (decision.kind, decision.rule) == ("refuse", "third_suspicion")
    assert 0 < decision.retry_after <= HOUR
    desk.network = parse_network("2001:db8:1:177::1")
    assert desk.reserve(paid=4)[0].kind == "ok"
    desk.clock.advance(HOUR)
    desk.network = parse_network("2001:db8:1:77::1")
    assert desk.look_up(True).kind == "ok"


def test_a_slash_56_serves_who_has_credit_and_who_is_proven(desk: Desk) -> None:
    desk.network = credit = parse_network("2001:db8:1:70::1")
    desk.look_up(True)
    for place in range(3):
        guesser(desk, place, "2001:db8:1:{}::1")
    desk.network = credit
    assert desk.look_up(True).kind == "ok"


def test_a_slash_24_that_asks_very_much_is_held_for_hours_and_not_until_midnight(
    desk: Desk,
) -> None:
    answers = 0
    for place in range(256):
        desk.network = parse_network(f"203.0.113.{place}")
        for found in (False, True, False):
            answers += desk.look_up(found).kind == "ok"
    assert answers == 265
    desk.network = parse_network("203.0.113.255")
    decision = desk.reserve(paid=4)[0]
    assert (decision.rule, decision.kind) == ("second_unproven", "refuse")
    desk.clock.advance(decision.retry_after)
    served = 0
    for place in range(200, 220):
        desk.network = parse_network(f"203.0.113.{place}")
        served += desk.look_up(True).kind == "ok"
    assert served == 2


def test_rows_around_a_carrier_pay_and_are_never_refused(desk: Desk) -> None:
    free = 0
    for place in range(100):
        desk.network = parse_network(f"100.64.0.{place}")
        for _ in range(3):
            decision = desk.look_up(False, paid=0, carrier=True)
            free += decision.kind == "ok"
            assert decision.kind != "refuse"
    assert free == 18
    assert desk.reserve(carrier=True)[0].level == 2


def test_a_refusal_of_yesterday_says_nothing_today(desk: Desk) -> None:
    guess_until_refused(desk)
    desk.clock.advance(DAY_SECONDS + HOUR)
    assert guess_until_refused(desk) == 3
