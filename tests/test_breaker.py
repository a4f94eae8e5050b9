"""The breaker: when it opens, whom it lets through, and that stragglers change nothing."""

from collections.abc import Callable
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.claims_api.fakes import Clock, Crowd
from tracking_site.breaker import Breaker, BreakerConfig, Resting


def no_jitter() -> float:
    return 0.0


class Turns(list[str]):
    def __call__(self, state: str) -> None:
        self.append(state)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def breaker(clock: Clock, turns: Turns) -> Breaker:
    return Breaker(BreakerConfig(), clock, no_jitter, turns)


def fail(breaker: Breaker, times: int = 5) -> None:
    for _ in range(times):
        breaker.failed(breaker.enter())


def seconds_refused(breaker: Breaker) -> float:
    with pytest.raises(Resting) as resting:
        breaker.enter()
    return resting.value.seconds


def test_it_opens_after_failures_in_a_row(breaker: Breaker, turns: Turns) -> None:
    fail(breaker, 4)
    breaker.enter()
    fail(breaker, 1)
    assert seconds_refused(breaker) == pytest.approx(2)
    assert turns == ["open"]


def test_a_success_in_between_starts_the_count_anew(breaker: Breaker) -> None:
    for _ in range(10):
        fail(breaker, 4)
        breaker.succeeded(breaker.enter())
    breaker.enter()


def test_after_its_rest_one_probe_is_let_through(
    breaker: Breaker, clock: Clock, turns: Turns
) -> None:
    fail(breaker)
    clock.pass_(2.01)
    probe = breaker.enter()
    for _ in range(100):
        assert seconds_refused(breaker) == 1
    breaker.succeeded(probe)
    breaker.enter()
    assert turns == ["open", "half_open", "closed"]


def test_of_a_crowd_after_the_rest_one_gets_through(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.pass_(2.01)
    crowd = Crowd()
    for _ in range(50):
        crowd.start(breaker.enter)
    results = crowd.join()
    assert sum(not isinstance(each, Resting) for each in results) == 1


def test_a_failed_probe_doubles_the_rest_up_to_its_longest(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    rests = []
    for _ in range(6):
        rests.append(seconds_refused(breaker))
        clock.pass_(rests[-1] + 0.01)
        breaker.failed(breaker.enter())
    assert rests == pytest.approx([2, 4, 8, 16, 30, 30])


def test_after_a_success_the_rest_is_short_again(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.pass_(2.01)
    breaker.failed(breaker.enter())
    clock.pass_(4.01)
    breaker.succeeded(breaker.enter())
    fail(breaker)
    assert seconds_refused(breaker) == pytest.approx(2)


def test_a_named_time_is_obeyed_at_the_first_failure(breaker: Breaker, clock: Clock) -> None:
    breaker.failed(breaker.enter(), retry_after=17)
    assert seconds_refused(breaker) == pytest.approx(17)
    clock.pass_(16.9)
    seconds_refused(breaker)
    clock.pass_(0.2)
    breaker.enter()


def test_a_probe_that_says_nothing_makes_way_for_the_next(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.pass_(2.01)
    breaker.abandoned(breaker.enter())
    breaker.succeeded(breaker.enter())
    breaker.enter()


def test_stragglers_from_before_it_opened_change_nothing(breaker: Breaker, clock: Clock) -> None:
    before = [breaker.enter() for _ in range(3)]
    fail(breaker)
    breaker.succeeded(before[0])
    breaker.failed(before[1], retry_after=300)
    assert seconds_refused(breaker) == pytest.approx(2)
    clock.pass_(2.01)
    probe = breaker.enter()
    breaker.abandoned(before[2])
    assert seconds_refused(breaker) == 1
    breaker.succeeded(probe)


def test_nothing_is_held_while_a_call_runs(breaker: Breaker) -> None:
    calls = [breaker.enter() for _ in range(1000)]
    for call in calls:
        breaker.succeeded(call)


@given(st.lists(st.sampled_from(["ok", "bad", "none", "wait"]), max_size=60), st.floats(0, 0.99))
def test_at_most_one_is_let_through_between_two_rests(script: list[str], chance: float) -> None:
    clock = Clock()
    breaker = Breaker(BreakerConfig(failures=2), clock, lambda: chance)
    report: dict[str, Callable[[int], None]] = {
        "ok": breaker.succeeded,
        "bad": breaker.failed,
        "none": breaker.abandoned,
    }
    in_a_row = 0
    for step in script:
        if step == "wait":
            clock.pass_(31)
            continue
        try:
            allowed = breaker.enter()
        except Resting as resting:
            assert in_a_row >= 2
            assert 0 < resting.seconds <= 30
            continue
        report[step](allowed)
        in_a_row = {"ok": 0, "bad": in_a_row + 1, "none": in_a_row}[step]


@pytest.mark.parametrize(("is_awaited", "longest"), [(False, 30), (True, 5)])
def test_while_people_stand_in_a_line_it_rests_five_seconds_at_most(
    clock: Clock, is_awaited: bool, longest: float
) -> None:
    breaker = Breaker(BreakerConfig(), clock, no_jitter, is_awaited=lambda: is_awaited)
    fail(breaker)
    for _ in range(8):
        clock.pass_(60)
        breaker.failed(breaker.enter())
    assert seconds_refused(breaker) == pytest.approx(longest)


def test_nothing_is_held_while_it_is_asked_whether_people_stand_in_a_line(clock: Clock) -> None:
    """That asks another store, which may take its time."""
    told: list[float] = []

    def asks_the_breaker_itself() -> bool:
        other = Thread(target=lambda: told.append(seconds_refused(breaker)), daemon=True)
        other.start()
        other.join(5)
        return True

    breaker = Breaker(BreakerConfig(), clock, no_jitter, is_awaited=asks_the_breaker_itself)
    fail(breaker)
    for _ in range(3):
        clock.pass_(31)
        fail(breaker, 1)
    assert told


def test_a_full_other_side_is_not_down_while_those_who_came_before_wait_for_it(
    breaker: Breaker, clock: Clock, turns: Turns
) -> None:
    first = breaker.enter()
    for _ in range(20):
        breaker.failed(breaker.enter(), may_be_full=True)
    breaker.enter()
    assert turns == []
    # Who came first has what those behind him could have had.
    breaker.failed(first, may_be_full=True)
    assert turns == []


def test_one_that_nobody_waits_for_counts_however_full_it_may_be(
    breaker: Breaker, clock: Clock, turns: Turns
) -> None:
    for _ in range(5):
        breaker.failed(breaker.enter(), may_be_full=True)
    assert turns == ["open"]


@pytest.mark.parametrize(
    ("retry_after", "may_be_full"),
    [(None, False), (17.0, True)],
    ids=["other", "told when"],
)
def test_what_says_more_than_that_it_is_full_counts_whoever_waits(
    breaker: Breaker, turns: Turns, retry_after: float | None, may_be_full: bool
) -> None:
    breaker.enter()
    for _ in range(5):
        breaker.failed(breaker.enter(), retry_after, may_be_full=may_be_full)
        if turns:
            break
    assert turns == ["open"]


def test_a_probe_counts_though_somebody_from_before_still_waits(
    breaker: Breaker, clock: Clock, turns: Turns
) -> None:
    hanging = breaker.enter()
    fail(breaker)
    clock.now += 10
    breaker.failed(breaker.enter(), may_be_full=True)
    assert turns == ["open", "half_open", "open"]
    clock.now += 100
    breaker.succeeded(breaker.enter())
    breaker.succeeded(hanging)
    assert turns[-1] == "closed"
