"""What templates are compiled to is kept for the next process, and never shows an old page."""

import builtins
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from jinja2 import FileSystemLoader
from pytest import MonkeyPatch

from tracking_site.web import templates
from tracking_site.web.folding import FoldingEnvironment
from tracking_site.web.templates import ByteCode, load_templates

AN_HOUR = 3600


class Tree:
    """A small site: two templates, a module and a catalogue."""

    def __init__(self, folder: Path) -> None:
        self.package, self.templates = folder / "package", folder / "templates"
        self.template, self.part = self.templates / "page.html", self.templates / "part.html"
        self.module, self.catalogue = self.package / "made.py", self.package / "words.mo"
        self.package.mkdir()
        self.templates.mkdir()
        self.template.write_text("{{ site }} {{ asset('a') }} {% include 'part.html' %}")
        self.part.write_text("part")
        self.module.write_text("")
        self.catalogue.write_text("")

    def page(self, site: str = "site", asset: str = "asset") -> str:
        """Return the page as a process shows it that knows nothing of former ones."""
        return environment(self, site, asset).get_template("page.html").render()

    def kept(self) -> list[Path]:
        """Return the files that hold byte code, and whatever was left beside them."""
        return sorted(self.templates.glob("__pycache__/*"))


def environment(tree: Tree, site: str, asset: str) -> FoldingEnvironment:
    templates._sources.cache_clear()
    app = Flask(__name__)
    app.jinja_environment = FoldingEnvironment
    plain: FoldingEnvironment = app.jinja_env  # type: ignore[assignment]
    plain.loader = FileSystemLoader(tree.templates)
    known, worked_out = {"site": site}, {"asset": lambda name: asset}
    return plain.folding(known, worked_out, frozenset(), ByteCode(known, asset))


@pytest.fixture
def python_keeps_code(monkeypatch: MonkeyPatch) -> None:
    """A process that may write byte code, and has read its sources long after they changed."""
    monkeypatch.setattr(templates, "_sources", cache(templates._sources.__wrapped__))
    monkeypatch.setattr(templates, "_LOADED", time.time() + AN_HOUR)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


@pytest.fixture
def tree(tmp_path: Path, python_keeps_code: None, monkeypatch: MonkeyPatch) -> Tree:
    made = Tree(tmp_path)
    monkeypatch.setattr(templates, "_PACKAGE", made.package)
    monkeypatch.setattr(templates, "_TEMPLATES", made.templates)
    return made


@pytest.fixture
def compiled(monkeypatch: MonkeyPatch) -> Iterator[list[str]]:
    """The templates that were compiled, in order."""
    names: list[str] = []
    compile_ = FoldingEnvironment.compile

    def compile_and_note(self: FoldingEnvironment, source: Any, name: Any, *rest: Any) -> Any:
        names.append(name)
        return compile_(self, source, name, *rest)

    monkeypatch.setattr(FoldingEnvironment, "compile", compile_and_note)
    return names


