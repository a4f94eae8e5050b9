"""What the documents name is there: files, modules, commands, places of make, links."""

import re
from dataclasses import fields
from itertools import chain
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tracking_site import __main__
from tracking_site.settings import Settings

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "static").rglob("*.md")]
)
ROOTS = (ROOT, ROOT / "tracking_site", ROOT / "docs")
"""Where a relative path in a document may begin; the name of a module may stand alone."""

NAMES = {
    path.name
    for folder in (
        "tracking_site",
        "templates",
        "static",
        "tests",
        "sandbox",
        "drills",
        "harness",
        "tools",
    )
    for path in (ROOT / folder).rglob("*.*")
}

FOLDERS = "|".join(
    sorted(
        each.name
        for each in chain(ROOT.iterdir(), (ROOT / "tracking_site").iterdir())
        if each.is_dir() and not each.name.startswith((".", "__"))
    )
)


def paths_in(text: str) -> set[str]:
    """Return what stands in backticks and looks like a file or folder of this repository."""
    named = re.findall(rf"`((?:{FOLDERS})/[\w./@-]*)[`:]", text)
    named += re.findall(r"`([\w-]+(?:/[\w-]+)*\.(?:py|lua|toml|yaml|yml|md|json|conf))[`:]", text)
    return {each for each in named if "…" not in each and "__pycache__" not in each}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: str(each.relative_to(ROOT)))
def test_files_and_links_that_it_names_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in link and not link.startswith("mailto:"):
            assert (document.parent / link).exists(), link
    absent = [
        path
        for path in sorted(paths_in(text))
        if path not in NAMES
        and not any((root / path).exists() for root in (*ROOTS, document.parent))
    ]
    assert absent == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: str(each.relative_to(ROOT)))
def test_modules_and_targets_that_it_names_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for name in re.findall(
        r"python -m ((?:bench|drills|tests|tools|tracking_site|sandbox)[\w.]*)", text
    ):
        path = ROOT / name.replace(".", "/")
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), name
    targets = set(re.findall(r"(?m)^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8")))
    for name in re.findall(r"`(?:CI=true )?make ([\w-]+)", text):
        assert name in targets, name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda each: str(each.relative_to(ROOT)))
def test_commands_that_it_names_exist(document: Path) -> None:
    known = set(re.findall(r"`(\w+)`", __main__.__doc__ or ""))
    assert known >= {"check", "guard"}
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:python -m tracking_site|deploy/node) ([a-z]+)", text))
    assert named <= known


@pytest.mark.parametrize(
    "document",
    [each for each in DOCUMENTS if each.name != "CHANGELOG.md"],
    ids=lambda each: str(each.relative_to(ROOT)),
)
def test_settings_that_it_names_exist(document: Path) -> None:
    """The changelog alone may name one that is gone."""
    settings = {each.name.upper() for each in fields(Settings)}
    others = {"UV_DEFAULT_INDEX", "SOURCE_OF"}
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`", text))
    assert {each.removesuffix("_FILE") for each in named - settings} <= settings | others


def test_there_is_something_to_look_at() -> None:
    named = [paths_in(document.read_text(encoding="utf-8")) for document in DOCUMENTS]
    assert len(set().union(*named)) > 100
    assert paths_in("`docs/gone.md` and `web/gone.py`") == {"docs/gone.md", "web/gone.py"}
