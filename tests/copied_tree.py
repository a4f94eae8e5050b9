"""A copy of what the site is made of, for tests that add to it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def copy_to(place: Path) -> Path:
    """Copy the package with its templates, files and tools, without what was compiled."""
    for name in ("tracking_site", "templates", "static", "tools"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, place / name, ignore=ignored)
    (place / "docs").symlink_to(ROOT / "docs")
    return place


def run(tree: Path, *arguments: str) -> str:
    """Run Python over a copy and return what it printed; it must end well."""
    ran = subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def change(path: Path, old: str, new: str) -> None:
    """Replace a text of a file that stands there once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")
