"""The gate in memory and the one in Redis say the same of the same; and what the line promises."""

import random
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from harness.servers import RedisServer
from tests.claims_api.conftest import PATIENT
from tests.clock import Clock
from tracking_site.claims_api.gate import Gate, Intervals, MemoryGate, Place
from tracking_site.claims_api.redis_gate import RedisGate
from tracking_site.redis.client import brief_redis

NODE, OTHER = b"node0001", b"node0002"
NEVER = 1e6
USUAL = Intervals(0.5, 1, 60)


@pytest.fixture
def watch() -> Clock:
    return Clock(1_000.0)


@pytest.fixture
def redis_gate(redis_server: RedisServer, watch: Clock) -> Iterator[RedisGate]:
    client = brief_redis(redis_server.url, PATIENT)
    yield RedisGate(client, f"t{random.getrandbits(64):x}:", 1000, NEVER, watch)
    client.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def gate(request: pytest.FixtureRequest, watch: Clock) -> Gate:
    if request.param == "memory":
        return MemoryGate(1000, watch)
    return request.getfixturevalue("redis_gate")  # type: ignore[no-any-return]


def place(number: int, network: int = 1, since: float = 0.0) -> Place:
    return Place(b"net%05d" % network + b"%08d" % number, since)


def filled(gate: Gate) -> None:
    for number in range(16):
        assert gate.enter(NODE, place(9_000 + number, 99), 0) == "go"


def waits(gate: Gate, number: int, network: int = 1, **of: float) -> Any:
    told = gate.wait(
        place(number, network), 5, Intervals(0.5, of.get("least", 1), of.get("most", 60))
    )
    assert told is not None
    return told


def alike(here: Any, there: Any) -> bool:
    if not isinstance(here, tuple):
        return bool(here == there)
    return there is not None and bool(
        tuple(here[:-1]) == pytest.approx(tuple(there[:-1]))
        and tuple(here[-1]) == pytest.approx(tuple(there[-1]))
    )


def test_who_came_first_stands_first_though_threads_took_them_up_in_another_order(
    gate: Gate, watch: Clock
) -> None:
    filled(gate)
    waits(gate, 1)
    watch.now += 1
    late = gate.wait(Place(place(2, 2).name, queued=3.0), 5, USUAL)
    assert late is not None
    assert (late.since, late.before) == (watch.now - 3, 0)
    assert waits(gate, 1).before == 1
    watch.now += 2
    again = gate.wait(Place(place(2, 2).name, late.since, queued=0.5), 5, USUAL)
    assert again is not None
    assert (again.since, again.before) == (late.since, 0)
    held = Place(place(3, 3).name, queued=4.0)
    assert gate.enter(NODE, held, 3) == "hold"
    assert waits(gate, 1).before == 2


def test_after_a_clock_was_set_back_nobody_waits_until_it_is_there_again(
    gate: Gate, watch: Clock
) -> None:
    """As where a machine kept local time and learns the hour after its start; and where another
    Redis takes over, whose clock is behind."""
    filled(gate)
    for number in range(100):
        waits(gate, number, number)
    watch.now += 1
    for number in range(16):
        gate.leave(NODE, place(9_000 + number, 99).name, None)
    watch.now -= 7 * 3_600
    here = waits(gate, 1, 1)
    assert here.waited == pytest.approx(1)
    for _ in range(4):
        watch.now += 1
        here = gate.wait(Place(place(1).name, here.since), 5, USUAL)
        assert here is not None
    assert here.waited == pytest.approx(5)
    assert gate.look().oldest == pytest.approx(5)
    # All others went away, and stand before nobody.
    assert (here.before, gate.look().length) == (0, 1)
    assert gate.enter(NODE, place(500, 500), 0) == "go"


