"""The bound and the line as a crowd meets them, in events: the real gate, a core of slots."""

import random
from collections.abc import Callable, Sequence
from typing import Literal

import pytest

from tests.claims_api.crowded import BEGIN, CoreOfSlots, Events, People
from tracking_site.claims_api.bound import START, CoreBound, Seen
from tracking_site.claims_api.gate import Intervals, MemoryGate, Place
from tracking_site.claims_api.redis_gate import SharedGate
from tracking_site.guard.line import Line
from tracking_site.redis.client import RedisDown

MOST = 1_000


class Crowd:
    """People at processes that share one gate, before a core of 20 slots of 0.5 s: 40 a second."""

    def __init__(self, seed: int = 1, processes: int = 1, slots: int = 20) -> None:
        self.events = Events(seed)
        self.core = CoreOfSlots(self.events, slots)
        self.gate = MemoryGate(MOST, lambda: self.events.now)
        self.people = People(self.events, self.core, [self.gate] * processes)

    def at(self, second: float, happen: Callable[[], None]) -> None:
        self.events.at(BEGIN + second, happen)


@pytest.mark.proofs
@pytest.mark.parametrize(("processes", "seed"), [(1, 1), (1, 2), (4, 3), (16, 4)])
def test_five_times_more_than_the_core_bears_are_served_in_order_at_its_best(
    processes: int, seed: int
) -> None:
    crowd = Crowd(seed, processes)
    people = crowd.people
    people.without_script, people.leaving = 0.25, 0.05
    people.come(rate=200, seconds=60)
    crowd.events.run(60)
    assert people.answers(5, 60) >= 0.95 * 55 * 40
    assert people.latency(5, 60) <= 1.6 * 0.5
    crowd.events.run(330)
    at_once = len([each for each in people.served if not each.told])
    assert len(people.served) == people.waiting + at_once - people.left
    assert crowd.core.refused == people.failed == 0
    assert people.overtaken() <= 0.02
    assert people.first_told_right() >= 0.9
    assert people.polls / 390 < 200
    least = min(people.by_process) * processes / sum(people.by_process)
    assert least >= 0.78


@pytest.mark.proofs
def test_a_core_that_was_quick_to_the_few_before_the_surge_is_not_reckoned_with_as_such() -> None:
    crowd = Crowd(seed=7)
    people = crowd.people
    crowd.core.become(slower=1 / 100)
    people.come(rate=2, seconds=20)
    crowd.at(20, lambda: crowd.core.become(slower=100))
    crowd.at(20, lambda: people.come(rate=200, seconds=60))
    crowd.events.run(400)
    assert crowd.core.refused == people.failed == 0
    assert people.overtaken() <= 0.02
    assert people.first_told_right() >= 0.9


@pytest.mark.proofs
def test_questions_of_a_long_line_take_no_more_of_a_core_than_they_may() -> None:
    crowd = Crowd(seed=8)
    line = Line(crowd.gate, *[None] * 4, random.random)  # type: ignore[arg-type]
    costs = 0.002

    def pauses(people: People) -> Intervals:
        line._seen = people.gates[0].look()
        line.polled(costs)
        return line.pauses()

    crowd.people.pauses = pauses
    crowd.people.come(rate=200, seconds=60)
    crowd.events.run(60)
    asked = crowd.people.polls
    crowd.events.run(60)
    assert crowd.gate.look().length > 4_000
    assert (crowd.people.polls - asked) / 60 * costs <= 0.2
    crowd.events.run(280)
    assert crowd.people.overtaken() <= 0.02
    assert crowd.people.first_told_right() >= 0.9


def slower_for_a_while(seed: int) -> Crowd:
    crowd = Crowd(seed)
    crowd.at(20, lambda: crowd.core.become(slower=5))
    crowd.at(60, lambda: crowd.core.become(slower=1 / 5))
    crowd.people.come(rate=100, seconds=100)
    crowd.events.run(110)
    return crowd


@pytest.mark.proofs
def test_a_core_that_is_quick_again_is_not_reckoned_with_as_quicker_than_it_is() -> None:
    # What it answers to those who had just been there looks like less than it ever takes.
    assert slower_for_a_while(seed=5).core.refused == 0


