"""The tables of the simulation, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from drills.simulation.attackers import Attack, Loot, strike
from drills.simulation.origins import one_address, one_carrier_address, one_sim, one_slash_24
from drills.simulation.people import Model, Tally, days
from drills.simulation.rows import LIST_HITS, Reached
from drills.simulation.siege import besiege
from drills.simulation.world import World
from tracking_site.guard.policy import Policy


def table(head: Sequence[str], rows: Iterator[Sequence[object]]) -> Iterator[str]:
    """A Markdown table, line by line, as the rows come."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell) for cell in row) + " |"


def honest(model: Model, policy: Policy, seed: int, count: int) -> Iterator[tuple[int, Tally]]:
    """Several honest days in a row, from fresh rows on."""
    for number, _, tally in days(model, seed, count, World(policy=policy)):
        yield number, tally


HONEST_HEAD = (
    "Day",
    "Lookups",
    "Distinct",
    "Misses",
    "Challenged",
    "… shared addresses",
    "Refused",
    "Seconds of work, mean of the challenged",
    "longest",
)


def honest_row(number: object, tally: Tally) -> Sequence[object]:
    return (
        number,
        f"{tally.lookups:,}",
        f"{tally.numbers:,}",
        percent(tally.misses, tally.numbers),
        percent(tally.challenged, tally.lookups),
        percent(tally.shared_challenged, tally.shared),
        tally.refused,
        f"{tally.mean_wait:.2f}",
        f"{tally.longest:.2f}",
    )


REACH_HEAD = ("Attack", "At most", "Mean", "Most", "Learned, mean", "Holds", "With the hole")


def reach_row(row: Reached) -> Sequence[object]:
    return (
        row.name,
        row.limit,
        f"{row.mean:.1f}",
        row.most,
        f"{row.learned:.1f}",
        "yes" if row.holds else "NO",
        f"{row.naive}{'' if row.detects else ' (NOT DETECTED)'}",
    )


OPEN_HEAD = ("Attack without a promise", "Answers", "Learned", "Million iterations")


def open_rows(policy: Policy, seed: int) -> Iterator[Sequence[object]]:
    """What remains possible, said as it is."""
    sim = Attack(one_sim, 0.01, 8_000)
    attacks = (
        ("one address, a list where every number exists", Attack(one_address, 1, 3_000)),
        ("one /24, a list where every number exists", Attack(one_slash_24, 1, 10_000)),
        ("one listed carrier address, guessing", Attack(one_carrier_address, 0.01, 16_000)),
        ("one listed carrier address, 60 % list", Attack(one_carrier_address, LIST_HITS, 16_000)),
        (
            "one SIM that changes its address 200 times, guessing, without work",
            replace(sim, per_network=40, pays=False),
        ),
        ("the same, all work done", replace(sim, per_network=40)),
        ("one address, 60 % list, seven days in a row", Attack(one_address, LIST_HITS, 400)),
    )
    for name, attack in attacks:
        loot = week(attack, policy, seed) if "seven" in name else strike(attack, policy, seed)
        yield name, f"{loot.answers:,}", f"{loot.learned:,}", f"{loot.iterations:,.0f}"


def week(attack: Attack, policy: Policy, seed: int) -> Loot:
    """The same address on seven days; suspicion is carried over by half."""
    world = World(policy=policy)
    first = world.clock.now
    whole = Loot()
    for number in range(7):
        world.clock.now = first + number * 86_400 + 3_600
        # The seed gives the same address each day; the numbers are new ones.
        loot = strike(attack, policy, seed, world)
        whole.answers += loot.answers
        whole.learned += loot.learned
        whole.levels = [a + b for a, b in zip(whole.levels, loot.levels, strict=True)]
    return whole


SIEGE_HEAD = (
    "Residential addresses",
    "Numbers each",
    "Hits",
    "Pays",
    "Answers",
    "Learned",
    "Alarm",
    "People challenged",
    "People refused",
)


def siege_rows(
    model: Model, policy: Policy, seed: int, sieges: Sequence[tuple[int, int, float, bool]]
) -> Iterator[Sequence[object]]:
    for addresses, each, hits, pays in sieges:
        siege = besiege(model, policy, seed, addresses, each, hits, pays)
        yield (
            f"{addresses:,}",
            each,
            f"{hits:.0%}",
            "yes" if pays else "no",
            f"{siege.loot.answers:,}",
            f"{siege.loot.learned:,}",
            siege.alarm_most,
            percent(siege.people.challenged, siege.people.lookups),
            percent(siege.people.refused, siege.people.lookups),
        )


def percent(part: int, whole: int) -> str:
    return f"{100 * part / max(1, whole):.2f} %"
