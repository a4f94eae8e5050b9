"""Observed durations arrive behind the page and never hold it up."""

import threading

from tracking_site.claims_api.durations import REFRESH_SECONDS, RETRY_SECONDS, ObservedDurations
from tracking_site.claims_api.errors import CoreUnavailable, Trouble
from tracking_site.domain.claims import StageDuration


def duration(stage: str, claims: int = 100) -> StageDuration:
    return StageDuration("jht", stage, 1, 2, 3, claims=claims, window_days=90)


class Core:
    def __init__(self) -> None:
        self.answer: tuple[StageDuration, ...] | None = (duration("assessment"),)
        self.asked = 0
        self.done = threading.Event()

    def __call__(self) -> tuple[StageDuration, ...]:
        self.asked += 1
        try:
            if self.answer is None:
                raise CoreUnavailable(Trouble.TIMEOUT)
            return self.answer
        finally:
            self.done.set()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def settle(durations: ObservedDurations, core: Core) -> None:
    core.done.wait(5)
    for thread in threading.enumerate():
        if thread.name == "durations":
            thread.join(5)


def test_the_first_call_answers_at_once_and_later_ones_know() -> None:
    core = Core()
    durations = ObservedDurations(core, Clock())
    assert durations() == {}
    settle(durations, core)
    assert durations()["jht", "assessment"].p50 == 2
    assert core.asked == 1


def test_stages_with_few_claims_are_left_out() -> None:
    core = Core()
    core.answer = (duration("approval", claims=29), duration("payment", claims=30))
    durations = ObservedDurations(core, Clock())
    durations()
    settle(durations, core)
    assert set(durations()) == {("jht", "payment")}


def test_they_are_refreshed_after_an_hour_and_kept_when_the_core_is_down() -> None:
    core, clock = Core(), Clock()
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
