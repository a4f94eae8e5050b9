"""A core with so many slots: how long each request takes, and who is turned away."""

import random
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sandbox import Sandbox
from sandbox.capacity import CROWD, Capacity, Share
from tests.sandbox.conftest import Caller
from tests.sandbox.test_wire import BODY, LOOKUP

ASKED = LOOKUP + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
FOR_EVER = 600_000
SOON = 1


def capacity(slots: int, seconds: float, sigma: float = 0.0) -> Capacity:
    made = Capacity(random.Random(1))
    made.change(0.0, slots, seconds, sigma)
    return made


def ends(of: Capacity) -> Iterator[tuple[float, object]]:
    """Yield when each one ends, and who, if nobody else comes."""
    while (at := of.next_at()) is not None:
        for token in of.done(at):
            yield pytest.approx(at), token


def test_as_many_as_there_are_slots_do_not_disturb_each_other() -> None:
    core = capacity(slots=2, seconds=1.0)
    core.enter(0.0, "first")
    core.enter(0.25, "second")
    assert list(ends(core)) == [(1.0, "first"), (1.25, "second")]


def test_twice_as_many_take_twice_as_long() -> None:
    core = capacity(slots=5, seconds=0.5)
    for place in range(10):
        core.enter(0.0, place)
    assert list(ends(core)) == [(1.0, place) for place in range(10)]


def test_one_under_way_is_slowed_by_those_who_join_later() -> None:
    core = capacity(slots=1, seconds=1.0)
    core.enter(0.0, "first")
    core.enter(0.5, "second")
    # Half of the first is done; the other half is done at half the pace.
    assert list(ends(core)) == [(1.5, "first"), (2.0, "second")]


def test_those_who_stay_go_on_faster_when_one_leaves() -> None:
    core = capacity(slots=1, seconds=1.0)
    core.enter(0.0, "stays")
    leaving = core.enter(0.0, "leaves")
    assert leaving is not None
    core.leave(1.0, leaving)
    core.leave(1.1, leaving)
    assert list(ends(core)) == [(1.5, "stays")]


def test_a_change_holds_for_the_rest_of_the_work() -> None:
    core = capacity(slots=1, seconds=1.0)
    core.enter(0.0, "one")
    core.change(0.5, slots=1, seconds=5.0)
    assert list(ends(core)) == [(3.0, "one")]


def test_beyond_four_times_the_slots_a_newcomer_is_refused_until_one_is_done() -> None:
    core = capacity(slots=2, seconds=1.0)
    assert all(core.enter(0.01 * place, place) for place in range(CROWD * 2))
    assert core.enter(0.1, "refused") is None
    at = core.next_at()
    assert at is not None
    assert core.enter(at, "let in") is not None
    assert core.done(at) == [0]


def test_an_end_counts_at_its_moment_however_late_it_is_noticed() -> None:
    core = capacity(slots=1, seconds=1.0)
    core.enter(0.0, "short of half")
    core.enter(0.5, "whole")
    # The first ends at 1.5, and from then on the second has the slot alone.
    core.enter(1.75, "last")
    assert core.done(1.75) == ["short of half"]
    assert list(ends(core)) == [(2.25, "whole"), (3.0, "last")]


def test_jitter_leaves_the_mean_of_the_work_as_it_is() -> None:
    core = capacity(slots=10_000, seconds=1.0, sigma=0.5)
    for place in range(10_000):
        core.enter(0.0, place)
    took = [at for at, _ in ends(core)]
    mean = sum(each.expected for each in took) / len(took)
    assert mean == pytest.approx(1.0, abs=0.02)
    assert took[0].expected < 0.3 < 3 < took[-1].expected


@pytest.mark.parametrize("crowd", [20, 40, 79])
def test_it_does_as_much_under_load_as_it_can(crowd: int) -> None:
    core = capacity(slots=20, seconds=0.5, sigma=0.3)
    for place in range(crowd):
        core.enter(0.0, place)
    done = 0
    while (at := core.next_at()) is not None and at < 100:
        for token in core.done(at):
            done += 1
            core.enter(at, token)
    assert done == pytest.approx(40 * 100, rel=0.02)


Event = tuple[float, bool]