def test_a_clock_that_was_set_forward_makes_no_hours_of_a_line(gate: Gate, watch: Clock) -> None:
    """As where a machine slept, or began before it knew the time. It was closed for who came."""
    if isinstance(gate, RedisGate):
        # In Redis what was in flight has lapsed by then.
        gate._lapse_seconds = 11.0
    for number in range(16):
        gate.enter(NODE, place(9_000 + number, 99), 0)
        watch.now += 0.1
        gate.leave(NODE, place(9_000 + number, 99).name, False)
    filled(gate)
    for number in range(5):
        waits(gate, number, number)
    quiet = gate.look().pace
    watch.now += 7 * 3_600
    assert waits(gate, 6, 6).line.pace >= quiet
    for number in range(16):
        watch.now += 0.01
        gate.leave(NODE, place(9_000 + number, 99).name, False)
    assert gate.look().allowed >= 16
    assert waits(gate, 7, 7).line.pace >= quiet


def test_while_the_core_is_down_a_line_keeps_the_pace_that_it_had(gate: Gate, watch: Clock) -> None:
    """The breaker lets nobody to the core, and all come back to ask. It was told to be hours long
    within a minute, and closed to who came."""
    filled(gate)
    line, flying = list(range(60)), list(range(9_000, 9_016))
    for _ in range(30):
        watch.now += 0.5
        for number in line:
            waits(gate, number, number)
        gate.leave(NODE, place(gone := flying.pop(0), min(gone, 99)).name, False)
        flying.append(line.pop(0))
        assert gate.enter(NODE, place(flying[-1], flying[-1]), 0) == "go"
    for number in flying:
        gate.leave(NODE, place(number, number).name, True)
    before = gate.look()
    assert before.pace == pytest.approx(2, rel=0.2)
    for _ in range(90):
        watch.now += 1
        for number in line:
            waits(gate, number, number)
    assert gate.look()[2:4] == (pytest.approx(before.pace, rel=0.1), before.length)


@pytest.mark.proofs
@pytest.mark.redis
@pytest.mark.parametrize("seed", range(8))
def test_memory_and_redis_say_the_same_whatever_happens(
    redis_gate: RedisGate, watch: Clock, seed: int
) -> None:
    chance = random.Random(seed)
    memory, shared = MemoryGate(1000, watch), redis_gate
    names = [b"net%05d" % chance.randrange(9) + b"%08d" % number for number in range(60)]
    flying: list[bytes] = []
    since: dict[bytes, float] = {}
    numbers, done = count(), set()
    for _ in range(2_500):
        step = chance.choice([0.0, 0.01, 0.05, 0.1, 0.3, 60 * (chance.random() > 0.98)])
        # Now and then it is set back, as clocks are.
        step = -90.0 if chance.random() > 0.998 else step
        watch.now = round(watch.now + step * chance.random(), 6)
        act = chance.choice(
            ["enter"] * 6 + ["leave"] * 5 + ["wait"] * 3 + ["call", "behind", "drop", "gone"]
        )
        name, node = chance.choice(names), chance.choice([NODE, OTHER])
        here: Any
        there: Any
        if act == "enter" and name not in flying:
            queued = chance.choice([0.0, 0.0, 1.5])
            asked = Place(name, since.get(name, 0.0), queued), chance.choice([0, 1, 3])
            here, there = memory.enter(node, *asked), shared.enter(node, *asked)
            flying += [name] * (here == "go")
        elif act == "leave" and flying:
            gone = flying.pop(chance.randrange(len(flying)))
            failed = chance.choice([False] * 8 + [True, None])
            here, there = memory.leave(node, gone, failed), shared.leave(node, gone, failed)
            flying += here
        elif act == "call":
            here, there = memory.call(node), shared.call(node)
            flying += here
        elif act == "gone" and flying and chance.random() > 0.5:
            lost = [flying.pop(), b"nobody0000000000"]
            here = [*memory.leave(node, lost[0], None), *memory.call(node)]
            there = shared.call(node, lost)
            flying += here
        elif act == "drop":
            here, there = memory.drop(name), shared.drop(name)  # type: ignore[func-returns-value]
        elif act == "behind":
            new = b"behind%010d" % next(numbers)
            here, there = (each.enter(node, Place(new), None) for each in (memory, shared))
            flying += [new] * (here == "go")
        elif act == "wait" and name not in flying:
            bounds = chance.choice([(1, 60), (20, 60), (600, 600)])
            pauses = Intervals(chance.choice([0.5, 0.8]), *bounds)
            asked_again = Place(name, since.get(name, 0.0), chance.choice([0.0, 0.0, 1.5]))
            here, there = (each.wait(asked_again, 4, pauses) for each in (memory, shared))
            if here is not None:
                since[name] = here.since
        else:
            continue
        assert alike(here, there)
        assert tuple(memory.look(name[:8])) == pytest.approx(tuple(shared.look(name[:8])))
        done.add((act, bool(here), here if isinstance(here, str) else ""))
    assert len(done) >= 9


