"""How far a lookup has to go through the house."""

import gc
from typing import Any

import pytest

from tests import road as roads
from tests.road import Call, Road, walk

MAX_FILES = 38
"""Files of the package that one cold lookup may enter."""

MAX_MOVES = 59
"""Moves between rooms that it may make. Both are only ever lowered."""


def test_one_cold_lookup_stays_within_so_many_files_and_moves() -> None:
    """Count as tests/road.py says; its command prints the whole road.

    A form that htmx posts, for a number not at hand, after two others of the same network. Files
    are those with a function that was called, in whichever thread; a move is a call in another
    room than the call before it in the same thread, and the first call of each further thread.
    """
    road = walk()
    printed = "\n".join(road.lines())
    assert len(road.files) <= MAX_FILES, printed
    assert road.moves <= MAX_MOVES, printed


def test_the_road_leads_through_every_room_and_into_the_threads_of_the_client() -> None:
    road = walk()
    rooms = {call.room for calls in road.threads for call in calls}
    assert rooms >= {
        "observing",
        "web",
        "guard",
        "cache",
        "claims_api",
        "domain",
        "sealing",
        "telling",
    }
    assert "claims_api/exchange.py" in {call.file for calls in road.threads[1:] for call in calls}
    assert not any(room.startswith("sandbox") for room in rooms)


def test_what_an_earlier_test_left_is_not_thrown_away_on_the_road(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A client of Redis that went with its test closes its connections, which are calls of ours."""
    look_up, looks = roads._look_up, []

    def noted(*arguments: Any) -> int:
        looks.append(gc.isenabled())
        return look_up(*arguments)

    monkeypatch.setattr(roads, "_look_up", noted)
    walk()
    assert looks == [True, True, False]
    assert gc.isenabled()


def test_moves_are_calls_in_another_room_and_further_threads() -> None:
    one, two, own = Call("web/a.py", "f"), Call("guard/b.py", "g"), Call("lookup.py", "h")
    road = Road(((one, one, two, one, own), (two, two)))
    assert (road.moves, len(road.files)) == (4, 3)
    assert [*road.lines()][-1] == "3 files, 4 moves between rooms"
