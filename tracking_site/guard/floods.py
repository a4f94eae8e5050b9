"""Who floods is shed, and nobody for another's flood.

Every request counts, refused ones too, towards its network and the two around it; counts halve
every 21 seconds. A network that asks far more than people do is refused always. Beyond that
nobody is, while requests are served at once; when they wait, those with the largest counts are
refused first. Only a queue that stands is a flood's: one that drains is of people who came at
once. Constants come from simulations (docs/performance.md).
"""

from collections.abc import Callable, Iterator
from math import exp, log
from threading import Lock

from ..records import QUEUE
from .networks import Carriers, Network

MEMORY_SECONDS = 30.0
"""A count forgets a request at this rate: it is some thirty times the requests a second."""

HOUR_SECONDS = 3600.0
CARRIER_TIMES = 3.0
"""Carriers may send so many times what they sent in the last hour."""

MAX_COUNT = 900.0
"""Of one network, at any time: 30 requests a second go on, 900 come at once."""

SHARE, MIN_SHARE = 200.0, 3.0
"""Counts of one network that are refused first while requests begin to wait, and at the worst."""

WIDER = (1.0, 4.0, 16.0)
"""How many times as much the two wider networks may have."""

WIDTHS = ("network", "second", "third")
FILES = 8.0
"""A network that has asked for so many files has asked as much as by one request."""

NO_WIDTH = "none"
"""In the place of a width where no network has too much, and the process has all the same."""

CALM_SECONDS, FULL_SECONDS = 0.1, 0.5
"""Seconds that requests wait from which on the largest are refused, and nearly all."""

MAX_KEPT_PRESSURE, EASE_SECONDS = 0.5, 10.0
"""How much of what a wait asked for stays when requests are served at once again, and how fast it
eases: without it a flood that is refused is let in again by its being refused."""

MIN_PRESSURE = 0.005

TICKETS_ONLY_SECONDS = 1.0
"""Beyond it only those go on who hold what we sealed, or ask for what lies ready."""

BURST_SECONDS, BURST_OVER_SECONDS = 2.0, 10.0
"""Many who come at once make a queue that long and are no flood: it must stand for the first, or
come again within the second."""

LATELY_SECONDS = 1.0
LOOK_SECONDS = 0.1
MAX_NETWORKS = 50_000


