"""Asks of a ledger, made as the guard makes them."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.clock import Clock
from tracking_site.guard.keys import Days
from tracking_site.guard.ledger import Ask, Ledger, Reservation
from tracking_site.guard.networks import Network, parse_network
from tracking_site.guard.partners import PartnerQuota
from tracking_site.guard.rules import Decision

HOME = parse_network("203.0.113.7")


@dataclass(frozen=True)
class Number:
    """An identifier as the guard sees it; the characters mean nothing here."""

    canonical: str
    kind: str = "nik"


def ask_of(
    days: Days,
    now: float,
    network: Network,
    number: Number,
    carrier: bool = False,
    paid: int = 0,
    by_ticket: bool = False,
    partner: PartnerQuota | None = None,
) -> Ask:
    day = days.day_of(now)
    today, before = days.secret(day), days.secret(day - 1)
    return Ask(
        day,
        now,
        today.network(network),
        lambda: before.network(network),
        today.pair(network, number),
        today.number(number),
        today.cell(number),
        carrier,
        paid,
        by_ticket,
        partner,
    )


@dataclass
class Desk:
    """Somebody who asks a ledger for numbers from one network."""

    ledger: Ledger
    clock: Clock
    days: Days = field(default_factory=lambda: Days(b"a key of sixteen bytes and more"))
    network: Network = HOME
    given: int = 0

    def number(self) -> Number:
        """A new number in a cell of its own."""
        self.given += 1
        return Number(f"{self.given:012}0001")

    def ask(self, number: Number | None = None, **options: object) -> Ask:
        return ask_of(
            self.days,
            self.clock.now,
            self.network,
            number or self.number(),
            **options,  # type: ignore[arg-type]
        )

    def knows(self, number: Number) -> bool:
        ask = self.ask(number)
        return self.ledger.knows(ask.day, ask.pair)

    def reserve(
        self, number: Number | None = None, **options: object
    ) -> tuple[Decision, Reservation | None]:
        return self.ledger.reserve(self.ask(number, **options))

    def look_up(
        self, found: bool | None, number: Number | None = None, paid: int = 4, **options: object
    ) -> Decision:
        """Asks, pays, and settles."""
        decision, reservation = self.reserve(number, paid=paid, **options)
        if reservation is not None:
            self.ledger.settle(reservation, found, self.clock.now)
        return decision
