"""What an attack found: figures, each with the bounds that it must keep."""

import math
from dataclasses import dataclass, field

from drills.attack.asking import Tally
from drills.attack.people import Addresses, People
from drills.attack.running import RunningSite
from drills.attack.scale import Scale


@dataclass(frozen=True)
class Measure:
    """A figure and between what it must lie."""

    name: str
    value: float
    most: float = math.inf
    least: float = -math.inf

    @property
    def holds(self) -> bool:
        return self.least <= self.value <= self.most

    def __str__(self) -> str:
        return f"{self.value:g} {self.name}" if self.name else f"{self.value:g}"

    @property
    def bound(self) -> str:
        """The bound in words; empty where the figure is only told."""
        if self.least == self.most:
            return f"exactly {self.most:g} {self.name}"
        if math.isinf(self.least) and math.isinf(self.most):
            return ""
        if math.isinf(self.least):
            return f"at most {self.most:g} {self.name}"
        if math.isinf(self.most):
            return f"at least {self.least:g} {self.name}"
        return f"{self.least:g} to {self.most:g} {self.name}"


@dataclass
class Scene:
    """What an attack is given: a running site, numbers, addresses, and how long to go on."""

    site: RunningSite
    people: People
    addresses: Addresses
    scale: Scale
    tally: Tally = field(default_factory=Tally)


@dataclass(frozen=True)
class Finding:
    """The figures of one attack on one copy, and what the site asked."""

    measures: tuple[Measure, ...]
    asked: str

    @property
    def holds(self) -> bool:
        return all(measure.holds for measure in self.measures)
