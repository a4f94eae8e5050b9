"""A core with so many slots, shared equally by what is asked of it at once (processor sharing).

Up to `slots` requests each get a slot of their own. Beyond, all go on more slowly in proportion,
those that came earlier too; beyond CROWD times `slots` a newcomer is refused. Knows no socket and
no clock: the time is passed in, in seconds, and never runs backwards.
"""

import heapq
import math
import random
from dataclasses import dataclass
from typing import Any

CROWD = 4
HAIR = 1e-9
"""Seconds by which an end may be rounded past the moment at which it is looked for."""


@dataclass(slots=True)
class Share:
    """One request under way: `done_at` is the progress at which it is done, and `token` its own."""

    done_at: float
    token: Any
    is_gone: bool = False


class Capacity:
    """Who is being served, and when each is done.

    Progress is counted in latencies: one that nobody disturbs makes one in `seconds`, and what is
    changed meanwhile holds for the rest of the work of all. `dice` draws the jitter.
    """

    def __init__(self, dice: random.Random, slots: int = 20, seconds: float = 0.5) -> None:
        self._dice = dice
        self._slots = slots
        self._seconds = seconds
        self._sigma = 0.0
        self._now = 0.0
        self._progress = 0.0
        self._count = 0
        self._order = 0
        self._waiting: list[tuple[float, int, Share]] = []
        self._done: list[Share] = []

    def __len__(self) -> int:
        return self._count

    def change(self, now: float, slots: int, seconds: float, sigma: float = 0.0) -> None:
        """Go on with these; `sigma` is that of the logarithm of the work, whose mean stays one."""
        self._pass(now)
        self._slots, self._seconds, self._sigma = slots, seconds, sigma

    def enter(self, now: float, token: Any) -> Share | None:
        """Take one more in; None when there are too many already."""
        self._pass(now)
        if self._count >= CROWD * self._slots:
            return None
        work = math.exp(self._dice.gauss(0, self._sigma) - self._sigma**2 / 2)
        share = Share(self._progress + work, token)
        self._order += 1
        heapq.heappush(self._waiting, (share.done_at, self._order, share))
        self._count += 1
        return share

    def leave(self, now: float, share: Share) -> None:
        """Let one go before it is done; the others go on faster."""
        self._pass(now)
        if not share.is_gone:
            share.is_gone = True
            self._count -= 1
            self._forget_the_gone()

    def next_at(self) -> float | None:
        """Return when `done` has somebody to tell of, if nobody comes or goes before."""
        return self._now if self._done else self._next_end()

    def done(self, now: float) -> list[Any]:
        """Return the tokens of those who are done, each of them once, the first first."""
        self._pass(now)
        tokens = [share.token for share in self._done]
        self._done.clear()
        return tokens

    def _next_end(self) -> float | None:
        if not self._waiting:
            return None
        return self._now + (self._waiting[0][0] - self._progress) / self._pace()

    def _pace(self) -> float:
        return min(1.0, self._slots / self._count) / self._seconds

    def _pass(self, now: float) -> None:
        # Each end changes the pace of the rest, so it counts at its own moment even when it is
        # noticed later.
        while (at := self._next_end()) is not None and at <= now + HAIR:
            self._progress, _, share = heapq.heappop(self._waiting)
            self._now = max(self._now, min(at, now))
            share.is_gone = True
            self._done.append(share)
            self._count -= 1
            self._forget_the_gone()
        if self._count:
            self._progress += (now - self._now) * self._pace()
        else:
            self._progress = 0.0
        self._now = max(self._now, now)

    def _forget_the_gone(self) -> None:
        while self._waiting and self._waiting[0][2].is_gone:
            heapq.heappop(self._waiting)
