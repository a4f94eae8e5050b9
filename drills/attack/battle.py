"""Runs attacks on fresh copies, one after the other."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from drills.attack.finding import Finding, Scene
from drills.attack.people import Addresses, Listing, People
from drills.attack.rows import Attack, Hole, Row
from drills.attack.running import Build, Core, RunningSite
from drills.attack.scale import SMALL, Scale

DAY_SECONDS = 86_400
JAKARTA_SECONDS = 7 * 3_600
MAX_ATTACK_SECONDS = 300
"""Budgets begin anew at midnight in Jakarta; no attack may be cut in two by it."""


@dataclass(frozen=True)
class Fought:
    """One attack on one copy; `hole` is what was left out of that copy, if anything."""

    row: Row
    build: Build
    hole: Hole | None
    finding: Finding
    seconds: float

    @property
    def is_as_it_should_be(self) -> bool:
        """The bounds hold, or the hole was found."""
        return self.finding.holds is (self.hole is None)


@dataclass(frozen=True)
class Battle:
    """What all attacks share: the core, who is in it, where logs go, and how long to go on."""

    core: Core
    known: Listing
    log: Path
    scale: Scale
    seed: int = 1

    def fight(self, row: Row) -> list[Fought]:
        """The attack on each of its copies, then on the copies with a hole.

        Holes are looked for at the small scale: they show at once.
        """
        whole = [self._once(row, row.attack, build, None, self.scale) for build in row.builds]
        return whole + [
            self._once(row, hole.attack or row.attack, hole.build, hole, SMALL)
            for hole in row.holes
        ]

    def attack(self, attack: Attack, build: Build, scale: Scale) -> Finding:
        """One attack on one fresh copy."""
        with RunningSite(build, self.core, self.log) as site:
            return attack(self.scene(site, scale))

    def scene(self, site: RunningSite, scale: Scale) -> Scene:
        """Everybody and every network anew, as an attacker finds them on a fresh day."""
        return Scene(site, People(self.known, self.seed), Addresses(self.seed), scale)

    def _once(
        self, row: Row, attack: Attack, build: Build, hole: Hole | None, scale: Scale
    ) -> Fought:
        wait_past_midnight(time.time, time.sleep)
        begun = time.monotonic()
        finding = self.attack(attack, build, scale)
        return Fought(row, build, hole, finding, time.monotonic() - begun)


def wait_past_midnight(clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
    """Wait for the new day in Jakarta if it is nearer than an attack may last."""
    left = DAY_SECONDS - (clock() + JAKARTA_SECONDS) % DAY_SECONDS
    if left < MAX_ATTACK_SECONDS:
        sleep(left + 1)
