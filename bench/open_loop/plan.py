"""Who comes when: a seeded list of visitors, the same for everybody who is measured."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, takewhile

from sandbox import Participant
from sandbox.population import Population

PARTICIPANTS = 1_000_000
"""Members of the sandbox; one in nine has nothing to show."""

HONEST = (20, 95)
SCATTERED = (121, 126)
"""First octets of visitors and of scattered flooders; networks of the two never meet."""


@dataclass(frozen=True, slots=True)
class Mix:
    """What visitors do.

    Shares are from 0 to 1: `cold` ask a number nobody asked before, of which `unknown` find
    nothing; `plain` browsers have no JavaScript; `polls` leave the result open and ask again.
    Of those told to wait `absent` stay away for a while, `leaves` do not come back. Times are in
    seconds; `thinks` is the mean from the form to the press.
    """

    cold: float = 0.62
    unknown: float = 0.11
    plain: float = 0.25
    polls: float = 0.10
    absent: float = 0.05
    leaves: float = 0.05
    thinks: float = 0.3
    opens_form: bool = True


@dataclass(frozen=True, slots=True)
class Visitor:
    """One visitor, `at` seconds after the start; `number` is empty for one asked before.

    `luck`, from 0 to 1, chooses that one among what was answered lately.
    """

    at: float
    address: str
    number: str
    luck: float
    has_script: bool
    thinks: float
    polls: bool
    absent: float
    leaves: bool


ABSENT_SECONDS = (20.0, 90.0)


def arrivals(rate: float, seconds: float, draw: random.Random, *, even: bool) -> Iterator[float]:
    """Yield the moments in order: a Poisson process, or even spacing, of so many a second."""
    if even:
        yield from takewhile(lambda at: at < seconds, (place / rate for place in count()))
        return
    at = draw.expovariate(rate)
    while at < seconds:
        yield at
        at += draw.expovariate(rate)


def visitors(
    mix: Mix, rate: float, seconds: float, seed: int, first: int, *, even: bool
) -> list[Visitor]:
    """Return who comes. `first` is the place of the first number and network of this crowd."""
    draw = random.Random(seed)
    known, unknown = numbers(first)
    made = []
    for place, at in enumerate(arrivals(rate, seconds, draw, even=even), first):
        number = ""
        if draw.random() < mix.cold:
            number = next(unknown if draw.random() < mix.unknown else known)
        made.append(
            Visitor(
                at=at,
                address=address(place),
                number=number,
                luck=draw.random(),
                has_script=draw.random() >= mix.plain,
                thinks=draw.uniform(0, 2 * mix.thinks),
                polls=draw.random() < mix.polls,
                absent=draw.uniform(*ABSENT_SECONDS) if draw.random() < mix.absent else 0.0,
                leaves=draw.random() < mix.leaves,
            )
        )
    return made


def numbers(first: int) -> tuple[Iterator[str], Iterator[str]]:
    """Return endless numbers with claims and without, from member `first` on, each once."""
    population = Population(PARTICIPANTS)
    queues: dict[bool, list[str]] = {True: [], False: []}
    places = count(first)

    def give(*, has_claims: bool) -> Iterator[str]:
        while True:
            while not queues[has_claims]:
                member = population.member(next(places))
                queues[bool(member.specs)].append(_typed(member))
            yield queues[has_claims].pop(0)

    return give(has_claims=True), give(has_claims=False)


def _typed(member: Participant) -> str:
    # The plain site knows nothing of cards with a letter.
    is_card = member.kpj.isdecimal() and int(member.kpj[-1]) % 2
    return member.kpj if is_card else member.nik


def address(place: int, octets: tuple[int, int] = HONEST) -> str:
    """Return an address in a /24 that no other place has, up to some millions of places."""
    first, last = octets
    # A prime: it reaches every /24 before it comes back to one.
    mixed = place * 15_485_863 % ((last - first + 1) << 16)
    return f"{first + (mixed >> 16)}.{mixed >> 8 & 255}.{mixed & 255}.{1 + place % 250}"
