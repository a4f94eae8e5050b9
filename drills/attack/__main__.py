"""`make attack`: every attack on fresh copies, and on copies with a hole.

Ends with 1 when a bound is broken, a hole is not found, or a number stands in a log.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from drills.attack.battle import Battle, Fought
from drills.attack.people import listing
from drills.attack.report import line, table, write_into
from drills.attack.rows import ROWS
from drills.attack.running import Core, lines_with_a_number
from drills.attack.scale import FULL, SMALL
from harness.servers import REDIS, found

DOCUMENT = Path("docs/security.md")
MEMBERS = 4_000
"""Participants that attackers know: more than the longest lists need."""


def main(argv: list[str]) -> int:
    """Runs what is asked for; returns the exit status."""
    options = _parser().parse_args(argv)
    unknown = set(options.only or ()) - {row.key for row in ROWS}
    if unknown:
        print("attack: no such attack: " + ", ".join(sorted(unknown)), file=sys.stderr)
        return 2
    if found(*REDIS) is None:
        print("attack: no Redis server is installed (tests/install-tools)", file=sys.stderr)
        return 1
    rows = [row for row in ROWS if not options.only or row.key in options.only]
    fought: list[Fought] = []
    print(f"attack: {len(rows)} attacks, each on the site and on copies with a hole", flush=True)
    known = listing(options.participants, options.population, MEMBERS)
    with (
        tempfile.TemporaryDirectory() as folder,
        Core(options.participants, options.population) as core,
    ):
        log = Path(folder) / "site.log"
        scale = SMALL if options.small else FULL
        battle = Battle(core, known, log, scale, options.seed)
        for row in rows:
            for each in battle.fight(row):
                fought.append(each)
                print(f"{line(each)}  ({each.seconds:.0f} s)", flush=True)
        in_log = len(lines_with_a_number(log))
    print(f"\n{table(fought)}\n\nLines of the logs with a number in them: {in_log}")
    if options.write:
        write_into(options.write, fought)
    return status(fought, in_log)


def status(fought: Sequence[Fought], in_log: int) -> int:
    """0 when every bound held, every hole was found, and no log has a number in it; else 1."""
    wrong = [each for each in fought if not each.is_as_it_should_be]
    for each in wrong:
        print(f"attack: {line(each)}", file=sys.stderr)
    return 1 if wrong or in_log else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m drills.attack", description=__doc__)
    parser.add_argument("--participants", type=int, default=1_000_000, help="in the core (1000000)")
    parser.add_argument("--population", type=int, default=7, help="seed of the core's people (7)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the attackers (1)")
    parser.add_argument("--small", action="store_true", help="shorter attacks, the same bounds")
    parser.add_argument("--only", nargs="+", metavar="KEY", help="some attacks alone")
    parser.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=DOCUMENT,
        metavar="DOCUMENT",
        help=f"put the table between its marks in {DOCUMENT}, or in another document",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
