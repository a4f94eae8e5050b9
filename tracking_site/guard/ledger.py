"""What every ledger can do: weigh a number and charge it in one step, and settle it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from .novelty import Places
from .partners import Partner
from .rules import CircuitView, Decision, Row


class Ask(NamedTuple):
    """One number asked by one network, in digests of the day.

    `first_before` and `second_before` are the network's digests of yesterday.
    `paid` is the level of work that came with it, `by_ticket` whether it was waited for.
    """

    day: int
    now: float
    first: bytes
    second: bytes
    first_before: bytes
    second_before: bytes
    novelty: Places
    cell: tuple[int, int]
    carrier: bool = False
    paid: int = 0
    by_ticket: bool = False
    partner: Partner | None = None


class Reservation(NamedTuple):
    """A number that was charged and has no answer yet. Settle it once."""

    day: int
    window: int
    first: bytes
    second: bytes
    cell: tuple[int, int]
    carrier: bool
    heavy: bool
    degraded: bool = False


class Peek(NamedTuple):
    """What the ledger knows of a network, and of the whole site, without changing it."""

    first: Row
    second: Row
    circuit: CircuitView
    in_flight: int


class Heavy(NamedTuple):
    """A network among the heaviest of the day, by a short keyed digest."""

    digest: str
    row: Row


class LedgerStatus(NamedTuple):
    """The operator's view. `rows` counts networks of today and yesterday at both levels."""

    store: str
    rows: int
    alarm: int
    siege: bool
    ceilings: int
    usual_miss_rate: float
    usual_heavy_share: float
    hour_numbers: int
    hour_forecast: float
    top: Sequence[Heavy]


class Ledger(Protocol):
    """Stores rows and applies the rules to them. All methods raise RedisDown alone."""

    def knows(self, day: int, novelty: Places) -> bool:
        """Whether this is surely a repeat. Answered at once, without asking another machine."""

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        """Decides, and charges the number when the decision is ok; else writes nothing."""

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        """Books the answer: a hit, a miss, or None when the core gave none."""

    def peek(self, ask: Ask) -> Peek:
        """What would be weighed if `ask` came now."""

    def forgive(self, ask: Ask) -> None:
        """Forgets the network's rows of today and yesterday, at both levels."""

    def siege(self, on: bool) -> None:
        """Holds the alarm at its highest until told otherwise."""

    def status(self, now: float, day: int, top: int = 10) -> LedgerStatus:
        """How things stand, with the `top` heaviest networks of the day."""


def window_of(now: float, in_flight_seconds: int) -> int:
    """The period to which a reservation belongs, as 16 bits."""
    return int(now // in_flight_seconds) & 0xFFFF