def test_the_longer_a_core_says_nothing_the_longer_a_line_is(gate: Gate, watch: Clock) -> None:
    filled(gate)
    for pace in (1.6, 0.8):
        watch.now += 5
        # Of sixteen in flight half is over, on average.
        assert gate.look().pace == pytest.approx(pace)


def test_of_those_who_ask_the_first_who_came_goes_first(gate: Gate, watch: Clock) -> None:
    filled(gate)
    for number, node in ((1, OTHER), (2, NODE), (3, NODE)):
        watch.now += 0.1
        assert gate.enter(node, place(number), 3) == "hold"
    assert gate.enter(NODE, place(4), 0) == "wait"
    assert not gate.leave(NODE, place(9_000, 99).name, False)
    assert gate.call(OTHER) == [place(1).name]
    assert gate.leave(NODE, place(9_001, 99).name, False) == [place(2).name]


def test_who_is_held_stays_so_while_another_page_of_the_place_asks(
    gate: Gate, watch: Clock
) -> None:
    """As two tabs, or two devices, with one address: each would take the turn from the other."""
    filled(gate)
    for number in (1, 2):
        watch.now += 0.1
        assert gate.enter(NODE, place(number, number), 3) == "hold"
    for least in (1, 20, 600):
        watch.now += 0.5
        told = waits(gate, 1, 1, least=least, most=max(least, 60))
        assert (told.before, told.is_near) == (0, True)
    assert gate.leave(NODE, place(9_000, 99).name, False) == [place(1, 1).name]
    # Once its time is over nobody is held there any more.
    watch.now += 2
    waits(gate, 2, 2)
    assert not gate.leave(NODE, place(9_001, 99).name, False)
    assert gate.enter(NODE, place(2, 2), 3) == "go"


def test_who_is_absent_blocks_nobody_and_keeps_the_place(gate: Gate, watch: Clock) -> None:
    filled(gate)
    first = waits(gate, 1)
    watch.now += 0.1
    second = waits(gate, 2)
    assert (first.before, second.before) == (0, 1)
    watch.now += second.pause + 2.1
    assert gate.enter(NODE, place(2, since=second.since), 3) == "hold"
    gate.leave(NODE, place(9_000, 99).name, False)
    # The first did not come; the second went. Now it comes, before a third who is new.
    watch.now += 0.1
    third = waits(gate, 3)
    back = gate.wait(place(1, since=first.since), 5, USUAL)
    assert back is not None
    assert (back.since, back.before) == (pytest.approx(first.since), 0)
    assert waits(gate, 3).before == third.before + 1


def test_a_place_of_which_nothing_is_known_stands_where_its_arrival_puts_it(
    gate: Gate, watch: Clock
) -> None:
    filled(gate)
    for number in range(5):
        watch.now += 0.1
        waits(gate, number, network=number)
    told = gate.wait(place(7, 7, since=watch.now - 0.25), 5, USUAL)
    assert told is not None
    assert told.before == 2


def test_a_place_given_by_a_clock_that_was_ahead_stands_where_it_asks_first(
    gate: Gate, watch: Clock
) -> None:
    """While Redis is away a machine gives places by its own clock."""
    filled(gate)
    ahead = gate.wait(place(1, 1, since=watch.now + 3600), 5, USUAL)
    assert ahead is not None
    assert ahead.since == watch.now
    for number in range(2, 9):
        watch.now += 0.1
        waits(gate, number, number)
    again = gate.wait(place(1, 1, since=watch.now + 3600), 5, USUAL)
    assert again is not None
    assert again.before == 0


