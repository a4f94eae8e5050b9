"""With the second field on nobody is shown another card's claims, and wrong ends tell nothing."""

import pytest

from drills.attack.attacks import second_factor
from drills.attack.rows import ONE_CARD
from drills.attack.running import Build
from tests.attack.conftest import SceneOn
from tests.attack.test_one_process import Attack, name_of

WHOLE = Build(settings=ONE_CARD)
ATTACKS: list[tuple[Attack, str]] = [
    (second_factor.each_card_its_own, "one_rendering_for_all_cards"),
    (second_factor.wrong_ends_in_an_outage, "tells_wrong_ends"),
    (second_factor.ends_of_one_number, "no_cells"),
]


@pytest.mark.parametrize("attack", [attack for attack, _ in ATTACKS], ids=name_of)
def test_each_card_is_a_secret_of_its_own(scene_on: SceneOn, attack: Attack) -> None:
    finding = attack(scene_on(WHOLE))
    assert finding.holds, finding


@pytest.mark.parametrize(("attack", "drill"), ATTACKS)
def test_the_attack_shows_the_hole(scene_on: SceneOn, attack: Attack, drill: str) -> None:
    finding = attack(scene_on(Build(settings=ONE_CARD, drill=drill)))
    assert not finding.measures[0].holds, finding
    assert all(each.holds for each in finding.measures[1:]), finding
