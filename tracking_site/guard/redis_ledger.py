"""The ledger of many processes and nodes: one script, and one round trip, for each step.

The script weighs and charges in one atomic step, so parallel requests cannot slip between.
Keys carry a version; rows written in another form are never read. The database should be the
guard's own, on one server (not a cluster: a script touches keys of any slot), and run with
`noeviction`: an evicted row would be a budget given back.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import redis

from .circuit import BIN_SECONDS, USUAL_HEAVY_BOUNDS, USUAL_MISS_BOUNDS
from .ledger import (
    Ask,
    Heavy,
    LedgerStatus,
    Peek,
    Reservation,
    window_of,
)
from .memory_ledger import ROW
from .novelty import Places
from .partners import hour_of
from .policy import Policy
from .rules import POINT, REPEAT, CircuitView, Decision, Row

VERSION = b"g1:"
"""Changes with the form of rows, circuit or keys; what an older version wrote then expires."""

KEEP_SECONDS = 2 * 86_400
"""Rows are needed for a day and the next; two days cover every time zone and a skewed clock."""

SCRIPTS = Path(__file__).with_name("lua")


class RedisLedger:
    """A `Ledger` in Redis or Valkey, with the same decisions as in memory.

    Raises what its client does: with the site's own, RedisDown and nothing else.
    """

    def __init__(self, client: redis.Redis, policy: Policy):
        self._client: Any = client
        self._policy = policy
        head = policy_as_lua(policy) + _text("rules") + _text("circuit")
        self._reserve: Any = client.register_script(head + _text("reserve"))
        self._settle: Any = client.register_script(head + _text("settle"))
        self._look: Any = client.register_script(head + _text("look"))

    def knows(self, day: int, novelty: Places) -> bool:
        return False

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        rows = _row_keys(ask)
        partner = ask.partner
        keys = [
            *rows,
            _key(ask.day, b"f"),
            _key(ask.day, b"c"),
            _HEAD,
            _TAIL,
            _SIEGE,
            _SIEGE if partner is None else VERSION + b"partner:" + partner.slug.encode(),
        ]
        arguments = [
            window_of(ask.now, self._policy.in_flight_seconds),
            math.floor(ask.now / BIN_SECONDS),
            hour_of(ask.now),
            ask.day,
            int(ask.carrier),
            ask.paid,
            int(ask.by_ticket),
            *ask.cell,
            *ask.novelty,
            -1 if partner is None else partner.daily_lookups,
            KEEP_SECONDS,
        ]
        kind, level, rule, ticket, window, heavy = self._reserve(keys, arguments)
        if kind == b"repeat":
            return REPEAT, None
        decision = Decision(kind.decode(), level, rule.decode(), ticket=bool(ticket))
        if kind != b"ok":
            return decision, None
        return decision, Reservation(
            ask.day, window, ask.first, ask.second, ask.cell, ask.carrier, bool(heavy)
        )

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        day = reservation.day
        keys = [
            _key(day, b"n") + reservation.first,
            _key(day, b"s") + reservation.second,
            _key(day, b"c"),
            _HEAD,
            _TAIL,
        ]
        arguments = [
            -1 if found is None else int(found),
            reservation.window,
            math.floor(now / BIN_SECONDS),
            int(reservation.carrier),
            int(reservation.heavy),
            *reservation.cell,
        ]
        self._settle(keys, arguments)

    def peek(self, ask: Ask) -> Peek:
        keys = [*_row_keys(ask), _HEAD, _TAIL, _SIEGE]
        window = window_of(ask.now, self._policy.in_flight_seconds)
        arguments = [window, math.floor(ask.now / BIN_SECONDS)]
        row, second, alarm, ceilings, in_flight, *_ = self._look(keys, arguments)
        return Peek(
            Row._make(ROW.unpack(row)),
            Row._make(ROW.unpack(second)),
            CircuitView(alarm, ceilings),
            in_flight,
        )

    def forgive(self, ask: Ask) -> None:
        self._client.delete(*_row_keys(ask))

    def siege(self, on: bool) -> None:
        if on:
            self._client.set(_SIEGE, b"1")
        else:
            self._client.delete(_SIEGE)

    def status(self, now: float, day: int, top: int = 10) -> LedgerStatus:
        nobody = _key(day, b"n")
        keys = [nobody, nobody, nobody, nobody, _HEAD, _TAIL, _SIEGE]
        found = self._look(keys, [0, math.floor(now / BIN_SECONDS)])
        rows, heaviest = self._scan(day, top)
        return LedgerStatus(
            "redis",
            rows,
            found[2],
            bool(found[9]),
            found[3],
            float(found[5]),
            float(found[6]),
            found[7],
            float(found[8]),
            heaviest,
        )

    def _scan(self, day: int, top: int) -> tuple[int, list[Heavy]]:
        rows = 0
        today = _key(day, b"n")
        heavy: list[tuple[int, bytes, Row]] = []
        for kind in (b"n", b"s"):
            cursor = -1
            while cursor:
                cursor, keys = self._client.scan(
                    max(cursor, 0), match=VERSION + b"?" + kind + b"*", count=1_000
                )
                rows += len(keys)
                mine = [key for key in keys if key.startswith(today)]
                for key, packed in zip(mine, self._client.mget(mine), strict=True):
                    if packed is not None and len(packed) == ROW.size:
                        row = Row._make(ROW.unpack(packed))
                        weight = row.distinct + 2 * abs(row.suspicion) // POINT
                        heavy.append((weight, key, row))
                heavy = heapq.nlargest(top, heavy)
        return rows, [Heavy(key[len(today) :][:4].hex(), row) for _, key, row in heavy]


_HEAD, _TAIL, _SIEGE = VERSION + b"circuit", VERSION + b"circuit:tail", VERSION + b"siege"


def policy_as_lua(policy: Policy) -> str:
    """The policy as the Lua table that the scripts begin with."""
    fields = {
        **asdict(policy),
        "usual_miss_bounds": USUAL_MISS_BOUNDS,
        "usual_heavy_bounds": USUAL_HEAVY_BOUNDS,
    }
    lines = [f"{name} = {_literal(value)}," for name, value in sorted(fields.items())]
    return "local P = {\n" + "\n".join(lines) + "\n}\n"


def _literal(value: float | tuple[float, ...]) -> str:
    if isinstance(value, tuple):
        return "{" + ", ".join(repr(item) for item in value) + "}"
    return repr(value)


def _text(name: str) -> str:
    return (SCRIPTS / f"{name}.lua").read_text(encoding="utf-8")


def _key(day: int, kind: bytes) -> bytes:
    return VERSION + b"%d" % (day % 10) + kind


def _row_keys(ask: Ask) -> list[bytes]:
    today, before = ask.day, ask.day - 1
    return [
        _key(today, b"n") + ask.first,
        _key(before, b"n") + ask.first_before,
        _key(today, b"s") + ask.second,
        _key(before, b"s") + ask.second_before,
    ]