@pytest.mark.proofs
@pytest.mark.parametrize("seed", [2, 5, 10])
def test_a_core_five_times_slower_for_a_while_is_believed_and_found_again(seed: int) -> None:
    crowd = slower_for_a_while(seed)
    assert crowd.people.answers(30, 60) >= 0.8 * 30 * 8
    assert crowd.people.answers(70, 110) >= 0.87 * 40 * 40
    assert crowd.core.refused == 0


@pytest.mark.proofs
def test_another_client_that_takes_half_of_the_core_leaves_it_quick() -> None:
    crowd = Crowd(seed=3)
    crowd.at(20, lambda: crowd.core.become(slots=10))
    crowd.people.come(rate=100, seconds=80)
    crowd.events.run(80)
    assert crowd.people.answers(40, 80) >= 0.9 * 40 * 20
    assert crowd.people.latency(40, 80) <= 2.0 * 0.5
    assert crowd.core.refused == 0


def test_a_large_core_is_opened_before_anybody_waits_long() -> None:
    crowd = Crowd(seed=4, slots=500)
    crowd.people.come(rate=200, seconds=30)
    crowd.events.run(40)
    assert len(crowd.people.served) == sum(crowd.people.by_process)
    assert crowd.people.waiting < 0.05 * len(crowd.people.served)
    assert crowd.gate.look().allowed > 100


@pytest.mark.proofs
def test_a_restart_loses_no_place_and_no_order() -> None:
    crowd = Crowd(seed=5)
    people = crowd.people

    def restart() -> None:
        people.gates = [MemoryGate(MOST, lambda: crowd.events.now)]

    crowd.at(30, restart)
    people.come(rate=100, seconds=60)
    crowd.events.run(200)
    assert len(people.served) == sum(people.by_process)
    assert crowd.core.refused == 0
    # Until they ask again nobody knows of them; each has come back within a minute.
    waits = {each.came: at for each, at in zip(people.served, people.answered_at, strict=True)}
    before = [came for came in waits if came < BEGIN + 30]
    assert max(waits[came] for came in before) < BEGIN + 30 + 60 + 30


class Dying:
    """A shared gate that cannot be reached for a while."""

    share = 16.0

    def __init__(self, gate: MemoryGate, processes: int) -> None:
        self._gate = gate
        self._processes = processes
        self.is_away = False

    def __getattr__(self, name: str) -> object:
        if self.is_away:
            raise RedisDown
        self.share = self._gate.look().allowed / self._processes
        return self._called if name == "call" else getattr(self._gate, name)

    def _called(self, node: bytes, gone: Sequence[bytes]) -> Sequence[bytes]:
        names = [called for name in gone for called in self._gate.leave(node, name, None)]
        return [*names, *self._gate.call(node)]


@pytest.mark.proofs
def test_without_redis_each_process_keeps_its_share_and_does_not_grow() -> None:
    crowd = Crowd(seed=6, processes=4)
    dying = Dying(crowd.gate, 4)
    crowd.people.gates = [
        SharedGate(dying, lambda: crowd.events.now)  # type: ignore[arg-type]
        for _ in range(4)
    ]
    most = 0

    def away(is_away: bool) -> None:
        dying.is_away = is_away
        # What was asked before has lapsed when Redis is back.
        crowd.gate._in_flight.clear()

    def look() -> None:
        nonlocal most
        most = max(most, crowd.core.in_flight)

    crowd.at(20, lambda: away(True))
    for tenth in range(230, 400):
        crowd.at(tenth / 10, look)
    crowd.at(40, lambda: away(False))
    crowd.people.come(rate=100, seconds=60)
    crowd.events.run(60)
    assert 0 < most < 3 * 20
    assert crowd.core.refused == 0
    assert crowd.people.answers(22, 40) >= 0.6 * 18 * 40
    assert crowd.people.answers(45, 60) >= 0.85 * 15 * 40


