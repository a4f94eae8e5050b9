"""Policies and ledgers with one hole each, for attacks and simulations that must find it.

Never a real site.
"""

from dataclasses import replace
from random import randbytes
from typing import Any

from tracking_site.guard.keys import ANSWERED_BITS, Places, bloom_places
from tracking_site.guard.ledger import Ask, Reservation
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.policy import NEVER, Policy, Steps
from tracking_site.guard.redis_ledger import RedisLedger
from tracking_site.guard.rules import REPEAT, Decision

DAY = 86_400


def naive_policies() -> dict[str, Policy]:
    """Return the policies by the name of what each leaves out."""
    none: Steps = (NEVER, NEVER, NEVER)
    whole = Policy()
    no_second = replace(
        whole,
        second_work_by_suspicion=(NEVER, NEVER),
        second_refuse_suspicion=NEVER,
        second_unproven_work=NEVER,
        second_refuse_unproven=NEVER,
        second_refuse_distinct=NEVER,
        carrier_second_suspicion=NEVER,
    )
    no_suspicion = replace(
        whole,
        work_by_suspicion=none,
        carrier_work_by_suspicion=none,
        carrier_second_suspicion=NEVER,
        refuse_suspicion=NEVER,
        second_work_by_suspicion=(NEVER, NEVER),
        second_refuse_suspicion=NEVER,
        third_work_suspicion=NEVER,
        third_refuse_suspicion=NEVER,
        refuse_unproven_distinct=NEVER,
        second_refuse_unproven=NEVER,
        third_refuse_unproven=NEVER,
    )
    return {
        "no_second_level": no_second,
        "no_slash_56": replace(
            whole,
            third_work_suspicion=NEVER,
            third_refuse_suspicion=NEVER,
            third_refuse_unproven=NEVER,
        ),
        "refuses_neighbours": replace(
            whole, second_refuse_own=-NEVER, second_work_by_suspicion=(NEVER, NEVER)
        ),
        "until_midnight": replace(whole, refuse_seconds=DAY, crowd_refuse_seconds=DAY),
        "small_crowds": replace(whole, refuse_distinct=100),
        "no_carrier_around": replace(whole, carrier_second_suspicion=NEVER),
        "no_suspicion": no_suspicion,
        "no_free_limit": replace(
            whole, work_by_distinct=none, work_by_suspicion=none, unproven_distinct=NEVER
        ),
        "no_cells": replace(whole, cell_misses=NEVER),
        "counts_strangers": replace(whole, partner_numbers_each=NEVER),
        "no_in_flight": replace(whole, in_flight_points=0),
        "no_ledger": replace(
            no_suspicion,
            work_by_distinct=none,
            work_despite_credit=none,
            unproven_distinct=NEVER,
            refuse_distinct=NEVER,
            carrier_refuse_distinct=NEVER,
            second_unproven_work=NEVER,
            second_refuse_distinct=NEVER,
            carrier_second_suspicion=NEVER,
            cell_misses=NEVER,
            in_flight_points=0,
            alarm_refuse_unproven=(NEVER, NEVER),
            ceiling_least=NEVER,
        ),
    }


class RepeatsWhatWasAsked:
    """A ledger's mixin: a number that was asked is a repeat, answered or not.

    What failed at the core is never booked then, and free for the rest of the day.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._were_asked: set[tuple[int, Places]] = set()

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        if self._was_asked(ask.day, ask.pair.answered):
            return REPEAT, None
        answer: tuple[Decision, Reservation | None] = super().reserve(ask)  # type: ignore[misc]
        if answer[1] is not None:
            self._ask(ask.day, ask.pair.answered)
        return answer

    def _was_asked(self, day: int, places: Places) -> bool:
        return (day, places) in self._were_asked

    def _ask(self, day: int, places: Places) -> None:
        self._were_asked.add((day, places))


class CreditsAgain:
    """A ledger's mixin: a number that was found is credited in every network that asks it."""

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        anywhere = bloom_places(randbytes(16), ANSWERED_BITS)
        again = reservation._replace(ask=reservation.ask._replace(number=anywhere))
        super().settle(again, found, now)  # type: ignore[misc]


class RepeatingLedger(RepeatsWhatWasAsked, MemoryLedger):
    """In memory, with the hole of its name; a question that failed leaves its cell too."""

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        super().settle(reservation, found, now)
        if found is None:
            self._day(reservation.ask.day).cells.add(reservation.ask.cell, -1)


class CreditingLedger(CreditsAgain, MemoryLedger):
    """In memory, with the hole of its name."""


class RepeatingRedis(RepeatsWhatWasAsked, RedisLedger):
    """Over Redis, with the hole of its name, for all processes."""

    def _was_asked(self, day: int, places: Places) -> bool:
        return bool(self._client.sismember(f"asked:{day}", str(places)))

    def _ask(self, day: int, places: Places) -> None:
        self._client.sadd(f"asked:{day}", str(places))


class CreditingRedis(CreditsAgain, RedisLedger):
    """Over Redis, with the hole of its name."""


LEDGERS = {"repeats_what_was_asked": RepeatingLedger, "credits_again": CreditingLedger}
"""Ledgers with a hole that no other policy makes, by what each does wrong."""

SHARED = {"repeats_what_was_asked": RepeatingRedis, "credits_again": CreditingRedis}
"""The same over Redis."""
