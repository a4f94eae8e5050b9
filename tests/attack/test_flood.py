"""However many addresses come, memory is bounded and those that were refused stay so."""

from drills.attack.attacks import flood
from drills.attack.running import Build
from tests.attack.conftest import SceneOn
from tests.attack.test_one_process import COUNTS_NOTHING, WHOLE

FLOODED = Build(settings={"LOG_LEVEL": "warning"})
"""A copy for this alone: so many misses raise the alarm."""


def test_a_flood_does_not_wash_a_refusal_away(scene_on: SceneOn) -> None:
    finding = flood.addresses_over_http(scene_on(FLOODED))
    assert finding.holds, finding


def test_the_attack_shows_that_nobody_was_refused(scene_on: SceneOn) -> None:
    finding = flood.addresses_over_http(scene_on(COUNTS_NOTHING))
    assert not finding.holds, finding


def test_a_ledger_keeps_to_its_cap_and_to_its_heavy_rows(scene_on: SceneOn) -> None:
    finding = flood.networks_in_a_full_ledger(scene_on(WHOLE))
    assert finding.holds, finding


def test_the_attack_shows_that_a_ledger_grows_without_end(scene_on: SceneOn) -> None:
    finding = flood.networks_in_an_unbounded_ledger(scene_on(WHOLE))
    assert not finding.holds, finding
