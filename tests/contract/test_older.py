"""The contract as OpenAPI 3.0.3: valid there, and it means what the one of 3.1 means."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from openapi_spec_validator import OpenAPIV30SpecValidator

from tests.contract.document import contract, schemas, validator_of, walk
from tests.contract.older import TARGET, document, older, text
from tests.contract.test_document import examples

WRONG = (None, "", 7, [], "a" * 2000)
"""What a value is exchanged for, whatever it was."""


def mutated(value: Any) -> Iterator[Any]:
    """Yield a document with one thing changed, for everything in it."""
    for path, _ in walk(value):
        if any(isinstance(key, int) and key > 0 for key in path):
            # What stands in a list is of one form.
            continue
        for wrong in WRONG:
            yield changed(value, path, lambda parent, key, wrong=wrong: parent.update(key, wrong))
        if path and isinstance(path[-1], str):
            yield changed(value, path, lambda parent, key: parent.drop(key))
            yield changed(value, path, lambda parent, key: parent.add())


class Parent:
    def __init__(self, node: Any) -> None:
        self._node = node

    def update(self, key: Any, value: Any) -> None:
        self._node[key] = value

    def drop(self, key: Any) -> None:
        del self._node[key]

    def add(self) -> None:
        self._node["not_listed"] = 1


def changed(value: Any, path: tuple[Any, ...], change: Any) -> Any:
    whole = {"": deepcopy(value)}
    node: Any = whole
    *way, last = ("", *path)
    for key in way:
        node = node[key]
    change(Parent(node), last)
    return whole[""]


def older_validator(schema: dict[str, Any]) -> OAS30Validator:
    whole = {**older(schema), "components": document()["components"]}
    return OAS30Validator(whole, format_checker=oas30_format_checker)


def test_the_file_is_the_present_one() -> None:
    assert TARGET.read_text(encoding="utf-8") == text(), "run python -m tests.contract.older"


def test_it_is_valid_openapi_3_0() -> None:
    OpenAPIV30SpecValidator(yaml.safe_load(TARGET.read_text(encoding="utf-8"))).validate()


def test_no_word_of_3_1_is_left() -> None:
    for path, node in walk(document()):
        if "examples" in path or "example" in path:
            continue
        assert path[-1:] not in (("const",), ("$defs",), ("prefixItems",)), path
        if path == ("info", "license"):
            assert "identifier" not in node
        if path[-1:] == ("type",):
            assert isinstance(node, str | dict), path
            assert node != "null", path


@pytest.mark.proofs
@pytest.mark.parametrize(("schema", "value"), examples())
def test_both_accept_and_refuse_the_same(schema: dict[str, Any], value: Any) -> None:
    newer, other = validator_of(schema), older_validator(schema)
    assert newer.is_valid(value)
    assert other.is_valid(value)
    verdicts = set()
    for each in mutated(value):
        is_good = newer.is_valid(each)
        verdicts.add(is_good)
        assert other.is_valid(each) == is_good, each
    assert False in verdicts


def test_every_schema_is_in_both() -> None:
    assert set(document()["components"]["schemas"]) == set(schemas())
    assert set(document()["paths"]) == set(contract()["paths"])
