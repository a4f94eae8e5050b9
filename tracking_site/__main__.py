"""Commands: `demo`, `sandbox`, `check`, `guard`, `pattern`."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from .settings import Settings, SettingsError

_USAGE = "usage: python -m tracking_site {demo,sandbox,check,guard,pattern} …"


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns its exit status."""
    commands: Mapping[str, Callable[[Sequence[str]], int]] = {
        "demo": _demo,
        "sandbox": _sandbox,
        "check": _check,
        "guard": _guard,
        "pattern": _pattern,
    }
    if not arguments or arguments[0] not in commands:
        print(_USAGE, file=sys.stderr)
        return 2
    return commands[arguments[0]](arguments[1:])


def _demo(arguments: Sequence[str]) -> int:
    from .demo import run_demo

    return run_demo(os.environ)


def _sandbox(arguments: Sequence[str]) -> int:
    from .sandbox import main as run_sandbox

    return run_sandbox(list(arguments))


def _check(arguments: Sequence[str]) -> int:
    from .check import problems_of

    try:
        problems = problems_of(Settings.from_env(os.environ))
    except SettingsError as error:
        problems = error.problems
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print("Everything is in order.")
    return 1 if problems else 0


def _guard(arguments: Sequence[str]) -> int:
    from .operate import run

    try:
        for line in run(Settings.from_env(os.environ), arguments):
            print(line)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _pattern(arguments: Sequence[str]) -> int:
    from .pattern import main as run_pattern

    return run_pattern(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
