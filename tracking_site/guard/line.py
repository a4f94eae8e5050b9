"""Places in the line before the core: given once, sealed into an address, asked again with it.

A place carries all that is known of it, so that a store that forgets it forgets nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import blake2b
from math import exp, log
from secrets import token_bytes
from time import monotonic, time
from typing import NamedTuple

from ..claims_api.client import COME_BACK_SECONDS
from ..claims_api.gate import OVERDUE_SECONDS, Gate, Intervals, Place, State
from ..domain.identifiers import Identifier
from ..domain.outcomes import LineClosed, Unavailable, Waiting
from ..records import QUEUE
from ..sealing import FAMILY_BYTES, NotSealed, Sealer
from .limits import Refused
from .networks import Carriers, Network, network_at

MAX_LINE_SECONDS = 600.0
"""A line that is longer is closed to who comes now: nobody is kept for hours."""

SPREAD_SECONDS = 300.0
"""Who found it closed is told times so far apart."""

PLACES, PLACES_OF_CARRIER = 5, 500
"""What a network may have at once, beside one more for each NUMBERS it asked today."""

MIN_PLACES_AROUND, AROUND_SECONDS = 200, 60.0
"""What a /24 or /48 may have at once, whatever its networks have: so many, or so many seconds of
the line. An owner of thousands of networks cannot close the line to everybody else."""

CUSTOMER_SHARE = 0.25
"""Of that, what one /56 may have: 256 customers share a /48, and each has so many networks."""

NUMBERS = 50
MIN_REFUSED_SECONDS = 60.0
LOOK_SECONDS = 1.0
"""So long a process trusts that nobody is in the line."""

MAX_PAUSE, MIN_PAUSE, MIN_RELOAD, QUIET = 60.0, 1.0, 20.0, 600.0
"""Seconds until a place asks again: by htmx, by reloading, and where a person will do so."""


DOWN_PAUSE = OVERDUE_SECONDS
"""The least while the core is down, when the front is not held: any longer, it would be absent."""

MIN_SHARE, MAX_SHARE = 0.5, 0.8
"""A place asks again after at least and at most this share of the time left."""

CORE_SHARE = 0.12
"""What the questions of those who wait may take of a processor core, as their threads see it;
beyond it they come later. What else the process does for a request takes a quarter more."""

FRONT_SECONDS = 4.0
"""So long before its turn a place has asked for the last time: it is held in its request."""

MAX_STANDSTILL = 240.0
"""Seconds: a page that stands still for longer is taken for a broken one."""

USUAL_POLL_SECONDS, MAX_POLL_SECONDS = 0.001, 0.05
"""Processor time of one question, until it was seen, and the most that is believed."""

MEMORY_POLLS = 50

PROMISE_SECONDS = 2.0
"""The least until a place that is only promised comes again; at most twice as much."""

PROMISED = "/"
"""Before the number of a place that is only promised; no number begins with it."""

PLACE_BYTES = 86
"""Of the longest text that is sealed for a place."""


@dataclass(frozen=True, slots=True)
class InLine:
    """A place with what it stands for: the number as a ticket carries it, and whose it is.

    Its answer is charged to the network, unless it `is_paid` for: then it was given for the address
    of a result, and the answer stands there alone. One that `is_promised` is charged for nothing
    yet, and stands nowhere until it comes again. `sealed` once it has an address.
    """

    place: Place
    paid_form: str
    network: Network
    is_paid: bool = False
    is_promised: bool = False
    sealed: str = ""

    @property
    def family(self) -> bytes:
        """Of which family the ticket of its answer is: both end together."""
        return self.place.name[-FAMILY_BYTES:]


class Newcomer(NamedTuple):
    """Why a number may not stand in the line, if so; and whether it would only be told to wait."""

    refusal: LineClosed | Refused | None = None
    waits: bool = False


class Line:
    """Gives, seals and asks for places.

    `is_at_hand` says whether a number has a copy, `is_crowded` whether so many wait for an answer
    that the core is giving already that no more can: nobody stands for those. `key` names
    networks without their addresses; `random` gives numbers in [0, 1), `clock` epoch seconds.
    `poll_seconds` is the processor time of one question, as seen.
    """

    def __init__(
        self,
        gate: Gate,
        sealer: Sealer,
        key: bytes,
        carriers: Carriers,
        is_at_hand: Callable[[Identifier], bool],
        random: Callable[[], float],
        is_crowded: Callable[[Identifier], bool] = lambda identifier: False,
        clock: Callable[[], float] = time,
    ) -> None:
        self._gate = gate
        self._sealer = sealer
        self._key = key
        self._carriers = carriers
        self.is_at_hand = is_at_hand
        self._random = random
        self.is_crowded = is_crowded
        self._clock = clock
        self._is_empty_until = 0.0
        self._seen = State(0, 0, 1.0, 0)
        self.poll_seconds = USUAL_POLL_SECONDS

    def new_place(self, network: Network) -> Place:
        """Return a place of this network, which stands nowhere yet."""
        # Who came first goes first, also where threads take requests up in another order.
        return Place(self._name_of(network) + token_bytes(FAMILY_BYTES), queued=QUEUE.seconds)

    def newcomer(
        self,
        standing: InLine,
        identifier: Identifier,
        distinct: Callable[[], int],
        was_answered: Callable[[], bool],
    ) -> Newcomer:
        """Return what a number may do that stands nowhere, before anything is charged for it.

        `distinct` gives how many numbers the network asked today, `was_answered` whether this is
        one that it was answered.
        """
        if monotonic() < self._is_empty_until:
            return Newcomer()
        state = self._gate.look(self._name_of(standing.network))
        self._seen = state
        if not state.length:
            self._is_empty_until = monotonic() + LOOK_SECONDS
        refusal = self._refusal(state, standing, distinct)
        # To let every number with a copy pass would tell anybody, uncharged, which ones have one.
        if refusal is not None and was_answered() and self.is_at_hand(identifier):
            refusal = None
        return Newcomer(refusal, state.is_long)

    def _refusal(
        self, state: State, standing: InLine, distinct: Callable[[], int]
    ) -> LineClosed | Refused | None:
        if closed := self._closed(state, standing):
            return closed
        network = standing.network
        if state.places and state.places >= self._max_places(network, distinct):
            return _refused(state)
        most = max(MIN_PLACES_AROUND, AROUND_SECONDS * state.pace)
        of_customer = state.customer if network.third_bits else 0
        is_much = state.around >= most or of_customer >= CUSTOMER_SHARE * most
        return _refused(state) if is_much and network not in self._carriers else None

    def _closed(self, state: State, standing: InLine) -> LineClosed | None:
        # Who was promised a place came before it was closed, and for so long it is kept.
        is_promised = self._clock() - standing.place.since < QUIET
        if is_promised or state.seconds <= MAX_LINE_SECONDS:
            return None
        past = state.seconds - MAX_LINE_SECONDS
        return LineClosed(past + MIN_REFUSED_SECONDS + SPREAD_SECONDS * self._random())

    def wait(
        self,
        standing: InLine,
        distinct: Callable[[], int],
        min_pause: float = MIN_PAUSE,
        *,
        is_down: bool = False,
    ) -> Waiting | Refused:
        """Let a place wait until it asks again; Refused where its network has too many."""
        self._is_empty_until = 0.0
        least = max(min_pause, DOWN_PAUSE) if is_down else min_pause
        place, pauses = standing.place, self.pauses(least)
        is_carrier = standing.network in self._carriers
        turn = self._gate.wait(place, PLACES_OF_CARRIER if is_carrier else PLACES, pauses)
        if turn is None and not is_carrier:
            # What the network asked is looked at only where it matters.
            turn = self._gate.wait(place, self._max_places(standing.network, distinct), pauses)
        if turn is None:
            self.drop(place)
            return _refused(self._gate.look(place.name[:8]))
        self._seen = turn.line
        return Waiting(
            standing.sealed or self.seal(standing, turn.since),
            seconds=max(turn.seconds, turn.pause if is_down else 1.0),
            pause=turn.pause,
            waited=turn.waited,
            is_near=turn.is_near,
            is_down=is_down,
        )

    def come_back(self, standing: InLine, min_pause: float = MIN_PAUSE) -> Waiting:
        """Let a number that others ask already have an address, at which its answer will be.

        It stands nowhere: it needs no room, and a crowd on one number would be a long line before
        those who do.
        """
        now = self._clock()
        since = standing.place.since or now
        return Waiting(
            standing.sealed or self.seal(standing, since),
            seconds=COME_BACK_SECONDS,
            pause=max(COME_BACK_SECONDS, min_pause),
            waited=max(now - since, 0.0),
        )

    def promise(self, standing: InLine, min_pause: float = MIN_PAUSE) -> Waiting | LineClosed:
        """Give a place an address and ask no store: it is charged for, and stands where the moment
        of its arrival puts it, when it comes again."""
        if closed := self._closed(self._seen, standing):
            return closed
        now = self._clock()
        since = standing.place.since or now - standing.place.queued
        sealed = standing.sealed or self.seal(replace(standing, is_promised=True), since)
        # Those who come in one moment do not all come again in one.
        least = PROMISE_SECONDS * (1 + self._random())
        seconds = max(self._seen.seconds, least)
        pause = self.pauses(max(least, min_pause)).of(seconds)
        return Waiting(sealed, seconds, pause, waited=max(now - since, 0.0))

    def is_led_to(self, standing: InLine, min_pause: float) -> bool:
        """Return whether a place comes because a browser without JavaScript was led to its
        address, and not yet since its time has come."""
        age = self._clock() - standing.place.since
        return min_pause >= MIN_RELOAD and 0 <= age < MIN_RELOAD

    def drop(self, place: Place) -> None:
        """Forget that a place stands; it stands anew where it is asked for again."""
        self._gate.drop(place.name)

    def no_room(self) -> Unavailable:
        """Return when to ask anew who stands nowhere."""
        return Unavailable(max(self._gate.look().seconds, MIN_RELOAD))

    def polled(self, seconds: float) -> None:
        """Note what processor time a question of a place that waits took."""
        seconds = min(seconds, MAX_POLL_SECONDS)
        self.poll_seconds += (seconds - self.poll_seconds) / MEMORY_POLLS

    def pauses(self, least: float = MIN_PAUSE) -> Intervals:
        """Return when places ask again, so that all their questions take CORE_SHARE at most.

        Who asks again after a share s of the time left asks log(T / FRONT_SECONDS) / -log(1 - s)
        times in T seconds.
        """
        line, cost = self._seen, self.poll_seconds / CORE_SHARE
        times = log(max(line.seconds / FRONT_SECONDS, 1.0))
        share = min(max(1 - exp(-line.pace * times * cost), MIN_SHARE), MAX_SHARE)
        longest = min(max(2 * line.length * cost, MAX_PAUSE), MAX_STANDSTILL)
        return Intervals(share, least, max(longest, least))

    def seal(self, standing: InLine, since: float) -> str:
        """Return the address of a place that came at that moment."""
        network, networks = standing.network, standing.place.name[:-FAMILY_BYTES].hex()
        number = PROMISED * standing.is_promised + standing.paid_form
        numbers = network.family, network.address, standing.is_paid, int(since * 1000)
        parts = number, *(f"{each:x}" for each in numbers), networks
        return self._sealer.seal(" ".join(parts), standing.family)

    def open(self, sealed: str) -> InLine:
        """Return what an address stands for; raises NotSealed and Expired (sealing.py)."""
        opened = self._sealer.open(sealed)
        paid_form, *numbers, networks = opened.text.split(" ")
        try:
            family, address, is_paid, since = (int(each, 16) for each in numbers)
        except ValueError:
            raise NotSealed from None
        network = network_at(family, address)
        place = Place(bytes.fromhex(networks) + opened.family, since / 1000)
        is_promised = paid_form.startswith(PROMISED)
        paid_form = paid_form.removeprefix(PROMISED)
        return InLine(place, paid_form, network, bool(is_paid), is_promised, sealed)

    def figures(self) -> tuple[float, ...]:
        """Return the bound, what is in flight, the pace, the length, and the oldest's seconds."""
        state = self._gate.look()
        return state.allowed, state.in_flight, state.pace, state.length, state.oldest

    def _name_of(self, network: Network) -> bytes:
        # Another digest would let other threads run in between (hashlib), which here are many.
        around = blake2b(network.second, digest_size=5, key=self._key).digest()
        own = blake2b(network.first, digest_size=3, key=self._key).digest()
        # No two of the 256 /56 of a /48 have the same byte.
        part = network.address >> (128 - network.third_bits) & 0xFF if network.third_bits else 0
        return around[:4] + bytes([around[4] ^ part]) + own

    def _max_places(self, network: Network, distinct: Callable[[], int]) -> int:
        return PLACES_OF_CARRIER if network in self._carriers else PLACES + distinct() // NUMBERS


def _refused(state: State) -> Refused:
    return Refused(max(state.seconds, MIN_REFUSED_SECONDS))
