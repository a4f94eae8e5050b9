"""Observed durations: the first lookup has them, and none is held up by them for long."""

import threading
from unittest.mock import Mock

import pytest

from tests.clock import Clock
from tracking_site.claims_api.contract import REFRESH_SECONDS, RETRY_SECONDS, ObservedDurations
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.domain.claims import StageDuration


def duration(stage: str, claims: int = 100) -> StageDuration:
    return StageDuration("jht", stage, 1, 2, 3, claims=claims)


class Core:
    def __init__(self) -> None:
        self.answer: tuple[StageDuration, ...] | None = (duration("assessment"),)
        self.asked = 0
        self.done = threading.Event()

    def __call__(self) -> tuple[StageDuration, ...]:
        self.asked += 1
        try:
            if self.answer is None:
                raise CoreError(Trouble.TIMEOUT)
            return self.answer
        finally:
            self.done.set()


class Recorded(threading.Event):
    """An event that remembers for how long it was waited for."""

    def __init__(self, waits: list[float]) -> None:
        super().__init__()
        self._waits = waits

    def wait(self, timeout: float | None = None) -> bool:
        self._waits.append(timeout or 0.0)
        return super().wait(timeout)


def settle(durations: ObservedDurations, core: Core) -> None:
    core.done.wait(5)
    for thread in threading.enumerate():
        if thread.name == "durations":
            thread.join(5)


def test_the_first_call_has_them() -> None:
    core = Core()
    durations = ObservedDurations(core, Clock(0.0))
    assert durations()["jht", "assessment"].p50 == 2
    assert core.asked == 1


def test_nobody_is_asked_and_no_thread_begins_before_the_first_call() -> None:
    before = threading.active_count()
    core = Core()
    ObservedDurations(core, Clock(0.0))
    assert threading.active_count() == before
    assert core.asked == 0


def test_a_slow_core_holds_the_first_call_for_its_bound_and_no_later_one() -> None:
    answers = threading.Event()

    def slow() -> tuple[StageDuration, ...]:
        answers.wait(30)
        return (duration("assessment"),)

    waits: list[float] = []
    durations = ObservedDurations(slow, Clock(0.0), first_wait=0.05)
    durations._is_settled = Recorded(waits)
    assert durations() == durations() == {}
    assert waits == [0.05]
    answers.set()
    for thread in threading.enumerate():
        if thread.name == "durations":
            thread.join(5)
    assert set(durations()) == {("jht", "assessment")}


def test_those_who_come_together_are_all_given_them_by_one_request() -> None:
    core, seen = Core(), []
    durations = ObservedDurations(core, Clock(0.0), first_wait=5)
    threads = [threading.Thread(target=lambda: seen.append(durations())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert [set(each) for each in seen] == [{("jht", "assessment")}] * 8
    assert core.asked == 1


def test_stages_with_few_claims_are_left_out() -> None:
    core = Core()
    core.answer = (duration("approval", claims=29), duration("payment", claims=30))
    durations = ObservedDurations(core, Clock(0.0))
    durations()
    settle(durations, core)
    assert set(durations()) == {("jht", "payment")}


def test_they_are_refreshed_after_an_hour_and_kept_when_the_core_is_down() -> None:
    core, clock = Core(), Clock(0.0)
    durations = ObservedDurations(core, clock)
    durations()
    settle(durations, core)
    core.answer, clock.now = None, REFRESH_SECONDS
    core.done.clear()
    durations()
    settle(durations, core)
    assert core.asked == 2
    clock.now += RETRY_SECONDS - 1
    assert set(durations()) == {("jht", "assessment")}
    assert core.asked == 2


def test_where_no_thread_can_begin_nobody_waits_and_it_is_asked_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    core, clock = Core(), Clock(0.0)
    durations = ObservedDurations(core, clock, first_wait=5)
    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", Mock(side_effect=RuntimeError))
        assert durations() == {}
    clock.now += RETRY_SECONDS
    durations()
    settle(durations, core)
    assert set(durations()) == {("jht", "assessment")}
