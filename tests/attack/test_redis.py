"""Four processes over one Redis: exact budgets, and small ones once it is gone."""

import pytest

from drills.attack.attacks import budgets, outage, serials
from drills.attack.running import Build
from tests.attack.conftest import SceneOn

pytestmark = pytest.mark.redis

FOUR = Build(processes=4)


def test_four_processes_give_three_free_numbers_together(scene_on: SceneOn) -> None:
    finding = budgets.new_numbers_at_once(scene_on(FOUR))
    assert finding.holds, finding


def test_a_whole_24_at_once_learns_no_more_than_one_after_the_other(scene_on: SceneOn) -> None:
    finding = budgets.list_from_24_at_once(scene_on(FOUR))
    assert finding.holds, finding


def test_a_full_redis_turns_nobody_away_and_lets_no_scan_through(scene_on: SceneOn) -> None:
    finding = outage.redis_full(scene_on(FOUR))
    assert finding.holds, finding


def test_an_attack_goes_on_with_little_when_redis_is_killed(scene_on: SceneOn) -> None:
    finding = outage.redis_killed(scene_on(FOUR))
    assert finding.holds, finding


def test_processes_alone_give_one_persons_serials_no_more(scene_on: SceneOn) -> None:
    finding = serials.serials_without_redis(scene_on(FOUR))
    assert finding.holds, finding


def test_the_attack_shows_that_all_is_let_through_without_redis(scene_on: SceneOn) -> None:
    finding = outage.redis_killed(scene_on(Build(redis=True, drill="all_without_redis")))
    assert not finding.holds, finding
