from __future__ import annotations

import random
from dataclasses import replace

from tests.guard.conftest import START
from tracking_site.guard.policy import Policy
from tracking_site.guard.rows import BIN_SECONDS, CircuitState, CircuitView

POLICY = Policy()
HOUR = 3_600


class Site:
    """A site that answers numbers, a bin at a time."""

    def __init__(self, policy: Policy = POLICY, seed: int = 1):
        self.policy = policy
        self.random = random.Random(seed)
        self.now = START // HOUR * HOUR
        self.state = CircuitState.fresh(policy).advanced(self.now, policy)

    def bin(self, numbers: int, miss_rate: float, heavy_share: float = 0.1) -> CircuitView:
        misses = round(numbers * miss_rate)
        for n in range(numbers):
            self.state.count(n < misses, self.random.random() < heavy_share)
        self.now += BIN_SECONDS
        self.state = self.state.advanced(self.now, self.policy)
        return self.view()

    def view(self) -> CircuitView:
        return self.state.view(False, self.policy)


def test_an_ordinary_day_raises_no_alarm() -> None:
    site = Site()
    for _ in range(288):
        drawn = sum(site.random.random() < 0.11 for _ in range(600)) / 600
        assert site.bin(600, drawn).alarm == 0


def test_a_spike_of_misses_raises_the_alarm_and_a_second_one_to_its_highest() -> None:
    site = Site()
    site.bin(2_000, 0.11)
    assert site.bin(2_000, 0.30).alarm == 1
    assert site.bin(2_000, 0.30).alarm == 2
    assert site.bin(2_000, 0.30).alarm == 2


def test_a_surge_of_people_with_the_usual_misses_is_not_cut() -> None:
    site = Site()
    for _ in range(24):
        site.bin(1_000, 0.11)
    for _ in range(12):
        view = site.bin(20_000, 0.11)
        assert view == CircuitView(0, 0)


def test_few_numbers_say_nothing() -> None:
    site = Site()
    assert site.bin(199, 0.9).alarm == 0


def test_many_misses_that_may_be_chance_raise_nothing() -> None:
    site = Site()
    assert site.bin(200, 0.17).alarm == 0


def test_an_hour_of_somewhat_more_misses_raises_the_alarm_to_one() -> None:
    site = Site()
    views = [site.bin(2_000, 0.145) for _ in range(12)]
    assert max(view.alarm for view in views) == 1


def test_a_clean_list_raises_the_alarm_to_one() -> None:
    site = Site()
    views = [site.bin(2_000, 0.07) for _ in range(12)]
    assert max(view.alarm for view in views) == 1


def test_many_heavy_networks_raise_the_alarm_to_one() -> None:
    site = Site()
    for _ in range(96):
        assert site.bin(1_000, 0.11, heavy_share=0.1).alarm == 0
    views = [site.bin(1_000, 0.11, heavy_share=0.6) for _ in range(12)]
    assert max(view.alarm for view in views) == 1


def test_half_an_hour_of_calm_lowers_the_alarm_by_one() -> None:
    site = Site()
    for _ in range(2):
        site.bin(500, 0.5)
    alarms = [site.bin(2_000, 0.11).alarm for _ in range(30)]
    assert alarms[4] == 2
    assert alarms[-1] == 0
    assert sorted(alarms, reverse=True) == alarms


def test_silence_lowers_the_alarm_too() -> None:
    site = Site()
    for _ in range(2):
        site.bin(500, 0.5)
    site.now += 3 * HOUR
    site.state = site.state.advanced(site.now, POLICY)
    assert site.view().alarm == 0


def test_what_is_usual_is_learned() -> None:
    site = Site()
    for _ in range(24):
        site.bin(4_000, 0.125)
    assert abs(site.state.usual_miss - 0.125) < 0.004


def test_a_wrong_guess_at_the_start_is_corrected_within_hours() -> None:
    site = Site(replace(POLICY, usual_miss_rate=0.05))
    for _ in range(60):
        site.bin(1_000, 0.20)
    assert site.view().alarm == 0


def test_a_long_attack_cannot_become_usual_within_a_day() -> None:
    site = Site()
    for _ in range(288):
        site.bin(1_000, 0.11)
    usual = site.state.usual_miss
    for _ in range(288):
        site.bin(1_000, 0.5)
    assert site.view().alarm == 2
    assert site.state.usual_miss < usual + 0.06


def test_under_alarm_an_hour_far_beyond_its_forecast_reaches_the_ceilings() -> None:
    site = Site()
    for _ in range(24 * 12):
        site.bin(500, 0.11)
    assert site.state.forecast_now == 6_000
    site.bin(6_000, 0.5)
    assert site.view() == CircuitView(1, 0)
    site.bin(4_000, 0.5)
    assert site.view().ceilings == 1
    site.bin(10_000, 0.5)
    assert site.view().ceilings == 2


def test_each_day_moves_a_forecast_by_a_quarter_and_no_surge_by_more_than_half() -> None:
    site = Site()
    for a_bin, forecast in ((500, 6_000), (1_000, 7_500), (2_000, 7_500 + 7_500 / 2)):
        for _ in range(12):
            site.bin(a_bin, 0.11)
        site.now += 23 * HOUR
        site.state = site.state.advanced(site.now, POLICY)
        assert site.state.forecast_now == forecast


def test_without_a_forecast_nothing_is_shed() -> None:
    site = Site()
    for _ in range(6):
        site.bin(20_000, 0.5)
    assert site.view() == CircuitView(2, 0)


def test_in_a_siege_the_alarm_is_at_its_highest() -> None:
    assert Site().state.view(True, POLICY).alarm == 2


def test_a_clock_that_moved_back_a_little_goes_on_in_the_latest_bin() -> None:
    site = Site()
    before = site.state
    assert before.advanced(site.now - HOUR + 1, POLICY) is before


def test_a_clock_that_moved_back_far_keeps_what_was_learned_and_goes_on() -> None:
    site = Site()
    for _ in range(3):
        site.bin(500, 0.5)
    usual = site.state.usual_miss
    site.now -= 500 * HOUR
    site.state = site.state.advanced(site.now, POLICY)
    assert site.state.usual_miss == usual
    for _ in range(40):
        site.bin(1_000, usual)
    assert site.view().alarm == 0


def test_looking_ahead_changes_nothing() -> None:
    site = Site()
    site.bin(500, 0.5)
    ring = list(site.state.ring)
    later = site.state.advanced(site.now + 24 * HOUR, POLICY)
    assert later is not site.state
    assert site.state.ring == ring
