"""What a client writes about itself buys nothing, with and without a proxy in front."""

import pytest

from drills.attack.attacks import headers
from drills.attack.running import Build
from tests.attack.conftest import SceneOn
from tests.attack.test_one_process import WHOLE, Attack, name_of

DIRECT = Build(proxies=0)
BEHIND_A_PROXY: list[Attack] = [
    headers.behind_a_proxy,
    headers.behind_a_proxy_with_a_line_of_its_own,
]


def test_without_a_proxy_no_header_is_believed(scene_on: SceneOn) -> None:
    finding = headers.without_a_proxy(scene_on(DIRECT))
    assert finding.holds, finding


@pytest.mark.parametrize("attack", BEHIND_A_PROXY, ids=name_of)
def test_behind_a_proxy_its_own_word_counts_alone(scene_on: SceneOn, attack: Attack) -> None:
    finding = attack(scene_on(WHOLE))
    assert finding.holds, finding


def test_the_attack_shows_that_a_header_is_believed(scene_on: SceneOn) -> None:
    """The copy for one proxy, reached without any, believes what it is told."""
    finding = headers.without_a_proxy(scene_on(WHOLE))
    assert not finding.holds, finding
