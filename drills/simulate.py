"""A modelled day of a million honest lookups and all attackers, against the real guard.

    python -m drills.simulate                     everything; honest days at full size
    python -m drills.simulate --scale 0.05        a quick look
    python -m drills.simulate --only reach --trials 1000
    python -m drills.simulate --model miss_rate=0.2 --policy refuse_suspicion=24
    python -m drills.simulate --write             puts the tables into docs/security.md

The rules, the ledger, the circuit and the digests are those of the site; the clock is virtual
and everything is drawn from one seed. Ends with status 1 when a row does not hold.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from drills.simulation import report
from drills.simulation.people import HARDER, Model, Tally
from drills.simulation.rows import crowds_served, reach
from harness.options import above_zero
from harness.written import SECURITY, write_between_marks
from tracking_site.guard.policy import Policy

MISS_RATES = (0.05, 0.08, 0.109, 0.15, 0.20, 0.27)
CHALLENGED_FIRST_DAY = 0.04
CHALLENGED_SETTLED = 0.02
SIEGE_SCALE = 0.1
SENSITIVITY_SCALE = 0.05
HARDER_SCALE = 0.3
HARDER_CHALLENGED = 0.039
CROWDS = (300, 1_000, 5_000)


@dataclass
class Run:
    """One run: what it is made of, and what did not hold."""

    whole: Model
    policy: Policy
    scale: float
    seed: int
    days: int
    trials: int
    failed: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def say(self, title: str, head: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
        """Print a table while its rows come, and keep it."""
        self._line(f"### {title}")
        self._line("")
        for line in report.table(head, rows):
            self._line(line)
        self._line("")

    def _line(self, text: str) -> None:
        self.said.append(text)
        print(text, flush=True)

    def honest(self) -> None:
        tallies: list[Tally] = []

        def rows() -> Iterator[Sequence[object]]:
            model = self.whole.scaled(self.scale)
            for number, tally in report.honest(model, self.policy, self.seed, self.days):
                tallies.append(tally)
                yield report.honest_row(number, tally)

        self.say(f"Honest days (scale {self.scale}, seed {self.seed})", report.HONEST_HEAD, rows())
        if any(tally.refused for tally in tallies):
            self.failed.append("honest lookups were refused")
        if tallies[0].challenged > CHALLENGED_FIRST_DAY * tallies[0].lookups:
            self.failed.append("more than 4 % challenged on the first day")
        settled = tallies[-1]
        if self.days > 2 and settled.challenged > CHALLENGED_SETTLED * settled.lookups:
            self.failed.append("more than 2 % challenged on a settled day")

    def reach(self) -> None:
        def rows() -> Iterator[Sequence[object]]:
            for row in reach(self.policy, self.seed, self.trials):
                if not (row.holds and row.detects):
                    self.failed.append(row.name)
                yield report.reach_row(row)

        self.say(f"What it must reach ({self.trials} trials each)", report.REACH_HEAD, rows())

    def crowds(self) -> None:
        def rows() -> Iterator[Sequence[object]]:
            for row in crowds_served(self.policy, self.seed, CROWDS):
                if not (row.holds and row.detects):
                    self.failed.append(row.name)
                yield report.reach_row(row)

        self.say("Days of crowds behind addresses that nobody listed", report.REACH_HEAD, rows())

    def harder(self) -> None:
        tallies: list[Tally] = []

        def rows() -> Iterator[Sequence[object]]:
            model = HARDER.scaled(min(self.scale, HARDER_SCALE))
            for number, tally in report.honest(model, self.policy, self.seed, 2):
                tallies.append(tally)
                yield report.honest_row(number, tally)

        self.say(f"Harder days (scale {min(self.scale, HARDER_SCALE)})", report.HONEST_HEAD, rows())
        if any(tally.refused or tally.without_ticket for tally in tallies):
            self.failed.append("honest lookups of the harder day were refused, or had no ticket")
        settled = tallies[-1]
        if settled.challenged > HARDER_CHALLENGED * settled.lookups:
            self.failed.append("more than 3.9 % challenged on a settled harder day")

    def open(self) -> None:
        self.say(
            "What remains possible", report.OPEN_HEAD, report.open_rows(self.policy, self.seed)
        )

    def siege(self) -> None:
        scale = min(self.scale, SIEGE_SCALE)
        thousand = max(1, round(1_000 * scale))
        sieges = (
            # A page with 100,000 visitors, whose browsers ask one number each.
            (100 * thousand, 1, 0.6, False),
            (100 * thousand, 3, 0.6, False),
            (100 * thousand, 3, 0.01, False),
            (10 * thousand, 30, 0.6, True),
        )
        self.say(
            f"Many residential addresses at once, after a calm day (scale {scale})",
            report.SIEGE_HEAD,
            report.siege_rows(self.whole.scaled(scale), self.policy, self.seed, sieges),
        )

    def sensitivity(self) -> None:
        scale = min(self.scale, SENSITIVITY_SCALE)

        def rows() -> Iterator[Sequence[object]]:
            for told in (True, False):
                for rate in MISS_RATES:
                    policy = replace(self.policy, usual_miss_rate=rate) if told else self.policy
                    model = replace(self.whole, miss_rate=rate).scaled(scale)
                    for number, tally in report.honest(model, policy, self.seed, 3):
                        name = "told" if told else f"set to {policy.usual_miss_rate:.0%}"
                        if number != 2:
                            yield report.honest_row(f"{number} ({name})", tally)

        self.say(f"Other miss rates (scale {scale})", report.HONEST_HEAD, rows())


PARTS: dict[str, Callable[[Run], None]] = {
    "honest": Run.honest,
    "harder": Run.harder,
    "reach": Run.reach,
    "crowds": Run.crowds,
    "open": Run.open,
    "siege": Run.siege,
    "sensitivity": Run.sensitivity,
}


def changed(base: Any, settings: Sequence[str]) -> Any:
    """`base` with `name=value` settings; tuples are written as `3/8/14`."""
    known = {field.name: getattr(base, field.name) for field in fields(base)}
    changes = {}
    for setting in settings:
        name, _, text = setting.partition("=")
        if name not in known:
            raise SystemExit(f"{name}: not one of {', '.join(sorted(known))}")
        old = known[name]
        try:
            if isinstance(old, tuple):
                changes[name] = tuple(type(old[0])(part) for part in text.split("/"))
            else:
                changes[name] = type(old)(text)
        except ValueError:
            raise SystemExit(f"{name}: written as {name}={_written(old)}") from None
    return replace(base, **changes)


def _written(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, tuple) else str(value)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scale", type=above_zero(float), default=1.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--days", type=above_zero(int), default=3)
    parser.add_argument("--trials", type=above_zero(int), default=400)
    parser.add_argument("--model", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--policy", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--only", action="append", choices=PARTS, metavar="PART")
    parser.add_argument("--write", action="store_true", help="into docs/security.md")
    options = parser.parse_args()
    run = Run(
        changed(Model(), options.model),
        changed(Policy(), options.policy),
        options.scale,
        options.seed,
        options.days,
        options.trials,
    )
    began = time.monotonic()
    for name in options.only or PARTS:
        PARTS[name](run)
    print(f"{time.monotonic() - began:.0f} s")
    if options.write:
        write_between_marks("simulation", "\n".join(run.said), SECURITY)
    for name in run.failed:
        print(f"does not hold: {name}")
    return 1 if run.failed else 0


if __name__ == "__main__":
    sys.exit(main())
