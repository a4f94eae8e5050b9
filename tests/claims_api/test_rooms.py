"""Threads that are held for a room at the core."""

from collections.abc import Sequence
from itertools import pairwise
from threading import Barrier, Thread

import pytest

from tracking_site.claims_api import client
from tracking_site.claims_api.client import (
    ASKS_AS,
    MAX_CALL_SECONDS,
    START_SECONDS,
    Rooms,
)
from tracking_site.claims_api.errors import CoreError, Trouble
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
        with pytest.raises(CoreError, match=Trouble.NO_ROOM):
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


class Opening(MemoryGate):
    """Holds everybody, and calls all of them at once."""

    def __init__(self, waiting: int) -> None:
        super().__init__(1_000, lambda: 0.0)
        self._all_wait = Barrier(waiting)
        self._held_here: list[bytes] = []

    def enter(self, node: bytes, place: Place, hold_seconds: float) -> Verdict:
        self._held_here.append(place.name)
        self._all_wait.wait()
        return "hold"

    def call(self, node: bytes) -> Sequence[bytes]:
        called, self._held_here = self._held_here, []
        return called


@pytest.mark.parametrize("waiting", [1, 2, 40, 150])
def test_of_many_who_are_called_at_once_one_begins_after_the_other(
    monkeypatch: pytest.MonkeyPatch, waiting: int
) -> None:
    begin: list[float] = []
    monkeypatch.setattr(client, "sleep", begin.append)
    monkeypatch.setattr(client, "monotonic", lambda: 1_000.0)
    rooms = Rooms(Opening(waiting), 1_000, 1_000)
    threads = [Thread(target=rooms.enter, args=(60.0,)) for _ in range(waiting)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    begin.sort()
    assert begin[0] == 0, "nobody waits who is called alone"
    spaced = begin[: round(MAX_CALL_SECONDS / START_SECONDS)]
    assert all(b - a == pytest.approx(START_SECONDS) for a, b in pairwise(spaced))
    rest = begin[len(spaced) :]
    assert rest == pytest.approx([MAX_CALL_SECONDS] * len(rest)), "no longer than it may be silent"


def test_nobody_is_held_on_the_seats_of_those_who_wait_for_what_others_asked() -> None:
    """Together they leave an eighth of the threads to whoever waits for nothing."""
    gate, place = Full(), Place(b"somebody........")
    rooms = Rooms(gate, 100, 1)
    ASKS_AS.set(place)
    holds: list[float] = []
    gate.enter = lambda node, place, hold: holds.append(hold) or "wait"  # type: ignore[method-assign]
    with rooms.seats, pytest.raises(CoreError, match=Trouble.NO_ROOM):
        rooms.enter(HOLD_SECONDS)
    with pytest.raises(CoreError, match=Trouble.NO_ROOM):
        rooms.enter(HOLD_SECONDS)
    assert holds == [0.0, HOLD_SECONDS]
