"""The licences of what runs, as the installed packages state them.

`python -m tests.deploy.licences` writes docs/licences.md anew from requirements.txt; a test
says when it is out of step.
"""

import re
import subprocess
import sys
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "licences.md"
LOCK = ROOT / "requirements.txt"
_HEAD = """# Licences of what runs

Written by `python -m tests.deploy.licences` from `requirements.txt` and the packages' own words.
The site itself is under the MIT licence (`LICENSE`); files for the browser stand in `static/vendor/MANIFEST.md`.
None of these asks more than that its notice is kept; MPL-2.0 also wants changes to the files under it published, and none are made. A package under another kind of licence is a decision for `docs/decisions/`.

| Package | Version | Licence |
|---|---|---|
"""  # noqa: E501
_CLASSIFIER = "License :: OSI Approved :: "


def locked(lock: Path) -> list[Requirement]:
    """Return what a lock file holds, for every Python and machine."""
    lines = re.findall(r"(?m)^([A-Za-z0-9].+?)(?: \\)?$", lock.read_text(encoding="utf-8"))
    return [Requirement(line) for line in lines]


def version_of(requirement: Requirement) -> str:
    """Return the one version that a line of a lock file allows."""
    return str(requirement.specifier).removeprefix("==")


def pinned(lock: Path, python: str = "") -> dict[str, str]:
    """Return the versions that a lock file installs by the names of the packages.

    On this machine, with this Python or another one (`python`, for example "3.11.2").
    """
    version = {"python_full_version": python, "python_version": ".".join(python.split(".")[:2])}
    here = version if python else {}
    return {
        requirement.name: version_of(requirement)
        for requirement in locked(lock)
        if requirement.marker is None or requirement.marker.evaluate(here)
    }


def licence_of(package: str) -> str:
    """Return the licence that an installed package states, in one line.

    Raises PackageNotFoundError.
    """
    told = metadata(package)
    stated = told.get("License-Expression") or _short(told.get("License"))
    return stated or ", ".join(_classified(told)) or "not stated"


def table() -> str:
    """Return docs/licences.md as it should be."""
    rows = [
        f"| {each.name} | {version_of(each)} | {_licence_of(each)} |"
        for each in sorted(locked(LOCK), key=lambda each: (each.name, version_of(each)))
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _licence_of(requirement: Requirement) -> str:
    # A package that only another Python needs is not installed here: what was written stands.
    try:
        return licence_of(requirement.name)
    except PackageNotFoundError:
        row = rf"(?m)^\| {requirement.name} \| {version_of(requirement)} \| (.+) \|$"
        written = re.search(row, TARGET.read_text(encoding="utf-8"))
        return written[1] if written else "not stated"


def _short(stated: str | None) -> str:
    """Some packages put the whole text of the licence where its name belongs."""
    return stated if stated and "\n" not in stated and len(stated) < 60 else ""


def _classified(told: PackageMetadata) -> list[str]:
    return [
        each.removeprefix(_CLASSIFIER)
        for each in told.get_all("Classifier") or []
        if each.startswith(_CLASSIFIER)
    ]


if __name__ == "__main__":
    absent = [
        f"{each.name}=={version_of(each)}" for each in locked(LOCK) if each.name not in pinned(LOCK)
    ]
    with TemporaryDirectory() as folder:
        if absent:
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--quiet", "--no-deps"]
            subprocess.run([*pip, "--target", folder, *absent], check=True)
        sys.path.append(folder)
        TARGET.write_text(table(), encoding="utf-8")
