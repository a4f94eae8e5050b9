"""Pages of other sites look nothing up, charge nobody, and see the same of every answer."""

import pytest

from drills.attack.attacks import cross_site
from drills.attack.rows import FRAMED
from drills.attack.running import Build
from tests.attack.conftest import SceneOn
from tests.needs import needed


def with_hole(drill: str) -> Build:
    return Build(settings=FRAMED.settings, drill=drill)


@pytest.fixture
def chromium() -> None:
    needed("browser")


def test_what_other_sites_send_is_neither_answered_nor_charged(scene_on: SceneOn) -> None:
    finding = cross_site.forms(scene_on(FRAMED))
    assert finding.holds, finding


def test_the_attack_shows_that_other_sites_are_answered(scene_on: SceneOn) -> None:
    finding = cross_site.forms(scene_on(with_hole("answers_other_sites")))
    assert [each.value > 0 for each in finding.measures] == [True] * 3, finding


@pytest.mark.browser
@pytest.mark.usefixtures("chromium")
def test_neither_redirects_nor_heights_tell_one_answer_from_another(scene_on: SceneOn) -> None:
    finding = cross_site.watched(scene_on(FRAMED))
    assert finding.holds, finding


@pytest.mark.browser
@pytest.mark.usefixtures("chromium")
@pytest.mark.parametrize(
    ("drill", "found"),
    [("answers_other_sites", "chain of redirects"), ("tells_by_height", "heights")],
)
def test_the_attack_shows_what_redirects_and_heights_tell(
    scene_on: SceneOn, drill: str, found: str
) -> None:
    finding = cross_site.watched(scene_on(with_hole(drill)))
    [measure] = [each for each in finding.measures if found in each.name]
    assert not measure.holds, finding
