"""The ledger of one process, in memory: packed rows in a bounded dictionary for each day."""

import threading
from functools import partial

from . import partners
from .kept import Common, Kept, weigh
from .keys import LANES, Bloom, Cells, CommonCells, Pair, missed_places
from .ledger import Ask, Reservation
from .partners import PartnerHour
from .policy import POINT, Policy, bounds_by_carrier
from .rows import (
    FRESH,
    ROW,
    CircuitState,
    Row,
    booked,
    carried_over,
    freed,
    reserved,
    row_of,
    standing,
    window_of,
)
from .rules import (
    CHARGED,
    NEAR_REPEAT,
    REPEAT,
    WHEN_BOOKED,
    Decision,
    Weighed,
    decide,
    is_heavy,
    miss_points,
)

DEFAULT_CAP = 80_000
"""Rows of a day, two or three for a network: some 11 MB. Beyond it a site needs Redis."""

ASKED_BITS, ANSWERED_BITS, CREDITED_BITS, LANE = 1 << 23, 1 << 25, 1 << 22, 1 << 19
"""The filters and cells of so many rows: 6.5 MiB a day. Redis has the whole ones (keys.py)."""

CREDITED_BYTES = CREDITED_BITS // 8
KEPT_DAY_BYTES = CREDITED_BYTES + LANES * LANE
"""What outlives a worker beside the rows: the filter of credits, and the cells."""

MAX_ALIKE = 2048
"""Rows that others may share the bytes of."""


