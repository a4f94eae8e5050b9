"""Whoever asks for words gives the values that the words need; found by reading the callers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import jinja2
import pytest
from jinja2 import nodes

from tools.catalogues import TEMPLATES, catalogues, read

from .families import FAMILIES

PACKAGE = Path(__file__).parents[2] / "tracking_site"
ROOMS = ("telling", "web")
TOLD_BY_OTHER_MEANS = {"headline", "unknown_code"}
NAMES_OF_DATA = {"holiday"}
CALLS = re.compile(r"\.\s*(?:code|has)\b")


class Asked(NamedTuple):
    """One call of `code` or `has`.

    `code` is None where it is computed, `values` where they are not written out.
    """

    where: str
    family: str
    code: str | None
    values: frozenset[str] | None


def asked_by_templates() -> Iterator[Asked]:
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for path in TEMPLATES.rglob("*.html"):
        source = path.read_text("utf-8")
        for call in environment.parse(source).find_all(nodes.Call) if CALLS.search(source) else ():
            target = call.node
            if not isinstance(target, nodes.Getattr) or target.attr not in ("code", "has"):
                continue
            family = call.args[0]
            assert isinstance(family, nodes.Const), f"{path.name}: a family is written out"
            named = frozenset(each.key for each in call.kwargs)
            written_out = call.dyn_kwargs is None and target.attr == "code"
            last = call.args[-1]
            code = last.value if isinstance(last, nodes.Const) else None
            yield Asked(path.name, family.value, code, named if written_out else None)


def asked_by_code() -> Iterator[Asked]:
    for path in (path for room in ROOMS for path in (PACKAGE / room).rglob("*.py")):
        source = path.read_text("utf-8")
        # Most ask for no words: to make their trees takes each worker a fifth of a second.
        for node in ast.walk(ast.parse(source)) if CALLS.search(source) else ():
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr not in ("code", "has") or not node.args:
                continue
            family = node.args[0]
            if isinstance(family, ast.Constant) and isinstance(family.value, str):
                named = frozenset(each.arg or "" for each in node.keywords)
                written_out = "" not in named and node.func.attr == "code"
                last = node.args[-1]
                code = str(last.value) if isinstance(last, ast.Constant) else None
                yield Asked(path.name, family.value, code, named if written_out else None)


ASKED = sorted({*asked_by_templates(), *asked_by_code()}, key=str)
NEEDED = {
    str(message.id): {name for _, name, _, _ in Formatter().parse(str(message.string)) if name}
    for message in read(catalogues()[0])
    if message.id
}


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked.where}-{asked.family}")
def test_a_caller_names_a_family_that_exists_and_gives_its_values(asked: Asked) -> None:
    assert asked.family in FAMILIES
    # The texts that name several documents are asked for by codes of their own.
    needs_none = asked.family == "todo" and asked.code is None
    if asked.values is not None and not needs_none:
        for key, needed in NEEDED.items():
            parts = key.split(".")
            if parts[0] == asked.family and asked.code in (None, parts[-1]):
                assert needed <= asked.values, key


def test_every_family_is_asked_for_somewhere() -> None:
    asked = {each.family for each in ASKED}
    assert set(FAMILIES) - asked - TOLD_BY_OTHER_MEANS - NAMES_OF_DATA == set()


def test_many_callers_are_found() -> None:
    assert len(ASKED) > 30
