"""The drill of `make chaos` at a small scale: what it holds to must hold in seconds as well."""

import subprocess
import sys

import pytest

from drills.storm.faults import FAULTS, ON_THE_ROADS
from harness.servers import ROOT
from tests.needs import needed


@pytest.mark.redis
def test_with_everything_breaking_in_turn_nothing_but_the_designed_answers_is_seen() -> None:
    needed("redis")
    ran = subprocess.run(
        [sys.executable, "-m", "drills.chaos", "--minutes", "0.4", "--visitors", "12"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Not held" not in ran.stdout
    for name in (*FAULTS, *ON_THE_ROADS):
        assert f"| {name} |" in ran.stdout
