"""What the site is made of: every part named, pinned, held to a hash, and under a known licence.

Known weaknesses are asked of PyPI by `make audit`, which needs the internet; this here does not.
"""

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.deploy.licences import TARGET, locked, pinned, table

LOCKS = {
    "": "requirements.txt",
    "dev": "requirements-dev.txt",
    "bench": "requirements-bench.txt",
    "audit": "requirements-audit.txt",
}
FREE = {
    "MIT",
    "MIT-0",
    "MIT License",
    "BSD License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "Apache 2",
    "Apache-2.0",
    "ISC",
    "MPL-2.0",
    "PSF-2.0",
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

README = (ROOT / "README.md").read_text(encoding="utf-8")
NAMED = re.search(r"Python ([\d.]+) to ([\d.]+\d)", README)
assert NAMED, "the README names the oldest and the newest Python"
PYTHONS = NAMED.groups()


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def lock_of(extra: str) -> Path:
    return ROOT / LOCKS[extra]


def asked(extra: str) -> list[str]:
    """Return what pyproject.toml asks for, with versions where it names them."""
    extras: dict[str, list[str]] = PROJECT["optional-dependencies"]
    requirements = extras[extra] if extra else PROJECT["dependencies"]
    return [re.sub(r"\[.*\]", "", requirement) for requirement in requirements]


def test_every_extra_has_its_lock() -> None:
    assert set(PROJECT["optional-dependencies"]) == set(LOCKS) - {""}
    assert {path.name for path in ROOT.glob("requirements*.txt")} == set(LOCKS.values())


@pytest.mark.parametrize("extra", LOCKS)
def test_every_requirement_has_an_exact_version_and_hashes(extra: str) -> None:
    text = lock_of(extra).read_text(encoding="utf-8").replace("\\\n", "")
    assert "://" not in text, "a lock file names no index"
    lines = [line for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    assert len(lines) > 20
    for line in lines:
        assert re.fullmatch(
            r"[a-z0-9._\[\]-]+==[\w.!+]+(?: ; [^-]+?)?(?:\s+--hash=sha256:[0-9a-f]{64})+", line
        ), line[:80]


@pytest.mark.parametrize("extra", LOCKS)
def test_locks_hold_what_the_project_asks_for(extra: str) -> None:
    locked = {plain(name): number for name, number in pinned(lock_of(extra)).items()}
    for requirement in [*asked(""), *asked(extra)]:
        name, _, number = requirement.partition("==")
        assert plain(name) in locked, requirement
        if number:
            assert locked[plain(name)] == number, requirement
    assert all("==" in requirement for requirement in asked(""))


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("extra", [extra for extra in LOCKS if extra])
def test_what_runs_is_the_same_in_every_lock(extra: str, python: str) -> None:
    runs, other = pinned(lock_of(""), python), pinned(lock_of(extra), python)
    assert {name: other.get(name) for name in runs} == runs


def test_what_is_tested_is_what_is_locked() -> None:
    assert {name: version(name) for name in pinned(lock_of(""))} == pinned(lock_of(""))


def test_the_list_of_licences_is_the_present_one() -> None:
    assert TARGET.read_text(encoding="utf-8") == table(), "run python -m tests.deploy.licences"
    rows = re.findall(r"(?m)^\| [a-z][^|]* \| [^|]* \| ([^|]*) \|$", table())
    assert len(rows) == len(locked(lock_of("")))
    for stated in rows:
        assert set(re.split(r" OR | AND |, ", stated)) <= FREE, stated


def test_files_of_others_carry_their_version_package_and_licence() -> None:
    manifest = (ROOT / "static/vendor/MANIFEST.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"(?m)^\| `([^`]+)` \| [^|]+ \| ([\d.]+) \| npm `[\w.]+@([\d.]+)` \| `[^`]+` \| (\S+) \|",
        manifest,
    )
    assert {name for name, *_ in rows} == {
        path.name for path in (ROOT / "static/vendor").iterdir() if path.suffix != ".md"
    }
    for name, number, package, licence in rows:
        assert f"-{number}" in name
        assert number == package
        assert licence in FREE | {"0BSD"}
