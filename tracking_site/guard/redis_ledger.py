"""The ledger of many processes and nodes: one script, and one round trip, for each step.

The script weighs and charges in one atomic step, so parallel requests cannot slip between.
Keys carry a version; rows written in another form are never read. The database should be the
guard's own, on one server (not a cluster: a script touches keys of any slot), and run with
`noeviction`: an evicted row would be a budget given back.
"""

import heapq
import math
import re
import struct
from collections.abc import Callable
from dataclasses import asdict, astuple, fields
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
from msgspec import msgpack

from ..redis.client import BriefRedis, RedisDown, RedisForeign
from ..redis.day_secrets import KEEP_SECONDS
from .keys import CREDITED_BITS, MISSED, Digests, Pair, Places
from .ledger import Ask, Heavy, LedgerStatus, OtherSecret, Reservation
from .partners import hour_of
from .policy import POINT, Bounds, Policy, bounds_by_carrier
from .rows import (
    BIN_SECONDS,
    BINS_AN_HOUR,
    ROW,
    CircuitState,
    Row,
    standing,
    window_of,
)
from .rules import CHARGED, NEAR_REPEAT, REPEAT, WHEN_BOOKED, Decision, Weighed

VERSION = b"g2:"
"""Changes with the form of rows, circuit or keys; what an older version wrote then expires."""

SECRETS = VERSION + b"day:"
"""Before the number of a day: its random bytes (redis/day_secrets.py)."""

_SET = "return redis.call('SET', KEYS[1], ARGV[1])"

# KEYS: head and tail of the circuit. ARGV: the head that was read (empty: none), what both become
_TURN = """
if (redis.call('GET', KEYS[1]) or '') == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
  redis.call('SET', KEYS[2], ARGV[3])
end
return 1
"""

