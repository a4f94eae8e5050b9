"""Whatever becomes of a command to Redis, no room is lost, and nobody who was called."""

import json
from collections.abc import Iterator
from threading import Barrier, Thread
from time import sleep
from typing import Any
from uuid import uuid4

import pytest

from harness.servers import RedisServer
from tests.clock import Clock
from tests.losing import LOSSES, Losing, Loss
from tracking_site.claims_api.bound import START
from tracking_site.claims_api.gate import Intervals, Place
from tracking_site.claims_api.redis_gate import MAX_OWED, RedisGate, SharedGate
from tracking_site.redis.client import BriefRedis, Patience, RedisDown, brief_redis

NODE = b"node0001"
USUAL = Intervals(0.5, 1, 60)
LAPSE_SECONDS = 1e6
PEOPLE = [b"net%05d" % number + b"person00" for number in range(24)]
"""More than there are rooms, so that some are held."""


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[BriefRedis]:
    # It is tried again at once: only what is lost is missing.
    client = brief_redis(redis_server.url, Patience(5.0, 5.0, rest=0.0))
    yield client
    client.close()


@pytest.fixture
def losing(client: BriefRedis) -> Losing:
    return Losing(client)


@pytest.fixture
def watch() -> Clock:
    return Clock(1_000_000.0)


@pytest.fixture
def shared(client: BriefRedis, watch: Clock) -> RedisGate:
    gate = RedisGate(client, f"t{uuid4().hex}:", 1000, LAPSE_SECONDS, watch)
    # The script is known to the server from here on, so that each step is one command.
    gate.look()
    return gate


@pytest.fixture
def gate(shared: RedisGate, watch: Clock) -> SharedGate:
    return SharedGate(shared, watch)


def trip(gate: SharedGate, watch: Clock) -> None:
    """Let all come, be held, ask and leave; who is told nothing gives up when the hold is over."""
    held, inside = [], []
    for name in PEOPLE:
        watch.now += 0.01
        verdict = gate.enter(NODE, Place(name), 3)
        (inside if verdict == "go" else held).append(name)
    watch.now += 1
    while inside:
        watch.now += 0.1
        called = [*gate.leave(NODE, inside.pop(0), False), *gate.call(NODE)]
        inside += called
        held = [name for name in held if name not in called]
    watch.now += 3
    for name in held:
        gate.wait(Place(name), 5, USUAL)
        gate.drop(name)
    if gate.enter(NODE, Place(PEOPLE[0]), None) == "go":
        gate.leave(NODE, PEOPLE[0], False)


@pytest.mark.proofs
@pytest.mark.redis
@pytest.mark.parametrize("loss", LOSSES)
def test_no_room_is_lost_by_a_command_that_fails(
    gate: SharedGate, shared: RedisGate, losing: Losing, watch: Clock, loss: Loss
) -> None:
    losing.lose(loss)
    trip(gate, watch)
    steps = len(losing.asked)
    assert steps > 2 * len(PEOPLE)
    for step in range(1, steps + 1):
        for others in ((), (step + 1, step + 2)):
            losing.lose(loss, step, *others)
            trip(gate, watch)
            losing.lose(loss)
            gate.call(NODE)
            assert shared.look().in_flight == 0, (step, others)
            assert not gate._inside
            assert not gate._alone
            assert not gate._owed
            assert not gate._held_until
            assert not gate._own_gate().look().in_flight
            gate._is_alone = False


@pytest.mark.redis
def test_programs_that_gave_up_take_nobodys_place_among_those_whose_call_may_be_lost(
    gate: SharedGate, shared: RedisGate, losing: Losing, watch: Clock
) -> None:
    """A reader of a feed is held as people are, and comes back to no place (guard/desk.py)."""
    let = [b"first%011d" % number for number in range(int(START))]
    assert {gate.enter(NODE, Place(name), 0) for name in let} == {"go"}
    for number in range(MAX_OWED + 1):
        gate.enter(NODE, Place(b"program1%08d" % number), 3)
        watch.now += 6
    assert len(gate._held_until) <= MAX_OWED
    assert gate.enter(NODE, Place(PEOPLE[0]), 3) == "hold"
    losing.lose("answer lost", 1)
    assert PEOPLE[0] not in gate.leave(NODE, let[0], False)
    losing.lose("answer lost")
    gate.call(NODE)
    assert shared.look().in_flight == len(let) - 1


