from __future__ import annotations

import sys

from tests.guard.asking import Desk
from tests.guard.conftest import Clock
from tracking_site.guard.keys import DAY_SECONDS
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.networks import parse_network
from tracking_site.guard.policy import Policy
from tracking_site.guard.rows import Row


def test_light_rows_are_dropped_at_the_cap_and_heavy_ones_stay(clock: Clock) -> None:
    desk = Desk(ledger := MemoryLedger(Policy(), cap=200), clock)
    for _ in range(6):
        desk.look_up(False)
    heavy = desk.network
    for n in range(2_000):
        desk.network = parse_network(f"2001:db8:{n:x}::1")
        desk.look_up(True)
        assert ledger.rows <= 200
    desk.network = heavy
    assert desk.reserve(paid=4)[0].kind == "refuse"


def test_the_newest_rows_survive_among_equally_light_ones(clock: Clock) -> None:
    desk = Desk(MemoryLedger(Policy(), cap=100), clock)
    for n in range(80):
        desk.network = parse_network(f"100.64.0.{n}")
        desk.look_up(True, carrier=True)
    last = desk.network
    for n in range(80, 101):
        desk.network = parse_network(f"100.64.0.{n}")
        desk.look_up(True, carrier=True)
    desk.network = last
    assert desk.ledger.peek(desk.ask()).first.distinct == 1
    desk.network = parse_network("100.64.0.0")
    assert desk.ledger.peek(desk.ask()).first == Row()


def test_a_cap_of_heavy_rows_alone_still_makes_room(clock: Clock) -> None:
    desk = Desk(ledger := MemoryLedger(Policy(), cap=40), clock)
    for n in range(100):
        desk.network = parse_network(f"100.64.0.{n}")
        for _ in range(5):
            desk.look_up(False, carrier=True)
    assert ledger.rows <= 40


def test_at_midnight_only_rows_that_matter_tomorrow_are_kept(clock: Clock) -> None:
    desk = Desk(ledger := MemoryLedger(Policy()), clock)
    for n in range(50):
        desk.network = parse_network(f"100.64.0.{n}")
        desk.look_up(True, carrier=True)
    for _ in range(2):
        desk.look_up(False, carrier=True)
    clock.advance(DAY_SECONDS)
    desk.network = parse_network("198.51.100.1")
    desk.look_up(True, carrier=True)
    # Of yesterday the one that missed and the /24 around it, of today an address and its /24.
    assert ledger.rows == 4


def test_a_request_from_before_midnight_is_settled_after_it(clock: Clock) -> None:
    desk = Desk(MemoryLedger(Policy()), clock)
    late = [desk.reserve(paid=4)[1] for _ in range(4)]
    clock.advance(DAY_SECONDS)
    desk.network = parse_network("198.51.100.1")
    desk.look_up(True)
    for reservation in late:
        assert reservation is not None
        desk.ledger.settle(reservation, False, clock.now)
    desk.network = parse_network("203.0.113.7")
    assert desk.ledger.peek(desk.ask()).first.suspicion == 600


def test_a_row_takes_less_than_220_bytes(clock: Clock) -> None:
    ledger = MemoryLedger(Policy())
    desk = Desk(ledger, clock)
    for n in range(3_000):
        desk.network = parse_network(f"100.{64 + (n >> 8)}.{n & 255}.1")
        desk.look_up(True, carrier=True)
    rows = ledger._days[desk.days.day_of(clock.now)].rows
    content = sum(sys.getsizeof(key) + sys.getsizeof(row) for key, row in rows.items())
    assert (sys.getsizeof(rows) + content) / len(rows) <= 220
