"""Reading declared settings from an environment, and saying all that is wrong at once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import Field, field
from pathlib import Path
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


class SettingsError(Exception):
    """One or more settings are wrong; `problems` holds a line for each, without any value."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@contextmanager
def refusing_as(prefix: str) -> Iterator[None]:
    """Turn the ValueError of what a setting names into a SettingsError whose line begins so."""
    try:
        yield
    except ValueError as error:
        raise SettingsError([f"{prefix}{error}."]) from None


def read(
    settings: Iterable[Field[Any]], environ: Mapping[str, str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the value of each setting by its field's name, and a line for each wrong one.

    With any line the values are not to be used: a wrong one is None.
    """
    problems: list[str] = []
    values = {each.name: _value(each, environ, problems) for each in settings}
    firsts: dict[str, str] = {}
    for problem in problems:
        # A file that two settings read is wrong once.
        firsts.setdefault(problem.split()[0], problem)
    return values, list(firsts.values())


def _value(each: Field[Any], environ: Mapping[str, str], problems: list[str]) -> Any:
    name, told = each.name.upper(), each.metadata
    try:
        raw = _raw(name, told["secret"], environ)
    except (OSError, UnicodeDecodeError):
        problems.append(f"{name}_FILE must be the path of a text file that can be read.")
        return None
    if raw is None or not raw.strip():
        if told["default"] is REQUIRED:
            if environ.get(told["unless"], "").strip():
                return None
            problems.append(f"{name} is required. {told['sentence']}")
            return None
        return told["default"]
    try:
        return told["parse"](raw)
    except ValueError as error:
        problems.append(f"{name} must be {error}.")
        return None


def _raw(name: str, is_secret: bool, environ: Mapping[str, str]) -> str | None:
    path = environ.get(f"{name}_FILE") if is_secret else None
    if path and not environ.get(name):
        return Path(path).read_text(encoding="utf-8")
    return environ.get(name)
