"""The ledger of many processes and nodes: one script, and one round trip, for each step.

The script weighs and charges in one atomic step, so parallel requests cannot slip between.
Keys carry a version; rows written in another form are never read. The database should be the
guard's own, on one server (not a cluster: a script touches keys of any slot), and run with
`noeviction`: an evicted row would be a budget given back.
"""

from __future__ import annotations

import heapq
import math
import re
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from ..redis.client import BriefRedis
from ..redis.day_secrets import KEEP_SECONDS
from .keys import CREDITED_BITS, MISSED, Digests, Pair, Places
from .ledger import Ask, Heavy, LedgerStatus, OtherSecret, Reservation
from .memory_ledger import ROW
from .partners import hour_of
from .policy import POINT, Bounds, Policy, widths_of
from .rows import (
    BIN_SECONDS,
    USUAL_HEAVY_BOUNDS,
    USUAL_MISS_BOUNDS,
    CircuitView,
    Row,
    window_of,
)
from .rules import CHARGED, NEAR_REPEAT, REPEAT, WHEN_BOOKED, Decision, Weighed

VERSION = b"g2:"
"""Changes with the form of rows, circuit or keys; what an older version wrote then expires."""

SECRETS = VERSION + b"day:"
"""Before the number of a day: its random bytes (redis/day_secrets.py)."""

_SET = "return redis.call('SET', KEYS[1], ARGV[1])"

SCRIPTS = Path(__file__).with_name("lua")

_FIGURE = re.compile(r"\bP\.(?P<name>\w+)(?:\[(?P<place>\d)\])?")


class RedisLedger:
    """A `Ledger` in Redis or Valkey, with the same decisions as in memory.

    Raises RedisDown and nothing else, but OtherSecret where a number is reserved under random
    bytes that are not those of the day.
    """

    def __init__(self, client: BriefRedis, policy: Policy):
        self._client: Any = client
        self._policy = policy
        reserve = script(
            "rows", "rules", "circuit", "partners", "filters", "reserve", policy=policy
        )
        settle = script("rows", "circuit", "filters", "settle", policy=policy)
        # Budgets are counted on in a server that others have filled.
        self._reserve: Any = client.register_script_when_full(reserve)
        self._settle: Any = client.register_script_when_full(settle)
        self._set: Any = client.register_script_when_full(_SET)
        self._look: Any = client.register_script(script("rows", "circuit", "look", policy=policy))

    def knows(self, day: int, pair: Pair) -> bool:
        return False

    def was_answered(self, day: int, pair: Pair) -> bool:
        filters = ((b"f", pair.answered), (b"a", pair.asked))
        return all(self._holds(_key(day, kind), places) for kind, places in filters)

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        partner = ask.partner
        keys = [
            *(_key(ask.day, kind) for kind in (b"a", b"f", b"r", b"c")),
            _TAIL,
            _HEAD,
            _SIEGE,
            _SIEGE if partner is None else VERSION + b"partner:" + partner.slug.encode(),
            SECRETS + b"%d" % ask.day,
            *_row_keys(ask),
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
            -1 if partner is None else partner.daily_lookups,
            KEEP_SECONDS,
            *ask.pair.asked,
            *ask.pair.answered,
            *ask.number,
            ask.secret,
        ]
        kind, level, rule, ticket, window, heavy, seconds = self._reserve(keys, arguments)
        if kind == b"other":
            raise OtherSecret
        if kind == b"repeat":
            return REPEAT if rule == b"repeat" else NEAR_REPEAT, None
        decision = Decision(kind.decode(), level, rule.decode(), seconds, bool(ticket))
        if kind != b"ok":
            return decision, None
        return decision, Reservation(ask, window, bool(heavy))

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        ask = reservation.ask
        keys = [
            *(_key(ask.day, kind) for kind in (b"f", b"r", b"c")),
            _TAIL,
            _HEAD,
            *_keys(ask.day, ask.network, ask.carrier),
        ]
        arguments = [
            -1 if found is None else int(found),
            reservation.window,
            window_of(now, self._policy.in_flight_seconds),
            math.floor(now / BIN_SECONDS),
            int(ask.carrier),
            int(reservation.heavy),
            *ask.cell,
            KEEP_SECONDS,
            *ask.pair.answered,
            *ask.number,
        ]
        self._settle(keys, arguments)

    def peek(self, ask: Ask) -> Weighed:
        window = window_of(ask.now, self._policy.in_flight_seconds)
        alarm, ceilings, *_, rows = self._looked(ask.now, _row_keys(ask), ask.carrier)
        circuit = CircuitView(alarm, ceilings)
        return Weighed(*rows)._replace(circuit=circuit, carrier=ask.carrier, window=window)

    def forgive(self, ask: Ask) -> None:
        self._client.delete(*_row_keys(ask))

    def siege(self, on: bool) -> None:
        if on:
            self._set([_SIEGE], [b"1"])
        else:
            self._client.delete(_SIEGE)

    def status(self, now: float, day: int, top: int = 10) -> LedgerStatus:
        alarm, _, miss, numbers, forecast, siege, _ = self._looked(now, [], False)
        rows, top_rows = self._scan(day, top)
        of_hour = numbers, float(forecast)
        return LedgerStatus("redis", rows, alarm, bool(siege), float(miss), *of_hour, top_rows)

    def _holds(self, key: bytes, places: Places) -> bool:
        bits = [word for place in places for word in (b"GET", b"u1", place)]
        return all(self._client.execute_command("BITFIELD_RO", key, *bits))

    def _looked(self, now: float, row_keys: list[bytes], carrier: bool) -> list[Any]:
        """What the circuit says, and last the rows as they stand."""
        keys = [_TAIL, _HEAD, _SIEGE, *row_keys]
        window = window_of(now, self._policy.in_flight_seconds)
        found = self._look(keys, [window, math.floor(now / BIN_SECONDS), int(carrier)])
        return [*found[:6], [Row._make(ROW.unpack(packed)) for packed in found[6:]]]

    def _scan(self, day: int, top: int) -> tuple[int, list[Heavy]]:
        rows = 0
        today = _key(day, b"n")
        heavy: list[tuple[int, bytes, Row]] = []
        for kind in (b"n", b"s", b"t"):
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


