"""How many requests the core bears at once, found from what is seen of its answers.

By Little's law the round trip is the area under the requests in flight, divided by the answers.
While it stays near that of a quiet core the limit grows, and a round trip later it is looked at
again; when it rises the limit gives way. Now and then the limit dips, the core's queue drains, and
its quiet round trip shows anew. Constants come from simulations (tests/claims_api/test_bound.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from math import inf, log, sqrt
from typing import Any, Literal

START = 16.0
MIN_LIMIT = 2.0
MIN_WINDOW_SECONDS = 0.25
USUAL_ANSWERS = 20

FAILED_SHARE = 0.1
"""Share of answers that say "too much" (429, 503, a time-out) beyond which the limit gives way."""

UNBELIEVABLE = 0.67
"""A round trip below this share of the quiet one says that there is no telling yet."""

BELIEVABLE = 0.9
"""After the limit was raised for the first times, a round trip below this share of the quiet one
says that the quiet one was seen while threads began, and is to be seen again."""

CHANGED = 4.0
"""So many times the quiet round trip, before the limit was ever raised, is a new quiet one."""

PATIENT_SHARE = 0.8
"""The limit never grows at once so far that a core that was full at the last one would take longer
than this share of the time for which people wait."""

DIP_SECONDS, SETTLED_DIP_SECONDS = 5.0, 60.0
"""Least seconds between two dips, until two of them agree on the quiet round trip and after."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in some seconds: request-seconds, answers, those of them that failed, whether
    the limit was ever reached, and the round trips of those answered (0: as the area says)."""

    seconds: float
    area: float
    answers: int
    failed: int = 0
    is_full: bool = False
    spent: float = 0.0

    def round_trip(self, pick: Callable[[float, float], float]) -> float:
        """Return the round trip by the area or by those answered, as `pick` (min, max) says: the
        area counts requests that are not answered yet, the other leaves them out."""
        return pick(self.area, self.spent or self.area) / self.answers


@dataclass(frozen=True, slots=True)
class CoreBound:
    """The limit, and what was learned of the core so far.

    `base` is the quiet round trip and `rtt` the last one, in seconds (0: not seen yet); `anchor`
    the limit that last proved itself. `fast` and `young` say how boldly the limit grows. After it
    grew (`phase` is "settle") nothing is learned until what was in flight is answered. Unless the
    phase is "open" only `narrowed` requests may be in flight: the limit itself while it settles,
    fewer in a dip. `dipped_at` is when the last dip ended.
    """

    limit: float = START
    anchor: float = START
    base: float = 0.0
    rtt: float = 0.0
    fast: bool = True
    young: bool = True
    settled: bool = False
    calm: int = 0
    phase: Literal["open", "settle", "drain", "dip"] = "open"
    narrowed: float = 0.0
    dipped_at: float = 0.0

    allowed: int = field(init=False, repr=False, compare=False)
    min_seconds: float = field(init=False, repr=False, compare=False)
    min_answers: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compute what the gate asks for at every request, once for each window.

        `allowed` is how many requests may be in flight now; `min_seconds` and `min_answers` are
        how long the present window lasts at least, and how many answers it has.
        """
        allowed, seconds, answers = self.narrowed, self.rtt, 1
        if self.phase == "open":
            allowed, seconds = self.limit, max(MIN_WINDOW_SECONDS, self.rtt)
            answers = int(min(USUAL_ANSWERS, self.limit)) if self.fast else USUAL_ANSWERS
        elif self.phase == "dip":
            # A core that became slow is looked at for as long as it takes now.
            seconds, answers = max(1.5 * self.base, self.rtt), 3
        object.__setattr__(self, "allowed", int(allowed))
        object.__setattr__(self, "min_seconds", seconds)
        object.__setattr__(self, "min_answers", answers)

    def as_kept(self) -> dict[str, Any]:
        """Return what makes it again: `CoreBound(**bound.as_kept())`."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.init}

    def after(self, seen: Seen, now: float, max_limit: float, patience: float = inf) -> "CoreBound":
        """Return what holds after a window that ended at `now`; it never exceeds `max_limit`.

        `patience` is for how many seconds people wait for the core.
        """
        failed = seen.failed > FAILED_SHARE * seen.answers
        if failed:
            new = self._backed_off()
        elif seen.area <= 0:
            # Answers that took no time: the clock stood still, as one does that was set back.
            return self
        elif self.phase == "drain":
            return replace(self, phase="dip")
        elif self.phase == "settle":
            return replace(self, phase="open")
        elif self.phase == "dip":
            new = self._dipped(seen, now)
        else:
            new = self._moved(seen, patience)
        limit = min(max(new.limit, MIN_LIMIT), max(max_limit, MIN_LIMIT))
        new = replace(new, limit=limit, narrowed=limit if new.phase == "settle" else new.narrowed)
        wait = max(SETTLED_DIP_SECONDS if new.settled else DIP_SECONDS, 3 * new._dip_seconds)
        if failed or self.phase != "open" or not seen.is_full or now - self.dipped_at < wait:
            return new
        share = min(0.9, 0.7 * new.base / new.rtt) if new.settled else 0.6
        return replace(new, phase="drain", narrowed=max(1.0, new.limit * share))

    @property
    def _dip_seconds(self) -> float:
        return self.rtt + 1.5 * self.base

    def _backed_off(self) -> "CoreBound":
        limit = self.limit * 0.7
        return replace(
            self, limit=limit, anchor=min(self.anchor, limit),
            fast=False, settled=False, calm=0, phase="open",
        )  # fmt: skip

    def _dipped(self, seen: Seen, now: float) -> "CoreBound":
        quiet = seen.area / seen.answers
        change = quiet / self.base
        weight = seen.answers / (seen.answers + 10) if 0.67 < change < 1.5 else 1.0
        return replace(
            self, phase="open", dipped_at=now, anchor=self.limit,
            base=self.base * change**weight,
            settled=abs(log(change)) < max(0.15, 1.2 / sqrt(seen.answers)),
            fast=self.fast or self.rtt < 1.12 * quiet,
        )  # fmt: skip

    def _moved(self, seen: Seen, patience: float) -> "CoreBound":
        # The quiet round trip is the better of the two, what is held against it the worse: a burst
        # of answers, as of threads that got no turn, makes one of them too small.
        rtt = seen.round_trip(max if self.base else min)
        base = self.base or rtt
        if self.young and self.limit <= START and rtt > CHANGED * base:
            # So few requests do not make a core so slow: it changed while few asked.
            base = rtt
        rise = rtt / base
        if self.young and seen.is_full and self.limit > START and rise < BELIEVABLE:
            return replace(self, base=rtt, rtt=rtt, limit=START, anchor=START)
        if rise < 1:
            base *= rise ** (
                min(0.9, seen.answers / 50) if rise < 0.5 else min(0.2, seen.answers / 100)
            )
        if rise < UNBELIEVABLE:
            # What was taken for quiet was none: others had just been there.
            return replace(self, base=base, rtt=rtt)
        if not seen.is_full:
            base *= min(max(rise, 1.0), 1.5) ** 0.05
            return replace(
                self, base=base, rtt=rtt, anchor=self.limit, fast=self.fast or rise < 1.1
            )
        calm = self.calm + 1 if rise <= 1.1 else 0
        fast = self.fast or (calm >= 3 and self.settled)
        learned = replace(self, base=base, rtt=rtt, calm=calm)
        growth = min(3.0 if self.young else 2.0, PATIENT_SHARE * patience / rtt)
        if fast and growth > 1 and rise <= (1.2 if self.young else 1.1):
            limit = self.limit * growth
            return replace(
                learned, limit=limit, anchor=max(self.anchor, limit), fast=True,
                phase="settle",
            )  # fmt: skip
        fast = fast and rise < (1.7 if self.young else 1.2)
        limit, settled = self.limit * min(max(1.4 / rise, 0.7), 1.0) + 1, self.settled
        if limit < 0.6 * self.anchor:
            limit, settled = min(self.limit, 0.6 * self.anchor), False
        return replace(learned, limit=limit, fast=fast, young=False, settled=settled)
