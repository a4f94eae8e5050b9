"""What is installed is what was reviewed: exact versions, each with its hashes."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt")


def locked(name: str) -> dict[str, str]:
    """Return package and version of a lock file; every entry must be exact and hashed."""
    text = re.sub(r"^ *#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    versions = {}
    for entry in text.replace("\\\n", " ").splitlines():
        if not entry.strip():
            continue
        found = re.match(
            r"([a-z0-9._-]+)(?:\[[^]]+\])?==(\S+)[^#]*--hash=sha256:[0-9a-f]{64}", entry
        )
        assert found, f"{name}: {entry[:60]} is not exact or has no hash"
        versions[found[1]] = found[2]
    return versions


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_of_a_lock_is_exact_and_hashed(name: str) -> None:
    assert len(locked(name)) > 10


def test_the_locks_hold_the_versions_that_were_chosen() -> None:
    chosen = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    for lock in LOCKS:
        versions = locked(lock)
        for requirement in chosen:
            name, _, version = requirement.partition("==")
            assert versions[name] == version, f"{name} in {lock}"


def test_nothing_is_installed_without_its_hash() -> None:
    commands = [
        line
        for file in ("Makefile", "README.md", "deploy/container/Dockerfile")
        if (ROOT / file).exists()
        for line in (ROOT / file).read_text().splitlines()
        if "pip install" in line
    ]
    assert len(commands) >= 4
    assert all("--require-hashes" in command for command in commands)