MAX_TURNS = 5
"""Times that a number asks for the circuit to be brought to now, while others change it."""

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
        self._bounds = bounds_by_carrier(policy)
        reserve = script(
            "rows", "rules", "circuit", "partners", "filters", "reserve", policy=policy
        )
        settle = script("rows", "circuit", "filters", "settle", policy=policy)
        # Budgets are counted on in a server that others have filled.
        self._reserve: Any = client.register_script_when_full(reserve)
        self._settle: Any = client.register_script_when_full(settle)
        self._set: Any = client.register_script_when_full(_SET)
        self._turn: Any = client.register_script_when_full(_TURN)

    def knows(self, day: int, pair: Pair) -> bool:
        return False

    def was_answered(self, day: int, pair: Pair) -> bool:
        filters = ((b"f", pair.answered), (b"a", pair.asked))
        return all(self._holds(_key(day, kind), places) for kind, places in filters)

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        partner = ask.partner
        keys = [
            *(_key(ask.day, kind) for kind in (b"a", b"f", b"r", b"c")),
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
        answer = self._in_time(ask.now, self._reserve, keys, arguments)
        kind, level, rule, ticket, window, heavy, seconds = answer
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
        self._in_time(now, self._settle, keys, arguments)

    def peek(self, ask: Ask) -> Weighed:
        window = window_of(ask.now, self._policy.in_flight_seconds)
        _, circuit, siege, *packed = self._seen(ask.now, _SIEGE, *_row_keys(ask))
        bounds = self._bounds[ask.carrier]
        rows: list[Any] = [
            standing(_row_in(today), _row_in(before), window, bounds[place])
            for place, (today, before) in enumerate(zip(packed[::2], packed[1::2], strict=True))
        ]
        view = circuit.view(siege is not None, self._policy)
        return Weighed(*rows)._replace(circuit=view, carrier=ask.carrier, window=window)

    def forgive(self, ask: Ask) -> None:
        """Forget the network's rows of today and yesterday, at every level."""
        self._client.delete(*_row_keys(ask))

    def siege(self, on: bool) -> None:
        if on:
            self._set([_SIEGE], [b"1"])
        else:
            self._client.delete(_SIEGE)

    def status(self, now: float, day: int, top: int = 10) -> LedgerStatus:
        """Return how things stand, with the `top` heaviest networks of the day."""
        _, circuit, siege = self._seen(now, _SIEGE)
        is_siege = siege is not None
        rows, top_rows = self._scan(day, top)
        return LedgerStatus(
            rows,
            circuit.view(is_siege, self._policy).alarm,
            is_siege,
            circuit.usual_miss,
            circuit.hour_numbers,
            circuit.forecast_now,
            top_rows,
        )

    def _holds(self, key: bytes, places: Places) -> bool:
        bits = [word for place in places for word in (b"GET", b"u1", place)]
        return all(self._client.execute_command("BITFIELD_RO", key, *bits))

    def _in_time(
        self, now: float, run: Callable[..., Any], keys: list[bytes], arguments: list[Any]
    ) -> Any:
        """Run a script that wants the circuit as it is at `now`: once in a bin it is not yet."""
        for _ in range(MAX_TURNS):
            answer = run(keys, arguments)
            if answer != b"turn":
                return answer
            head, circuit = self._seen(now)
            self._turn([_HEAD, _TAIL], [head, *_packed(circuit)])
        raise RedisDown("others turn the circuit")

    def _seen(self, now: float, *keys: bytes) -> list[Any]:
        """Return the head of the circuit as it stands, the circuit at `now`, and what keys hold."""
        head, tail, *values = self._client.mget(_HEAD, _TAIL, *keys)
        circuit = _unpacked(head, tail) if head else CircuitState.fresh(self._policy)
        return [head or b"", circuit.advanced(now, self._policy), *values]

    def _scan(self, day: int, top: int) -> tuple[int, list[Heavy]]:
        rows = 0
        today = _key(day, b"n")
        heavy: list[tuple[int, bytes, Row]] = []
        for kind in _WIDTHS:
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
"""Of the circuit the head is read with every number, the tail (ring, forecast) once in a bin."""

_WIDTHS = (b"n", b"s", b"t")
_FIGURES = [each.name for each in fields(CircuitState)]
_NO_TAIL = [0] * (3 * BINS_AN_HOUR + 24)


def _packed(circuit: CircuitState) -> tuple[bytes, bytes]:
    *figures, ring, forecast = astuple(circuit)
    return msgpack.encode(figures), msgpack.encode([*chain(*ring), *forecast])


def _unpacked(head: bytes, tail: bytes | None) -> CircuitState:
    try:
        rest = msgpack.decode(tail) if tail else _NO_TAIL
        ring = [rest[first : first + 3] for first in range(0, len(_NO_TAIL) - 24, 3)]
        kept = [*msgpack.decode(head), ring, rest[-24:]]
        if len(rest) == len(_NO_TAIL):
            return msgspec.convert(dict(zip(_FIGURES, kept, strict=True)), CircuitState)
    except (msgspec.MsgspecError, TypeError, ValueError) as error:
        raise RedisForeign("another circuit") from error
    raise RedisForeign("another circuit")


def _row_in(packed: bytes | None) -> Row | None:
    try:
        return None if packed is None else Row._make(ROW.unpack(packed))
    except struct.error as error:
        raise RedisForeign("another row") from error


@cache
def script(*names: str, policy: Policy) -> str:
    """Return files of `lua/` as one script, with the policy's figures where they say `P.name`.

    A table of them, made at each call, would cost as much as the rules. Raises KeyError for a name
    that no figure has.
    """
    figures: dict[str, Any] = {
        **asdict(policy),
        **dict(zip(("first", "second", "third"), bounds_by_carrier(policy)[False], strict=True)),
        "carrier": Bounds(),
        "bins_an_hour": BINS_AN_HOUR,
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
    digests = network.of_rows(carrier)
    return [_key(day, kind) + each for kind, each in zip(_WIDTHS, digests, strict=False)]
