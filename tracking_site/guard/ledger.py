"""What every ledger can do: weigh a number and charge it in one step, and settle it afterwards.

A number is a repeat once it was *answered*. One that was charged and not answered (the core was
down, the process died, it stays in a line) is let through again without being charged again, and
booked when its answer comes.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from .keys import Digests, Pair, Places
from .partners import PartnerQuota
from .rows import Row
from .rules import Decision, Weighed


class Ask(NamedTuple):
    """One number asked by one network, in digests of the day.

    `before` makes the network's digests of yesterday, which not every ledger needs. `paid` is the
    level of work that came with it, `by_ticket` whether it was waited for. `secret` are the random
    bytes of the day that the digests were made with; empty where they were made without.
    """

    day: int
    now: float
    network: Digests
    before: Callable[[], Digests]
    pair: Pair
    number: Places
    cell: tuple[int, int]
    carrier: bool = False
    paid: int = 0
    by_ticket: bool = False
    partner: PartnerQuota | None = None
    secret: bytes = b""


class OtherSecret(Exception):
    """Other processes count under other random bytes of this day; nothing was written."""


class Reservation(NamedTuple):
    """A number that was charged and has no answer yet. Settle it once.

    `window` is that in which it counts as under way, or WHEN_BOOKED (rules.py).
    """

    ask: Ask
    window: int
    heavy: bool
    degraded: bool = False


class Heavy(NamedTuple):
    """A network among the heaviest of the day, by a short keyed digest."""

    digest: str
    row: Row


class LedgerStatus(NamedTuple):
    """The operator's view. `rows` counts networks of today and yesterday at every level."""

    rows: int
    alarm: int
    siege: bool
    usual_miss_rate: float
    hour_numbers: int
    hour_forecast: float
    top: Sequence[Heavy]


class Ledger(Protocol):
    """Stores rows and applies the rules to them. All methods raise RedisDown alone.

    But `reserve`, which also raises OtherSecret.
    """

    def knows(self, day: int, pair: Pair) -> bool:
        """Return whether this very network surely asked the number and was answered.

        Said at once, without asking another machine.
        """

    def was_answered(self, day: int, pair: Pair) -> bool:
        """Return the same for sure, by asking where it stands."""

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        """Decide, and charge the number when the decision is ok; else write nothing."""

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        """Book the answer, once for each number and second-level network: a hit or a miss.

        None: there was no answer, or not yet. The number stays asked, and is no repeat.
        """

    def peek(self, ask: Ask) -> Weighed:
        """Return what would be weighed if `ask` came now, but for its cell and its partner."""
