"""Nobody pays for a stranger: neither a partner's readers nor the machine for made-up names."""

import pytest

from drills.attack.attacks import embedded
from drills.attack.running import Build
from tests.attack.conftest import SceneOn
from tests.attack.test_one_process import WHOLE, Attack

EMBEDDED = Build(settings=embedded.PARTNERS)
ATTACKS: list[tuple[Attack, Build, Build]] = [
    (
        embedded.partner_quota,
        EMBEDDED,
        Build(settings=embedded.PARTNERS, drill="counts_strangers"),
    ),
    (embedded.made_up_hosts, WHOLE, Build(drill="compresses_for_any_host")),
]


@pytest.mark.parametrize(("attack", "build", "hole"), ATTACKS, ids=["partner", "hosts"])
def test_the_bounds_hold(scene_on: SceneOn, attack: Attack, build: Build, hole: Build) -> None:
    finding = attack(scene_on(build))
    assert finding.holds, finding


@pytest.mark.parametrize(("attack", "build", "hole"), ATTACKS, ids=["partner", "hosts"])
def test_the_attack_shows_the_hole(
    scene_on: SceneOn, attack: Attack, build: Build, hole: Build
) -> None:
    finding = attack(scene_on(hole))
    assert not finding.measures[0].holds, finding
    assert all(each.holds for each in finding.measures[1:]), finding
