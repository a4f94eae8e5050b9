from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tracking_site.guard.partners import PartnerHour, advanced, counted, level
from tracking_site.guard.policy import Policy

POLICY = Policy()


def after(counts: list[int], start: int = 1_000) -> PartnerHour:
    """A partner with so many numbers in hours that follow each other."""
    traffic = advanced(PartnerHour(), start, start // 24, POLICY)
    for n, numbers in enumerate(counts, start=1):
        traffic = traffic._replace(numbers=numbers)
        traffic = advanced(traffic, start + n, (start + n) // 24, POLICY)
    return traffic


def test_an_ordinary_hour_costs_nothing() -> None:
    traffic = after([2_000] * 200)
    assert level(traffic._replace(numbers=2_000), 0, POLICY) == 0
    assert level(traffic._replace(numbers=5_000), 0, POLICY) == 0


def test_three_usual_hours_in_one_cost_one_level() -> None:
    traffic = after([2_000] * 200)
    assert level(traffic._replace(numbers=6_000), 0, POLICY) == 1


def test_a_small_partner_may_be_read() -> None:
    traffic = after([3] * 100)
    assert level(traffic._replace(numbers=3 * POLICY.partner_least - 1), 0, POLICY) == 0
    assert level(traffic._replace(numbers=3 * POLICY.partner_least), 0, POLICY) == 1


def test_a_burst_does_not_become_usual() -> None:
    calm, burst = after([1_000] * 100), after([1_000] * 100 + [1_000_000])
    assert burst.usual < 1.05 * calm.usual


def test_hours_without_anybody_count_too() -> None:
    busy = after([2_000] * 100)
    later = advanced(busy, busy.hour + 30, busy.day + 1, POLICY)
    assert POLICY.partner_least <= later.usual < busy.usual


def test_a_daily_quota_that_is_used_up_costs_one_level_until_tomorrow() -> None:
    traffic = after([])
    for _ in range(5):
        assert level(traffic, 5, POLICY) == 0
        traffic = counted(traffic)
    assert level(traffic, 5, POLICY) == 1
    assert level(traffic, 0, POLICY) == 0
    tomorrow = advanced(traffic, traffic.hour + 24, traffic.day + 1, POLICY)
    assert level(tomorrow, 5, POLICY) == 0


def test_a_clock_that_moved_back_goes_on_in_the_latest_hour() -> None:
    traffic = counted(after([500]))
    assert advanced(traffic, traffic.hour - 5, traffic.day, POLICY) == traffic
    far = advanced(traffic, traffic.hour - 100, traffic.day - 4, POLICY)
    assert (far.hour, far.numbers) == (traffic.hour - 100, 0)


@given(st.lists(st.integers(0, 100_000), max_size=60), st.integers(0, 10**6))
def test_whatever_happens_the_price_is_one_level_at_most(counts: list[int], now: int) -> None:
    traffic = after(counts)._replace(numbers=now, today=now)
    assert level(traffic, 10, replace(POLICY, partner_least=1)) in (0, 1)
