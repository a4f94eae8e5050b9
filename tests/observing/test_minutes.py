"""The last hour by the minute, over all processes of a node."""

import multiprocessing

import pytest

from tests.claims_api.fakes import Clock
from tracking_site.observing.metrics import COLUMNS, MINUTES, Minutes


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_last_hour_has_sixty_minutes_and_forgets_older_ones(clock: Clock) -> None:
    minutes = Minutes(clock)
    minutes.add("answered")
    clock.pass_(60)
    minutes.add("answered", 2)
    hour = minutes.last_hour()
    assert len(hour) == MINUTES
    assert [minute.counts["answered"] for minute in hour[-3:]] == [0, 1, 2]
    assert [minute.at for minute in hour] == list(range(hour[0].at, hour[0].at + MINUTES))
    clock.pass_(59 * 60)
    assert minutes.last_hour()[0].counts["answered"] == 2
    clock.pass_(60)
    assert sum(minute.counts["answered"] for minute in minutes.last_hour()) == 0


def test_a_slot_is_begun_anew_when_its_minute_comes_round(clock: Clock) -> None:
    minutes = Minutes(clock)
    minutes.add("refused", 5)
    clock.pass_(64 * 60)
    minutes.add("refused")
    assert minutes.last_hour()[-1].counts["refused"] == 1


def test_processes_are_added_up_and_the_dead_ones_still_count(clock: Clock) -> None:
    minutes = Minutes(clock)
    minutes.add("answered")
    context = multiprocessing.get_context("fork")
    for column in ("answered", "stale"):
        process = context.Process(target=minutes.add, args=(column, 100))
        process.start()
        process.join()
    now = minutes.last_hour()[-1].counts
    assert (now["answered"], now["stale"]) == (101, 100)
    clock.pass_(59 * 60)
    assert minutes.last_hour()[0].counts["answered"] == 101


def test_of_nothing_that_was_counted_every_column_says_none() -> None:
    assert Minutes().last_hour()[0].counts == dict.fromkeys(COLUMNS, 0)
