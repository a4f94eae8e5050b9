"""The guard as the rest of the site sees it: reserve before the core is asked, settle after."""

import math
import time
from collections.abc import Callable, Sequence
from random import Random, SystemRandom
from typing import NamedTuple, TypeVar

from ..domain.identifiers import Identifier, Kpj
from ..domain.outcomes import Found, NotFound
from ..records import note
from ..redis.client import RedisClients, RedisDown
from ..redis.day_secrets import DaySecrets, SharedSecrets
from ..settings import Settings, refusing_as
from . import rules
from .challenge import UNPAID, Challenges, Paid, WaitTickets
from .kept import Common, Kept
from .keys import LANES, Days, DaySecret, Followed, Pair
from .ledger import Ask, Ledger, LedgerStatus, OtherSecret, Reservation
from .memory_ledger import KEPT_DAY_BYTES, LANE, MemoryLedger
from .networks import Carriers, Network, parse_network
from .partners import HOUR_SECONDS, PartnerQuota
from .policy import POINT, Policy
from .redis_ledger import SECRETS, RedisLedger
from .resilient import ResilientLedger
from .rows import Row, under_way
from .rules import REPEAT, Decision, Weighed

ALARM_RETRY_SECONDS = 1_800
"""When an alarm may be over at the earliest: half an hour without a reason for it."""

MAX_SECRETS = 3
"""Times that a number is weighed when the shared ledger goes on under other random bytes of the
day; the last time it is counted under those that this process has."""

T = TypeVar("T")

_NO_NUMBER = Kpj("")
_NO_NETWORK = parse_network("192.0.2.1")
"""Of documentation (RFC 5737): no visitor has it."""


OnDecision = Callable[[str, str, int], None]


class Explanation(NamedTuple):
    """Why the next new number of a network would be treated as it would."""

    network: str
    digest: str
    carrier: bool
    seen: Weighed
    decision: Decision
    reason: str


class Guard:
    """Weighs lookups. Built once for an application; every method may be called by any thread.

    Of `keys` the first signs and names, all verify. `clock` gives epoch seconds. `pow_scale`
    multiplies work and waiting. `on_decision` is called with kind, rule and level of each decision.
    What an operator asks or changes is asked of `operated`, which only a shared ledger can be:
    without one `status`, `forgive` and `siege` raise RedisDown.
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
        operated: RedisLedger | None = None,
    ):
        self.challenges = Challenges(keys, clock, random or SystemRandom(), pow_scale)
        self.tickets = WaitTickets(keys, clock, pow_scale)
        self._ledger = ledger
        self._days = days or Days(keys[0])
        self._clock = clock
        self._policy = policy or Policy()
        self._carriers = carriers
        self._on_decision = on_decision
        self._operated = operated

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
        if decision.kind in ("challenge", "refuse"):
            # So one search in the log says why, in the words of `guard explain`.
            note(rule=decision.rule, level=decision.level)
        self._on_decision(decision.kind, decision.rule, decision.level)
        return decision, reservation

    def booking(self, reservation: Reservation | None, answer: Callable[[], T]) -> T:
        """Return an answer, and book it as a hit, a miss, or none."""
        found = None
        try:
            outcome = answer()
            found = {Found: True, NotFound: False}.get(type(outcome))
            return outcome
        finally:
            self.settle(reservation, found)

    def settle(self, reservation: Reservation | None, found: bool | None) -> None:
        """Book what the core said (ledger.py); a repeat has no reservation, and books nothing."""
        if reservation is not None:
            self._ledger.settle(reservation, found, self._clock())

    def was_answered(self, network: Network, identifier: Identifier) -> bool:
        """Return whether this very network asked a number today and was answered."""
        day = self._days.day_of(self._clock())
        return self._ledger.was_answered(day, self._days.secret(day).pair(network, identifier))

    @property
    def _shared(self) -> RedisLedger:
        if self._operated is None:
            raise RedisDown("there is none")
        return self._operated

    def status(self, top: int = 10) -> LedgerStatus:
        now = self._clock()
        return self._shared.status(now, self._days.day_of(now), top)

    def explain(self, network: Network) -> Explanation:
        """Which rule decides for a network's next new number, and why. Changes nothing."""
        ask = self._ask_of_nobody(network)
        seen = self._ledger.peek(ask)
        decision = rules.decide(seen, self._policy)
        return Explanation(
            str(network),
            ask.network.first[:4].hex(),
            ask.carrier,
            seen,
            decision,
            _reason(decision, seen, self._policy),
        )

    def distinct_of(self, network: Network) -> int:
        """Return how many numbers a network asked today; 0 where the store is away."""
        try:
            return self._ledger.peek(self._ask_of_nobody(network)).first.distinct
        except RedisDown:
            return 0

    def alarm(self) -> int | None:
        """Return the level of the alarm; None where the store cannot be asked."""
        try:
            # What is known of the whole site comes with what is known of any network.
            return self.explain(_NO_NETWORK).seen.circuit.alarm
        except RedisDown:
            return None

    def followed(self, network: Network, number: str) -> Followed:
        """Return who makes a private address for a number, under names of the day."""
        ask, distinct = self._ask_of_nobody(network), self.distinct_of(network)
        name = self._days.secret(ask.day).followed(number)
        return Followed(ask.network.first.hex(), name, distinct, self._days.seconds_left(ask.now))

    def forgive(self, network: Network) -> None:
        self._shared.forgive(self._ask_of_nobody(network))

    def siege(self, on: bool) -> None:
        """Holds the alarm at its highest, on all nodes, until told otherwise."""
        self._shared.siege(on)

    def _ask_of_nobody(self, network: Network) -> Ask:
        now = self._clock()
        day = self._days.day_of(now)
        secret = self._days.secret(day)
        pair = secret.pair(network, _NO_NUMBER)
        return self._ask(now, secret, pair, network, _NO_NUMBER, UNPAID, None)

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
            lambda: self._days.secret(today.day - 1).network(network),
            pair,
            today.number(identifier),
            today.cell(identifier),
            network in self._carriers,
            paid.level,
            paid.by_ticket,
            partner,
            today.random,
        )

    def _retry_after(self, decision: Decision, now: float) -> int:
        left = self._days.seconds_left(now)
        if decision.retry_after:
            return min(decision.retry_after, left)
        if decision.rule == "alarm":
            return ALARM_RETRY_SECONDS
        return HOUR_SECONDS - math.floor(now % HOUR_SECONDS) if decision.rule == "ceiling" else left


