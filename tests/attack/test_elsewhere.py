"""No address of the site leads to another one, and the attack knows one that does."""

from drills.attack.attacks import elsewhere
from drills.attack.running import Build
from tests.attack.conftest import SceneOn
from tests.attack.test_one_process import WHOLE

NAMED = Build(settings={"SITE_URL": "https://lacak.example"})
TO_ANY_HOST = Build(drill="redirects_to_any_host")


def test_no_redirect_leads_elsewhere(scene_on: SceneOn) -> None:
    for build in (WHOLE, NAMED):
        finding = elsewhere.redirects(scene_on(build))
        assert finding.holds, finding


def test_the_attack_finds_a_site_that_follows_the_host(scene_on: SceneOn) -> None:
    finding = elsewhere.redirects(scene_on(TO_ANY_HOST))
    assert not finding.holds, finding