@pytest.mark.parametrize("passed", [11, -3_600], ids=["later", "set back"])
def test_who_comes_while_redis_is_away_for_a_moment_goes_past_nobody_who_waits(
    passed: float,
) -> None:
    now = BEGIN
    shared = MemoryGate(MOST, lambda: now)
    dying = Dying(shared, 1)
    gate = SharedGate(dying, lambda: now)  # type: ignore[arg-type]
    usual = Intervals(0.5, 1, 60)
    let = [b"net00001%08d" % number for number in range(16)]
    assert {gate.enter(b"node", Place(name), 0) for name in let} == {"go"}
    for number in range(100):
        now += 0.001
        assert gate.wait(Place(b"net%05d" % number + b"waiting0"), 5, usual)
    dying.is_away = True
    first = Place(b"net00000waiting0", BEGIN + 0.001)
    new = Place(b"net99999waiting0")
    # What was let in has its room still.
    assert gate.enter(b"node", first, 0) == "wait"
    gate.leave(b"node", let[0], False)
    assert gate.enter(b"node", new, 0) == "wait"
    told = gate.wait(new, 5, usual)
    assert told is not None
    assert (told.before, told.is_near) == (100, False)
    assert gate.enter(b"node", first, 0) == "go"
    # It stays away, and nobody knows any more who waits.
    now += passed
    gate.leave(b"node", let[1], False)
    assert gate.enter(b"node", new, 0) == "go"
    dying.is_away = False
    assert gate.enter(b"node", Place(b"net99998waiting0"), 0) != "go"


def test_who_finds_no_room_while_redis_is_away_is_not_remembered() -> None:
    dying = Dying(MemoryGate(MOST, lambda: BEGIN), 1)
    dying.is_away = True
    gate = SharedGate(dying, lambda: BEGIN)  # type: ignore[arg-type]
    names = [b"net00001%08d" % number for number in range(1000)]
    let = [name for name in names if gate.enter(b"node0001", Place(name), None) == "go"]
    assert 0 < len(let) < 20
    assert {gate.enter(b"node", Place(b"net00002%08d" % each), 0) for each in range(1000)} == {
        "wait"
    }
    assert set(gate._alone) == set(let)
    for name in let:
        gate.leave(b"node", name, False)
    assert not gate._alone


def test_the_limit_never_grows_so_far_that_people_would_not_wait_for_the_answers() -> None:
    slow = CoreBound().after(Seen(3, 48.0, 16, is_full=True), 1, MOST, patience=5.0)
    assert slow.limit == pytest.approx(START * 0.8 * 5 / 3)
    usual = CoreBound().after(Seen(0.5, 8.0, 16, is_full=True), 1, MOST, patience=5.0)
    assert usual.limit == 3 * START
    # One that takes nearly as long as people wait is asked for little more.
    slowest = CoreBound().after(Seen(4.5, 72.0, 16, is_full=True), 1, MOST, patience=5.0)
    assert slowest.limit == START + 1


def test_the_first_window_says_what_is_quiet_and_the_limit_grows_while_it_stays_so() -> None:
    bound = CoreBound().after(Seen(0.5, 8.0, 16, is_full=True), 1, MOST)
    assert (bound.base, bound.rtt, bound.limit) == (0.5, 0.5, 3 * START)
    # What was asked before the limit grew says nothing of the new one.
    settled = bound.after(Seen(0.5, 24.0, 16, is_full=True), 2, MOST)
    assert settled.limit == bound.limit
    slower = settled.after(Seen(0.5, 24.0, 16, is_full=True), 3, MOST)
    assert slower.limit < bound.limit
    assert not slower.fast


@pytest.mark.parametrize("max_limit", [20, MOST])
def test_a_node_that_knows_no_settling_lets_as_many_in(max_limit: int) -> None:
    bound = CoreBound().after(Seen(0.5, 8.0, 16, is_full=True), 1, max_limit)
    assert bound.phase == "settle"
    # What such a node goes by in every phase but "open".
    assert int(bound.narrowed) == bound.allowed == min(max_limit, 48)


def test_a_round_trip_that_falls_as_the_limit_grows_shows_that_the_quiet_one_was_none() -> None:
    bound = CoreBound().after(Seen(1.0, 12.0, 16, is_full=True, spent=8), 1, MOST)
    assert (bound.base, bound.limit) == (0.5, 3 * START)
    bound = bound.after(Seen(0.5, 20, 40, is_full=True, spent=20), 2, MOST)
    again = bound.after(Seen(0.4, 14, 40, is_full=True, spent=16), 3, MOST)
    assert (again.base, again.limit) == (0.4, START)