@given(
    st.lists(st.tuples(st.floats(0.01, 2), st.booleans()), max_size=30),
    st.integers(1, 4),
    st.floats(0.1, 3),
)
@example([(1.7611177153643556, False), (1.7611177153643556, False)], 1, 1.7611177153643556)
def test_it_is_what_small_steps_of_time_would_give(
    events: list[Event], slots: int, seconds: float
) -> None:
    core = capacity(slots, seconds)
    inside: dict[int, Share] = {}
    left = {}
    now = 0.0
    for place, (pause, leaves) in enumerate(events):
        until = now + pause
        _slowly(left, slots, seconds, now, until)
        now = until
        for token in core.done(now):
            inside.pop(token)
        gone = {token for token, work in left.items() if work <= 1e-9}
        assert gone.isdisjoint(inside) or core.next_at() == pytest.approx(now)
        assert all(token in inside or left[token] <= 1e-6 for token in left)
        left = {token: left[token] for token in inside}
        if leaves and inside:
            token = min(inside)
            core.leave(now, inside.pop(token))
            left.pop(token)
        elif (share := core.enter(now, place)) is not None:
            inside[place], left[place] = share, 1.0
        assert len(core) == len(inside) <= CROWD * slots


def _slowly(left: dict[int, float], slots: int, seconds: float, now: float, until: float) -> None:
    """Let time pass from one end to the next, all by the definition."""
    while (working := [token for token, work in left.items() if work > 1e-9]) and now < until:
        pace = min(1.0, slots / len(working)) / seconds
        step = min(until - now, min(left[token] for token in working) / pace)
        for token in working:
            left[token] -= step * pace
        now += step


@pytest.fixture
def ask(core: Sandbox) -> Iterator[Callable[[], socket.socket]]:
    """Asks on a connection of its own, without waiting for the answer."""
    parts = urlsplit(core.url)
    with ExitStack() as stack:

        def send() -> socket.socket:
            connection = socket.create_connection((parts.hostname, parts.port), timeout=20)
            stack.enter_context(connection)
            connection.sendall(ASKED)
            return connection

        yield send


def status_of(connection: socket.socket) -> bytes:
    return connection.makefile("rb").read().split(b" ", 2)[1]


def in_flight(call: Caller, wanted: int) -> None:
    while call.ask("GET", "/sandbox/stats").json["in_flight"] != wanted:
        pass


def test_whom_there_is_no_room_for_gets_503_at_once(
    ask: Callable[[], socket.socket], call: Caller
) -> None:
    call.post("/sandbox/faults", {"mode": "capacity", "slots": 2, "latency_ms": FOR_EVER})
    inside = [ask() for _ in range(CROWD * 2)]
    in_flight(call, len(inside))
    assert status_of(ask()) == b"503"
    call.post("/sandbox/faults", {"mode": "capacity", "slots": 2, "latency_ms": SOON})
    assert [status_of(each) for each in inside] == [b"200"] * len(inside)
    stats = call.ask("GET", "/sandbox/stats").json
    assert stats.pop("answered_seconds") > 0
    assert stats == {
        "lookups": 9,
        "in_flight": 0,
        "max_in_flight": 9,
        "answered": 8,
        "refused": 1,
        "left": 0,
    }


def test_who_gives_up_makes_room(ask: Callable[[], socket.socket], call: Caller) -> None:
    call.post("/sandbox/faults", {"mode": "capacity", "slots": 1, "latency_ms": FOR_EVER})
    inside = [ask() for _ in range(CROWD)]
    in_flight(call, CROWD)
    inside.pop().close()
    in_flight(call, CROWD - 1)
    inside.append(ask())
    in_flight(call, CROWD)
    call.post("/sandbox/faults", {"mode": "capacity", "slots": 1, "latency_ms": SOON})
    assert [status_of(each) for each in inside] == [b"200"] * CROWD
    assert call.ask("GET", "/sandbox/stats").json["left"] == 1


def test_a_thousand_are_under_way_at_once(ask: Callable[[], socket.socket], call: Caller) -> None:
    call.post("/sandbox/faults", {"mode": "capacity", "slots": 1000, "latency_ms": FOR_EVER})
    inside = [ask() for _ in range(1000)]
    in_flight(call, 1000)
    call.post("/sandbox/faults", {"mode": "capacity", "slots": 1000, "latency_ms": SOON})
    assert {status_of(each) for each in inside} == {b"200"}
    assert call.ask("GET", "/sandbox/stats").json["answered"] == 1000


def test_a_refusal_says_when_to_come_back(ask: Callable[[], socket.socket], call: Caller) -> None:
    fault = {"mode": "capacity", "slots": 1, "latency_ms": FOR_EVER, "retry_after": 7}
    call.post("/sandbox/faults", fault)
    inside = [ask() for _ in range(CROWD)]
    in_flight(call, len(inside))
    assert b"\r\nRetry-After: 7\r\n" in ask().makefile("rb").read()
