"""Where patterns stand: Python by its syntax tree, our scripts, nginx's configuration."""

import ast
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PYTHON = [*sorted((ROOT / "tracking_site").rglob("*.py")), *sorted(ROOT.glob("*.py"))]
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
NGINX = sorted((ROOT / "deploy" / "nginx").glob("*.conf"))

METHODS = ("match", "fullmatch", "search", "split", "findall", "finditer", "sub", "subn")

IN_A_SCRIPT = re.compile(
    r"[(,=:\[!&|?{};]\s*/((?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+)/([a-z]*)"
)
IN_NGINX = re.compile(r"[\s\"]~(\*?)\s*([^\"\s]+)")
NAME = re.compile(r"\(\?<(?![!=])")
"""Where a group of PCRE has a name, and does not look back."""


@dataclass(frozen=True)
class Found:
    """A pattern, where it stands, and the methods by which it is used."""

    place: str
    pattern: str
    flags: int = 0
    is_bytes: bool = False
    methods: tuple[str, ...] = METHODS


class NotConstant(Exception):
    """A pattern that is put together while the site runs, and can be held to nothing here."""


def all_patterns() -> list[Found]:
    python = [found for path in PYTHON for found in _in_module(path)]
    scripts = [found for path in SCRIPTS for found in _in_script(path)]
    return [*python, *scripts, *(found for path in NGINX for found in _in_nginx(path))]


def in_source(source: str, names: Mapping[str, Any], place: str) -> Iterator[Found]:
    """Yield the patterns of a module, wherever `re` takes one or a `pattern=` is given.

    `names` are those that the module knows. Raises NotConstant.
    """
    nodes = _nodes(source)
    modules, functions = _names_of_re(nodes)
    kept_as = {
        node.value: node.targets[0].id
        for node in nodes
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        verb = _verb(node.func, modules, functions)
        keywords = {each.arg: each.value for each in node.keywords}
        given = keywords.get("pattern") or (node.args[0] if verb and node.args else None)
        if given is None or (verb and verb not in ("compile", *METHODS)):
            continue
        line = f"{place}:{node.lineno}"
        flags = keywords.get("flags") or (node.args[1] if len(node.args) > 1 else None)
        pattern = _value(given, names, line)
        used = {verb} & set(METHODS) or _methods_by_name().get(kept_as.get(node), set())
        yield Found(
            line,
            pattern if isinstance(pattern, str) else pattern.decode("latin-1"),
            int(_value(flags, names, line)) if flags is not None and verb == "compile" else 0,
            isinstance(pattern, bytes),
            tuple(sorted(used)) or METHODS,
        )


@cache
def _nodes(source: str) -> tuple[ast.AST, ...]:
    """Return what may bear on a pattern, once for all who go through a module."""
    kinds = (ast.Import, ast.ImportFrom, ast.Assign, ast.Call, ast.Attribute)
    return tuple(node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds))


def _names_of_re(nodes: Iterable[ast.AST]) -> tuple[set[str], dict[str, str]]:
    """Return by which names a module knows `re`, and by which its functions."""
    modules: set[str] = set()
    functions: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            modules |= {each.asname or each.name for each in node.names if each.name == "re"}
        elif isinstance(node, ast.ImportFrom) and node.module == "re":
            functions |= {each.asname or each.name: each.name for each in node.names}
    return modules, functions


def _verb(called: ast.expr, modules: set[str], functions: dict[str, str]) -> str:
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return called.attr if called.value.id in modules else ""
    return functions.get(called.id, "") if isinstance(called, ast.Name) else ""


def _value(node: ast.expr, names: Mapping[str, Any], place: str) -> Any:
    try:
        return eval(compile(ast.Expression(node), place, "eval"), dict(names))
    except NameError as error:
        raise NotConstant(f"{place}: {error}") from None


@cache
def _methods_by_name() -> dict[str | None, set[str]]:
    """Return by which methods each name of the tree is used, as in `_DIGITS.sub(…)`."""
    used: dict[str | None, set[str]] = {}
    for path in PYTHON:
        for node in _nodes(path.read_text(encoding="utf-8")):
            if isinstance(node, ast.Attribute) and node.attr in METHODS:
                owner = node.value
                name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", None)
                used.setdefault(name, set()).add(node.attr)
    used.pop(None, None)
    return used


def _in_module(path: Path) -> Iterator[Found]:
    place = str(path.relative_to(ROOT))
    # Files that run when they are loaded (gunicorn's, wsgi.py) have no names of their own to give.
    dotted = place.removesuffix(".py").replace("/", ".")
    names = vars(importlib.import_module(dotted)) if "/" in place else {"re": re}
    return in_source(path.read_text(encoding="utf-8"), names, place)


def _in_script(path: Path) -> Iterator[Found]:
    """Yield the literals of a script; Python reads those that we use as browsers do."""
    for found in IN_A_SCRIPT.finditer(path.read_text(encoding="utf-8")):
        flags = re.IGNORECASE if "i" in found[2] else 0
        yield Found(f"{path.name}: /{found[1]}/", found[1], flags, methods=("search",))


def _in_nginx(path: Path) -> Iterator[Found]:
    """Yield the patterns of maps and locations; PCRE goes back as Python does."""
    for found in IN_NGINX.finditer(path.read_text(encoding="utf-8")):
        flags = re.IGNORECASE if found[1] else 0
        python = NAME.sub("(?P<", found[2])
        yield Found(f"{path.name}: {found[2]}", python, flags, methods=("search",))
