"""The benchmark of ways to Redis still runs to its table, here with one round."""

import subprocess
import sys

import pytest

from bench.ways_to_redis import WAYS
from tests.conftest import ROOT


@pytest.mark.proofs
@pytest.mark.redis
def test_every_way_comes_to_its_row() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench.ways_to_redis", "--rounds", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert [name for name in WAYS if f"| {name} |" in ran.stdout] == list(WAYS)
