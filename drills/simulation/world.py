"""The pieces that honest people and attackers share: numbers, a clock, and a guard of its own."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import NamedTuple

from tracking_site.guard.challenge import Paid
from tracking_site.guard.guard import Guard
from tracking_site.guard.keys import Days
from tracking_site.guard.ledger import Ledger, Reservation
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.networks import Carriers, Network
from tracking_site.guard.policy import Policy
from tracking_site.guard.rules import Decision

KEY = b"a key for simulations, nothing else"
DAY = 86_400
START = 4_000_000_000 // DAY * DAY
"""A midnight far ahead of the machine's own clock; the simulated site stands in Greenwich."""

PHONE_SECONDS = (0.0, 0.25, 0.6, 1.5, 6.0)
"""What a level costs on a phone of the lower middle class."""

ROWS = 500_000
"""A day of a million lookups has 170,000 rows, which Redis keeps all."""

CARRIER_LINES = "100.64.0.0/10\n2001:db8:ca00::/40"


_NOT_FOR_WORK = ("in_flight", "tickets")
"""Challenges that no work answers: something has to be over first."""


class Number(NamedTuple):
    canonical: str
    kind: str = "nik"


@dataclass
class Clock:
    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass
class World:
    """A guard with fresh rows, and the clock that it reads."""

    policy: Policy = field(default_factory=Policy)
    ledger: Ledger | None = None
    clock: Clock = field(default_factory=Clock)
    carriers: Carriers = field(default_factory=lambda: Carriers.parse(CARRIER_LINES))

    def __post_init__(self) -> None:
        self.guard = Guard(
            self.ledger or MemoryLedger(self.policy, cap=ROWS),
            [KEY],
            self.carriers,
            self.clock,
            policy=self.policy,
            days=Days(KEY, offset=0),
            random=random.Random(0),
        )

    def points(self, network: Network) -> int:
        """Return the suspicion of a network, in hundredths."""
        return self.guard.explain(network).seen.first.suspicion

    def ask(
        self, network: Network, number: Number, pays: bool = True, waits: bool = False
    ) -> tuple[Decision, Reservation | None, int]:
        """Ask, and pay the work that is demanded, by waiting if so; also return the level paid."""
        paid = 0
        for _ in range(4):
            decision, reservation = self.guard.reserve(network, number, Paid(paid, waits))
            if decision.kind != "challenge" or not pays or decision.rule in _NOT_FOR_WORK:
                break
            paid = decision.level
        return decision, reservation, paid


class Numbers:
    """Plausible numbers, each one new."""

    def __init__(self, source: random.Random):
        self._random = source
        self._given = 0

    def new(self) -> Number:
        self._given += 1
        draw = self._random
        if draw.random() < 0.3:
            return Number(f"{draw.randrange(10**6):06}{self._given % 10**5:05}", "kpj")
        place = f"{draw.randrange(11, 97)}{draw.randrange(1, 30):02}{draw.randrange(1, 40):02}"
        born = f"{draw.randrange(1, 72):02}{draw.randrange(1, 13):02}{draw.randrange(100):02}"
        return Number(f"{place}{born}{self._given % 10_000:04}")