@cache
def script(*names: str, policy: Policy) -> str:
    """Return files of `lua/` as one script, with the policy's figures where they say `P.name`.

    A table of them, made at each call, would cost as much as the rules. Raises KeyError for a name
    that no figure has.
    """
    figures: dict[str, Any] = {
        **asdict(policy),
        **widths_of(policy)._asdict(),
        "usual_miss_bounds": USUAL_MISS_BOUNDS,
        "usual_heavy_bounds": USUAL_HEAVY_BOUNDS,
        "credited_bits": CREDITED_BITS,
        "missed": MISSED,
        "charged": CHARGED,
        "when_booked": WHEN_BOOKED,
    }

    def written(found: re.Match[str]) -> str:
        value = figures[found["name"]]
        if found["place"]:
            value = value[int(found["place"]) - 1]
        if isinstance(value, Bounds):
            return f"{{{', '.join(f'{name} = {each}' for name, each in value._asdict().items())}}}"
        return f"({{{', '.join(map(repr, value))}}})" if isinstance(value, tuple) else repr(value)

    text = "".join((SCRIPTS / f"{name}.lua").read_text(encoding="utf-8") for name in names)
    return _FIGURE.sub(written, text)


def _key(day: int, kind: bytes) -> bytes:
    return VERSION + b"%d" % (day % 10) + kind


def _row_keys(ask: Ask) -> list[bytes]:
    """The rows that a number counts in, each of today and of yesterday."""
    before = ask.before()
    keys = _keys(ask.day, ask.network, ask.carrier)
    keys_before = _keys(ask.day - 1, before, ask.carrier)
    return [key for pair in zip(keys, keys_before, strict=True) for key in pair]


def _keys(day: int, network: Digests, carrier: bool) -> list[bytes]:
    keys = [_key(day, b"n") + network.first, _key(day, b"s") + network.second]
    if network.third and not carrier:
        keys.append(_key(day, b"t") + network.third)
    return keys
