"""The benchmark of following still runs from its beginning to its end, here with few claims."""

import subprocess
import sys

import pytest

from tests.conftest import ROOT


@pytest.mark.proofs
def test_every_part_of_it_comes_to_its_table() -> None:
    few = ["--claims", "20", "--hours", "0.5", "--rounds", "20", "--keys", "50"]
    ran = subprocess.run(
        [sys.executable, "-m", "bench.follow", *few], cwd=ROOT, capture_output=True, text=True
    )
    # How long an answer takes is the machine's; the two others are counts.
    assert ran.returncode in (0, 1), ran.stderr
    assert "a 304 costs at most" in ran.stdout, ran.stderr
    assert "\nReached: the core is asked at most once" in ran.stdout, ran.stdout
    assert "\nReached: one and the same 404." in ran.stdout, ran.stdout
