"""The ledger of one process, in memory: packed rows in a bounded dictionary for each day."""

from __future__ import annotations

import struct
import threading
from collections import Counter
from heapq import nlargest

from . import circuit, partners
from .cells import Cells
from .circuit import CircuitState
from .kept import Kept
from .ledger import (
    Ask,
    Heavy,
    LedgerStatus,
    Peek,
    Reservation,
    window_of,
)
from .novelty import Novelty, Places
from .partners import Partner, PartnerHour
from .policy import Policy
from .rules import (
    POINT,
    REPEAT,
    Decision,
    Row,
    carried_over,
    decide,
    is_heavy,
    miss_points,
    reserved,
    settled,
    under_way,
)

ROW = struct.Struct("<HhHBBB")
"""Distinct, suspicion, window, under way, before, tickets: 9 bytes."""

DEFAULT_CAP = 80_000
"""Rows of a day, two for a network: some 11 MB. With more networks a day a site needs Redis."""

MOST_ALIKE = 2048
"""Rows that others may share the bytes of."""

HEAVIEST = 255

FRESH = Row()


class _Day:
    """Rows, novelty and cells of one day; rows and cells also where the next worker finds them."""

    def __init__(self, cap: int, day: int, kept: Kept | None):
        self._cap = cap
        self._day = day
        self._kept = kept
        self.rows: dict[bytes, bytes] = kept.rows(day) if kept else {}
        self._alike: dict[bytes, bytes] = {}
        self.novelty = Novelty()
        self.cells = Cells(kept.cells(day) if kept else None)

    def get(self, key: bytes) -> Row | None:
        packed = self.rows.get(key)
        return None if packed is None else Row._make(ROW.unpack(packed))

    def put(self, key: bytes, row: Row) -> None:
        if key not in self.rows and len(self.rows) >= self._cap:
            self._evict()
        # Most networks ask one number, so that rows of the same moment are alike.
        packed = ROW.pack(*row)
        if len(self._alike) >= MOST_ALIKE:
            self._alike.clear()
        self.rows[key] = self._alike.setdefault(packed, packed)
        # A network whose first number was found has done nothing that must outlive a worker, and
        # most networks ask no second one.
        if self._kept and (row.suspicion > 0 or row.distinct > 1):
            self._kept.put(self._day, key, packed)

    def drop(self, key: bytes) -> None:
        self.rows.pop(key, None)
        if self._kept:
            self._kept.drop(self._day, key)

    def _evict(self) -> None:
        """Drops a quarter of the rows, the lightest first and the oldest among equals."""
        weights = Counter(weigh(packed) for packed in self.rows.values())
        surplus = len(self.rows) - self._cap * 3 // 4
        limit, below = 0, 0
        while below + weights[limit] < surplus:
            below += weights[limit]
            limit += 1
        of_limit = surplus - below
        kept = {}
        for key, packed in self.rows.items():
            weight = weigh(packed)
            if weight == limit and of_limit:
                of_limit -= 1
            elif weight >= limit:
                kept[key] = packed
        self.rows = kept

    def keep_what_matters_tomorrow(self) -> None:
        kept = {}
        for key, packed in self.rows.items():
            row = Row._make(ROW.unpack(packed))
            if carried_over(row).suspicion or row.under_way or row.before:
                kept[key] = packed
        self.rows = kept


