from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.guard.conftest import Clock, Number
from tracking_site.guard.challenge import GOOD_SECONDS, UNPAID, Paid, WaitTickets

KEY, OLD_KEY = b"a key of sixteen bytes and more", b"the key before, also long enough"
MINE, OTHER = Number("0000000101900001"), Number("0000000101900002")


@pytest.fixture
def tickets(clock: Clock) -> WaitTickets:
    return WaitTickets([KEY], clock)


@pytest.mark.parametrize(("level", "seconds"), [(1, 10), (2, 20), (3, 40), (4, 80)])
def test_a_level_waits_five_seconds_times_two_to_its_power(
    tickets: WaitTickets, clock: Clock, level: int, seconds: int
) -> None:
    ticket = tickets.issue(MINE, level)
    assert ticket.seconds == seconds
    clock.advance(seconds - 1)
    assert tickets.paid(ticket.text, MINE) == UNPAID
    assert tickets.seconds_left(ticket.text, MINE) == 1
    clock.advance(1)
    assert tickets.seconds_left(ticket.text, MINE) == 0
    assert tickets.paid(ticket.text, MINE) == Paid(level + 1, by_ticket=True)


def test_a_minute_after_it_is_ripe_it_pays_its_own_level(
    tickets: WaitTickets, clock: Clock
) -> None:
    ticket = tickets.issue(MINE, 2)
    clock.advance(20 + 61)
    assert tickets.paid(ticket.text, MINE) == Paid(2, by_ticket=True)


def test_it_is_good_for_ten_minutes(tickets: WaitTickets, clock: Clock) -> None:
    ticket = tickets.issue(MINE, 1)
    clock.advance(10 + GOOD_SECONDS)
    assert tickets.paid(ticket.text, MINE).level == 1
    clock.advance(1)
    assert tickets.paid(ticket.text, MINE) == UNPAID
    assert tickets.seconds_left(ticket.text, MINE) is None


def test_it_is_good_for_one_number_alone(tickets: WaitTickets, clock: Clock) -> None:
    ticket = tickets.issue(MINE, 1)
    clock.advance(20)
    assert tickets.paid(ticket.text, OTHER) == UNPAID
    assert tickets.seconds_left(ticket.text, OTHER) is None


def test_every_changed_character_makes_it_worthless(tickets: WaitTickets, clock: Clock) -> None:
    ticket = tickets.issue(MINE, 1)
    clock.advance(20)
    signed = base64.urlsafe_b64decode(ticket.text + "=" * (-len(ticket.text) % 4))
    for place in range(len(signed)):
        for flip in (1, 128):
            forged = bytearray(signed)
            forged[place] ^= flip
            assert tickets.paid(base64.urlsafe_b64encode(forged).decode(), MINE) == UNPAID


def test_after_the_clock_moved_back_it_is_worth_nothing(tickets: WaitTickets, clock: Clock) -> None:
    ticket = tickets.issue(MINE, 1)
    clock.advance(-3_600)
    assert tickets.seconds_left(ticket.text, MINE) is None


def test_tickets_under_the_key_before_are_still_good(clock: Clock) -> None:
    ticket = WaitTickets([OLD_KEY], clock).issue(MINE, 1)
    clock.advance(20)
    assert WaitTickets([KEY, OLD_KEY], clock).paid(ticket.text, MINE).level == 2
    assert WaitTickets([KEY], clock).paid(ticket.text, MINE) == UNPAID


def test_it_shows_nothing_of_the_number(tickets: WaitTickets) -> None:
    assert len(tickets.issue(MINE, 1).text) == len(tickets.issue(OTHER, 1).text) <= 30


@given(st.one_of(st.text(max_size=60), st.binary(max_size=40).map(base64.urlsafe_b64encode)))
def test_no_text_breaks_it(text: str | bytes) -> None:
    given_text = text.decode() if isinstance(text, bytes) else text
    assert WaitTickets([KEY], Clock()).paid(given_text, MINE) == UNPAID
