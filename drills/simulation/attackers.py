"""The attackers: each learns what it can from a fresh guard and pays what it is asked for.

They see their own rows, know the rules, and come back when a refusal is over.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from drills.simulation.world import DAY, Number, Numbers, World
from tracking_site.guard.ledger import Reservation
from tracking_site.guard.networks import Network
from tracking_site.guard.policy import NEVER, POINT, Policy

ANSWER_SECONDS = 0.2
"""How long the core takes; an attacker's parallel numbers are open for as long."""

SPEND_FROM = -28
"""Points at which a buyer of credit begins to guess."""


@dataclass
class Loot:
    """What one attacker got in a day, and what it paid. Numbers that it knew are not in it."""

    asked: int = 0
    answers: int = 0
    learned: int = 0
    free: int = 0
    levels: list[int] = field(default_factory=lambda: [0] * 5)

    @property
    def iterations(self) -> float:
        """Million iterations of PBKDF2 that the work took on average."""
        return sum(n * cost for n, cost in zip(self.levels, (0, 0.65, 1.6, 4, 16), strict=True))


@dataclass(frozen=True)
class Attack:
    """An attacker: its networks in the order of use, its list, and its habits.

    `hits` is the share of its numbers for which there is something to learn. It goes on to the
    next network after `per_network` numbers or a refusal, and keeps `parallel` numbers open at a
    time. `known` numbers surely exist; it asks them for the credit. Before the core answers at
    all, it asks `unanswered` numbers, and later each of them again; `killed`: the processes that
    took them died. `reuses`: it asks its known numbers again from every network.
    """

    networks: Callable[[random.Random], Sequence[Network]]
    hits: float
    numbers: int
    per_network: int = 1 << 30
    parallel: int = 1
    pays: bool = True
    list_of: Callable[[random.Random, int], list[Number]] | None = None
    known: int = 0
    reuses: bool = False
    unanswered: int = 0
    killed: bool = False


def fresh_numbers(draw: random.Random, count: int) -> list[Number]:
    """A list of numbers that have nothing in common."""
    numbers = Numbers(draw)
    return [numbers.new() for _ in range(count)]


def strike(attack: Attack, policy: Policy, seed: int, world: World | None = None) -> Loot:
    """One day of one attacker against a guard with fresh rows (or against `world`)."""
    return Attacker(attack, seed, world or World(policy=among_others(policy))).day()


def among_others(policy: Policy) -> Policy:
    """The policy where a single attacker moves neither the usual miss rate nor the alarm."""
    return replace(policy, first_memory=1 << 40, bin_least=NEVER)


class Attacker:
    """One attacker at work."""

    def __init__(self, attack: Attack, seed: int, world: World) -> None:
        draw = random.Random(seed)
        self.attack, self.world, self.draw = attack, world, draw
        self.loot = Loot()
        self.networks = list(attack.networks(draw))
        self.numbers = (attack.list_of or fresh_numbers)(draw, attack.numbers)
        self.known = fresh_numbers(draw, attack.known)
        self.left = [list(self.known) if attack.reuses else self.known for _ in self.networks]
        self.spends = [not attack.known] * len(self.networks)

    def day(self) -> Loot:
        """Strike until midnight, or until there is nothing more to try."""
        self._ask_in_vain()
        end = (self.world.clock.now // DAY + 1) * DAY - 1
        turns = [(self.world.clock.now, n, n) for n in range(len(self.networks))]
        order = len(turns)
        while turns and self.numbers:
            at, _, place = heapq.heappop(turns)
            if at >= end:
                break
            self.world.clock.now = max(self.world.clock.now, at)
            back_at = self._visit(place)
            if back_at is not None:
                heapq.heappush(turns, (back_at, order, place))
                order += 1
        return self.loot

    def _ask_in_vain(self) -> None:
        """Ask while the core is down, from one network after the other, and wait for it."""
        attack = self.attack
        # In the order in which it asks them again, each from the network that asked it.
        asked = self.numbers[::-1][: attack.unanswered]
        for turn, number in enumerate(asked):
            network = self.networks[turn // min(attack.per_network, 1 << 16) % len(self.networks)]
            _, reservation, _ = self.world.ask(network, number, attack.pays)
            if not attack.killed:
                self.world.guard.settle(reservation, None)
            self.world.clock.now += 20

    def _visit(self, place: int) -> float | None:
        """Ask from one network; return when to come back, or None for never."""
        used = 0
        while self.numbers and used < self.attack.per_network:
            batch = min(self.attack.parallel, self.attack.per_network - used, len(self.numbers))
            opened, refused = [], None
            for _ in range(batch):
                number, is_known = self._next(place)
                self.loot.asked += 1
                decision, reservation, paid = self.world.ask(
                    self.networks[place], number, self.attack.pays
                )
                if reservation is not None or decision.kind == "repeat":
                    # A repeat of what was never answered tells as much, and is not booked.
                    opened.append((reservation, is_known))
                    self._count(is_known, paid)
                elif decision.kind == "refuse":
                    self._put_back(place, number, is_known)
                    refused = decision.retry_after
                    # It refills its credit before it guesses on: more at once is then forgiven.
                    self.spends[place] = False
                    break
                elif decision.rule == "in_flight":
                    self._put_back(place, number, is_known)
                    break
                elif decision.kind == "challenge":
                    return None
            used += len(opened)
            self._read(opened)
            if refused is not None and not opened:
                return self.world.clock.now + refused
        return self.world.clock.now

    def _next(self, place: int) -> tuple[Number, bool]:
        known = self.left[place]
        if not known:
            return self.numbers.pop(), False
        points = self.world.points(self.networks[place])
        if points <= SPEND_FROM * POINT:
            self.spends[place] = True
        elif points > (self.world.policy.refuse_suspicion - 3) * POINT:
            self.spends[place] = False
        return (self.numbers.pop(), False) if self.spends[place] else (known.pop(), True)

    def _put_back(self, place: int, number: Number, is_known: bool) -> None:
        (self.left[place] if is_known else self.numbers).append(number)

    def _count(self, is_known: bool, paid: int) -> None:
        self.loot.levels[paid] += 1
        self.loot.free += not paid and not is_known
        self.loot.answers += not is_known

    def _read(self, opened: Sequence[tuple[Reservation | None, bool]]) -> None:
        self.world.clock.now += ANSWER_SECONDS
        for reservation, is_known in opened:
            found = is_known or self.draw.random() < self.attack.hits
            self.loot.learned += found and not is_known
            self.world.guard.settle(reservation, found)


def serials(draw: random.Random, count: int) -> list[Number]:
    """The last four digits of a NIK whose district and birth date are known."""
    person = f"000005{draw.randrange(1, 29):02}0190"
    return [Number(f"{person}{n:04}") for n in range(count, 0, -1)]