def weigh(packed: bytes) -> int:
    """How much a packed row matters: by numbers asked, and by suspicion or credit."""
    distinct, suspicion, *_ = ROW.unpack(packed)
    return min(HEAVIEST, int(distinct + 2 * abs(suspicion) // POINT))


class MemoryLedger:
    """A `Ledger` for one process. Every call is atomic among its threads.

    `cap` bounds the rows of a day; beyond it the lightest quarter is dropped, which gives a
    network that asked once or twice its free numbers back, and no heavy one anything.
    `kept` is where rows and cells outlive the process. What is lost with it is the filter of
    repeats, so that a number asked again is counted again, and what the circuit has learned.
    """

    def __init__(self, policy: Policy, cap: int = DEFAULT_CAP, kept: Kept | None = None):
        self._policy = policy
        self._cap = cap
        self._kept = kept
        self._lock = threading.Lock()
        self._days: dict[int, _Day] = {}
        self._circuit = CircuitState.fresh(policy)
        self._siege = False
        self._partners: dict[str, PartnerHour] = {}

    def knows(self, day: int, novelty: Places) -> bool:
        with self._lock:
            return self._day(day).novelty.seen(novelty)

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        policy = self._policy
        with self._lock:
            today = self._day(ask.day)
            if today.novelty.seen(ask.novelty):
                return REPEAT, None
            window = window_of(ask.now, policy.in_flight_seconds)
            before = self._days.get(ask.day - 1)
            row = _row(today, before, ask.first, ask.first_before)
            second = FRESH if ask.carrier else _row(today, before, ask.second, ask.second_before)
            site = circuit.advanced(self._circuit, ask.now, policy)
            traffic = self._traffic(ask)
            decision = decide(
                row,
                second,
                today.cells.count(ask.cell),
                circuit.view(site, self._siege, policy),
                _partner_level(traffic, ask.partner, policy),
                ask.carrier,
                policy,
                paid=ask.paid,
                by_ticket=ask.by_ticket,
                in_flight=under_way(row, window),
            )
            if decision.kind != "ok":
                return decision, None
            self._circuit = site
            heavy = is_heavy(row, ask.carrier, policy)
            row = reserved(row, window, ask.by_ticket and decision.level > 0)
            today.put(ask.first, row)
            if not ask.carrier:
                today.put(ask.second, reserved(second, window, False))
            today.novelty.add(ask.novelty)
            today.cells.add(ask.cell, 1)
            if ask.partner and traffic:
                self._partners[ask.partner.slug] = partners.counted(traffic)
        return decision, Reservation(
            ask.day, row.window, ask.first, ask.second, ask.cell, ask.carrier, heavy
        )

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        policy = self._policy
        with self._lock:
            today = self._day(reservation.day)
            change = 0
            if found is not None:
                self._circuit = circuit.advanced(self._circuit, now, policy)
                change = -POINT if found else miss_points(self._circuit.usual_miss, policy)
                circuit.count(self._circuit, not found, reservation.heavy)
            keys = (reservation.first,)
            for key in keys if reservation.carrier else (*keys, reservation.second):
                row = today.get(key)
                if row is not None:
                    today.put(key, settled(row, reservation.window, change, policy))
            if found is not False:
                today.cells.add(reservation.cell, -1)

    def peek(self, ask: Ask) -> Peek:
        with self._lock:
            today, before = self._day(ask.day), self._days.get(ask.day - 1)
            row = _row(today, before, ask.first, ask.first_before)
            second = _row(today, before, ask.second, ask.second_before)
            site = circuit.advanced(self._circuit, ask.now, self._policy)
            view = circuit.view(site, self._siege, self._policy)
            window = window_of(ask.now, self._policy.in_flight_seconds)
            return Peek(row, second, view, under_way(row, window))

    def forgive(self, ask: Ask) -> None:
        with self._lock:
            today, before = self._day(ask.day), self._days.get(ask.day - 1)
            for key in (ask.first, ask.second):
                today.drop(key)
            for key in (ask.first_before, ask.second_before):
                if before is not None:
                    before.drop(key)

    def siege(self, on: bool) -> None:
        with self._lock:
            self._siege = on

    def status(self, now: float, day: int, top: int = 10) -> LedgerStatus:
        with self._lock:
            state = circuit.advanced(self._circuit, now, self._policy)
            view = circuit.view(state, self._siege, self._policy)
            today = self._day(day)
            heaviest = nlargest(top, today.rows, key=lambda key: weigh(today.rows[key]))
            return LedgerStatus(
                "memory",
                sum(len(of_day.rows) for of_day in self._days.values()),
                view.alarm,
                self._siege,
                view.ceilings,
                state.usual_miss,
                state.usual_heavy,
                state.hour_numbers,
                state.forecast_now,
                [Heavy(key[:4].hex(), Row._make(ROW.unpack(today.rows[key]))) for key in heaviest],
            )

    def _day(self, day: int) -> _Day:
        found = self._days.get(day)
        if found is None:
            found = _Day(self._cap, day, self._kept)
            before = self._days.get(day - 1)
            if before is None and self._kept:
                before = self._days[day - 1] = _Day(self._cap, day - 1, self._kept)
            if before is not None:
                before.keep_what_matters_tomorrow()
            # A request that began before midnight must not push today out.
            others = (day - 1, day + 1)
            self._days = {d: of_day for d, of_day in self._days.items() if d in others}
            self._days[day] = found
        return found

    def _traffic(self, ask: Ask) -> PartnerHour | None:
        if ask.partner is None:
            return None
        traffic = self._partners.get(ask.partner.slug, PartnerHour())
        return partners.advanced(traffic, partners.hour_of(ask.now), ask.day, self._policy)


def _row(today: _Day, before: _Day | None, key: bytes, key_before: bytes) -> Row:
    row = today.get(key)
    if row is None and before is not None:
        yesterday = before.get(key_before)
        row = yesterday and carried_over(yesterday)
    return row or FRESH


def _partner_level(traffic: PartnerHour | None, partner: Partner | None, policy: Policy) -> int:
    if traffic is None or partner is None:
        return 0
    return partners.level(traffic, partner.daily_lookups, policy)