def guard_of(
    settings: Settings,
    carriers: Carriers,
    redis: RedisClients | None,
    clock: Callable[[], float] = time.time,
    policy: Policy | None = None,
    *,
    on_decision: OnDecision = lambda kind, rule, level: None,
    on_failure: Callable[[str], None] = lambda error: None,
) -> Guard | None:
    """Build the guard that these settings ask for; None when they switch it off.

    With Redis its ledger is shared by all processes and nodes, and one of its own stands in;
    `on_failure` is called with the error's name when it does. Raises SettingsError.
    """
    if settings.guard_off:
        return None
    policy = policy or Policy()
    kept = kept_of(settings)
    ledger: Ledger = MemoryLedger(policy, kept=kept)
    secrets = DaySecrets(kept.secret) if kept else DaySecrets()
    operated = None
    if redis is not None:
        common = Common(LANES * LANE)
        secrets = DaySecrets(SharedSecrets(redis.patient, SECRETS).read, common)
        operated = RedisLedger(redis.patient, policy)
        ledger = ResilientLedger(
            operated,
            MemoryLedger(policy.degraded(settings.web_concurrency), common=common),
            on_failure,
        )
    return Guard(
        ledger,
        settings.secret_keys,
        carriers,
        clock,
        policy=policy,
        days=Days(settings.secret_keys[0], secrets=secrets),
        pow_scale=settings.pow_scale,
        on_decision=on_decision,
        operated=operated,
    )


def kept_of(settings: Settings) -> Kept | None:
    """Map the file in which rows outlive a worker; None where they stand in Redis, or nowhere.

    Raises SettingsError.
    """
    if settings.redis_url is not None or settings.guard_file is None:
        return None
    with refusing_as("GUARD_FILE "):
        return Kept(settings.guard_file, settings.secret_keys[0], KEPT_DAY_BYTES)


def _reason(decision: Decision, seen: Weighed, policy: Policy) -> str:
    row, second, third = seen.first, seen.second, seen.third
    standing = "proven" if row.suspicion <= policy.proven * POINT else "unproven"
    waits = f", for {(decision.retry_after + 59) // 60} minutes" if decision.retry_after else ""
    around = f"around it {_figures(second)}"
    if third.distinct:
        around += f", in its /56 {_figures(third)}"
    return (
        f"{decision.kind}, level {decision.level}{waits}: {rules.SENTENCES[decision.rule]} "
        f"[{decision.rule}; {_figures(row)} ({standing}), refused {row.strikes} times today, "
        f"{under_way(row, seen.window)} under way; {around}; alarm {seen.circuit.alarm}]"
    )


def _figures(row: Row) -> str:
    return f"{row.distinct} numbers, suspicion {row.suspicion / POINT:.2f}"
