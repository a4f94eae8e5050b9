"""A process that dies, or is sent what nobody can read, gives nobody anything."""

from collections.abc import Callable

import pytest

from drills.attack.attacks import broken
from drills.attack.finding import Finding, Scene
from drills.attack.running import Build
from tests.attack.conftest import SceneOn

Attack = Callable[[Scene], Finding]

# Copies of their own: the other attacks do not expect a worker to be gone.
WHOLE = Build(settings={"WEB_THREADS": "6"})
KEEPS_NOTHING = Build(drill="keeps_nothing")
QUOTES = Build(drill="quotes_what_it_cannot_read")

ATTACKS: list[tuple[Attack, Build]] = [
    (broken.guessing_between_deaths, KEEPS_NOTHING),
    (broken.serials_between_deaths, KEEPS_NOTHING),
    (broken.frozen, QUOTES),
]
NAMES = [attack.__name__ for attack, _ in ATTACKS]


@pytest.mark.parametrize("attack", [attack for attack, _ in ATTACKS], ids=NAMES)
def test_the_bounds_hold(scene_on: SceneOn, attack: Attack) -> None:
    finding = attack(scene_on(WHOLE))
    assert finding.holds, finding


@pytest.mark.parametrize(("attack", "hole"), ATTACKS, ids=NAMES)
def test_the_attack_shows_the_hole(scene_on: SceneOn, attack: Attack, hole: Build) -> None:
    finding = attack(scene_on(hole))
    assert not finding.holds, finding
