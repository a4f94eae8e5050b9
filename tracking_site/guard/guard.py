"""The guard as the rest of the site sees it: reserve before the core is asked, settle after."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from random import Random, SystemRandom
from typing import NamedTuple

from ..redis.client import RedisDown
from . import rules
from .challenge import UNPAID, Challenges, Paid
from .keys import Days, DaySecret, Digests, Identifier, Pair
from .ledger import Ask, Ledger, LedgerStatus, OtherSecret, Peek, Reservation
from .limits import Followed
from .networks import Carriers, Network
from .partners import HOUR_SECONDS, PartnerQuota
from .policy import Policy
from .reasons import reason
from .rules import REPEAT, Decision
from .tickets import WaitTickets

ALARM_RETRY_SECONDS = 1_800
"""When an alarm may be over at the earliest: half an hour without a reason for it."""

MAX_SECRETS = 3
"""Times that a number is weighed when the shared ledger goes on under other random bytes of the
day; the last time it is counted under those that this process has."""

OnDecision = Callable[[str, str, int], None]


class Explanation(NamedTuple):
    """Why the next new number of a network would be treated as it would."""

    network: str
    digest: str
    carrier: bool
    seen: Peek
    decision: Decision
    reason: str


class Guard:
    """Weighs lookups. Built once for an application; every method may be called by any thread.

    Of `keys` the first signs and names, all verify. `clock` gives epoch seconds. `pow_scale`
    multiplies work and waiting. `on_decision` is told kind, rule and level of each decision.
    """

    def __init__(
        self,
        ledger: Ledger,
        keys: Sequence[bytes],
        carriers: Carriers,
        clock: Callable[[], float],
        *,
        policy: Policy | None = None,
        days: Days | None = None,
        pow_scale: float = 1.0,
        random: Random | None = None,
        on_decision: OnDecision = lambda kind, rule, level: None,
    ):
        self.challenges = Challenges(keys, clock, random or SystemRandom(), pow_scale)
        self.tickets = WaitTickets(keys, clock, pow_scale)
        self._ledger = ledger
        self._days = days or Days(keys[0])
        self._clock = clock
        self._policy = policy or Policy()
        self._carriers = carriers
        self._on_decision = on_decision

    def paid(self, identifier: Identifier, solution: str = "", ticket: str = "") -> Paid:
        """What a request's fields `altcha` and `tunggu` are worth for this number."""
        best = self.challenges.paid(solution, identifier) if solution else UNPAID
        if ticket and not best.level:
            best = self.tickets.paid(ticket, identifier)
        return best

    def reserve(
        self,
        network: Network,
        identifier: Identifier,
        paid: Paid = UNPAID,
        partner: PartnerQuota | None = None,
    ) -> tuple[Decision, Reservation | None]:
        """Decides on a lookup, and charges it before the core is asked.

        A reservation comes with the decision ok alone, and must be settled. A challenge and a
        refusal have changed nothing.
        """
        now = self._clock()
        day = self._days.day_of(now)
        for attempt in range(MAX_SECRETS):
            secret = self._days.secret(day)
            pair = secret.pair(network, identifier)
            decision, reservation = REPEAT, None
            if self._ledger.knows(day, pair):
                break
            ask = self._ask(now, secret, pair, network, identifier, paid, partner)
            if attempt == MAX_SECRETS - 1:
                ask = ask._replace(secret=b"")
            try:
                decision, reservation = self._ledger.reserve(ask)
                break
            except OtherSecret:
                self._days.forget(day, secret)
        if decision.kind == "refuse":
            decision = decision._replace(retry_after=self._retry_after(decision, now))
        self._on_decision(decision.kind, decision.rule, decision.level)
        return decision, reservation

    def settle(self, reservation: Reservation | None, found: bool | None) -> None:
        """Book what the core said: something, nothing, or (None) no answer, or not yet.

        What was not answered stays asked: the network may ask it again without being charged
        again, and it is booked when it is answered. A repeat has no reservation, and settling
        it does nothing.
        """
        if reservation is not None:
            self._ledger.settle(reservation, found, self._clock())

    def status(self, top: int = 10) -> LedgerStatus:
        """How the whole site stands, for the operator."""
        now = self._clock()
        return self._ledger.status(now, self._days.day_of(now), top)

    def explain(self, network: Network) -> Explanation:
        """Which rule decides for a network's next new number, and why. Changes nothing."""
        ask = self._ask_of_nobody(network)
        seen = self._ledger.peek(ask)
        situation = rules.Weighed(
            seen.first,
            seen.second,
            seen.third,
            circuit=seen.circuit,
            carrier=ask.carrier,
            window=seen.window,
        )
        decision = rules.decide(situation, self._policy)
        return Explanation(
            str(network),
            ask.network.first[:4].hex(),
            ask.carrier,
            seen,
            decision,
            reason(decision, seen, self._policy),
        )

    def followed(self, network: Network, number: str) -> Followed:
        """Return who makes a private address for a number, under names of the day."""
        ask = self._ask_of_nobody(network)
        try:
            distinct = self._ledger.peek(ask).first.distinct
        except RedisDown:
            distinct = 0
        name = self._days.secret(ask.day).followed(number)
        return Followed(ask.network.first.hex(), name, distinct, self._days.seconds_left(ask.now))

    def forgive(self, network: Network) -> None:
        """Forget what is held against a network, and against those around it."""
        self._ledger.forgive(self._ask_of_nobody(network))

    def siege(self, on: bool) -> None:
        """Holds the alarm at its highest, on all nodes, until told otherwise."""
        self._ledger.siege(on)

    def _ask_of_nobody(self, network: Network) -> Ask:
        now = self._clock()
        day = self._days.day_of(now)
        secret = self._days.secret(day)
        pair = secret.pair(network, _NOBODY)
        return self._ask(now, secret, pair, network, _NOBODY, UNPAID, None)

    def _ask(
        self,
        now: float,
        today: DaySecret,
        pair: Pair,
        network: Network,
        identifier: Identifier,
        paid: Paid,
        partner: PartnerQuota | None,
    ) -> Ask:
        return Ask(
            today.day,
            now,
            today.network(network),
            partial(self._before, today.day, network),
            pair,
            today.number(identifier),
            today.cell(identifier),
            network in self._carriers,
            paid.level,
            paid.by_ticket,
            partner,
            today.random,
        )

    def _before(self, day: int, network: Network) -> Digests:
        return self._days.secret(day - 1).network(network)

    def _retry_after(self, decision: Decision, now: float) -> int:
        if decision.rule == "alarm":
            return ALARM_RETRY_SECONDS
        if decision.rule == "ceiling":
            return HOUR_SECONDS - math.floor(now % HOUR_SECONDS)
        left = self._days.seconds_left(now)
        return min(decision.retry_after, left) if decision.retry_after else left


class _Nobody(NamedTuple):
    canonical: str = ""
    kind: str = "none"


_NOBODY = _Nobody()
