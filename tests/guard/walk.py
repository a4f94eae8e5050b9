"""A walk of adversaries: lookups, outages, kills, midnights and networks in any order.

Whatever happens, what strangers were told by then stays within the bounds of `docs/security.md`.
The arithmetic of a bound: a guess adds three points, refusal begins at 18, and whoever stands
below may guess once more, so that a network comes to less than 21. When a refusal ends it goes on
at 17, which forgives three points. Credit is a point for each number found, once over all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import ClassVar, Protocol

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.clock import Clock
from tests.guard.asking import Number, ask_of
from tracking_site.guard.keys import DAY_SECONDS, JAKARTA_OFFSET, Days
from tracking_site.guard.ledger import Ledger, Reservation
from tracking_site.guard.networks import Network, parse_network
from tracking_site.guard.policy import POINT

ADDRESSES = [
    parse_network(text)
    for text in (
        "198.18.1.1",
        "198.19.2.2",
        "203.0.113.7",
        "203.0.113.8",
        "2001:db8:7:100::1",
        "2001:db8:7:200::1",
    )
]
KNOWN = [Number(f"{place:012}7777") for place in range(900_000, 900_030)]

MISS_POINTS = 3
TOP = 20
CROWD = 60
"""Numbers from which a network may have proved to be a crowd, and is refused for minutes."""

FORGIVEN, FORGIVEN_CROWD = 3, 8
HOUR, CROWD_HOUR = 3_600, 600
FREE_SERIALS = 6
FREE_SERIALS_WAITING = 4
"""Of a private ledger, whose answers wait to be booked while the shared one is back already."""

PRIVATE_TOP, PRIVATE_CARRIED = 11, 15
"""A private ledger refuses at 9, and carries half of its credit of at most 30 into a day."""

QUIET_SECOND = 200
"""Unproven numbers of a /24 or /48 below which a fresh neighbour is served."""

PLACES = st.integers(0, len(ADDRESSES) - 1)


class Site(Protocol):
    """Something that has a ledger, and whose process can be killed."""

    ledger: Ledger
    is_away: bool
    has_private: bool

    def kill(self) -> None: ...

    def switch(self) -> None:
        """The shared ledger goes away, or comes back."""


class Walk(RuleBasedStateMachine):
    """The adversaries. Set `site_of` to what gives a fresh site."""

    site_of: ClassVar[Callable[[], Site]]

    @initialize()
    def begin(self) -> None:
        self.site = type(self).site_of()
        self.clock = Clock()
        self.days = Days(b"a key of sixteen bytes and more")
        self.given = 0
        self.pending: dict[int, list[Number]] = {}
        self._new_day()

    def _new_day(self) -> None:
        self.day = self.days.day_of(self.clock.now)
        self.begun = self.clock.now
        self.guesses: Counter[int] = Counter()
        self.told: set[Number] = set()
        self.found: set[Number] = set()
        self.free_serials = 0
        self.pending = {}
        # Credit goes into a day halved: whoever stands half a point below may guess once more.
        self.carried = [max(0, -(self._peek(place).suspicion // POINT)) for place in range(6)]

    def _notice_midnight(self) -> None:
        """Count anew once it has passed, however: even while somebody asks on and on."""
        if self.days.day_of(self.clock.now) != self.day:
            self._new_day()

    @rule(place=PLACES, count=st.integers(1, 12))
    def guess(self, place: int, count: int) -> None:
        for _ in range(count):
            if not self._ask(place, self._guess()):
                break

    @rule(place=PLACES, count=st.integers(2, 64))
    def guess_at_once(self, place: int, count: int) -> None:
        asked = [(number, self._reserve(place, number)) for number in self._guesses(count)]
        self.clock.advance(1)
        for number, reservation in asked:
            if isinstance(reservation, Reservation):
                self._tell(place, number)
                self.site.ledger.settle(reservation, False, self.clock.now)
        self._notice_midnight()

    @rule(place=PLACES, begin=st.integers(0, 29), count=st.integers(1, 30))
    def ask_known_numbers(self, place: int, begin: int, count: int) -> None:
        for number in KNOWN[begin : begin + count]:
            self._ask(place, number)

    @rule(place=PLACES)
    def buy_guesses(self, place: int) -> None:
        """Earn what the known numbers earn, and guess as long as that lasts."""
        self.ask_known_numbers(place, 0, len(KNOWN))
        self.guess(place, 30)

    @rule(place=PLACES, count=st.integers(1, 12), dies=st.booleans())
    def ask_in_vain(self, place: int, count: int, dies: bool) -> None:
        """The core is down, or the worker dies under the question."""
        for number in self._guesses(count):
            reservation = self._reserve(place, number)
            if isinstance(reservation, Reservation):
                self.pending.setdefault(place, []).append(number)
                if dies:
                    self.site.kill()
                else:
                    self.site.ledger.settle(reservation, None, self.clock.now)
            self.clock.advance(20)
            self._notice_midnight()

    @rule(place=PLACES)
    def ask_again(self, place: int) -> None:
        for number in self.pending.pop(place, []):
            self._ask(place, number)

    @rule(place=PLACES)
    def ask_each_others(self, place: int) -> None:
        for other in list(self.pending):
            for number in self.pending.pop(other, []):
                self._ask(place, number)

    @rule()
    def switch(self) -> None:
        self.site.switch()

    @rule()
    def kill(self) -> None:
        self.site.kill()

    @rule(seconds=st.sampled_from([1, 40, 700, 3_700, 7_300, 30_000]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)
        self._notice_midnight()

    @rule()
    def sleep(self) -> None:
        """Until after midnight."""
        self.clock.now = (self.day + 1) * DAY_SECONDS - JAKARTA_OFFSET + 1
        self._new_day()

    @rule(count=st.integers(1, 12), is_down=st.booleans())
    def try_serials(self, count: int, is_down: bool) -> None:
        """One person's number is known but for its end; each network tries one, and does no work.

        What was asked while the core was down is asked again by the same network.
        """
        for _ in range(count):
            self.given += 1
            network = parse_network(f"10.{self.given >> 8}.{self.given & 255}.1")
            number = Number(f"{self.day:012}{self.given:04}")
            for found in (None, False) if is_down else (False,):
                told = self._reserve(network, number, paid=0)
                if isinstance(told, Reservation):
                    self.site.ledger.settle(told, found, self.clock.now)
                self.free_serials += found is not None and told is not None
                if isinstance(told, Reservation):
                    self.clock.advance(40)
                    self._notice_midnight()

    @rule(around=st.sampled_from(["203.0.113.{}", "2001:db8:7:{:x}00::1"]), mistypes=st.booleans())
    def neighbour(self, around: str, mistypes: bool) -> None:
        """Somebody who did nothing lives beside them, and is served."""
        self.given += 1
        network = parse_network(around.format(20 + self.given % 200))
        ask = ask_of(self.days, self.clock.now, network, KNOWN[0])
        seen = self.site.ledger.peek(ask)
        is_fresh = seen.first.distinct == 0 and seen.first.suspicion <= 0
        # The private ledger has an eighth of the budgets for all neighbours together.
        if self.site.is_away or not is_fresh or seen.second.unproven >= QUIET_SECOND:
            return
        for found in (False, True) if mistypes else (True,):
            number = self._guess()
            told = self._reserve(network, number)
            assert told is not None, f"a neighbour was turned away ({seen})"
            if isinstance(told, Reservation):
                self.site.ledger.settle(told, found, self.clock.now)
            if found:
                self.found.add(number)
        self.clock.advance(40)
        self._notice_midnight()

    @invariant()
    def no_address_guesses_more_than_its_bound(self) -> None:
        for place, guesses in self.guesses.items():
            assert guesses * MISS_POINTS <= self._points_of(place) + self._bought(), guesses

    @invariant()
    def known_numbers_buy_guesses_once_for_the_whole_site(self) -> None:
        points = sum(self._points_of(place) for place in self.guesses)
        assert sum(self.guesses.values()) * MISS_POINTS <= points + self._bought()

    @invariant()
    def the_serials_of_a_person_are_not_free(self) -> None:
        waiting = FREE_SERIALS_WAITING if self.site.has_private else 0
        assert self.free_serials <= FREE_SERIALS + waiting

    def _points_of(self, place: int) -> int:
        is_crowd = self._peek(place).distinct >= CROWD
        first, forgiven = (CROWD_HOUR, FORGIVEN_CROWD) if is_crowd else (HOUR, FORGIVEN)
        # Refusals of 1, 2, 4 … times the first have ended after 1, 3, 7 … times.
        ended = int(math.log2((self.clock.now - self.begun) / first + 1))
        shared = TOP + ended * forgiven + self.carried[place]
        private = PRIVATE_TOP + ended * forgiven + PRIVATE_CARRIED
        return shared + private if self.site.has_private else shared

    def _bought(self) -> int:
        """Points of credit: each known number earns one in every ledger that can give it."""
        return len(self.found) * (2 if self.site.has_private else 1)

    def _peek(self, place: int):  # type: ignore[no-untyped-def]
        ask = ask_of(self.days, self.clock.now, ADDRESSES[place], KNOWN[0])
        return self.site.ledger.peek(ask).first

    def _guess(self) -> Number:
        self.given += 1
        return Number(f"{self.given:012}0001")

    def _guesses(self, count: int) -> list[Number]:
        return [self._guess() for _ in range(count)]

    def _ask(self, place: int, number: Number) -> bool:
        """Ask while the core answers, and return whether something was told."""
        told = self._reserve(place, number)
        if told is None:
            return False
        found = number in KNOWN
        if found:
            self.found.add(number)
        else:
            self._tell(place, number)
        if isinstance(told, Reservation):
            self.clock.advance(0.2)
            self.site.ledger.settle(told, found, self.clock.now)
            self._notice_midnight()
        return True

    def _reserve(
        self, place: int | Network, number: Number, paid: int = 4
    ) -> Reservation | str | None:
        """Return the reservation, "repeat", or None."""
        network = ADDRESSES[place] if isinstance(place, int) else place
        ask = ask_of(self.days, self.clock.now, network, number, paid=paid)
        decision, reservation = self.site.ledger.reserve(ask)
        return reservation or ("repeat" if decision.kind == "repeat" else None)

    def _tell(self, place: int, number: Number) -> None:
        """Count a guess that was answered; one that they know already tells them nothing."""
        if number not in self.told:
            self.told.add(number)
            self.guesses[place] += 1