def test_a_killed_process_keeps_nobody_from_the_room_it_held(gate: Gate, watch: Clock) -> None:
    filled(gate)
    assert gate.enter(OTHER, place(1), 3) == "hold"
    watch.now += 0.1
    assert gate.enter(NODE, place(2, 2), 3) == "hold"
    assert not gate.leave(NODE, place(9_000, 99).name, False)
    watch.now += 5.1
    assert gate.enter(NODE, place(2, 2), 3) == "go"


@pytest.mark.redis
def test_what_a_killed_process_asked_lapses(redis_server: RedisServer, watch: Clock) -> None:
    client = brief_redis(redis_server.url, PATIENT)
    gate = RedisGate(client, f"t{random.getrandbits(64):x}:", 1000, 11, watch)
    filled(gate)
    assert gate.enter(NODE, place(1), 0) == "wait"
    watch.now += 11.1
    assert gate.enter(NODE, place(1), 0) == "go"
    client.close()


def test_places_are_counted_for_a_network_and_for_those_around_it(gate: Gate) -> None:
    filled(gate)
    for number, network in enumerate([1, 1, 2, 1_000, 100_000_000]):
        waits(gate, number, network)
    state = gate.look(b"net00001")
    assert (state.length, state.places, state.customer, state.around) == (5, 2, 3, 4)
    gate.drop(place(0, 1).name)
    gate.drop(place(77, 1).name)
    state = gate.look(b"net00001")
    assert (state.length, state.places, state.customer, state.around) == (4, 1, 2, 3)
    assert gate.look(b"other001")[-3:] == (0, 0, 0)


def test_a_network_has_so_many_places_and_no_more(gate: Gate, watch: Clock) -> None:
    filled(gate)
    for number in range(5):
        waits(gate, number)
    assert gate.wait(place(6), 5, USUAL) is None
    assert gate.wait(place(4), 5, USUAL) is not None
    waits(gate, 6, network=2)
    for seconds in (60, 90, 91):
        watch.now += seconds
        gate.look()
    waits(gate, 6)


def test_a_place_that_was_given_stays_though_its_network_may_have_fewer_by_now(
    gate: Gate, watch: Clock
) -> None:
    filled(gate)
    given = [waits(gate, number).since for number in range(4)]
    watch.now += 1
    for number, since in enumerate(given):
        assert gate.wait(place(number, since=since), 2, USUAL) is not None
    assert gate.wait(place(7, since=given[0]), 2, USUAL) is None


def test_a_place_that_is_refused_keeps_what_it_had_until_it_is_dropped(
    gate: Gate, watch: Clock
) -> None:
    filled(gate)
    for number in range(3):
        watch.now += 0.1
        told = waits(gate, number)
    assert gate.wait(place(2), 2, USUAL) is None
    assert gate.look(b"net00001")[-2:] == (3, 3)
    watch.now += 0.1
    waits(gate, 4, network=4)
    again = gate.wait(place(2), 3, USUAL)
    assert again is not None
    assert (again.since, again.before) == (pytest.approx(told.since), 2)


def test_who_asks_to_be_left_alone_is_absent_and_returns_by_arrival(
    gate: Gate, watch: Clock
) -> None:
    filled(gate)
    first = waits(gate, 1, least=600, most=600)
    watch.now += 1
    assert first.pause == 600
    assert waits(gate, 2, network=2).before == 0
    back = gate.wait(place(1, since=first.since), 5, USUAL)
    assert back is not None
    assert back.before == 0


def test_who_comes_again_after_the_own_turn_is_before_nobody_until_then(
    gate: Gate, watch: Clock
) -> None:
    filled(gate)
    reloads = [waits(gate, number, network=number, least=20) for number in range(60)]
    assert {each.before for each in reloads} == {0}
    watch.now += 0.1
    assert waits(gate, 70, network=70).before == 0
    watch.now += 19.9
    back = gate.wait(place(0, 0, since=reloads[0].since), 5, USUAL)
    assert back is not None
    assert back.before == 0
    assert waits(gate, 70, network=70).before == 1