@pytest.mark.redis
def test_who_is_called_hears_of_it_whatever_figures_another_version_of_the_site_keeps(
    gate: SharedGate, shared: RedisGate, watch: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_turn() -> None:
        names = [b"some%012d" % number for number in range(shared.look().allowed + 1)]
        verdicts = []
        for name in names:
            watch.now += 0.001
            verdicts.append(gate.enter(NODE, Place(name), 3))
        assert verdicts == ["go"] * (len(names) - 1) + ["hold"]
        watch.now += 0.5
        called = [each for name in names[:-1] for each in gate.leave(NODE, name, False)]
        assert called == names[-1:]
        gate.leave(NODE, called[0], False)

    written = json.dumps
    with monkeypatch.context() as another:
        another.setattr(json, "dumps", lambda kept: written(kept | {"later": 1.0}))
        in_turn()
    assert shared.look().allowed > START
    in_turn()
    in_turn()
    assert shared.look().in_flight == 0


@pytest.mark.redis
def test_who_is_called_hears_of_it_though_the_end_of_a_window_is_not_written_down(
    gate: SharedGate, losing: Losing, watch: Clock
) -> None:
    let = [b"first%011d" % number for number in range(int(START))]
    assert {gate.enter(NODE, Place(name), 0) for name in let} == {"go"}
    for name in PEOPLE[: len(let)]:
        watch.now += 0.001
        assert gate.enter(NODE, Place(name), 3) == "hold"
    watch.now += 0.5
    called = [*zip(let, PEOPLE, strict=False)]
    for first, next_ in called[:-1]:
        assert gate.leave(NODE, first, False) == [next_]
    losing.lose("not asked", 2)
    last, called_last = called[-1]
    assert gate.leave(NODE, last, False) == [called_last]
    assert len(losing.asked) == 2


class Away:
    """A shared gate that cannot be reached; to say what its share is takes it a moment."""

    is_away = True

    def __init__(self, gate: RedisGate) -> None:
        self._gate = gate

    @property
    def share(self) -> float:
        sleep(0.01)
        return START

    def __getattr__(self, name: str) -> Any:
        if self.is_away:
            raise RedisDown
        return getattr(self._gate, name)


@pytest.fixture
def away(shared: RedisGate) -> Away:
    return Away(shared)


@pytest.fixture
def alone(away: Away, watch: Clock) -> SharedGate:
    return SharedGate(away, watch)  # type: ignore[arg-type]


def in_flight(gate: SharedGate) -> int:
    return gate._own_gate().look().in_flight


@pytest.mark.redis
def test_many_who_find_at_once_that_redis_is_away_share_one_gate(alone: SharedGate) -> None:
    together, said = Barrier(60), list[str]()

    def come(number: int) -> None:
        together.wait()
        said.append(alone.enter(NODE, Place(b"net%05dcame0000" % number), 0))

    threads = [Thread(target=come, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said.count("go") == START


@pytest.mark.redis
def test_a_place_that_asks_twice_while_redis_is_away_keeps_no_room(alone: SharedGate) -> None:
    """As two open pages of one place do: the second asks while the first is answered."""
    for name in PEOPLE[:4]:
        assert alone.enter(NODE, Place(name), 3) == "go"
        assert alone.wait(Place(name), 5, USUAL)
        alone.leave(NODE, name, False)
    assert in_flight(alone) == 0


@pytest.mark.redis
def test_a_place_stands_by_its_arrival_while_redis_is_away(alone: SharedGate, watch: Clock) -> None:
    arrived = watch.now - 60
    told = alone.wait(Place(PEOPLE[0], arrived), 5, USUAL)
    assert told is not None
    assert (told.since, told.waited) == (arrived, 60)


@pytest.mark.redis
def test_behind_a_few_who_waited_one_goes_in_though_redis_went_away(
    alone: SharedGate, away: Away
) -> None:
    away.is_away = False
    assert alone.wait(Place(PEOPLE[0]), 5, USUAL)
    away.is_away = True
    assert alone.enter(NODE, Place(PEOPLE[1]), 0) == "go"


@pytest.mark.redis
@pytest.mark.parametrize("loss", LOSSES)
def test_no_room_is_lost_where_another_page_of_the_place_asked_meanwhile(
    gate: SharedGate, shared: RedisGate, losing: Losing, watch: Clock, loss: Loss
) -> None:
    let = [b"first%011d" % number for number in range(int(START))]
    assert {gate.enter(NODE, Place(name), 0) for name in let} == {"go"}
    assert gate.enter(NODE, Place(PEOPLE[0]), 3) == "hold"
    watch.now += 1
    assert gate.wait(Place(PEOPLE[0]), 5, USUAL)
    losing.lose(loss, 1)
    called = [*gate.leave(NODE, let[0], False)]
    losing.lose(loss)
    called += gate.call(NODE)
    for name in (*let[1:], *called):
        gate.leave(NODE, name, None)
    assert shared.look().in_flight == 0
    watch.now += 3
    assert gate.wait(Place(PEOPLE[0]), 5, USUAL)
    assert not gate._held_until


@pytest.mark.redis
def test_a_redis_that_comes_and_goes_lets_no_more_in_each_time(
    alone: SharedGate, away: Away
) -> None:
    let = 0
    for time in range(5):
        away.is_away = True
        names = [b"n%02d%05dalone000" % (time, number) for number in range(20)]
        let += [alone.enter(NODE, Place(name), 0) for name in names].count("go")
        away.is_away = False
        alone.enter(NODE, Place(b"shared%02d00000000" % time), 0)
    assert let == START
    assert in_flight(alone) == START


@pytest.mark.redis
def test_who_is_called_before_the_hold_was_heard_of_is_held_no_more(
    gate: SharedGate, monkeypatch: pytest.MonkeyPatch
) -> None:
    let = [b"first%011d" % number for number in range(int(START))]
    assert {gate.enter(NODE, Place(name), 0) for name in let} == {"go"}
    enter = gate._shared.enter

    def slowly(*asked: Any) -> Any:
        verdict = enter(*asked)
        assert gate.leave(NODE, let[0], False) == [PEOPLE[0]]
        return verdict

    monkeypatch.setattr(gate._shared, "enter", slowly)
    assert gate.enter(NODE, Place(PEOPLE[0]), 3) == "hold"
    assert not gate._held_until
    assert gate._inside == {*let[1:], PEOPLE[0]}
