"""Commands: `demo`, `sandbox`, `check`, `guard`, `pattern`."""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .settings import Settings, SettingsError, misspelt

DEVELOPERS_ONLY = ("sandbox", "tracking_site.demo")
"""What an installation of the site alone, as the container image, leaves out."""


class Command(NamedTuple):
    """`run` takes what stands after the command's name and returns the exit status."""

    does: str
    run: Callable[[Sequence[str]], int]


def main(arguments: Sequence[str]) -> int:
    """Run a command; returns its exit status."""
    commands = {
        "demo": Command("the site before a sandbox core, as `make run` starts it", _demo),
        "sandbox": Command("the stand-in core alone", _sandbox),
        "check": Command("what is wrong with the settings, the core or Redis", _check),
        "guard": Command("what the guard sees, and what the operator may change", _guard),
        "pattern": Command("every part of the page in every state, for development", _pattern),
    }
    if arguments and arguments[0] in commands:
        try:
            return commands[arguments[0]].run(arguments[1:])
        except ModuleNotFoundError as error:
            if error.name not in DEVELOPERS_ONLY:
                raise
            print(
                f"{arguments[0]} needs the whole repository, not the site alone.", file=sys.stderr
            )
            return 2
    is_asked = bool(arguments) and arguments[0] in ("-h", "--help")
    lines = [f"  {name:<9} {command.does}" for name, command in commands.items()]
    print(
        "usage: python -m tracking_site <command> …",
        *lines,
        "<command> --help says more.",
        sep="\n",
        file=sys.stdout if is_asked else sys.stderr,
    )
    return 0 if is_asked else 2


def _without_arguments(name: str, does: str, arguments: Sequence[str]) -> None:
    argparse.ArgumentParser(f"python -m tracking_site {name}", description=does).parse_args(
        arguments
    )


def _demo(arguments: Sequence[str]) -> int:
    from .demo import run_demo

    _without_arguments("demo", "PORT and CORE_PORT say where; Ctrl-C stops it.", arguments)
    return run_demo(os.environ)


def _sandbox(arguments: Sequence[str]) -> int:
    from sandbox import main as run_sandbox

    return run_sandbox(list(arguments))


def _check(arguments: Sequence[str]) -> int:
    from .operate import problems_of, warnings_of

    does = "One line for each thing that is wrong, exit status 1 if anything is; and warnings."
    _without_arguments("check", does, arguments)
    # What the parts say of it in a log would stand among the lines.
    logging.disable()
    warnings = misspelt(os.environ)
    try:
        settings = Settings.from_env(os.environ)
        problems = problems_of(settings)
        warnings += [] if problems else warnings_of(settings)
    except SettingsError as error:
        problems = error.problems
    for line in (*problems, *(f"Warning: {warning}" for warning in warnings)):
        print(line, file=sys.stderr)
    if not problems:
        print("Everything is in order.")
    return 1 if problems else 0


def _guard(arguments: Sequence[str]) -> int:
    from .operate import parser, run

    parser().parse_args(arguments)
    logging.disable()
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


def run(arguments: Sequence[str]) -> int:
    """Do what `main` does; Ctrl-C, or a reader who has had enough, ends it without a trace."""
    try:
        status = main(arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # What is left must not be written when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
