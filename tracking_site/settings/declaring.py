"""How a setting is declared: a field that carries its form, its default and its sentence."""

from collections.abc import Callable
from dataclasses import field
from typing import Any

REQUIRED: Any = object()
"""The default of a setting that has none."""


def setting(
    parse: Callable[[str], Any],
    default: Any,
    sentence: str,
    *,
    secret: bool = False,
    unless: str = "",
) -> Any:
    """Declare a setting; `secret` ones may come from a file named by `<NAME>_FILE`.

    A required one may be left out where another, named by `unless`, is set.
    """
    told = {
        "parse": parse,
        "default": default,
        "sentence": sentence,
        "secret": secret,
        "unless": unless,
    }
    return field(metadata=told, repr=not secret)
