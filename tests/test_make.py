"""What `make check` leaves out is run by `make test`, here and by CI."""

import os
import shlex
import subprocess

import pytest
from _pytest.mark.expression import Expression

from tests.conftest import ROOT, chooses_none, markers_of


def chosen_by(target: str, ci: str) -> str:
    """Return by which expression of markers a target of make chooses tests; "" is all of them."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    ran = subprocess.run(
        ["make", "--dry-run", target],
        cwd=ROOT,
        env=environ | {"CI": ci},
        capture_output=True,
        text=True,
        check=True,
    )
    commands = ran.stdout.replace("\\\n", " ").splitlines()
    (arguments,) = [shlex.split(each) for each in commands if " -m pytest " in each]
    options = arguments[arguments.index("pytest") + 1 :]
    return options[options.index("-m") + 1] if "-m" in options else ""


def runs(target: str, *markers: str, ci: str = "") -> bool:
    """Return whether a target runs tests of these markers."""
    expression = chosen_by(target, ci)
    return not expression or Expression.compile(expression).evaluate(
        lambda name, **_: name in markers
    )


def test_check_is_for_every_save() -> None:
    assert runs("check")
    assert runs("check", "redis")
    for left_out in ("proofs", "browser", "nginx", "servers", "clients"):
        assert not runs("check", left_out)


@pytest.mark.parametrize("ci", ["", "true"])
def test_all_that_check_leaves_out_is_run_by_test(pytestconfig: pytest.Config, ci: str) -> None:
    assert "-m" not in pytestconfig.getini("addopts")
    known = {line.partition(":")[0] for line in pytestconfig.getini("markers")}
    ours = {"proofs", "browser", "nginx", "servers", "redis"}
    assert ours <= known
    assert runs("test", ci=ci)
    for marker in ours:
        assert runs("test", marker, ci=ci)
    assert runs("test", "clients", ci=ci) is bool(ci)


@pytest.mark.parametrize(
    ("chosen", "markers", "none"),
    [
        ("not (browser or proofs)", {"browser"}, True),
        ("not (browser or proofs)", {"redis", "proofs"}, True),
        ("not (browser or proofs)", {"redis"}, False),
        ("not (browser or proofs)", set(), False),
        ("proofs", {"redis"}, False),
        ("proofs", {"proofs"}, False),
        ("browser and not servers", {"servers"}, True),
        ("browser or servers", {"clients"}, False),
    ],
)
def test_a_file_is_passed_over_where_none_of_its_tests_can_be_chosen(
    chosen: str, markers: set[str], none: bool
) -> None:
    assert chooses_none(chosen, frozenset(markers)) is none


def test_what_is_said_to_mark_a_whole_file_marks_each_of_its_tests(
    request: pytest.FixtureRequest,
) -> None:
    of_files = {item.path: markers_of(item.path) for item in request.session.items}
    for item in request.session.items:
        assert of_files[item.path] <= {each.name for each in item.iter_markers()}, item.nodeid


def test_a_file_says_in_one_line_what_marks_it() -> None:
    assert markers_of(ROOT / "tests" / "test_patterns.py") == {"proofs"}
    assert markers_of(ROOT / "tests" / "redis" / "test_sentinel.py") == {"redis", "proofs"}
    assert markers_of(ROOT / "tests" / "browser" / "test_whole_journey.py") == {
        "browser",
        "nginx",
        "redis",
    }
    assert markers_of(ROOT / "tests" / "deploy") == {"servers"}
    assert markers_of(ROOT / "tests" / "web") == frozenset()
