"""A challenge and a refusal are the same for numbers that exist and numbers that do not."""

from drills.attack.attacks.sameness import area_under_curve, existing_and_missing
from drills.attack.finding import Finding
from tests.attack.conftest import SceneOn
from tests.attack.test_one_process import CARELESS, WHOLE


def counts_hold(finding: Finding) -> bool:
    """Leave out what comes of times: `make attack` judges those, over many more samples."""
    return all(each.holds for each in finding.measures if not each.name.startswith("AUC"))


def test_neither_bytes_nor_the_core_tell_whether_a_number_exists(scene_on: SceneOn) -> None:
    finding = existing_and_missing(scene_on(WHOLE))
    assert counts_hold(finding), finding


def test_the_attack_shows_that_the_core_is_asked_first(scene_on: SceneOn) -> None:
    finding = existing_and_missing(scene_on(CARELESS))
    assert not counts_hold(finding), finding


def test_the_area_under_the_curve_is_the_chance_to_be_slower() -> None:
    assert area_under_curve([3, 4], [1, 2]) == 1
    assert area_under_curve([1, 2], [3, 4]) == 0
    assert area_under_curve([1, 4], [2, 3]) == 0.5
