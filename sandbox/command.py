"""The command `sandbox`: serve, or list who can be looked up."""

import argparse
import json
import os
import sys

from sandbox.faults import explained
from sandbox.numbers import KPJ_SIZE
from sandbox.server import Sandbox, serve


def main(argv: list[str]) -> int:
    """Runs the command with the words after its name; returns the exit status."""
    options = _parser().parse_args(argv)
    if options.list:
        return _list(options.participants, options.seed, options.limit)
    try:
        serve(options.port, options.participants, options.seed, options.token, host=options.host)
    except OSError as error:
        print(f"sandbox: port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _list(participants: int, seed: int, limit: int | None) -> int:
    directory = Sandbox(participants=participants, seed=seed).directory
    try:
        for row in directory.listing(limit):
            print(json.dumps(row))
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, e.g. head, has had enough; what is left in the buffer goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


CONTROL = """\
outside of the contract, while it runs:
  GET  /sandbox/stats            lookups, in flight, answered, refused for want of room, left
  POST /sandbox/stats/reset      count anew
  POST /sandbox/faults           what goes wrong, as {"mode": "error"}; {} heals everything
  POST /sandbox/claims           move a claim on, as {"nik": "...", "stage": "payment"}

modes of a fault, with their usual values in brackets:
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tracking_site sandbox",
        description="A stand-in core over HTTP, with made-up participants.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=CONTROL + explained(),
    )
    parser.add_argument("--port", type=_port, default=9100, help="port to listen on (9100)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--participants", type=_members, default=0, help="members beyond the samples (0)"
    )
    parser.add_argument("--seed", type=int, default=7, help="decides who the members are (7)")
    parser.add_argument("--token", help="bearer token to ask for; none is asked by default")
    parser.add_argument("--list", action="store_true", help="print the participants and end")
    parser.add_argument("--limit", type=_count, help="with --list: at most so many members")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError("must be a port from 0 to 65535")
    return int(text)


def _members(text: str) -> int:
    number = _count(text)
    if number > KPJ_SIZE:
        raise argparse.ArgumentTypeError(f"must not be more than {KPJ_SIZE}: there are no others")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return number
