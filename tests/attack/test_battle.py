"""The tool around the attacks: what it calls right and wrong, and what it tells."""

from pathlib import Path

import pytest

from drills.attack.__main__ import status
from drills.attack.battle import Fought, wait_past_midnight
from drills.attack.drills import DRILLS
from drills.attack.finding import Finding, Measure
from drills.attack.report import MARK, table, write_into
from drills.attack.rows import ROWS, Hole
from drills.attack.running import Build, lines_with_a_number
from drills.attack.work import solve
from harness.written import marks

JAKARTA_MIDNIGHT = 1_795_366_800.0


def fought(value: int, *, with_a_hole: bool) -> Fought:
    hole = Hole("no rules", Build(drill="no_ledger")) if with_a_hole else None
    finding = Finding((Measure("answers", value, most=9),), "nothing")
    return Fought(ROWS[0], Build(), hole, finding, 1.0)


@pytest.mark.parametrize(
    ("value", "with_a_hole", "expected", "verdict"),
    [
        (9, False, True, "| holds |"),
        (10, False, False, "| **BROKEN** |"),
        (10, True, True, "| hole found |"),
        (9, True, False, "| **hole not found** |"),
    ],
)
def test_a_hole_must_be_found_and_a_bound_must_hold(
    value: int, with_a_hole: bool, expected: bool, verdict: str
) -> None:
    one = fought(value, with_a_hole=with_a_hole)
    assert one.is_as_it_should_be is expected
    assert verdict in table([one])
    assert status([fought(9, with_a_hole=False), one], in_log=0) == (0 if expected else 1)


def test_a_number_in_a_log_is_enough_to_fail(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text('{"event": "request", "ms": 12.3456789012}\n{"event": "asked for 0123456789"}\n')
    assert lines_with_a_number(log) == []
    log.write_text(f'{{"event": "asked for {"7" * 16}"}}\n')
    assert len(lines_with_a_number(log)) == 1
    assert status([fought(9, with_a_hole=False)], in_log=1) == 1


def test_the_table_goes_between_its_marks_and_nowhere_else(tmp_path: Path) -> None:
    document, one = tmp_path / "security.md", [fought(9, with_a_hole=False)]
    begin, end = marks(MARK)
    document.write_text(f"before\n{begin}\nold\n{end}\nafter\n")
    write_into(document, one)
    write_into(document, one)
    assert document.read_text() == f"before\n{begin}\n\n{table(one)}\n\n{end}\nafter\n"
    document.write_text("no marks\n")
    with pytest.raises(ValueError, match="has no"):
        write_into(document, one)


def test_every_attack_with_a_bound_has_a_hole_to_find() -> None:
    assert [row.key for row in ROWS if not row.holes] == ["list-32"]
    drills = {hole.build.drill for row in ROWS for hole in row.holes} - {""}
    assert drills <= set(DRILLS)
    assert len({row.key for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("before", "waits"), [(10, 11), (299, 300), (400, 0)])
def test_no_attack_is_cut_in_two_by_midnight_in_jakarta(before: int, waits: int) -> None:
    slept: list[float] = []
    wait_past_midnight(lambda: JAKARTA_MIDNIGHT - before, slept.append)
    assert sum(slept) == waits


def test_a_challenge_without_end_is_given_up() -> None:
    endless = {"nonce": "00", "salt": "00", "keyPrefix": "ff" * 32, "cost": 1, "keyLength": 1}
    with pytest.raises(ValueError, match="no solution"):
        solve({"parameters": endless}, most_tries=100)
