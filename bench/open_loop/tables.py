"""What is shown of the figures, each table with a place of its own in docs/performance.md."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.open_loop.results import KINDS, SHARES, Result
from bench.open_loop.scenarios import SCENARIOS, Scenario
from harness.written import PERFORMANCE, rows_between_marks, table, write_between_marks

HEAD = ("scenario", "who")
SHOWN = ("found", "not found", "refused", "503", "other 5xx", "cut off", "no answer")
PLAIN = "plain, 64 threads"
SITE = "site"

LINE = {
    "goodput ÷ best": ".2f",
    "core's latency ÷ quiet": ".2f",
    "told to wait": ",.0f",
    "most waiting": ",.0f",
    "time right, %": ".0f",
    "least given without script, s": ".0f",
    "overtaken, %": ".1f",
    "Kendall's tau": ".3f",
    "polls/s": ",.0f",
    "longest wait, s": ".0f",
    "cores for polls": ".2f",
    "MiB more": ".0f",
}
FLOOD = {
    "honest refused, %": ".1f",
    "honest p99, s": ".3f",
    "flood answered/s": ",.0f",
    "flood 429, %": ".0f",
    "flood unsent": ",.0f",
    "flood late at most, s": ".2f",
    "MiB more": ".0f",
}
CROWD = {
    "asked the core": ".0f",
    "answered": ".0f",
    "refused or failed": ".0f",
    "slowest, s": ".2f",
}
GENERATOR = {
    "generator late p99, s": ".4f",
    "generator late at most, s": ".3f",
    "generator, % of a core": ".0f",
    "most open": ",.0f",
    "others, %": ".0f",
    **{f"shed: {width}": ",.0f" for width in ("network", "second", "third", "full")},
}


@dataclass(frozen=True)
class Table:
    """One table: the mark of its place, its columns, a row of them, and whom it is for."""

    mark: str
    columns: tuple[str, ...]
    row: Callable[[Result, Result | None], list[str]]
    shows: Callable[[Scenario], bool]

    @property
    def head(self) -> tuple[str, ...]:
        return (*HEAD, *self.columns)


def number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _by_name(columns: Mapping[str, str]) -> Callable[[Result, Result | None], list[str]]:
    return lambda result, _: [number(result.middle(name), form) for name, form in columns.items()]


def _times(result: Result, _: Result | None) -> list[str]:
    return [*(_three(result, kind) for kind in KINDS), number(result.middle("others, %"), ".0f")]


def _three(result: Result, kind: str) -> str:
    values = [result.middle(f"{kind} {name}, s") for name in SHARES]
    return "–" if None in values else " / ".join(number(value, ".3f") for value in values)


def _outcomes(result: Result, plain: Result | None) -> list[str]:
    others = [f"{n:,} {what}" for what, n in result.lookups.items() if what not in SHOWN]
    against = result.ratio("CPU a visit, ms", plain) if plain else None
    return [
        f"{result.forms.total():,}",
        f"{result.forms.total() - result.forms['found']:,}",
        f"{result.lookups.total():,}",
        *(f"{result.lookups[what]:,}" for what in SHOWN),
        ", ".join(others) or "0",
        number(result.middle("told to wait") or 0, ",.0f"),
        number(result.middle("core/s"), ".1f"),
        number(result.middle("most at the core"), ".0f"),
        number(result.middle("CPU a visit, ms"), ".2f"),
        number(against, ".2f"),
        number(result.middle("MiB in all"), ".0f"),
    ]


def _is_visited(scenario: Scenario) -> bool:
    return not scenario.together


def _is_limited(scenario: Scenario) -> bool:
    return scenario.core.get("mode") == "capacity"


def _is_flooded(scenario: Scenario) -> bool:
    return scenario.flood is not None


def _is_together(scenario: Scenario) -> bool:
    return bool(scenario.together)


TABLES = (
    Table(
        "open-loop-times",
        (*(f"{kind}, s" for kind in KINDS), "others, %"),
        _times,
        _is_visited,
    ),
    Table(
        "open-loop-outcomes",
        (
            *("forms", "failed", "lookups", "found", "nothing to show", "refused", "503"),
            *("other 5xx", "cut off", "none in 30 s", "else", "told to wait", "core/s"),
            *("most at the core", "CPU a visit, ms", "÷ plain", "MiB"),
        ),
        _outcomes,
        _is_visited,
    ),
    Table("open-loop-line", tuple(LINE), _by_name(LINE), _is_limited),
    Table("open-loop-floods", tuple(FLOOD), _by_name(FLOOD), _is_flooded),
    Table("open-loop-crowd", tuple(CROWD), _by_name(CROWD), _is_together),
)
GENERATOR_TABLE = Table("", tuple(GENERATOR), _by_name(GENERATOR), lambda _: True)
AIMS = "open-loop-aims"
AIMS_HEAD = (*HEAD, "figure", "must", "is", "")

Results = Mapping[str, Result]
"""What was found, by who was asked."""


def shown(of: Table, name: str, results: Results) -> list[list[str]]:
    plain = results.get(PLAIN)
    return [
        [name, who, *of.row(result, None if who == PLAIN else plain)]
        for who, result in results.items()
    ]


def judged(name: str, scenario: Scenario, results: Results) -> list[list[str]]:
    """Return a row for each aim; one whose figure there is not yet is left out."""
    plain = results.get(PLAIN)
    rows = []
    for who, result in results.items():
        for aim in scenario.aims if who != PLAIN else ():
            # What must not happen must not happen in any round.
            middle = max if aim.at_most == 0 else median
            value = result.middle(aim.figure, middle)
            if aim.figure == "÷ plain" and plain:
                value = result.ratio("CPU a visit, ms", plain)
            if value is not None:
                is_reached = "reached" if aim.holds(value) else "**not reached**"
                said = number(value, ",.0f" if value >= 1000 else ".3g")
                rows.append([name, who, aim.figure, aim.bound, said, is_reached])
    return rows


def print_tables(name: str, scenario: Scenario, results: Results) -> bool:
    """Print what was found; return whether everything is reached."""
    print(f"\n{name}: {scenario.says}", flush=True)
    for each in (*TABLES, GENERATOR_TABLE):
        if each.shows(scenario):
            print("\n" + table(each.head, shown(each, name, results)))
    aims = judged(name, scenario, results)
    if aims:
        print("\n" + table(AIMS_HEAD, aims), flush=True)
    return all(row[-1] == "reached" for row in aims)


def write_tables(
    name: str, scenario: Scenario, results: Results, document: Path = PERFORMANCE
) -> None:
    """Put the rows into a document, in the place of older ones of the same scenario and asked."""
    for each in TABLES:
        if each.shows(scenario):
            merge(each.mark, each.head, shown(each, name, results), document)
    merge(AIMS, AIMS_HEAD, judged(name, scenario, results), document)


def merge(mark: str, head: Sequence[str], rows: list[list[str]], document: Path) -> None:
    """Put rows into the table at a mark; those of the same first two cells make room for them."""
    new = {tuple(row[: len(HEAD)]) for row in rows}
    kept = [row for row in rows_between_marks(mark, document) if tuple(row[: len(HEAD)]) not in new]
    places = {name: place for place, name in enumerate(SCENARIOS)}
    ordered = sorted([*kept, *rows], key=lambda row: (places.get(row[0], -1), row[1]))
    write_between_marks(mark, table(head, ordered), document)
