"""A modelled day of a million honest lookups and all attackers, against the real guard.

    python -m bench.simulate                     a whole day three times, some ten minutes
    python -m bench.simulate --scale 0.05        a quick look
    python -m bench.simulate --model miss_rate=0.2 --policy refuse_suspicion=24

The rules, the ledger, the circuit and the digests are those of the site; the clock is virtual
and everything is drawn from one seed. Ends with status 1 when a row does not hold.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from typing import Any

from bench.simulation import report
from bench.simulation.people import Model
from bench.simulation.rows import reach
from tracking_site.guard.policy import Policy

MISS_RATES = (0.05, 0.08, 0.109, 0.15, 0.20, 0.27)
CHALLENGED_FIRST_DAY = 0.04
CHALLENGED_SETTLED = 0.02


def changed(base: Any, settings: Sequence[str]) -> Any:
    """`base` with `name=value` settings; tuples are written as `3/8/14`."""
    known = {field.name: getattr(base, field.name) for field in fields(base)}
    changes = {}
    for setting in settings:
        name, _, text = setting.partition("=")
        if name not in known:
            raise SystemExit(f"{name}: not one of {', '.join(sorted(known))}")
        old = known[name]
        if isinstance(old, tuple):
            changes[name] = tuple(type(old[0])(part) for part in text.split("/"))
        else:
            changes[name] = type(old)(text)
    return replace(base, **changes)


def say(lines: Iterator[str]) -> None:
    for line in lines:
        print(line, flush=True)
    print(flush=True)


def sensitivity(model: Model, policy: Policy, seed: int) -> Iterator[Sequence[object]]:
    """Honest days for each miss rate, with the site told of it, and left to find out."""
    for told in (True, False):
        for rate in MISS_RATES:
            own = replace(policy, usual_miss_rate=rate) if told else policy
            for number, tally in report.honest(replace(model, miss_rate=rate), own, seed, 3):
                if number != 2:
                    name = "told" if told else f"set to {policy.usual_miss_rate:.0%}"
                    yield report.honest_row(f"{number} ({name})", tally)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--model", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--policy", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--no-sensitivity", action="store_true")
    parser.add_argument("--no-siege", action="store_true")
    options = parser.parse_args()
    policy: Policy = changed(Policy(), options.policy)
    whole: Model = changed(Model(), options.model)
    model = whole.scaled(options.scale)
    began = time.monotonic()
    failed = []

    print(f"## Honest days (scale {options.scale}, seed {options.seed})\n")
    tallies = []

    def honest() -> Iterator[Sequence[object]]:
        for number, tally in report.honest(model, policy, options.seed, options.days):
            tallies.append(tally)
            yield report.honest_row(number, tally)

    say(report.table(report.HONEST_HEAD, honest()))
    if any(tally.refused for tally in tallies):
        failed.append("honest lookups were refused")
    if tallies[0].challenged > CHALLENGED_FIRST_DAY * tallies[0].lookups:
        failed.append("more than 4 % challenged on the first day")
    if options.days > 2 and tallies[-1].challenged > CHALLENGED_SETTLED * tallies[-1].lookups:
        failed.append("more than 2 % challenged on a settled day")

    print(f"## What it must reach ({options.trials} trials each)\n")

    def reached() -> Iterator[Sequence[object]]:
        for row in reach(policy, options.seed, options.trials):
            if not (row.holds and row.detects):
                failed.append(row.name)
            yield report.reach_row(row)

    say(report.table(report.REACH_HEAD, reached()))
    print("## What remains possible\n")
    say(report.table(report.OPEN_HEAD, report.open_rows(policy, options.seed)))
    if not options.no_siege:
        print("## Many residential addresses at once, on the second day\n")
        thousand = max(1, round(1_000 * options.scale))
        sieges = (
            (100 * thousand, 3, 0.6, False),
            (100 * thousand, 3, 0.01, False),
            (10 * thousand, 30, 0.6, True),
        )
        rows = report.siege_rows(model, policy, options.seed, sieges)
        say(report.table(report.SIEGE_HEAD, rows))
    if not options.no_sensitivity:
        small = whole.scaled(min(options.scale, 0.05))
        print(f"## Other miss rates, day 1 and day 3 (scale {min(options.scale, 0.05)})\n")
        say(report.table(report.HONEST_HEAD, sensitivity(small, policy, options.seed)))
    print(f"{time.monotonic() - began:.0f} s")
    for name in failed:
        print(f"does not hold: {name}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