class _Day:
    """Rows, filters and cells of a day; what must outlive a worker also where the next finds it."""

    def __init__(self, cap: int, day: int, kept: Kept | None, common: Common | None):
        self._cap = cap
        self._day = day
        self._kept = kept
        self.rows: dict[bytes, bytes] = kept.rows(day) if kept else {}
        self._alike: dict[bytes, bytes] = {}
        self.asked = Bloom(ASKED_BITS)
        self.answered = Bloom(ANSWERED_BITS)
        shared = kept.of_day(day) if kept else None
        self.credited = Bloom(CREDITED_BITS, shared and shared[:CREDITED_BYTES])
        counters = shared and shared[CREDITED_BYTES:]
        self.cells = CommonCells(LANE, common.of_day(day)) if common else Cells(LANE, counters)

    def get(self, key: bytes) -> Row | None:
        packed = self.rows.get(key)
        return None if packed is None else row_of(ROW.unpack(packed))

    def put(self, key: bytes, row: Row) -> None:
        if key not in self.rows and len(self.rows) >= self._cap:
            self._evict()
        # Most networks ask one number, so that rows of the same moment are alike.
        packed = ROW.pack(*row)
        if len(self._alike) >= MAX_ALIKE:
            self._alike.clear()
        self.rows[key] = self._alike.setdefault(packed, packed)
        # A network whose first number was found has done nothing that must outlive a worker, and
        # most networks ask no second one.
        if self._kept and (row.suspicion > 0 or row.distinct > 1):
            self._kept.put(self._day, key, packed)

    def count_around(self, ask: Ask) -> int:
        """Return the other numbers of the cell that missed or are open."""
        count, number = self.cells.count(ask.cell), ask.number
        if count and self.answered.seen(number) and not self.credited.seen(number):
            return self.cells.count(ask.cell, 1)
        return count

    def count_in_cell(self, ask: Ask) -> None:
        """Count a number once, until it is found; the credits of a killed worker outlive it."""
        if self.answered.add(ask.number) and not (self._kept and self.credited.seen(ask.number)):
            self.cells.add(ask.cell, 1)

    def _evict(self) -> None:
        """Drops a quarter of the rows, the lightest first and the oldest among equals."""
        by_weight = sorted(self.rows, key=lambda key: weigh(self.rows[key]))
        light = set(by_weight[: len(self.rows) - self._cap * 3 // 4])
        self.rows = {key: packed for key, packed in self.rows.items() if key not in light}

    def keep_what_matters_tomorrow(self) -> None:
        kept = {}
        for key, packed in self.rows.items():
            row = Row._make(ROW.unpack(packed))
            if carried_over(row).suspicion or row.under_way or row.before:
                kept[key] = packed
        self.rows = kept


class MemoryLedger:
    """A `Ledger` for one process. Every call is atomic among its threads.

    `cap` bounds the rows of a day; beyond it the lightest quarter is dropped, which gives a network
    that asked once or twice its free numbers back, and no heavy one anything. `common` is where the
    processes of a machine count cells together, `kept` where rows, credits and cells outlive the
    process: repeats, which are counted again, and what the circuit has learned are lost with it.
    """

    def __init__(
        self,
        policy: Policy,
        cap: int = DEFAULT_CAP,
        kept: Kept | None = None,
        common: Common | None = None,
    ):
        self._policy = policy
        self._bounds = bounds_by_carrier(policy)
        self._kept = kept
        self._new_day = partial(_Day, cap, kept=kept, common=common)
        self._lock = threading.Lock()
        self._days: dict[int, _Day] = {}
        self._circuit = CircuitState.fresh(policy)
        self._partners: dict[str, PartnerHour] = {}

    def knows(self, day: int, pair: Pair) -> bool:
        with self._lock:
            today = self._day(day)
            return today.answered.seen(pair.answered) and today.asked.seen(pair.asked)

    was_answered = knows

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        policy = self._policy
        with self._lock:
            today = self._day(ask.day)
            again = today.asked.seen(ask.pair.asked)
            is_answered = today.answered.seen(ask.pair.answered)
            if again and is_answered:
                return REPEAT, None
            site = self._circuit = self._circuit.advanced(ask.now, policy)
            traffic = self._traffic(ask)
            situation = self._situation(today, ask, site, traffic, again)
            decision = decide(situation, policy, paid=ask.paid, by_ticket=ask.by_ticket)
            if decision.kind != "ok":
                return decision, None
            if is_answered:
                return NEAR_REPEAT, None
            heavy = is_heavy(situation.first, ask.carrier, policy)
            if again and ask.paid >= CHARGED:
                return decision, Reservation(ask, WHEN_BOOKED, heavy)
            by_ticket = ask.by_ticket and decision.level > 0
            window = self._charge(today, ask, situation, by_ticket)
            if ask.partner and traffic and partners.counts(situation, policy):
                self._partners[ask.partner.slug] = partners.counted(traffic)
        return decision, Reservation(ask, window, heavy)

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        policy, ask = self._policy, reservation.ask
        with self._lock:
            today = self._day(ask.day)
            is_booked = found is not None and today.answered.add(ask.pair.answered)
            change, site = 0, self._circuit.advanced(now, policy)
            self._circuit = site
            if is_booked:
                if found:
                    is_first = today.credited.add(ask.number)
                    if is_first:
                        today.cells.add(ask.cell, -1)
                        change = -POINT
                else:
                    is_first = today.credited.add(missed_places(ask.number))
                    change = miss_points(site.usual_miss, policy)
                # Many who ask one number are no list of numbers.
                if is_first:
                    site.count(not found, reservation.heavy)
            window, asked_in = window_of(now, policy.in_flight_seconds), reservation.window
            counts = asked_in == WHEN_BOOKED
            bounds = self._bounds[ask.carrier]
            for place, key in enumerate(ask.network.of_rows(ask.carrier)):
                row = today.get(key)
                if row is None:
                    continue
                if is_booked and counts:
                    row = reserved(row, window, 0, 0, bounds[place], policy)
                    asked_in = row.window
                row = freed(row, asked_in, counts or found is not None)
                if is_booked:
                    row = booked(row, window, change, bounds[place], policy)
                today.put(key, row)

    def note_miss(self, ask: Ask) -> None:
        """Count a miss around one person that another ledger answered; nothing else changes."""
        with self._lock:
            self._day(ask.day).count_in_cell(ask)

    def peek(self, ask: Ask) -> Weighed:
        with self._lock:
            site = self._circuit.advanced(ask.now, self._policy)
            seen = self._situation(self._day(ask.day), ask, site, None, False)
            return seen._replace(cell=0)

    @property
    def rows(self) -> int:
        """How many are kept, of today and yesterday at every level."""
        return sum(len(of_day.rows) for of_day in self._days.values())

    def _day(self, day: int) -> _Day:
        found = self._days.get(day)
        if found is None:
            found = self._new_day(day)
            before = self._days.get(day - 1)
            if before is None and self._kept:
                before = self._days[day - 1] = self._new_day(day - 1)
            if before is not None:
                before.keep_what_matters_tomorrow()
            # A request that began before midnight must not push today out.
            others = (day - 1, day + 1)
            self._days = {d: of_day for d, of_day in self._days.items() if d in others}
            self._days[day] = found
        return found

    def _situation(
        self, today: _Day, ask: Ask, site: CircuitState, traffic: PartnerHour | None, again: bool
    ) -> Weighed:
        policy = self._policy
        window = window_of(ask.now, policy.in_flight_seconds)
        rows = self._rows(today, ask, window)
        partner_level = 0
        if ask.partner is not None and traffic is not None:
            partner_level = partners.level(traffic, ask.partner.daily_lookups, policy)
        return Weighed(
            rows[0],
            rows[1],
            rows[2] if len(rows) > 2 else FRESH,
            today.count_around(ask),
            site.view(False, policy),
            partner_level,
            ask.carrier,
            again,
            window,
        )

    def _rows(self, today: _Day, ask: Ask, window: int) -> list[Row]:
        """The network's rows as they stand, by those of today and of yesterday."""
        rows = [today.get(key) for key in ask.network.of_rows(ask.carrier)]
        former: list[Row | None] = [None] * len(rows)
        before = self._days.get(ask.day - 1)
        if before is not None and before.rows and None in rows:
            former = [before.get(key) for key in ask.before()]
        bounds = self._bounds[ask.carrier]
        return [
            standing(row, old, window, bound)
            for row, old, bound in zip(rows, former, bounds, strict=False)
        ]

    def _charge(self, today: _Day, ask: Ask, situation: Weighed, by_ticket: bool) -> int:
        """Write the number down; return the window in which it is under way."""
        window, new = situation.window, int(not situation.again)
        policy, ticket = self._policy, int(by_ticket)
        bounds = self._bounds[ask.carrier]
        rows, counted_in = situation[:3], window
        for place, key in enumerate(ask.network.of_rows(ask.carrier)):
            row = reserved(rows[place], window, new, ticket, bounds[place], policy)
            today.put(key, row)
            if not place:
                counted_in, ticket = row.window, 0
        if new:
            today.asked.add(ask.pair.asked)
            today.count_in_cell(ask)
        return counted_in

    def _traffic(self, ask: Ask) -> PartnerHour | None:
        if ask.partner is None:
            return None
        traffic = self._partners.get(ask.partner.slug, PartnerHour())
        return partners.advanced(traffic, partners.hour_of(ask.now), ask.day, self._policy)
