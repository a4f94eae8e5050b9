"""Outages and known numbers buy no guesses, and neighbours of guessers are served."""

from collections.abc import Callable

import pytest

from drills.attack.attacks import evidence
from drills.attack.finding import Finding, Scene
from drills.attack.running import Build
from tests.attack.conftest import SceneOn

pytestmark = pytest.mark.redis

Attack = Callable[[Scene], Finding]

OVER_REDIS = Build(redis=True)
FOUR = Build(processes=4)
"""A copy for the buyers alone: what they ask would raise the alarm for the others."""


@pytest.mark.parametrize(
    ("attack", "copy"),
    [
        (evidence.guessing_through_an_outage, OVER_REDIS),
        (evidence.beside_guessers, OVER_REDIS),
        (evidence.known_numbers, FOUR),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
def test_the_bounds_hold(scene_on: SceneOn, attack: Attack, copy: Build) -> None:
    finding = attack(scene_on(copy))
    assert finding.holds, finding


@pytest.mark.parametrize(
    ("attack", "drill"),
    [
        (evidence.guessing_through_an_outage, "repeats_what_was_asked"),
        (evidence.beside_guessers, "refuses_neighbours"),
        (evidence.known_numbers, "credits_again"),
    ],
    ids=lambda each: getattr(each, "__name__", each),
)
def test_the_attack_finds_the_hole(scene_on: SceneOn, attack: Attack, drill: str) -> None:
    finding = attack(scene_on(Build(redis=True, drill=drill)))
    assert not finding.holds, finding
