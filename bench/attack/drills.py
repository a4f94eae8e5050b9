"""Copies of the site with one hole each, which the attacks must find. Never a real site.

Most holes are another `Policy`; the others are how such guards are often built.
"""

import json
import random
import time
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Flask

from bench.holes import naive_policies
from tracking_site.app import create_app
from tracking_site.claims_api.build import Claims, ClaimsConfig, build_claims
from tracking_site.claims_api.config import ClientConfig
from tracking_site.claims_api.source import ClaimsSource
from tracking_site.guard.build import build_guard
from tracking_site.guard.challenge import Challenges, Paid
from tracking_site.guard.guard import Guard
from tracking_site.guard.keys import Days, Identifier
from tracking_site.guard.ledger import Ask, Ledger
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.policy import NEVER, Policy
from tracking_site.guard.redis_ledger import RedisLedger
from tracking_site.guard.resilient import ResilientLedger
from tracking_site.guard.rules import Decision, Situation, decide
from tracking_site.guard.tickets import WaitTickets
from tracking_site.parts import carriers_of
from tracking_site.redis.client import brief_redis
from tracking_site.settings import Settings


class Afterwards:
    """What `ChargesAfterwards` remembers of a number until its answer is there."""

    degraded = False

    def __init__(self, ask: Ask) -> None:
        self.ask = ask


class ChargesAfterwards(MemoryLedger):
    """Looks at the budget before the core is asked, and charges it when the answer is there."""

    def reserve(self, ask: Ask) -> tuple[Decision, Any]:
        seen = self.peek(ask)
        decision = decide(Situation(seen.first, seen.second, carrier=ask.carrier), Policy())
        return decision, Afterwards(ask) if decision.kind == "ok" else None

    def settle(self, reservation: Any, found: bool | None, now: float) -> None:
        _, charged = super().reserve(reservation.ask._replace(paid=Policy().most_work))
        if charged is not None:
            super().settle(charged, found, now)


class ForgetsWhenFull(MemoryLedger):
    """Clears everything when there is too much of it, as caches do."""

    most_rows = 200

    def reserve(self, ask: Ask) -> tuple[Decision, Any]:
        if self.status(ask.now, ask.day).rows > self.most_rows:
            self._days.clear()
        return super().reserve(ask)


class Gullible(Challenges):
    """Believes whatever comes as a solution."""

    def paid(self, payload: str, identifier: Identifier) -> Paid:
        try:
            solved = json.loads(b64decode(payload))
            return Paid(int(solved["challenge"]["parameters"]["data"]["level"]))
        except (ValueError, KeyError, TypeError):
            return Paid(Policy().most_work)


class GullibleTickets(WaitTickets):
    """Believes whatever comes as a wait ticket."""

    def paid(self, text: str, identifier: Identifier) -> Paid:
        return Paid(Policy().most_work, by_ticket=True)


class AsksFirst(Guard):
    """Asks before it weighs, so that it shows in the time whether a number was asked before."""

    def __init__(self, guard: Guard, source: ClaimsSource) -> None:
        self.challenges, self.tickets = guard.challenges, guard.tickets
        self.paid, self.settle = guard.paid, guard.settle
        self._weigh, self._source = guard.reserve, source

    def reserve(self, network: Any, identifier: Any, *rest: Any) -> Any:
        self._source.claims_of(identifier.identifier)
        return self._weigh(network, identifier, *rest)


def drilled(settings: Settings, name: str) -> Flask:
    """The site with the hole of this name. Raises KeyError for a name that is none."""
    return DRILLS[name](settings)


def _over(ledger: Ledger, settings: Settings) -> Guard:
    keys = settings.secret_keys
    return Guard(
        ledger,
        Days(keys[0]),
        time.time,
        Policy(),
        carriers_of(settings),
        Challenges(keys, time.time, random.SystemRandom(), settings.pow_scale),
        WaitTickets(keys, time.time, settings.pow_scale),
    )


def _with(settings: Settings, policy: Policy | None = None, shared: bool = True) -> Guard:
    return build_guard(
        settings.secret_keys,
        carriers_of(settings),
        redis=brief_redis(settings.redis_url) if shared and settings.redis_url else None,
        processes=settings.web_concurrency,
        pow_scale=settings.pow_scale,
        policy=policy,
        clock=time.time,
    )


def _policy(policy: Policy, settings: Settings) -> Flask:
    return create_app(settings, guard=_with(settings, policy))


def _private_ledgers(settings: Settings) -> Flask:
    return create_app(settings, guard=_with(settings, shared=False))


def _charges_afterwards(settings: Settings) -> Flask:
    return create_app(settings, guard=_over(ChargesAfterwards(Policy()), settings))


def _forgets_when_full(settings: Settings) -> Flask:
    return create_app(settings, guard=_over(ForgetsWhenFull(Policy()), settings))


def _in_redis(settings: Settings) -> RedisLedger:
    assert settings.redis_url is not None
    return RedisLedger(brief_redis(settings.redis_url), Policy())


def _nothing_without_redis(settings: Settings) -> Flask:
    return create_app(settings, guard=_over(_in_redis(settings), settings))


def _all_without_redis(settings: Settings) -> Flask:
    alone = MemoryLedger(naive_policies()["no_ledger"])
    ledger = ResilientLedger(_in_redis(settings), alone)
    return create_app(settings, guard=_over(ledger, settings))


def _believing(settings: Settings) -> Guard:
    guard, keys = _with(settings), settings.secret_keys
    guard.challenges = Gullible(keys, time.time, random.SystemRandom(), settings.pow_scale)
    guard.tickets = GullibleTickets(keys, time.time, settings.pow_scale)
    return guard


def _gullible(settings: Settings) -> Flask:
    return create_app(settings, guard=_believing(settings))


def _gullible_and_asks_first(settings: Settings) -> Flask:
    source = _claims(settings).source
    return create_app(settings, source, guard=AsksFirst(_believing(settings), source))


def _claims(settings: Settings) -> Claims:
    config = ClaimsConfig(client=ClientConfig(settings.claims_api_url))
    return build_claims(config, secrets=settings.secret_keys)


def _asks_first(settings: Settings) -> Flask:
    source = _claims(settings).source
    return create_app(settings, source, guard=AsksFirst(_with(settings), source))


def _counts_nothing(settings: Settings) -> Flask:
    # Nor does the circuit: an alarm would ask for work.
    policy = replace(naive_policies()["no_ledger"], bin_least=NEVER)
    return create_app(settings, _claims(settings).client, guard=_with(settings, policy))


DRILLS: dict[str, Callable[[Settings], Flask]] = {
    **{name: partial(_policy, policy) for name, policy in naive_policies().items()},
    "private_ledgers": _private_ledgers,
    "charges_afterwards": _charges_afterwards,
    "forgets_when_full": _forgets_when_full,
    "nothing_without_redis": _nothing_without_redis,
    "all_without_redis": _all_without_redis,
    "gullible": _gullible,
    "asks_first": _asks_first,
    "gullible_and_asks_first": _gullible_and_asks_first,
    "counts_nothing": _counts_nothing,
}
"""Each hole by the name that the environment variable DRILL takes."""
