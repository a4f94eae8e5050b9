"""Threads that are held for a room at the core."""

from collections.abc import Sequence
from threading import Thread

import pytest

from tracking_site.claims_api.client import ASKS_AS, Rooms
from tracking_site.claims_api.errors import CoreNotAsked
from tracking_site.claims_api.gate import MemoryGate, Place, Verdict

HELD = 20
HOLD_SECONDS = 1.0


class Full(MemoryGate):
    """Holds everybody, and calls nobody."""

    calls = 0

    def __init__(self) -> None:
        super().__init__(100, lambda: 0.0)

    def enter(self, node: bytes, place: Place, hold_seconds: float) -> Verdict:
        return "hold"

    def call(self, node: bytes) -> Sequence[bytes]:
        self.calls += 1
        return ()


def test_of_many_who_are_held_each_asks_and_shows_a_sign_of_life_by_turns() -> None:
    gate, signs, over = Full(), [0] * HELD, []
    rooms = Rooms(gate, 100, 100)

    def ask(number: int) -> None:
        def live() -> None:
            signs[number] += 1

        ASKS_AS.set(Place(b"%016d" % number))
        with pytest.raises(CoreNotAsked):
            rooms.enter(HOLD_SECONDS, live)
        over.append(number)

    threads = [Thread(target=ask, args=(number,)) for number in range(HELD)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(over) == HELD
    # Each a few times, not ten: a machine that is late only makes it fewer.
    assert sum(signs) <= 4 * HELD
    assert gate.calls >= 1
