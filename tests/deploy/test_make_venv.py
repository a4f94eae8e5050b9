"""The first commands of a fresh machine: an environment, or one sentence that says what to do."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.conftest import ROOT

MAKE_VENV = ROOT / "deploy" / "make-venv"
VERSION = "{}.{}.{}".format(*sys.version_info)
PACKAGE = "python{}.{}-venv".format(*sys.version_info)


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """A machine like Debian without python3-venv, and without a package manager."""
    programs, parts = tmp_path / "bin", tmp_path / "parts"
    programs.mkdir()
    parts.mkdir()
    for name in ("sh", "id", "rm"):
        (programs / name).symlink_to(str(shutil.which(name)))
    (programs / "sudo").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    (programs / "sudo").chmod(0o755)
    (parts / "ensurepip.py").write_text("raise ImportError\n", encoding="utf-8")
    return {"PATH": str(programs), "PYTHONPATH": str(parts), "HOME": str(tmp_path)}


def made(
    folder: Path, environ: dict[str, str], python: str = sys.executable, minimum: str = "3.11.2"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MAKE_VENV, python, folder, minimum],
        env=environ,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_an_older_python_is_refused_with_what_to_do(tmp_path: Path) -> None:
    answer = made(tmp_path / "venv", dict(os.environ), minimum="99.0")
    assert answer.returncode == 1
    assert answer.stderr == (
        f"{sys.executable} is Python {VERSION}, which is too old; install Python 99.0 or later "
        "and name it, for example: make run PYTHON=python3.13\n"
    )
    assert not (tmp_path / "venv").exists()


@pytest.mark.parametrize(
    ("minimum", "old"),
    [
        (VERSION, False),
        ("3.9.20", False),
        ("3.100", True),
        ("{}.{}.99".format(*sys.version_info), True),
    ],
)
def test_versions_are_compared_as_numbers(
    minimum: str, old: bool, bare: dict[str, str], tmp_path: Path
) -> None:
    answer = made(tmp_path / "venv", bare, minimum=minimum)
    assert ("which is too old" in answer.stderr) is old


def test_no_python_at_all_is_said(tmp_path: Path) -> None:
    answer = made(tmp_path / "venv", dict(os.environ), python="python-of-nobody")
    assert answer.returncode == 1
    assert answer.stderr.startswith("There is no python-of-nobody here; install Python 3.11.2 or")


def test_what_cannot_be_installed_is_named_and_nothing_half_made_stays(
    bare: dict[str, str], tmp_path: Path
) -> None:
    answer = made(tmp_path / "venv", bare)
    assert answer.returncode == 1
    assert answer.stderr.splitlines() == [
        f"{sys.executable} cannot make a virtual environment; install it as an administrator: "
        f"apt-get install {PACKAGE}"
    ]
    assert not (tmp_path / "venv").exists()


def test_what_is_missing_is_installed_where_that_is_possible(
    bare: dict[str, str], tmp_path: Path
) -> None:
    programs, asked = Path(bare["PATH"]), tmp_path / "asked"
    for name in ("true", "env"):
        (programs / name).symlink_to(str(shutil.which(name)))
    for name, lines in {
        "sudo": 'shift; exec "$@"',
        "apt-get": f'echo "$@" >>{asked}; [ "$1" = update ] || rm {bare["PYTHONPATH"]}/*.py',
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    answer = made(tmp_path / "venv", bare)
    assert (answer.returncode, answer.stdout) == (0, f"Installing: {PACKAGE}\n"), answer.stderr
    assert asked.read_text(encoding="utf-8").splitlines()[-1].split()[-1] == PACKAGE
    assert (tmp_path / "venv" / "bin" / "pip").exists()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """What `make` needs to install a locked package that has nothing in it."""
    for name in ("Makefile", "deploy/make-venv", "pyproject.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "wheels").mkdir()
    digest = write_wheel(tmp_path / "wheels" / "nothing-1.0-py3-none-any.whl")
    lock = f"nothing==1.0 --hash=sha256:{digest}\n"
    (tmp_path / "requirements.txt").write_text(lock, encoding="utf-8")
    return tmp_path


def make(project: Path) -> subprocess.CompletedProcess[str]:
    """Install as `make run` does. pip warns of the machine, here of a folder that is gone."""
    # Nothing of a make that runs the tests reaches this one.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": f"{project}/wheels {project}/gone"}
    return subprocess.run(
        ["make", ".venv/run.stamp", f"PYTHON={sys.executable}"],
        cwd=project,
        env=kept | pip,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_make_asks_for_the_python_that_the_project_asks_for(project: Path) -> None:
    path = project / "pyproject.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('requires-python = ">=3', 'requires-python = ">=99'), "utf-8")
    answer = make(project)
    assert answer.returncode != 0
    assert "which is too old; install Python 99.11.2 or later" in answer.stderr


def test_make_passes_no_warning_on_but_every_error(project: Path) -> None:
    half = project / ".venv" / "bin"
    half.mkdir(parents=True)
    (half / "python").symlink_to(sys.executable)
    lock = project / "requirements.txt"
    right = lock.read_text(encoding="utf-8")
    lock.write_text(right.partition("sha256:")[0] + f"sha256:{'0' * 64}\n", encoding="utf-8")
    refused = make(project)
    assert refused.returncode != 0
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in refused.stderr

    lock.write_text(right, encoding="utf-8")
    installed = make(project)
    assert (installed.returncode, installed.stderr) == (0, "")
    assert "warning" not in installed.stdout.lower()
    assert list(project.glob(".venv/lib/python*/site-packages/nothing-1.0.dist-info"))


def write_wheel(path: Path) -> str:
    """Write a package with nothing in it; returns its SHA-256."""
    folder = "nothing-1.0.dist-info"
    with ZipFile(path, "w") as wheel:
        wheel.writestr(f"{folder}/METADATA", "Metadata-Version: 2.1\nName: nothing\nVersion: 1.0\n")
        wheel.writestr(
            f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(
            f"{folder}/RECORD", f"{folder}/METADATA,,\n{folder}/WHEEL,,\n{folder}/RECORD,,\n"
        )
    return sha256(path.read_bytes()).hexdigest()
