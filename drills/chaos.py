"""Mixed traffic while everything breaks in turn: `python -m drills.chaos [--minutes 20] [--write]`.

The site runs as in production, with two processes, Redis and the guard on, and the sandbox as
its core. Exits 1 when something does not hold. `--write` puts the table into
docs/performance.md.
"""

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from urllib.request import urlopen

from drills.storm.faults import FAULTS, LONGER, ON_THE_ROADS, Fault, calm
from drills.storm.records import Records
from drills.storm.stage import MORE_PARTICIPANTS, THREADS, Stage, stage
from drills.storm.visitors import Numbers, Visitors
from drills.storm.wire import Browser
from harness.options import above_zero
from harness.servers import resident_bytes
from harness.written import table, write_between_marks
from tracking_site.settings import Settings

TIMES = 10
"""So many times the visitors come in a surge."""

KINDS = ("answered", "guard", "place", "told", "cut", "failed")
MAX_PHASE = 15.0
SLACK_SECONDS = 0.3
"""What a busy machine may add when a whole phase waits its budget out."""

WEIGH_SECONDS = 0.5
RECOVERY_SECONDS = 45.0
"""The breaker rests for half a minute at most."""

MAX_RESIDENT = 128 << 20
"""Bytes of one process, what it shares included: its code and the pages that lie ready (79 MiB),
answers and renderings (16), and what ten times the visitors, and the guard's rows of the times
without Redis, leave behind (20)."""

MAX_GROWTH = 16 << 20
"""Bytes by which the later half of the run may need more than the first."""


def schedule(faults: Mapping[str, Fault], minutes: float) -> Iterator[tuple[str, Fault, float]]:
    """Yield name, fault and seconds of each phase: calm, a fault, calm, the next fault."""
    phases = len(faults) + sum(LONGER.get(name, 1) for name in faults)
    cycles = max(1, round(minutes * 60 / phases / MAX_PHASE))
    seconds = minutes * 60 / cycles / phases
    for _ in range(cycles):
        for name, fault in faults.items():
            yield "calm", calm, seconds
            yield name, fault, seconds * LONGER.get(name, 1)


def storm(
    on: Stage, faults: Mapping[str, Fault], records: Records, numbers: Numbers, minutes: float,
    visitors: int, seed: int,
) -> float | None:  # fmt: skip
    """Let visitors come while faults pass; return the seconds until a cold lookup works again."""
    port, more = on.site.port, (TIMES - 1) * visitors
    on.surge = lambda: Visitors(port, more, numbers, seed + 1, records.hear)
    with Visitors(on.site.port, visitors, numbers, seed, records.hear):
        for name, fault, seconds in schedule(faults, minutes):
            phase = records.enter(name)
            begun = time.monotonic()
            with fault(on):
                while time.monotonic() < begun + seconds:
                    time.sleep(min(WEIGH_SECONDS, seconds))
                    records.weigh(max(map(resident_bytes, on.site.workers()), default=0))
                phase.seconds += time.monotonic() - begun
    return recovered(on, numbers, seed)


def recovered(on: Stage, numbers: Numbers, seed: int) -> float | None:
    draw = random.Random(seed)
    begun = time.monotonic()
    while time.monotonic() < begun + RECOVERY_SECONDS:
        address = ".".join(str(draw.randrange(1, 224)) for _ in range(4))
        browser = Browser(on.site.port, address, lambda what, reply: None)
        reply = browser.post("lookup", "/lacak", {"nomor": draw.choice(numbers.cold)}, {})
        browser.close()
        if reply.status == 303:
            return time.monotonic() - begun
        time.sleep(0.5)
    return None


def shown(records: Records, budget: float) -> str:
    heads = ["", "times, s", "requests", "answered", "guard", "a place", "503, come back", "cut"]
    heads += ["without a time, other 5xx"]
    rows = []
    for name, phase in records.phases.items():
        kinds = (phase.kinds[kind] for kind in KINDS)
        rows.append(
            [
                name,
                f"{phase.times}, {phase.seconds:.0f}",
                f"{phase.kinds.total():,}",
                *(f"{count:,}" for count in kinds),
                f"{phase.p99 / budget:.2f}",
                f"{phase.slowest / budget:.2f}",
                f"{phase.resident >> 20}",
            ]
        )
    return table([*heads, "p99 ÷ budget", "slowest ÷ budget", "largest process, MiB"], rows)