def test_a_whole_site_is_compiled_once_for_all_processes(
    make_site: Callable[..., Flask],
    python_keeps_code: None,
    compiled: list[str],
    tmp_path: Path,
    monkeypatch: MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    pages = []
    for _ in range(2):
        compiled.clear()
        app = make_site()
        load_templates(app)
        pages.append([app.test_client().get(path).text for path in ("/bantuan", "/en/")])
        if len(pages) == 1:
            assert len(compiled) == len([*tmp_path.rglob("templates/*.pyc")]) > 50
    assert compiled == []
    assert pages[0] == pages[1]


def test_the_next_process_has_the_code(tree: Tree, compiled: list[str]) -> None:
    assert tree.page() == tree.page() == "site asset part"
    assert compiled == ["page.html"]


def environment_of(tree: Tree) -> FoldingEnvironment:
    """Return an environment beside the one that compiled."""
    made = FoldingEnvironment(Flask(__name__))
    made.loader = FileSystemLoader(tree.templates)
    return made


@pytest.mark.parametrize("what", ["template", "part", "module", "catalogue"])
def test_a_change_of_any_source_compiles_anew(tree: Tree, compiled: list[str], what: str) -> None:
    tree.page()
    path: Path = getattr(tree, what)
    old = path.read_text()
    path.write_text(old + "#")
    assert tree.page() == "site asset part" + "#" * (path.suffix == ".html")
    path.write_text(old)
    assert tree.page() == "site asset part"
    assert compiled == ["page.html"] * 3


def test_a_new_module_compiles_anew(tree: Tree, compiled: list[str]) -> None:
    tree.page()
    (tree.package / "more.py").write_text("")
    tree.page()
    assert compiled == ["page.html"] * 2


def test_what_is_known_and_worked_out_belongs_to_the_code(tree: Tree) -> None:
    for _ in range(2):
        assert tree.page(site="one") == "one asset part"
        assert tree.page(site="two") == "two asset part"
        assert tree.page(asset="other") == "site other part"
    assert len(tree.kept()) == 3, "settings have files of their own; one that is stale is replaced"


def test_another_jinja_or_python_compiles_anew(
    tree: Tree, compiled: list[str], monkeypatch: MonkeyPatch
) -> None:
    tree.page()
    monkeypatch.setattr(templates, "installed", lambda: ["jinja2-0.dist-info"])
    tree.page()
    monkeypatch.setattr(templates, "MAGIC_NUMBER", b"\0")
    tree.page()
    assert compiled == ["page.html"] * 3


@pytest.mark.parametrize(
    "broken",
    [lambda code: b"", lambda code: code[:-1], lambda code: b"x" + code, lambda code: code[:9]],
    ids=["empty", "short", "other", "begun"],
)
def test_what_is_broken_is_replaced(
    tree: Tree, compiled: list[str], broken: Callable[[bytes], bytes]
) -> None:
    tree.page()
    (kept,) = tree.kept()
    kept.write_bytes(broken(kept.read_bytes()))
    for _ in range(2):
        assert tree.page() == "site asset part"
    assert compiled == ["page.html"] * 2


def test_whoever_runs_the_site_reads_what_another_compiled_or_compiles_anew(
    tree: Tree, compiled: list[str], monkeypatch: MonkeyPatch
) -> None:
    tree.page()
    (kept,) = tree.kept()
    assert kept.stat().st_mode & 0o777 == 0o644
    open_ = builtins.open

    def refused(path: Any, *rest: Any, **options: Any) -> Any:
        if path == str(kept):
            raise PermissionError
        return open_(path, *rest, **options)

    monkeypatch.setattr(builtins, "open", refused)
    assert tree.page() == "site asset part"
    assert compiled == ["page.html"] * 2


def test_python_is_obeyed_where_it_keeps_no_code_or_keeps_it_elsewhere(
    tree: Tree, compiled: list[str], tmp_path: Path, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    tree.page()
    assert tree.kept() == []
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "elsewhere"))
    tree.page()
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    tree.page()
    assert compiled == ["page.html"] * 2, "what is kept is read"
    assert tree.kept() == []


def test_where_nothing_can_be_written_the_page_is_the_same(tree: Tree, compiled: list[str]) -> None:
    (tree.templates / "__pycache__").write_text("no folder")
    assert [tree.page(), tree.page()] == ["site asset part"] * 2
    assert compiled == ["page.html"] * 2


def test_a_process_with_older_sources_keeps_nothing(tree: Tree, monkeypatch: MonkeyPatch) -> None:
    # What it has read may be what stood there before.
    monkeypatch.setattr(templates, "_LOADED", time.time())
    tree.page()
    assert tree.kept() == []


def test_many_write_at_once_and_nobody_reads_a_half(tree: Tree) -> None:
    tree.page()
    (kept,) = tree.kept()
    code = ByteCode({"site": "site"}, "asset")
    source, path = tree.template.read_text(), str(tree.template)
    bucket = code.get_bucket(environment_of(tree), "page.html", path, source)

    def write_and_read(_: int) -> CodeType | None:
        code.dump_bytecode(bucket)
        return code.get_bucket(bucket.environment, "page.html", path, source).code

    with ThreadPoolExecutor(8) as threads:
        assert all(each == bucket.code for each in threads.map(write_and_read, range(200)))
    assert tree.kept() == [kept]