class _Falling:
    """Counts that fall to 1/e in so many seconds, of MAX_NETWORKS names at most.

    Each is kept as the moment at which it will have fallen to one, the only figure of it that does
    not change meanwhile. Threads that count in the same moment may lose a count between them: no
    request waits here.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ones: dict[int, float] = {}
        self._forgetting = Lock()

    def add(self, name: int, now: float) -> float:
        """Count one more, and return how many that makes."""
        count = self.of(name, now) + 1.0
        is_full = len(self._ones) >= MAX_NETWORKS and name not in self._ones
        if is_full and self._forgetting.acquire(blocking=False):
            try:
                heavy = sorted(self._ones.items(), key=lambda each: each[1])
                self._ones = dict(heavy[len(heavy) // 2 :])
            finally:
                self._forgetting.release()
        self._ones[name] = now + self._seconds * log(count)
        return count

    def of(self, name: int, now: float) -> float:
        at = self._ones.get(name)
        return 0.0 if at is None else exp((at - now) / self._seconds)


class Floods:
    """Counts of one process. `clock` gives monotonic seconds; `scale` multiplies what is allowed,
    for drills that all come from one address."""

    def __init__(self, carriers: Carriers, clock: Callable[[], float], scale: float = 1.0) -> None:
        self._carriers = carriers
        self._clock = clock
        self._scale = scale
        self._lately = _Falling(MEMORY_SECONDS)
        self._of_carriers = _Falling(HOUR_SECONDS)
        self._files = _Falling(MEMORY_SECONDS)
        self._wait = self._pressure = 0.0
        self._waited_at = self._pressed_at = clock()
        self._queue_length: Callable[[], int] = int
        self._processes = 1
        self._looked_at: float | None = None
        self._called_at, self._calls, self._queued = clock(), 0, 0.0
        self._long_since = self._long_at = -BURST_OVER_SECONDS

    def watch(self, queue_length: Callable[[], int], processes: int = 1) -> None:
        """Say how many requests wait that no thread has taken yet, of so many processes alike."""
        self._queue_length = queue_length
        self._processes = processes

    @property
    def wait(self) -> float:
        """Seconds that requests waited lately to be served, the core's time left out."""
        return max(self._served_in(self._clock()), self._queued)

    def _served_in(self, now: float) -> float:
        return self._wait * exp(-(now - self._waited_at) / LATELY_SECONDS)

    def _look(self, now: float) -> None:
        """Reckon what the last in the queue waits, by the pace at which requests are taken.

        That pace is seen only while some wait: a site that nobody asked for a while is not slow.
        """
        queued = self._queue_length()
        was_quiet = now - self._called_at > LATELY_SECONDS
        self._called_at = now
        if not queued or was_quiet or self._looked_at is None:
            self._looked_at, self._calls, self._queued = now if queued else None, 0, 0.0
            return
        self._calls += not QUEUE.is_passed
        seconds = now - self._looked_at
        if seconds >= LOOK_SECONDS and self._calls:
            self._queued = queued * seconds / (self._calls * self._processes)
            self._looked_at, self._calls = now, 0
            if self._queued > TICKETS_ONLY_SECONDS:
                if now - self._long_at > BURST_OVER_SECONDS:
                    self._long_since = now
                self._long_at = now

    def _is_burst(self, now: float) -> bool:
        is_served_soon = self._served_in(now) <= TICKETS_ONLY_SECONDS
        return is_served_soon and now - self._long_since < BURST_SECONDS

    def served(self, seconds: float) -> None:
        """Note how long a request took, without what it waited for the core."""
        now = self._clock()
        wait = self._served_in(now)
        self._wait, self._waited_at = wait + (seconds - wait) / 20, now

    def takes_many(self, network: Network) -> bool:
        """Count a file that lies ready, apart: a first visit has as many as a small flood requests.
        Return whether its network has far more than people ask."""
        of_network = self._files.add(next(_names(network)), self._clock())
        return of_network > MAX_COUNT * self._scale

    def refuse(
        self, network: Network, holds_ticket: Callable[[], bool], is_file: bool = False
    ) -> str | None:
        """Count a request; return which width of its network has too much, or None.

        `NO_WIDTH` where none has, and only those who hold what we sealed can be served. What
        `is_file` was counted as one, and is refused who floods.
        """
        now = self._clock()
        self._look(now)
        wait = self.wait
        is_carrier = network in self._carriers
        pressure = self._pressed(now, wait)
        share = (SHARE * (1 - pressure) ** 2 + MIN_SHARE) * self._scale
        over, count_of = None, _Falling.of if is_file else _Falling.add
        for place, name in enumerate(_names(network)):
            count = count_of(self._lately, name, now)
            if is_file:
                count = max(count, self._files.of(name, now) / FILES)
            most = share * WIDER[place] if pressure > 0 else float("inf")
            if place == 0:
                most = min(most, MAX_COUNT * self._scale)
            if is_carrier:
                usual = count_of(self._of_carriers, name, now) / HOUR_SECONDS * MEMORY_SECONDS
                most = max(most, CARRIER_TIMES * usual)
            # What is kept is a logarithm, and the 900th would be a trillionth too many.
            if over is None and count > most + 1e-6:
                over = WIDTHS[place]
        is_full = wait > TICKETS_ONLY_SECONDS and not self._is_burst(now)
        if over is None and is_full:
            over = NO_WIDTH
        if over is None or (pressure > 0 and self._may_go_on(network, holds_ticket)):
            return None
        return over

    def _pressed(self, now: float, wait: float) -> float:
        """Return from 0 to 1 how much of what networks may send is taken from them."""
        pressure = min(max((wait - CALM_SECONDS) / (FULL_SECONDS - CALM_SECONDS), 0.0), 1.0)
        kept = self._pressure * exp(-(now - self._pressed_at) / EASE_SECONDS)
        kept = max(kept, min(pressure, MAX_KEPT_PRESSURE))
        self._pressure, self._pressed_at = kept, now
        pressure = max(pressure, kept)
        return pressure if pressure > MIN_PRESSURE else 0.0

    def _may_go_on(self, network: Network, holds_ticket: Callable[[], bool]) -> bool:
        own = next(_names(network))
        return self._lately.of(own, self._clock()) <= SHARE * self._scale and holds_ticket()


def _names(network: Network) -> Iterator[int]:
    """Yield what stands for a network, its /24 or /48, and its /16 or /32."""
    width, third = (32, 16) if network.family == 4 else (128, 32)
    for bits in (network.first_bits, network.second_bits, third):
        yield network.address >> (width - bits) << 16 | bits << 8 | network.family
