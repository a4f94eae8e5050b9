"""The drill of `make chaos` at a small scale: what it holds to must hold in seconds as well."""

import subprocess
import sys

import pytest

from drills.storm.faults import FAULTS, ON_THE_ROADS
from harness.servers import ROOT
from tests.needs import needed

DRILL = (sys.executable, "-m", "drills.chaos")
SLACK_SECONDS = "5"
"""What the other tests beside it may cost it; how long people wait at most is the drill's to say
where it runs alone."""


@pytest.mark.redis
def test_with_everything_breaking_in_turn_nothing_but_the_designed_answers_is_seen() -> None:
    needed("redis")
    ran = subprocess.run(
        [*DRILL, "--minutes", "0.4", "--visitors", "12", "--slack", SLACK_SECONDS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Not held" not in ran.stdout
    for name in (*FAULTS, *ON_THE_ROADS):
        assert f"| {name} |" in ran.stdout