def test_a_burst_of_answers_asked_long_ago_is_no_quick_core() -> None:
    bound = CoreBound(limit=48, anchor=48, base=0.25, rtt=0.25)
    burst = bound.after(Seen(0.25, 12, 45, is_full=True, spent=18), 1, MOST)
    assert burst.limit < 48
    assert not burst.young


def test_too_much_said_by_the_core_makes_the_limit_give_way() -> None:
    bound = CoreBound(limit=100, anchor=100, base=0.5, rtt=0.5)
    assert bound.after(Seen(1, 50, 100, failed=11, is_full=True), 1, MOST).limit == 70
    assert bound.after(Seen(1, 50, 100, failed=10, is_full=True), 1, MOST).limit > 100


def test_the_limit_stays_between_two_and_what_processes_can_have() -> None:
    bound = CoreBound(limit=2, anchor=2, base=0.5, rtt=0.5)
    assert bound.after(Seen(1, 5, 10, failed=10), 1, MOST).limit == 2
    grown = CoreBound(limit=100, anchor=100, base=0.5, rtt=0.5)
    assert grown.after(Seen(1, 50, 100, is_full=True), 1, 128).limit == 128


def test_nothing_dips_while_the_limit_is_not_reached() -> None:
    idle = CoreBound(base=0.5, rtt=0.5, dipped_at=0)
    for second in range(1, 600):
        idle = idle.after(Seen(10, 10, 20), second * 10, MOST)
        assert (idle.phase, idle.limit) == ("open", START)
    full = idle.after(Seen(10, 10, 20, is_full=True), 7000, MOST)
    assert full.phase == "drain"
    assert full.allowed < full.limit


def test_requests_that_hang_fill_the_area() -> None:
    now = 0.0
    known = CoreBound(limit=48, anchor=48, base=0.5, rtt=0.5, young=False)
    gate = MemoryGate(MOST, lambda: now, known)
    before = gate.look().allowed
    hanging = [b"hang%012d" % place for place in range(before - 1)]
    for name in hanging:
        assert gate.enter(b"node", Place(name), 0) == "go"
    for place in range(25):
        gate.enter(b"node", Place(b"%016d" % place), 0)
        now += 0.5
        gate.leave(b"node", b"%016d" % place, False)
    assert gate.look().allowed < before


def test_a_core_that_became_slower_while_few_asked_is_not_taken_for_a_busy_one() -> None:
    bound = CoreBound()
    for second in range(5):
        bound = bound.after(Seen(1, 0.1, 20), second, MOST)
    assert bound.base == pytest.approx(0.005)
    slower = bound.after(Seen(2, 24, 16, is_full=True, spent=24), 10, MOST)
    assert (slower.base, slower.limit) == (1.5, 3 * START)


@pytest.mark.parametrize("phase", ["open", "settle", "drain", "dip"])
@pytest.mark.parametrize("base", [0.0, 0.5])
def test_nothing_is_learned_of_a_core_while_the_clock_stands_still(
    phase: Literal["open", "settle", "drain", "dip"], base: float
) -> None:
    bound = CoreBound(base=base, rtt=base, phase=phase, narrowed=4.0)
    assert bound.after(Seen(2.0, 0.0, 20, is_full=True), 1_000.0, 200) == bound
    assert bound.after(Seen(2.0, 0.0, 20, failed=20), 1_000.0, 200).limit < bound.limit


def test_a_gate_whose_clock_was_set_back_goes_on() -> None:
    now = [1_000.0]
    gate = MemoryGate(200, lambda: now[0])
    gate.enter(b"node0001", Place(b"%016d" % 0), None)
    gate.leave(b"node0001", b"%016d" % 0, False)
    now[0] += 1
    gate.look()
    now[0] -= 30
    for number in range(100):
        name = b"%016d" % number
        assert gate.enter(b"node0001", Place(name), None) == "go"
        gate.leave(b"node0001", name, False)
