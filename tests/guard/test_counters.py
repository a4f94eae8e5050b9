"""Counting in memory: exact among threads, within bounds, and no thread of its own."""

import threading

from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from tests.clock import Clock
from tracking_site.guard.limits import Counters


def test_a_window_begins_with_the_first_count_and_ends() -> None:
    clock = Clock(1_000.0)
    limiter = FixedWindowRateLimiter(Counters(clock=clock))
    item = RateLimitItemPerMinute(2)
    assert [limiter.hit(item, "a") for _ in range(3)] == [True, True, False]
    assert limiter.hit(item, "b")
    assert limiter.get_window_stats(item, "a").reset_time == 1_060
    clock.now += 60
    assert limiter.hit(item, "a")


def test_parallel_counts_are_all_counted() -> None:
    counters = Counters()
    begin = threading.Barrier(16)

    def count() -> None:
        begin.wait()
        for _ in range(500):
            counters.incr("all", 60)

    threads = [threading.Thread(target=count) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counters.get("all") == 16 * 500


def test_a_million_networks_stay_within_the_bound() -> None:
    clock = Clock(1_000.0)
    counters = Counters(clock=clock, most_keys=1_000)
    for number in range(20_000):
        clock.now += 0.001
        counters.incr(f"network {number}", 60)
        assert len(counters._windows) <= 1_000
    assert counters.get("network 19999") == 1


def test_the_library_finds_it_by_its_name_and_no_thread_starts() -> None:
    before = threading.active_count()
    storage = storage_from_string("counters://")
    assert isinstance(storage, Counters)
    storage.incr("a", 60)
    assert threading.active_count() == before
    storage.clear("a")
    assert (storage.get("a"), storage.check(), storage.reset()) == (0, True, 0)
