"""What a request to the site costs: `python -m bench.site [http] [curve] [--write]`.

Everybody runs at once and is asked in turns; what counts is the median of the ratios to bare
Flask ("hello") within each round. Exits 1 when something is not reached. `--write` puts tables
and plot into docs/.
"""

import argparse
import sys
from collections.abc import Iterable

from bench.load.contenders import AGAIN, ALL, COLD, NEW, Contender, contenders
from bench.load.curve import curve
from bench.load.report import (
    COLUMNS,
    VISITORS,
    Results,
    curve_judged,
    curve_table,
    judged,
    plot,
    tables,
)
from bench.load.stampede import stampede
from bench.load.wrk import load
from harness.servers import ROOT, resident_bytes
from harness.written import write_between_marks

PLOT = ROOT / "docs" / "img" / "performance.svg"
ROUNDS_OF_CURVE = 12
ASKED_COLD = ("plain", "redis", "memory")


def measure(found: dict[str, Contender], rounds: int, seconds: int) -> None:
    """Ask everybody for everything in turns."""
    works = [
        (each, what)
        for each in found.values()
        for what in ALL
        if what in each.asked or (what == COLD and each.name.split()[0] in ASKED_COLD)
    ]
    for place in range(rounds):
        for each, what in works:
            if what == AGAIN:
                each.warm_up(what)
            told = load(each.server, each.requests(what, place), seconds, seed=place + 1)
            if told.failed or not told.rate:
                raise RuntimeError(f"{each.name}, {what}: {told.failed} failed, {told.rate}/s")
            each.loads.setdefault(what, []).append(told.rate)
            if what == NEW:
                each.balance(told.rate * seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", default=["http", "curve"], help="http, curve")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=1, help="of each load")
    parser.add_argument("--most", type=int, default=1_000_000, help="distinct numbers")
    parser.add_argument("--write", action="store_true", help="put it into docs/")
    chosen = parser.parse_args()
    reached = []
    if "http" in chosen.parts:
        text, is_reached, drawn = over_http(chosen.rounds, chosen.seconds)
        reached.append(is_reached)
        if chosen.write:
            write_between_marks("site", text)
            PLOT.write_text(drawn, encoding="utf-8")
    if "curve" in chosen.parts:
        counts = [count for count in (1_000, 100_000, 1_000_000) if count <= chosen.most]
        points = curve(counts, ROUNDS_OF_CURVE)
        text, is_reached = told(curve_table(points), curve_judged(points))
        reached.append(is_reached)
        if chosen.write:
            write_between_marks("curve", text)
    return 0 if all(reached) else 1


def over_http(rounds: int, seconds: int) -> tuple[str, bool, str]:
    with contenders(rounds) as (core, found):
        measure(found, rounds, seconds)
        site = found["redis 2"].server
        rushes = [stampede(core, site, cold, VISITORS) for cold in found["redis 2"].cold[-3:]]
        residents = {who: max(map(resident_bytes, found[who].server.workers())) for who in COLUMNS}
    results = Results(found)
    text, is_reached = told(tables(results, rushes, residents), judged(results, rushes, residents))
    return text, is_reached, plot(results)


def told(shown: str, judged: Iterable[tuple[bool, str]]) -> tuple[str, bool]:
    """Print tables and what is reached; return both as one text, and whether all is."""
    found = list(judged)
    lines = [f"- {'Reached' if holds else '**Not reached**'}: {what}." for holds, what in found]
    text = "\n".join([shown, "", *lines])
    print(text, end="\n\n", flush=True)
    return text, all(holds for holds, _ in found)


if __name__ == "__main__":
    sys.exit(main())
