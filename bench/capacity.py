"""The arithmetic of docs/capacity.md: what a day and a peak need, from measured figures.

    python -m bench.capacity            # the tables
    python -m bench.capacity --write    # and puts them into docs/capacity.md

Change the measured figures to those of your own machine (the commands stand in the document);
what a page weighs is read from docs/performance.md, so that it stands in one place.
"""

import argparse
import math
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

DOCUMENT = Path(__file__).parents[1] / "docs" / "capacity.md"
MARKS = "<!-- arithmetic -->", "<!-- /arithmetic -->"


def _weighed(row: str) -> int:
    """Return the bytes in this row of docs/performance.md, In the browser."""
    text = DOCUMENT.with_name("performance.md").read_text(encoding="utf-8")
    found = re.search(rf"(?m)^\| {re.escape(row)} \|(?:.* )?([\d,]+) \|$", text)
    if found is None:
        msg = f"docs/performance.md has no row {row!r}: python -m bench.slow_line prints it"
        raise LookupError(msg)
    return int(found[1].replace(",", ""))


@dataclass(frozen=True)
class Measured:
    """Of one visit (form and lookup), on the machine of docs/performance.md."""

    cold_share: float = 0.62
    """Lookups of a number that nobody asked before; drills/simulate."""

    visit_ms: float = 7.0
    """Processor time of the workers, with Redis and the line; the drill of docs/capacity.md."""

    redis_cold_ms: float = 0.75
    redis_warm_ms: float = 0.4
    """Processor time of Redis for a lookup; python -m bench.redis_share."""

    redis_cold_bytes: int = 2503
    redis_warm_bytes: int = 476
    """Memory of Redis for a lookup, the guard's rows included; the same."""

    first_view_bytes: int = field(
        default_factory=partial(_weighed, "form, then the result in its place, 360 px")
    )
    """Form, styles, htmx and the result in its place."""

    answer_bytes: int = field(default_factory=partial(_weighed, "result, seen again, 360 px"))
    """A result alone, as it goes to who has been there before."""


@dataclass(frozen=True)
class Load:
    """Visitors at the busiest, and what the core can do then."""

    name: str
    visitors: float
    lookups_a_day: float
    core_seconds: float
    core_a_second: float
    new_share: float


HEADROOM = 0.6
"""Of a processor that is planned for: the rest is for what comes unevenly."""

DAY = Load("the national day, busiest minute", 70, 1_000_000, 0.5, 200, 0.3)
PEAK = Load("the news peak", 3000, 4_000_000, 0.5, 200, 0.9)
CLOSED_SECONDS = 600
"""The line takes nobody who would wait longer."""


def rows(load: Load, measured: Measured) -> list[tuple[str, str]]:
    """Return what this load needs, in words and figures."""
    cold = load.visitors * measured.cold_share
    warm = load.visitors - cold
    processors = load.visitors * measured.visit_ms / 1000
    redis = (cold * measured.redis_cold_ms + warm * measured.redis_warm_ms) / 1000
    memory = load.lookups_a_day * bytes_kept(measured) / 1e9
    sent = load.visitors * bytes_sent(load, measured)
    waiting = max(cold - load.core_a_second, 0.0)
    return [
        ("visitors a second", f"{load.visitors:,.0f}"),
        ("processors busy", f"{processors:.1f}"),
        (f"processors to buy, {HEADROOM:.0%} busy", f"{math.ceil(processors / HEADROOM)}"),
        ("of one core of Redis", f"{redis:.0%}"),
        ("memory of Redis for a day, GB", f"{memory:.1f}"),
        ("sent, Mbit/s", f"{8 * sent / 1e6:,.0f}"),
        ("cold lookups a second", f"{cold:,.0f}"),
        ("at the core at once, if it did them all", f"{cold * load.core_seconds:,.0f}"),
        (
            f"into the line a second, of a core that does {load.core_a_second:,.0f}",
            f"{waiting:,.0f}",
        ),
        (
            "seconds until the line is ten minutes long",
            f"{CLOSED_SECONDS * load.core_a_second / waiting:,.0f}" if waiting else "never",
        ),
    ]


def bytes_kept(measured: Measured) -> float:
    """Return the memory of Redis that a lookup takes on average."""
    warm_share = 1 - measured.cold_share
    return measured.cold_share * measured.redis_cold_bytes + warm_share * measured.redis_warm_bytes


def bytes_sent(load: Load, measured: Measured) -> float:
    """Return what a visitor is sent on average."""
    again_share = 1 - load.new_share
    return load.new_share * measured.first_view_bytes + again_share * measured.answer_bytes


def most_visitors(measured: Measured, redis_share: float = 0.8) -> float:
    """Return how many visitors a second one Redis carries when so much of a core is used."""
    each = measured.cold_share * measured.redis_cold_ms
    each += (1 - measured.cold_share) * measured.redis_warm_ms
    return 1000 * redis_share / each


@dataclass(frozen=True)
class Bought:
    """What docs/capacity.md buys for the national day."""

    line_bits: float = 100e6
    processors: int = 8
    redis_bytes: float = 3e9


def breaks_at(measured: Measured, bought: Bought) -> list[tuple[str, float]]:
    """Return at how many visitors a second of the news peak each part is full, the first first."""
    return sorted(
        [
            (f"the core, at {PEAK.core_a_second:,.0f} a second",
             PEAK.core_a_second / measured.cold_share),
            (f"the line to the world, {bought.line_bits / 1e6:,.0f} Mbit/s",
             bought.line_bits / 8 / bytes_sent(PEAK, measured)),
            (f"{bought.processors} processors of the nodes",
             1000 * bought.processors / measured.visit_ms),
            ("one core of Redis", most_visitors(measured, 1.0)),
        ],
        key=lambda each: each[1],
    )  # fmt: skip


def table() -> str:
    """Return the arithmetic as Markdown."""
    measured, bought = Measured(), Bought()
    day, peak = rows(DAY, measured), rows(PEAK, measured)
    lines = [f"| | {DAY.name} | {PEAK.name} |", "|---|---|---|"]
    lines += [
        f"| {name} | {one} | {other} |" for (name, one), (_, other) in zip(day, peak, strict=True)
    ]
    lines += [
        "",
        f"One Redis carries {most_visitors(measured):,.0f} visitors a second of this mix, "
        "80 % of one core used.",
        "",
        "With what is bought for the national day, visitors of the news peak fill:",
        "",
        "| | at so many a second |",
        "|---|---|",
        *(f"| {what} | {visitors:,.0f} |" for what, visitors in breaks_at(measured, bought)),
        "",
        f"{bought.redis_bytes / 1e9:g} GB of Redis hold "
        f"{bought.redis_bytes / bytes_kept(measured) / 1e6:.1f} million lookups of one day.",
    ]
    return "\n".join(lines)


def main() -> None:
    reader = argparse.ArgumentParser(description="What a day and a peak need.")
    reader.add_argument("--write", action="store_true", help="put the tables into the document")
    print(table())
    if reader.parse_args().write:
        text = DOCUMENT.read_text(encoding="utf-8")
        before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
        DOCUMENT.write_text(
            f"{before}{MARKS[0]}\n\n{table()}\n\n{MARKS[1]}{after}", encoding="utf-8"
        )


if __name__ == "__main__":
    main()
