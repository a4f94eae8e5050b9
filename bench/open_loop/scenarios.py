"""What is measured, by name: who comes to which core, and what must be reached."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.open_loop.flood import WIDTHS, Flood
from bench.open_loop.plan import Mix

CAPACITY_MS = 500


@dataclass(frozen=True)
class Aim:
    """A figure of report.py, and its bound."""

    figure: str
    at_most: float | None = None
    at_least: float | None = None

    def holds(self, value: float) -> bool:
        if self.at_most is not None:
            return value <= self.at_most
        return self.at_least is None or value >= self.at_least

    @property
    def bound(self) -> str:
        return f"≤ {self.at_most:g}" if self.at_most is not None else f"≥ {self.at_least:g}"


@dataclass(frozen=True)
class Scenario:
    """`rate` visitors a second for `seconds`, and `drain` more for the last of them to be served.

    `core` is the sandbox's fault; `settings` are the site's beside its defaults. Visitors come as
    a Poisson process, or evenly spaced if `even`; with `together` so many come at once instead,
    all with one number nobody asked before. With `prices_answers` what a lookup costs is seen
    when they are gone, and taken off from what the line's questions cost.
    """

    says: str
    rate: float = 20
    seconds: float = 30
    drain: float = 70
    rounds: int = 3
    core: Mapping[str, object] = field(default_factory=dict)
    mix: Mix = field(default_factory=Mix)
    processes: int = 1
    redis: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    flood: Flood | None = None
    together: int = 0
    even: bool = False
    worker_class: str = "gthread"
    prices_answers: bool = False
    aims: tuple[Aim, ...] = ()


def slow(milliseconds: int) -> dict[str, object]:
    return {"mode": "slow", "latency_ms": milliseconds}


def limited(slots: int = 20) -> dict[str, object]:
    return {"mode": "capacity", "slots": slots, "latency_ms": CAPACITY_MS, "sigma": 0.3}


def quick_answers(seconds: float) -> tuple[Aim, ...]:
    kinds = ("form", "warm", "poll")
    return tuple(Aim(f"{kind} p99, s", at_most=seconds) for kind in kinds)


def cold_answers(milliseconds: int) -> tuple[Aim, ...]:
    return (
        *quick_answers(0.10),
        Aim("cold p50, s", at_most=milliseconds / 1000 + 0.10),
        Aim("refused or failed", at_most=0),
    )


SURGE_AIMS = (
    Aim("goodput ÷ best", at_least=0.95),
    Aim("core's latency ÷ quiet", at_most=1.6),
    Aim("overtaken, %", at_most=1),
    Aim("time right, %", at_least=90),
    Aim("least given without script, s", at_least=20),
    Aim("refused or failed", at_most=0),
    Aim("warm told to wait", at_most=0),
)
FLOOD_AIMS = (
    Aim("honest refused, %", at_most=0),
    Aim("honest p99, s", at_most=0.5),
)
# Ten of 210 ask a number that is at hand: they must never stand in the line.
SURGE = Mix(cold=200 / 210)
# A visit without JavaScript is one request more at the site and none at the plain one, which knows
# no address of a result and no polls.
ONLY_HTMX = Mix(plain=0, polls=0)


def surge(processes: int) -> Scenario:
    return Scenario(
        f"200 new numbers a second for a minute, a core of 40 a second; processes: {processes}",
        rate=210,
        seconds=60,
        drain=420,
        rounds=1,
        core=limited(),
        mix=SURGE,
        processes=processes,
        redis=processes > 1,
        aims=SURGE_AIMS,
    )


def flooded(width: str) -> Scenario:
    return Scenario(
        f"1,000 impossible numbers a second from {WIDTHS[width].says}",
        core=slow(100),
        flood=Flood(1000, width),
        aims=FLOOD_AIMS,
    )


SCENARIOS: dict[str, Scenario] = {
    "core-100": Scenario("a core of 100 ms", core=slow(100), aims=cold_answers(100)),
    "core-500": Scenario("a core of 500 ms", core=slow(500), aims=cold_answers(500)),
    "core-1500": Scenario("a core of 1,500 ms", core=slow(1500), aims=cold_answers(1500)),
    "slow-core": Scenario(
        "a core of 1,500 ms, three times the visitors",
        rate=60,
        core=slow(1500),
        aims=cold_answers(1500),
    ),
    "waiting": Scenario(
        "2,000 people wait at once on one process",
        rate=200,
        seconds=15,
        drain=120,
        core=limited(),
        mix=Mix(cold=1),
        rounds=1,
        aims=(
            Aim("form p99, s", at_most=0.15),
            Aim("MiB more", at_most=60),
            Aim("most waiting", at_least=2000),
        ),
    ),
    "surge-1": surge(1),
    "surge-2": surge(2),
    "surge-4": surge(4),
    "line": Scenario(
        "10,000 people in the line over two processes",
        rate=180,
        # One in twenty goes away, and the core answers 3,100 meanwhile.
        seconds=80,
        drain=350,
        rounds=1,
        core=limited(),
        mix=Mix(cold=1, opens_form=False),
        processes=2,
        redis=True,
        prices_answers=True,
        aims=(
            Aim("most waiting", at_least=10_000),
            Aim("MiB in all", at_most=200),
            Aim("cores for polls", at_most=0.15),
        ),
    ),
    "flood-48": flooded("48"),
    "flood-16": flooded("16"),
    "flood-2000": flooded("2000"),
    "crowd": Scenario(
        "500 visitors of one cold number at once, 2 processes",
        together=500,
        seconds=1,
        core=slow(200),
        processes=2,
        redis=True,
        aims=(Aim("asked the core", at_most=1), Aim("answered", at_least=500)),
    ),
    "cost": Scenario(
        "processor time for one visit, memory",
        rate=100,
        seconds=10,
        core=slow(20),
        mix=ONLY_HTMX,
        rounds=5,
        aims=(Aim("÷ plain", at_most=0.65),),
    ),
    "cost-redis": Scenario(
        "processor time for one visit, Redis",
        rate=100,
        seconds=10,
        core=slow(20),
        mix=ONLY_HTMX,
        redis=True,
        rounds=5,
        aims=(Aim("÷ plain", at_most=0.80),),
    ),
}
SHORT = ("core-100", "slow-core")
"""A look at the whole in a few minutes."""
