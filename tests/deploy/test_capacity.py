"""docs/capacity.md: its arithmetic is the program's, its measured figures those it takes."""

import re

import pytest

from bench.capacity import DOCUMENT, Bought, Measured, _weighed, breaks_at, table
from tests.conftest import ROOT

TEXT = DOCUMENT.read_text(encoding="utf-8")


def test_the_arithmetic_is_the_present_one() -> None:
    assert table() in TEXT, "run python -m bench.capacity --write"


def test_its_figures_are_the_measured_ones() -> None:
    measured = Measured()
    cold = re.search(r"\| nobody asked before \| (\d+) \|.* ([\d,]+) \|\n", TEXT)
    warm = re.search(r"\| of a kept number, from a new network \| (\d+) \|.* ([\d,]+) \|\n", TEXT)
    assert cold is not None
    assert warm is not None
    assert round(int(cold[1]) / 1000, 2) == measured.redis_cold_ms
    assert int(cold[2].replace(",", "")) == measured.redis_cold_bytes
    assert round(int(warm[1]) / 1000, 2) == measured.redis_warm_ms
    assert int(warm[2].replace(",", "")) == measured.redis_warm_bytes


def test_a_document_without_the_weights_says_how_to_measure_them() -> None:
    with pytest.raises(LookupError, match=r"bench\.slow_line"):
        _weighed("a page that nobody has")


def test_what_breaks_first_is_told_in_the_order_of_the_arithmetic() -> None:
    told = re.findall(r"(?m)^\| ([^|]+) \|", TEXT.partition("\n## What breaks first\n")[2])[:4]
    reckoned = [what.partition(",")[0] for what, _ in breaks_at(Measured(), Bought())]
    assert [each.removeprefix("8 ") for each in reckoned] == told


def test_alerts_files_and_commands_that_it_names_exist() -> None:
    alerts = (ROOT / "deploy" / "alerts.yml").read_text(encoding="utf-8")
    for name in re.findall(r"`([A-Z][a-z]+[A-Z]\w+)`", TEXT):
        assert f"alert: {name}\n" in alerts, name
    for path in re.findall(r"`((?:deploy|docs)/[^`]+)`", TEXT):
        assert (ROOT / path).exists(), path
    for module in re.findall(r"python -m (bench\.\w+)", TEXT):
        name = ROOT / module.replace(".", "/")
        assert name.with_suffix(".py").exists() or (name / "__main__.py").exists(), module
