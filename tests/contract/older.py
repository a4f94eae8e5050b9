"""The contract as OpenAPI 3.0.3, for tools that stop there, made from the one of 3.1.

`python -m tests.contract.older` writes docs/core-claims-api-3.0.yaml anew; a test says when it is
out of step, and holds both to accept and refuse the same.
"""

from pathlib import Path
from typing import Any

import yaml

from tests.contract.document import PATH, contract

TARGET = PATH.with_name("core-claims-api-3.0.yaml")
_HEAD = """# Written by `python -m tests.contract.older` from core-claims-api.yaml; change that one.
"""
_NULL = {"type": "string", "nullable": True, "enum": [None]}
"""Null and nothing else: in 3.0.3 `nullable` counts beside a `type` alone."""


def older(node: Any) -> Any:
    """Return a part of the document in the words of 3.0.3.

    Raises ValueError at what has none.
    """
    if isinstance(node, list):
        return [older(each) for each in node]
    if not isinstance(node, dict):
        return node
    if node == {"type": "null"}:
        return dict(_NULL)
    made = {name: older(value) for name, value in node.items()}
    kind = made.get("type")
    if isinstance(kind, list):
        plain = [each for each in kind if each != "null"]
        if len(plain) != 1 or "null" not in kind:
            raise ValueError(f"3.0.3 has no word for the types {kind}")
        made |= {"type": plain[0], "nullable": True}
    if isinstance(made.get("const"), str):
        made["enum"] = [made.pop("const")]
    return made


def document() -> dict[str, Any]:
    """Return the whole document of 3.0.3."""
    made: dict[str, Any] = older(contract())
    made["openapi"] = "3.0.3"
    summary = made["info"].pop("summary")
    made["info"]["description"] = f"{summary}\n\n{made['info']['description']}"
    del made["info"]["license"]["identifier"]
    return made


def text() -> str:
    """Return the file."""
    return _HEAD + yaml.safe_dump(document(), sort_keys=False, allow_unicode=True, width=100)


if __name__ == "__main__":
    Path(TARGET).write_text(text(), encoding="utf-8")
