"""Work and waiting that were not done for this number are worth nothing."""

import pytest

from drills.attack.attacks import forgery
from tests.attack.conftest import SceneOn
from tests.attack.test_one_process import CARELESS, WHOLE, Attack, name_of

ATTACKS: list[Attack] = [forgery.forged_work, forgery.forged_waiting]


@pytest.mark.parametrize("attack", ATTACKS, ids=name_of)
def test_nothing_forged_is_accepted(scene_on: SceneOn, attack: Attack) -> None:
    finding = attack(scene_on(WHOLE))
    assert finding.holds, finding


@pytest.mark.parametrize("attack", ATTACKS, ids=name_of)
def test_the_attack_shows_that_a_guard_is_gullible(scene_on: SceneOn, attack: Attack) -> None:
    finding = attack(scene_on(CARELESS))
    assert not finding.holds, finding
