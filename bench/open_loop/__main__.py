"""Visitors who arrive whatever the site does: `python -m bench.open_loop [SCENARIO …] [--write]`.

Each scenario runs at the site and at a plain one with 64 threads in turns, both started afresh for
each round, with the same visitors. Without a name a short edition of a few minutes runs; `all` are
all of them. Exits 1 when something is not reached. `--write` puts the rows into
docs/performance.md.
"""

import argparse
import importlib.util
import json
import signal
import sys
from dataclasses import replace
from typing import Any

from bench.open_loop.flood import KINDS, WIDTHS, Flood
from bench.open_loop.results import Result
from bench.open_loop.running import run, wait_until_quiet
from bench.open_loop.scenarios import SCENARIOS, SHORT, Scenario
from bench.open_loop.tables import PLAIN, SITE, print_tables, write_tables

SHORT_SECONDS, SHORT_ROUNDS = 10.0, 2
MAX_WAIT_SECONDS = 60.0
MAX_TRIES = 10


def measure(
    scenario: Scenario, asked: list[str], seed: int, quiet: float | None
) -> dict[str, Result]:
    """Run every round at everybody in turns, the first of one round the last of the next.

    A round meanwhile others took more than the share `quiet` of the machine is run again.
    """
    results = {who: Result() for who in asked}
    for place in range(scenario.rounds):
        turns = asked if place % 2 == 0 else asked[::-1]
        for _ in range(MAX_TRIES):
            if quiet is not None:
                wait_until_quiet(quiet, MAX_WAIT_SECONDS)
            found = {who: run(_kind(who), scenario, place, seed) for who in turns}
            if quiet is None or all(each.others <= quiet for each in found.values()):
                break
        for who, each in found.items():
            results[who].add(scenario, each)
    return results


def _kind(who: str) -> str:
    return "plain" if who == PLAIN else "site"


def chosen_scenario(scenario: Scenario, options: argparse.Namespace) -> Scenario:
    """Return a scenario with what the command line says differently."""
    changes: dict[str, Any] = {
        name: value
        for name in ("rate", "seconds", "drain", "rounds", "processes", "together", "worker_class")
        if (value := getattr(options, name)) is not None
    }
    shares = ("cold", "unknown", "plain", "polls", "absent", "leaves", "thinks")
    mix = {name: value for name in shares if (value := getattr(options, name)) is not None}
    settings = dict(scenario.settings) | dict(each.split("=", 1) for each in options.set)
    if options.threads is not None:
        settings["WEB_THREADS"] = str(options.threads)
    flood = scenario.flood
    if options.flood is not None:
        flood = Flood(options.flood, options.flood_from, options.flood_with)
    return replace(
        scenario,
        **changes,
        mix=replace(scenario.mix, **mix),
        core=dict(scenario.core) | options.core,
        settings=settings,
        flood=flood,
        even=options.even,
        redis=scenario.redis or options.redis,
    )


def main() -> int:
    options = _parser().parse_args()
    # So that whoever ends it ends the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if options.worker_class == "gevent" and importlib.util.find_spec("gevent") is None:
        sys.exit("gevent is not installed here: pip install gevent")
    names = options.scenarios or list(SHORT)
    if not options.scenarios:
        options.seconds = options.seconds or SHORT_SECONDS
        options.rounds = options.rounds or SHORT_ROUNDS
    site = f"{SITE}, {options.label}" if options.label else SITE
    asked = {"both": [site, PLAIN], "site": [site], "plain": [PLAIN]}[options.only]
    is_reached = True
    for name in list(SCENARIOS) if names == ["all"] else names:
        scenario = chosen_scenario(SCENARIOS[name], options)
        results = measure(scenario, asked, options.seed, options.quiet)
        is_reached = print_tables(name, scenario, results) and is_reached
        if options.write:
            write_tables(name, scenario, results)
    return 0 if is_reached else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.open_loop",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="scenarios:\n"
        + "\n".join(f"  {name:<11} {each.says}" for name, each in SCENARIOS.items()),
    )
    parser.add_argument("scenarios", nargs="*", type=_scenario, metavar="SCENARIO")
    visitors = parser.add_argument_group("visitors")
    visitors.add_argument("--seconds", type=float, help="how long they come")
    visitors.add_argument("--rate", type=float, help="a second")
    visitors.add_argument("--even", action="store_true", help="evenly spaced, not by chance")
    visitors.add_argument("--together", type=int, help="so many at once, of one cold number")
    visitors.add_argument("--cold", type=_share, help="ask a number nobody asked before")
    visitors.add_argument("--unknown", type=_share, help="of these, find nothing")
    visitors.add_argument("--plain", type=_share, help="have no JavaScript")
    visitors.add_argument("--polls", type=_share, help="leave the result open and ask again")
    visitors.add_argument("--absent", type=_share, help="told to wait, stay away for a while")
    visitors.add_argument("--leaves", type=_share, help="told to wait, do not come back")
    visitors.add_argument("--thinks", type=float, help="seconds from the form to the press")
    visitors.add_argument("--drain", type=float, help="seconds more for the last of them")
    visitors.add_argument("--flood", type=float, help="requests a second beside them")
    visitors.add_argument("--flood-from", choices=WIDTHS, default=next(iter(WIDTHS)))
    visitors.add_argument("--flood-with", choices=KINDS, default=next(iter(KINDS)))
    core = parser.add_argument_group("core")
    core.add_argument(
        "--core", type=json.loads, default={}, help="changes of its fault: '{\"latency_ms\": 300}'"
    )
    site = parser.add_argument_group("site")
    site.add_argument("--processes", type=int, help="above one with Redis")
    site.add_argument("--redis", action="store_true", help="for one process too")
    site.add_argument("--threads", type=int, help="WEB_THREADS")
    site.add_argument("--worker-class", choices=("gthread", "gevent"))
    site.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--quiet", type=_share, help="repeat a round when others took more of the machine"
    )
    parser.add_argument("--only", choices=("both", "site", "plain"), default="both")
    parser.add_argument("--label", default="", help='names the site\'s rows, as "before"')
    parser.add_argument("--write", action="store_true", help="put the rows into docs/")
    return parser


def _scenario(text: str) -> str:
    if text not in ("all", *SCENARIOS):
        raise argparse.ArgumentTypeError(f"not one of: all, {', '.join(SCENARIOS)}")
    return text


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("a share is from 0 to 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
