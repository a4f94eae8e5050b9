"""Attacks on the copy with its ledger in memory, and on one that counts nothing at all."""

from collections.abc import Callable

import pytest

from drills.attack.attacks import budgets, crowd, serials, spellings
from drills.attack.finding import Finding, Scene
from drills.attack.running import Build
from tests.attack.conftest import SceneOn

Attack = Callable[[Scene], Finding]

WHOLE = Build()
COUNTS_NOTHING = Build(drill="counts_nothing")

CARELESS = Build(drill="gullible_and_asks_first")

ATTACKS: list[Attack] = [
    budgets.new_numbers_at_once,
    spellings.one_number_fifty_ways,
    spellings.two_numbers_in_one_request,
    serials.serials,
    serials.cards,
    budgets.guessing,
    budgets.guessing_with_work_in_store,
    budgets.lists_from_one_address,
    budgets.list_from_64,
]


def name_of(attack: Attack) -> str:
    return attack.__name__


@pytest.mark.parametrize("attack", [*ATTACKS, crowd.crowd], ids=name_of)
def test_the_bounds_hold(scene_on: SceneOn, attack: Attack) -> None:
    finding = attack(scene_on(WHOLE))
    assert finding.holds, finding


@pytest.mark.parametrize("attack", [*ATTACKS, budgets.list_from_48], ids=name_of)
def test_the_attack_shows_that_nothing_is_counted(scene_on: SceneOn, attack: Attack) -> None:
    finding = attack(scene_on(COUNTS_NOTHING))
    assert not finding.holds, finding