def judged(records: Records, budget: float, slack: float) -> Iterator[tuple[bool, str]]:
    """Yield whether each thing holds of what visitors got, with the sentence that says it.

    `slack` is what the machine may add to the time budget, in seconds.
    """
    phases = records.phases
    failed = sum((phase.failures for phase in phases.values()), start=Counter[str]())
    yield (
        not sum(phase.kinds["failed"] for phase in phases.values()),
        "nobody without an answer, a place or a time"
        + "".join(f"; {what}: {count}" for what, count in failed.items()),
    )
    kills = phases["a process killed"].times
    cut = sum(phase.kinds["cut"] for phase in phases.values())
    yield (
        cut <= kills * THREADS,
        f"{cut} requests cut off by {kills} killed processes of {THREADS} threads",
    )
    worst = max(phases.values(), key=lambda phase: phase.p99)
    yield (
        worst.p99 <= budget + slack,
        f"p99 of every phase within the time budget of {budget:g} s: at most {worst.p99:.1f} s",
    )
    largest = max(records.residents)
    yield (
        largest <= MAX_RESIDENT,
        f"largest process {largest >> 20} MiB, at most {MAX_RESIDENT >> 20}",
    )
    middle = len(records.residents) // 2
    grown = max(records.residents[middle:]) - max(records.residents[:middle])
    yield (
        grown <= MAX_GROWTH,
        f"later half of the run {grown / (1 << 20):+.0f} MiB, at most +{MAX_GROWTH >> 20}",
    )


def left(
    on: Stage, records: Records, numbers: Numbers, recovery: float | None
) -> Iterator[tuple[bool, str]]:
    """Yield the same of what a stage holds in the end."""
    phases = records.phases
    lines, broken, leaking = on.log_holds()
    full = sum(phase.times for name, phase in phases.items() if "disk" in name)
    yield leaking == 0, f"no number in {lines:,} lines of logs"
    yield broken <= full, f"{broken} lines broken off by {full} full disks"
    yield on.store_holds([*numbers.hot, *numbers.cold]) == 0, "no number in Redis"
    within = "never" if recovery is None else f"{recovery:.1f} s"
    yield recovery is not None, f"an unknown visitor's new number found again after {within}"
    with urlopen(f"{on.site.url}/-/readyz", timeout=5) as answer:
        yield answer.status == 200, "ready in the end"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=above_zero(float), default=20)
    parser.add_argument("--visitors", type=above_zero(int), default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slack", type=float, default=SLACK_SECONDS, help="of a busier machine")
    parser.add_argument("--write", action="store_true", help="put it into docs/performance.md")
    chosen = parser.parse_args()
    print(
        f"{chosen.minutes:g} minutes of mixed traffic and faults; the tables come after them.",
        flush=True,
    )
    records, numbers = Records(), Numbers.of(MORE_PARTICIPANTS)
    budget = Settings.__dataclass_fields__["core_total_seconds"].metadata["default"]
    found, all_faults = [], len(FAULTS) + len(ON_THE_ROADS)
    for faults in (FAULTS, ON_THE_ROADS):
        minutes = chosen.minutes * len(faults) / all_faults
        with stage(has_roads=faults is ON_THE_ROADS) as on:
            again = storm(on, faults, records, numbers, minutes, chosen.visitors, chosen.seed)
            found += left(on, records, numbers, again)
    found = [*judged(records, budget, chosen.slack), *found]
    lines = [f"- {'Held' if holds else '**Not held**'}: {what}." for holds, what in found]
    text = "\n".join([shown(records, budget), "", *lines])
    print(text)
    if chosen.write:
        write_between_marks("chaos", text)
    return 0 if all(holds for holds, _ in found) else 1


if __name__ == "__main__":
    sys.exit(main())