@pytest.mark.parametrize(
    ("left", "pause"),
    [(0, 20), (19, 20), (22, 21), (39, 38), (42, 21), (50, 25), (300, 60)],
)
def test_who_may_ask_only_now_and_then_asks_when_it_is_the_turn(left: float, pause: float) -> None:
    assert Intervals(0.5, 20, 60).of(left) == pause


def test_a_line_is_long_once_whoever_comes_would_not_even_be_held(gate: Gate, watch: Clock) -> None:
    filled(gate)
    said = []
    for number in range(60):
        watch.now += 0.01
        said.append(gate.look().is_long)
        verdict = gate.enter(NODE, place(number, number), 3)
        assert verdict == ("wait" if said[-1] else "hold")
        if verdict == "wait":
            waits(gate, number, number)
    assert said == sorted(said)
    assert {*said} == {False, True}


@pytest.mark.parametrize(
    ("flying", "went_at"),
    [(0, {12: 0.0, 30: 0.5, 60: 1.2}), (8, {12: 0.0, 30: 1.2, 60: 3.0})],
)
def test_the_longer_a_core_has_room_the_further_back_one_may_stand_and_go(
    gate: Gate, watch: Clock, flying: int, went_at: dict[int, float]
) -> None:
    """After half a second whoever asked went, past a line of thousands."""
    filled(gate)
    for _ in range(12):
        watch.now += 0.9
        for number in range(200):
            watch.now += 0.001
            waits(gate, number, number)
    for number in range(flying, 16):
        gate.leave(NODE, place(9_000 + number, 99).name, None)
    went = {}
    for tenth in range(40):
        for number in {12, 30, 60, 199}.difference(went):
            if gate.enter(NODE, place(number, number), 0) == "go":
                went[number] = tenth / 10
            else:
                waits(gate, number, number)
        watch.now += 0.1
    assert {number: went.get(number) for number in went_at} == pytest.approx(went_at, abs=0.3)


@pytest.mark.redis
def test_the_version_before_can_go_on_with_what_this_one_wrote(
    redis_gate: RedisGate, redis_server: RedisServer, watch: Clock
) -> None:
    filled(redis_gate)
    read = "return tostring(cmsgpack.unpack(redis.call('GET', KEYS[1])).busy)"
    said = redis_server.client().eval(read, 1, redis_gate._keys[0])
    assert float(said) == watch.now


@pytest.mark.redis
def test_one_process_over_redis_keeps_to_its_connections(
    redis_server: RedisServer, watch: Clock
) -> None:
    client = brief_redis(redis_server.url, PATIENT)
    gate = RedisGate(client, f"t{random.getrandbits(64):x}:", 20, NEVER, watch)
    names, seen = count(), set()
    for _ in range(20):
        inside = []
        while gate.enter(NODE, each := place(next(names)), 0) == "go":
            inside.append(each.name)
        watch.now += 1
        for name in inside:
            gate.leave(NODE, name, False)
        seen.add(gate.look().allowed)
    assert max(seen) == 20
    client.close()


def test_what_is_asked_behind_gives_way_to_everybody(gate: Gate) -> None:
    assert gate.enter(NODE, Place(b"refresh000000001"), None) == "go"
    for number in range(15):
        assert gate.enter(NODE, place(number, 99), 0) == "go"
    assert gate.enter(NODE, Place(b"refresh000000002"), None) == "wait"
    waits(gate, 1)
    gate.leave(NODE, place(0, 99).name, False)
    assert gate.enter(NODE, Place(b"refresh000000002"), None) == "wait"
    assert gate.enter(NODE, place(1), 0) == "go"


def test_the_pause_is_a_share_of_the_time_left_within_bounds(gate: Gate, watch: Clock) -> None:
    filled(gate)
    for number in range(100):
        watch.now += 0.001
        told = waits(gate, number, network=number)
    assert told.before == 99
    assert told.pause == round(told.seconds / 2)
    longer = gate.wait(place(99, 99), 5, Intervals(0.8, 1, 60))
    assert longer is not None
    assert longer.pause == round(longer.seconds * 0.8)
    assert waits(gate, 99, network=99, least=20).pause == 20
    assert waits(gate, 0, network=0).pause == 1
