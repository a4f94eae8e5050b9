"""The contract's document, read once."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker

PATH = Path(__file__).parents[2] / "docs" / "core-claims-api.yaml"


@cache
def contract() -> dict[str, Any]:
    # The parser in C, where it is there: each worker reads it, and the other takes 300 ms.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load(PATH.read_text(encoding="utf-8"), Loader=loader)
    return loaded


def schemas() -> dict[str, Any]:
    found: dict[str, Any] = contract()["components"]["schemas"]
    return found


def known(schema: str) -> list[str]:
    """The codes that the contract names for a schema."""
    codes: list[str] = schemas()[schema]["x-known-codes"]
    return codes


@cache
def validator(schema: str) -> Draft202012Validator:
    """A validator for one of the contract's schemas, formats included."""
    return validator_of({"$ref": f"#/components/schemas/{schema}"})


def validator_of(schema: dict[str, Any]) -> Draft202012Validator:
    whole = {**schema, "components": contract()["components"]}
    return Draft202012Validator(whole, format_checker=FormatChecker())


def walk(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every node of a document with the way to it."""
    yield path, node
    if isinstance(node, dict):
        for name, value in node.items():
            yield from walk(value, (*path, name))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from walk(value, (*path, place))
