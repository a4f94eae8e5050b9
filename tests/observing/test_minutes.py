"""The last hour by the minute, over all processes of a node."""

import multiprocessing
import os
from pathlib import Path

import pytest

from tests.claims_api.fakes import NOW, Clock
from tracking_site.observing.metrics import COLUMNS, MINUTES, Minutes, keep_dead_ring


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.mark.parametrize("has_folder", [False, True])
def test_the_last_hour_has_sixty_minutes_and_forgets_older_ones(
    has_folder: bool, tmp_path: Path, clock: Clock
) -> None:
    minutes = Minutes(tmp_path if has_folder else None, clock)
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
    minutes = Minutes(None, clock)
    minutes.add("refused", 5)
    clock.pass_(64 * 60)
    minutes.add("refused")
    assert minutes.last_hour()[-1].counts["refused"] == 1


def _count(folder: Path, column: str) -> None:
    minutes = Minutes(folder, lambda: NOW)
    for _ in range(100):
        minutes.add(column)


def test_processes_are_added_up_and_the_dead_ones_still_count(tmp_path: Path) -> None:
    mine = Minutes(tmp_path, lambda: NOW)
    mine.add("answered")
    context = multiprocessing.get_context("fork")
    for column in ("answered", "stale"):
        process = context.Process(target=_count, args=(tmp_path, column))
        process.start()
        process.join()
    now = mine.last_hour()[-1].counts
    assert (now["answered"], now["stale"]) == (101, 100)


def test_what_a_dead_process_counted_is_kept_for_its_hour_and_dropped_then(
    tmp_path: Path, clock: Clock
) -> None:
    minutes = Minutes(tmp_path, clock)
    minutes.add("answered", 3)
    keep_dead_ring(os.getpid(), tmp_path, clock())
    assert minutes.last_hour()[-1].counts["answered"] == 3
    clock.pass_(59 * 60)
    keep_dead_ring(1, tmp_path, clock())
    assert minutes.last_hour()[0].counts["answered"] == 3
    clock.pass_(60)
    keep_dead_ring(1, tmp_path, clock())
    assert list(tmp_path.iterdir()) == []


def test_a_forked_process_begins_a_ring_of_its_own(tmp_path: Path) -> None:
    mine = Minutes(tmp_path, lambda: NOW)
    mine.add("core")
    context = multiprocessing.get_context("fork")
    process = context.Process(target=mine.add, args=("core",))
    process.start()
    process.join()
    assert len(list(tmp_path.iterdir())) == 2
    assert mine.last_hour()[-1].counts["core"] == 2


def test_a_folder_that_is_gone_stops_nothing(tmp_path: Path) -> None:
    minutes = Minutes(tmp_path / "gone", lambda: NOW)
    minutes.add("answered")
    assert len(minutes.last_hour()) == MINUTES
    assert set(minutes.last_hour()[0].counts) == set(COLUMNS)
