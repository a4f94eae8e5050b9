"""What the documents name is there: files, modules, commands, places of make, links."""

import ast
import re
import tomllib
from collections.abc import Callable
from dataclasses import fields
from itertools import chain
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import ROOT
from tracking_site import __main__
from tracking_site.observing.metrics import Metrics
from tracking_site.settings import Settings

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "static").rglob("*.md")]
)
PRESENT = [each for each in DOCUMENTS if each.name != "CHANGELOG.md"]
"""The changelog alone may name what is gone."""

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


@pytest.mark.parametrize("document", PRESENT, ids=lambda each: str(each.relative_to(ROOT)))
def test_settings_that_it_names_exist(document: Path) -> None:
    settings = {each.name.upper() for each in fields(Settings)}
    others = {"UV_DEFAULT_INDEX", "SOURCE_OF"}
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`", text))
    assert {each.removesuffix("_FILE") for each in named - settings} <= settings | others


@pytest.mark.parametrize("document", PRESENT, ids=lambda each: str(each.relative_to(ROOT)))
def test_what_it_says_a_setting_is_without_a_word_is_its_default(document: Path) -> None:
    defaults = {each.name.upper(): each.metadata["default"] for each in fields(Settings)}
    text = document.read_text(encoding="utf-8")
    said = re.findall(r"`([A-Z_]+)` \(([\d.]+)\)", text)
    said += [(name, value) for value, name in re.findall(r"([\d.]+) \w+ \(`([A-Z_]+)`\)", text)]
    assert [(name, value) for name, value in said if float(value) != defaults[name]] == []


@pytest.mark.parametrize("document", PRESENT, ids=lambda each: str(each.relative_to(ROOT)))
def test_figures_that_it_names_exist(document: Path) -> None:
    counted = Metrics().exposition().decode()
    known = set(re.findall(r"(?m)^# HELP (\w+)", counted))
    named = set(re.findall(r"\btracking_(?!site\b)\w+", document.read_text(encoding="utf-8")))
    assert {re.sub(r"_(?:count|sum|bucket)$", "", each) for each in named} <= known


def rows_of(text: str, columns: int) -> list[list[str]]:
    """Return the cells of all tables with so many columns, without their heads."""
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for table in re.findall(r"(?m)^\|[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)", text)
        for line in table.splitlines()
    ]
    return [row for row in rows if len(row) == columns]


def test_the_readme_has_a_line_for_each_document() -> None:
    more = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## More\n")[2]
    absent = [
        path.name
        for path in (ROOT / "docs").iterdir()
        if path.is_file() and f"`docs/{path.name}`" not in more
    ]
    assert absent == []


def test_the_readme_names_where_each_address_begins(make_site: Callable[..., Flask]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    addresses = readme.partition("\n| Address | |\n")[2].partition("\n\n")[0]
    named = set(re.findall(r"`(?:POST )?(/(?:-/)?[\w.-]*)", addresses)) - {"/en", "/static"}
    rules = [str(rule) for rule in make_site().url_map.iter_rules()]
    begun = {re.match(r"(?:/en(?=/))?(/(?:-/)?[\w.-]*)", rule)[1] for rule in rules}
    assert named == begun


def test_each_dependency_has_its_one_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    decisions = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    taken = rows_of(decisions.partition("\n## Not taken\n")[0], 2)
    reasons = [re.sub(r" \(.*?\)| with .*", "", row[0]) for row in taken]
    names = [name for each in reasons for name in each.split(", ")]
    for requirement in asked:
        package, extra = re.match(r"([\w.-]+)(?:\[(\w+)\])?", requirement).groups()
        assert [names.count(each) for each in (package, extra) if each] in ([1], [1, 1]), package


def test_the_words_of_the_domain_are_those_of_code_and_pages() -> None:
    rows = rows_of((ROOT / "docs/glossary.md").read_text(encoding="utf-8"), 4)
    code = [path.read_text(encoding="utf-8") for path in (ROOT / "tracking_site").rglob("*.py")]
    classes = {
        node.name
        for text in code
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef)
    }
    pages = [
        *(ROOT / "templates").rglob("*.html"),
        *(ROOT / "tracking_site/locale/id").rglob("*.po"),
    ]
    said = "".join(path.read_text(encoding="utf-8") for path in pages).replace('"\n"', "").lower()
    assert len(rows) > 40
    for _, in_code, on_the_page, _ in rows:
        for name in re.findall(r"`([A-Z]\w+)", in_code):
            assert name in classes
        for name in re.findall(r"`\.?([a-z]\w+)`", in_code):
            assert any(re.search(rf"\b{name}\b", text) for text in code), name
        for word in on_the_page.removeprefix("–").split(", "):
            assert re.sub(r" [\d.]+$", "", word).lower() in said, word


def test_there_is_something_to_look_at() -> None:
    named = [paths_in(document.read_text(encoding="utf-8")) for document in DOCUMENTS]
    assert len(set().union(*named)) > 100
    assert paths_in("`docs/gone.md` and `web/gone.py`") == {"docs/gone.md", "web/gone.py"}
