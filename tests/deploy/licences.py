"""The licences of what runs, as the installed packages state them.

`python -m tests.deploy.licences` writes docs/licences.md anew from requirements.txt; a test
says when it is out of step.
"""

import re
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "licences.md"
_HEAD = """# Licences of what runs

Written by `python -m tests.deploy.licences` from `requirements.txt` and the packages' own words.
The site itself is under the MIT licence (`LICENSE`); files for the browser stand in `static/vendor/MANIFEST.md`.
None of these asks more than that its notice is kept; MPL-2.0 also wants changes to the files under it published, and none are made. A package under another kind of licence is a decision for `docs/decisions/`.

| Package | Version | Licence |
|---|---|---|
"""  # noqa: E501
_CLASSIFIER = "License :: OSI Approved :: "


def pinned(lock: Path) -> dict[str, str]:
    """Return the versions of a lock file by the names of the packages."""
    return dict(re.findall(r"(?m)^([A-Za-z0-9._-]+)==([^\s;]+)", lock.read_text(encoding="utf-8")))


def licence_of(package: str) -> str:
    """Return the licence that an installed package states, in one line."""
    told = metadata(package)
    stated = told["License-Expression"] or _short(told["License"])
    return stated or ", ".join(_classified(told)) or "not stated"


def table() -> str:
    """Return docs/licences.md as it should be."""
    rows = [
        f"| {name} | {version} | {licence_of(name)} |"
        for name, version in sorted(pinned(ROOT / "requirements.txt").items())
    ]
    return _HEAD + "\n".join(rows) + "\n"


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
    TARGET.write_text(table(), encoding="utf-8")
