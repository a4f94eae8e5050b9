"""Which errors of the core count against it, and what people are told while it rests."""

import time
from itertools import count
from threading import Thread
from unittest.mock import Mock

import pytest

from tests.claims_api.fakes import Clock, Crowd, FakeCore, eventually, number
from tracking_site.breaker import Breaker, BreakerConfig
from tracking_site.claims_api.client import Shielded
from tracking_site.claims_api.errors import (
    CoreError,
    Trouble,
)
from tracking_site.claims_api.source import ANYONE, Answer, Caller
from tracking_site.domain.identifiers import Identifier

ONE = number(1)
SLACK = 1.5
"""Seconds that a busy machine may add."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def core() -> FakeCore:
    return FakeCore()


@pytest.fixture
def shielded(core: FakeCore, clock: Clock) -> Shielded:
    return Shielded(core, Breaker(BreakerConfig(), clock, lambda: 0.0), 0.2)


OTHERS = count(2)


def ask(shielded: Shielded, times: int) -> CoreError:
    """Ask for so many numbers, of which nobody asked yet, and return what the last is told."""
    for _ in range(times):
        with pytest.raises(CoreError) as failed:
            shielded.answer_for(number(next(OTHERS)))
    return failed.value


@pytest.mark.parametrize(
    "error",
    [
        CoreError(Trouble.TIMEOUT),
        CoreError(Trouble.CONNECTION),
        CoreError(Trouble.CREDENTIALS),
        CoreError(Trouble.CONTENT_TYPE),
        CoreError(Trouble.TOO_LARGE),
    ],
    ids=lambda error: error.kind,
)
def test_a_core_that_fails_for_everyone_is_left_alone(
    shielded: Shielded, core: FakeCore, error: CoreError
) -> None:
    core.error = error
    refused = ask(shielded, 20)
    assert core.asked == 5
    assert isinstance(refused, CoreError)
    assert (refused.kind, refused.retry_after) == (Trouble.BREAKER_OPEN, pytest.approx(2))


@pytest.mark.parametrize(
    "error",
    [
        CoreError(Trouble.NO_ROOM),
        CoreError(Trouble.REQUEST_REFUSED),
        CoreError(Trouble.SHAPE),
    ],
    ids=lambda error: error.kind,
)
def test_one_broken_number_or_a_full_house_shuts_nobody_out(
    shielded: Shielded, core: FakeCore, error: CoreError
) -> None:
    core.error = error
    ask(shielded, 20)
    assert core.asked == 20
    core.comes_back()
    assert shielded.answer_for(ONE).snapshot.claims


def test_a_number_for_which_the_core_fails_shuts_nobody_else_out(
    shielded: Shielded, core: FakeCore, clock: Clock
) -> None:
    core.goes_down()
    for _ in range(20):
        with pytest.raises(CoreError) as failed:
            shielded.answer_for(ONE)
        assert failed.value.kind == Trouble.SERVER_ERROR
    # Where others fail too the core is left alone, and that number is no reason to rest longer.
    assert ask(shielded, 5).kind == Trouble.BREAKER_OPEN
    for _ in range(20):
        clock.pass_(2.1)
        with pytest.raises(CoreError):
            shielded.answer_for(ONE)
    core.comes_back()
    assert shielded.answer_for(number(2)).snapshot.claims


class FullCore(FakeCore):
    """Answers one number, once it is let, and tells all others that there is too much."""

    def answer_for(self, identifier: Identifier, caller: Caller = ANYONE) -> Answer:
        if identifier == ONE:
            return super().answer_for(identifier, caller)
        raise CoreError(self.kind)

    kind = Trouble.SERVER_ERROR


@pytest.mark.parametrize("kind", [Trouble.SERVER_ERROR, Trouble.TOO_MANY, Trouble.TIMEOUT])
def test_a_full_core_is_left_to_the_bound_while_it_has_others_to_answer(
    clock: Clock, kind: Trouble
) -> None:
    core = FullCore()
    core.kind = kind
    core.gate.clear()
    shielded = Shielded(core, Breaker(BreakerConfig(), clock, lambda: 0.0), 0.2)
    crowd = Crowd()
    crowd.start(lambda: shielded.answer_for(ONE))
    assert core.arrived.wait(5)
    assert ask(shielded, 20).kind == kind
    core.gate.set()
    (found,) = crowd.join()
    assert isinstance(found, Answer)
    assert ask(shielded, 20).kind == Trouble.BREAKER_OPEN


def test_the_time_that_the_core_names_is_obeyed(
    shielded: Shielded, core: FakeCore, clock: Clock
) -> None:
    core.goes_down(retry_after=40)
    ask(shielded, 1)
    core.comes_back()
    assert ask(shielded, 10).retry_after == pytest.approx(40)
    assert core.asked == 1
    clock.pass_(40.1)
    assert shielded.answer_for(ONE).snapshot.claims


def test_a_core_that_is_back_is_found_by_one_probe(
    shielded: Shielded, core: FakeCore, clock: Clock
) -> None:
    core.goes_down()
    ask(shielded, 5)
    clock.pass_(2.1)
    ask(shielded, 1)
    assert core.asked == 6
    core.comes_back()
    clock.pass_(4.1)
    for _ in range(3):
        shielded.answer_for(ONE)
    assert core.asked == 9


def test_a_core_that_is_still_slow_costs_the_one_who_probes_it_no_more_than_a_moment(
    shielded: Shielded, core: FakeCore, clock: Clock
) -> None:
    core.goes_down()
    ask(shielded, 5)
    clock.pass_(2.1)
    core.comes_back()
    core.gate.clear()
    late: list[Answer] = []
    began = time.monotonic()
    with pytest.raises(CoreError) as waited:
        shielded.answer_for(ONE, Caller(when_late=late.append))
    assert time.monotonic() - began < 0.2 + SLACK
    assert waited.value.kind == Trouble.TIMEOUT
    assert ask(shielded, 3).kind == Trouble.BREAKER_OPEN
    assert core.asked == 6
    core.gate.set()
    eventually(lambda: len(late) == 1)
    assert shielded.answer_for(ONE).snapshot.claims


def test_a_slow_probe_that_fails_in_the_end_keeps_the_breaker_open(
    shielded: Shielded, core: FakeCore, clock: Clock
) -> None:
    core.goes_down()
    ask(shielded, 5)
    clock.pass_(2.1)
    core.gate.clear()
    ask(shielded, 1)
    core.gate.set()
    eventually(lambda: ask(shielded, 1).retry_after == pytest.approx(4))
    assert core.asked == 6


def test_where_no_thread_can_begin_the_next_one_tries_whether_the_core_is_back(
    shielded: Shielded, core: FakeCore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    core.error = CoreError(Trouble.TIMEOUT)
    ask(shielded, 5)
    core.error = None
    clock.pass_(60)
    with monkeypatch.context() as full:
        full.setattr(Thread, "start", Mock(side_effect=RuntimeError))
        assert ask(shielded, 1).kind == Trouble.NO_ROOM
    assert shielded.answer_for(ONE)
