"""docs/security.md says nothing that the tree does not hold: modules, tests, attacks."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from drills.attack.report import MARK
from drills.attack.rows import ROWS
from harness.written import marks

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED_TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))


def rows_of(heading: str) -> list[list[str]]:
    """Return the cells of the first table below a heading."""
    part = TEXT.partition(f"{heading}\n")[2].partition("\n#")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


@cache
def names_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("file", "name"), NAMED_TESTS, ids=lambda each: each.rpartition("/")[2])
def test_every_test_that_is_named_exists(file: str, name: str) -> None:
    assert (ROOT / file).is_file()
    assert name in names_in(file)
    assert name.startswith("test_")


def test_every_threat_has_its_control_its_place_and_its_proof() -> None:
    rows = rows_of("## Threats and the tests that prove each control")
    assert len(rows) > 30
    for threat, control, where, proof in rows:
        assert threat and control
        assert "::test_" in proof, threat
        for place in re.findall(r"`([^`]+)`", where):
            assert any((root / place).exists() for root in (ROOT, ROOT / "tracking_site")), place


def test_every_bad_input_has_an_answer_and_a_proof() -> None:
    rows = rows_of("### Bad input to the guard")
    assert len(rows) == 6
    assert all(answer and "::test_" in proof for _, answer, proof in rows)


@pytest.mark.parametrize("name", [MARK, "simulation"])
def test_tables_have_their_places(name: str) -> None:
    begin, end = marks(name)
    assert TEXT.count(begin) == TEXT.count(end) == 1
    assert TEXT.index(begin) < TEXT.index(end)


def test_the_table_of_attacks_is_whole_and_tells_of_no_bound_broken() -> None:
    begin, end = marks(MARK)
    table = TEXT.partition(begin)[2].partition(end)[0]
    assert [row.key for row in ROWS if f"| {row.words} |" not in table] == []
    assert table.count("| hole found |") == sum(len(row.holes) for row in ROWS)
    assert "**" not in table


def test_the_simulated_day_is_told_and_every_row_of_it_holds() -> None:
    begin, end = marks("simulation")
    tables = TEXT.partition(begin)[2].partition(end)[0]
    for title in ("Honest days", "What it must reach", "What remains possible", "Other miss rates"):
        assert f"### {title}" in tables
    assert "| yes |" in tables
    assert "| NO |" not in tables
    assert "NOT DETECTED" not in tables
