"""What a page costs that nobody saw before, beside an earlier version of the site.

    git worktree add /tmp/before 5822132
    python -m bench.rendering --before /tmp/before [--write]

The same claims of the sandbox's members are looked up in both, each member once a round, some by
turns; each version is a process of its own (bench/rendering_stage.py). Told is processor time of
one thread: `page` from the outcome of a lookup to its bytes, `visit` the whole lookup, with the
core's answer read and all that stands in front of the page. Best of all rounds, and the median of
the ratios within each round. Without --before only this checkout is measured.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path

from harness.servers import ROOT
from harness.written import table, write_between_marks
from sandbox.durations import WINDOW_DAYS, stage_durations
from sandbox.population import Population

MOST = 0.45
"""Of what a page cost before it was drawn anew."""

NOW = datetime(2026, 11, 24, 10, 12, tzinfo=timezone(timedelta(hours=7)))
TURN = 20
"""Members that one version looks up before the other does: a busy machine slows both alike."""

KINDS = {"part": "for htmx", "page": "a whole page, with its redirect"}
Costs = dict[str, float]


class Stage:
    """One version of the site in a process of its own."""

    def __init__(self, checkout: Path, claims: Path) -> None:
        program = Path(__file__).parent / "rendering_stage.py"
        self._process = subprocess.Popen(
            [sys.executable, str(program), str(checkout), str(claims)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=checkout,
        )

    def spent(self, kind: str, first: int, end: int) -> Costs:
        """Return seconds spent on these members. Raises RuntimeError when the stage ended."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("not connected")
        self._process.stdin.write(f"{kind} {first} {end}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the stage ended")
        costs: Costs = json.loads(line)
        return costs

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def bodies() -> Iterator[str]:
    """Yield the core's answers about the members who have claims, all at one moment."""
    for member in Population(1_000_000):
        claims = member.claims(NOW)
        if claims:
            yield json.dumps({"as_of": NOW.isoformat(), "claims": claims})


def measure(
    stages: dict[str, Stage], members: int, rounds: int
) -> dict[str, dict[str, list[Costs]]]:
    """Return microseconds for a lookup in every round, by kind and by version."""
    found: dict[str, dict[str, list[Costs]]] = {
        kind: {name: [] for name in stages} for kind in KINDS
    }
    for kind in KINDS:
        for stage in stages.values():
            stage.spent(kind, 0, members)  # The first round finds nothing at hand.
        for _ in range(rounds):
            costs = {name: Counter[str]() for name in stages}
            for place, first in enumerate(range(0, members, TURN)):
                names = list(stages) if place % 2 == 0 else list(stages)[::-1]
                for name in names:
                    spent = stages[name].spent(kind, first, min(first + TURN, members))
                    costs[name].update(spent)  # type: ignore[arg-type]
            for name, seconds in costs.items():
                each = {figure: total / members * 1e6 for figure, total in seconds.items()}
                found[kind][name].append(each)
    return found


def ratio(costs: dict[str, list[Costs]], figure: str) -> float:
    """Return what it costs now, of what it cost before: the median over the rounds."""
    pairs = zip(costs["now"], costs["before"], strict=True)
    return statistics.median(now[figure] / before[figure] for now, before in pairs)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.rendering", description=__doc__)
    parser.add_argument("--before", type=Path, help="a checkout of an earlier version")
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--write", action="store_true", help="put the table into the document")
    options = parser.parse_args()
    checkouts = {"now": ROOT} | ({"before": options.before} if options.before else {})
    with tempfile.TemporaryDirectory() as folder:
        claims = Path(folder) / "claims.json"
        durations = {"window_days": WINDOW_DAYS, "items": stage_durations()}
        told = [durations, *islice(bodies(), options.members)]
        claims.write_text(json.dumps(told), encoding="utf-8")
        stages = {name: Stage(checkout.resolve(), claims) for name, checkout in checkouts.items()}
        try:
            found = measure(stages, options.members, options.rounds)
        finally:
            for stage in stages.values():
                stage.stop()
    if not options.before:
        for kind, costs in found.items():
            least = {each: min(one[each] for one in costs["now"]) for each in ("page", "visit")}
            print(f"{kind}: page {least['page']:.0f} µs, visit {least['visit']:.0f} µs")
        return 0
    head = ["", "page before, µs", "now, µs", "÷ before", "visit before, µs", "now, µs", "÷ before"]
    rows = []
    for kind, costs in found.items():
        cells = [KINDS[kind]]
        for figure in ("page", "visit"):
            before, now = (min(one[figure] for one in costs[each]) for each in ("before", "now"))
            cells += [f"{before:,.0f}", f"{now:,.0f}", f"**{ratio(costs, figure):.2f}**"]
        rows.append(cells)
    written = table(head, rows)
    print(written)
    if options.write:
        write_between_marks("rendering", written)
    worst = max(ratio(costs, "page") for costs in found.values())
    print(f"{'Reached' if worst <= MOST else 'Not reached'}: at most {MOST} of before.")
    return 0 if worst <= MOST else 1


if __name__ == "__main__":
    sys.exit(main())
