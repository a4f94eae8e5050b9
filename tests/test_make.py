"""What `make check` leaves out is run by `make test`, here and by CI."""

import os
import shlex
import subprocess

import pytest
from _pytest.mark.expression import Expression

from tests.conftest import ROOT


def markers_of(target: str, ci: str) -> str:
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
    expression = markers_of(target, ci)
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
