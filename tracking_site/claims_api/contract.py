"""The contract over HTTP, which most cores speak.

The core's JSON goes straight into the domain, and this is the only place that knows its keys.
Strict: nothing is coerced, a missing or mistyped field refuses the whole answer.
Tolerant where the contract is: unknown fields are ignored, unknown codes kept as they came.
A text that is too long is cut, and a number of a person that stands in one is hidden: the claim
can still be read.
What only changes how a text looks is taken out: control characters, and those that turn the
direction of writing, with which a name could show other words than it says.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from string import ascii_letters, digits
from time import monotonic
from typing import Any, TypeVar

import msgspec
import msgspec.inspect

from ..domain.claims import Branch, Claim, Pause, Payment, Snapshot, StageDuration, digest_of
from ..domain.identifiers import Identifier, Nik, parse_identifier
from .config import HEALTH_BY_LOOKUPS
from .errors import CoreError, Trouble
from .exchange import Exchange
from .source import Answer, Core

T = TypeVar("T")
Day = TypeVar("Day", date, datetime)


class _Lookup(msgspec.Struct, frozen=True):
    """Without `is_stale`, which is ours to say and not the core's."""

    as_of: datetime
    claims: tuple[Claim, ...]


MAX_WORKING_DAYS = 1000
"""Of a usual duration, in the contract: what is reckoned from one takes room for each day."""


class _Quartiles(msgspec.Struct, frozen=True):
    p25: float
    p50: float
    p75: float

    def __post_init__(self) -> None:
        if not 0 <= self.p25 <= self.p50 <= self.p75 <= MAX_WORKING_DAYS:
            raise ValueError("quartiles rise, between none and the most working days")


class _Duration(msgspec.Struct, frozen=True):
    service: str
    stage: str
    working_days: _Quartiles
    claims: int

    def as_meant(self) -> StageDuration:
        days = self.working_days
        return StageDuration(self.service, self.stage, days.p25, days.p50, days.p75, self.claims)


class _Durations(msgspec.Struct, frozen=True):
    items: tuple[_Duration, ...]


_lookup = msgspec.json.Decoder(_Lookup)
_durations = msgspec.json.Decoder(_Durations)
_encoder = msgspec.json.Encoder()

_LINE_BREAKS = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb]"
)
_MAY_HOLD_UNSEEN = re.compile(
    rb"\\[bfnrtu]|\x7f|\xc2[\x80-\x9f]|\xd8\x9c|\xe2(?:\x80[\x8e\x8f\xa8-\xae]|\x81[\xa6-\xaf])|\xef\xbf[\xb9-\xbb]"
)
"""Bytes without which no text of an answer can hold such a character: most answers have none."""

_REAL_YEARS = range(1990, 2100)
_MAY_HOLD_NO_DAY = re.compile(rb'"(?!199\d|20\d\d)\d{4}-\d\d-\d\d["Tt ]')
"""What holds a day or a moment of any other year."""

_NO_MOMENT = re.compile(rb'"(?!19|2[01]|2200)\d{4}-\d\d-\d\d[Tt ][^"]{0,40}"')
"""One of a year that no value of ours holds (domain/claims.py)."""

_NONE = datetime(1900, 1, 1, microsecond=1, tzinfo=UTC)
"""What such a moment becomes, until it is left out where the core may."""

_LENGTHS: Mapping[str, int] = {
    field.name: kind.max_length
    for each in msgspec.inspect.multi_type_info((Claim, Branch))
    for field in each.fields  # type: ignore[attr-defined]
    for kind in getattr(field.type, "types", (field.type,))
    if getattr(kind, "max_length", None)
}
"""Characters that texts have at most, by their names; of any other name as many as a code."""

_SHAPES = bytes(ord("0") if value in digits.encode() else 0 for value in range(256))
_SIXTEEN = b"0" * 16
"""What stands in the shapes of an answer where a text may hold a NIK."""

_ANY_NIK = re.compile("(?=([0-9]{16}))")
_BETWEEN_GROUPS = bytes(set(range(256)) - set((digits + ascii_letters).encode()))

_NOT_UNDERSTOOD = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""A few thousand open brackets in a field that is skipped exhaust the stack."""


def encode_lookup(identifier: Identifier) -> bytes:
    return _encoder.encode(
        {"identifier": {"type": identifier.kind.value, "value": identifier.number}}
    )


def answer_of(body: bytes, identifier: Identifier, max_age: float | None = None) -> Answer:
    """Read what a core sent of a number, and hide the number itself wherever a text holds it.

    Raises CoreError when it is no answer to a claim lookup.
    """
    bare = body.translate(None, _BETWEEN_GROUPS).upper()
    if identifier.number.encode() in bare or b"\\u003" in body:
        try:
            body = _with_texts(body, partial(_without, identifier))
        except _NOT_UNDERSTOOD as error:
            raise CoreError(Trouble.SHAPE) from error
    return Answer(body, decode_snapshot(body), max_age)


def decode_snapshot(body: bytes) -> Snapshot:
    """Read the answer to a claim lookup.

    Raises CoreError when it is not one.
    """
    try:
        may_hold_none = _MAY_HOLD_NO_DAY.search(body) is not None
        told = _NO_MOMENT.sub(_encoder.encode(_NONE), body) if may_hold_none else body
        wire = _read(_lookup, told)
        claims = wire.claims
        if may_hold_none:
            if _NONE in (wire.as_of, *(each.submitted_at for each in claims)):
                raise ValueError("what has to be told is not left out")
            claims = tuple(map(_with_real_days, claims))
        if len(claims) > 1 and len({each.reference for each in claims}) < len(claims):
            # One that is told twice, to the letter, is one.
            claims = tuple(dict.fromkeys(claims))
        return Snapshot(claims, wire.as_of, digest=digest_of(body))
    except ValueError as error:
        raise CoreError(Trouble.SHAPE) from error


def _with_real_days(claim: Claim) -> Claim:
    """Return a claim without the days and moments that stand for none, as 9999-12-31 and
    1900-01-01T00:00 do in many databases, and without what is nothing without its moment."""
    payment, visit = claim.payment, claim.appointment
    if payment:
        sent_at, returned_at = _real(payment.sent_at), _real(payment.returned_at)
        told = sent_at or returned_at
        # Beside money that was sent nobody is told of the plan.
        planned = _real(payment.scheduled_on) or (told.date() if told else None)
        payment = Payment(planned, sent_at, returned_at) if planned else None
    if visit:
        ends_at = _real(visit.ends_at) or visit.starts_at
        visit = replace(visit, ends_at=ends_at) if _real(visit.starts_at) else None
    pauses = claim.pauses
    if pauses is not None:
        # Of a wait without its beginning nobody tells how long it was.
        is_told = all(_real(each.since) for each in pauses)
        pauses = tuple(Pause(each.since, _real(each.until)) for each in pauses) if is_told else None
    return replace(
        claim,
        documents_complete_at=_real(claim.documents_complete_at),
        due_on=_real(claim.due_on),
        payment=payment,
        documents=tuple(replace(each, due_on=_real(each.due_on)) for each in claim.documents),
        milestones=tuple(each for each in claim.milestones if _real(each.entered_at)),
        notices=tuple(each for each in claim.notices if _real(each.sent_at)),
        appointment=visit,
        pauses=pauses,
    )


def _real(day: Day | None) -> Day | None:
    return day if day is not None and day.year in _REAL_YEARS else None


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return the answer to a claim lookup that says this, in the contract's form."""
    return _encoder.encode(_Lookup(snapshot.as_of, snapshot.claims))


def decode_durations(body: bytes) -> tuple[StageDuration, ...]:
    """Read the answer of /v1/stage-durations.

    Raises CoreError when it is not one.
    """
    return tuple(each.as_meant() for each in _read(_durations, body).items)


def _read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        if _MAY_HOLD_UNSEEN.search(body) or _SIXTEEN in body.translate(_SHAPES):
            body = _with_texts(body, _legible)
        try:
            return decoder.decode(body)
        except msgspec.ValidationError:
            return decoder.decode(_with_texts(body, _cut))
    except _NOT_UNDERSTOOD as error:
        raise CoreError(Trouble.SHAPE) from error


def _with_texts(body: bytes, change: Callable[[str, str], str | None]) -> bytes:
    return _encoder.encode(_changed(msgspec.json.decode(body), change))


def _changed(value: Any, change: Callable[[str, str], str | None], name: str = "") -> Any:
    if isinstance(value, str):
        return change(value, name)
    if isinstance(value, list):
        return [_changed(each, change, name) for each in value]
    if isinstance(value, dict):
        return {key: _changed(each, change, key) for key, each in value.items()}
    return value


def _legible(text: str, _: str) -> str:
    """Return a text as it looks, without any NIK: another's may stand there, too."""
    text = _UNSEEN.sub("", _LINE_BREAKS.sub(" ", text))
    for sixteen in set(_ANY_NIK.findall(text)):
        nik = parse_identifier(sixteen)
        text = text.replace(sixteen, nik.masked) if isinstance(nik, Nik) else text
    return text


def _without(identifier: Identifier, text: str, _: str) -> str:
    """Return a text with the number as pages show it, in whatever groups it stands there."""
    number, shown = identifier.number, list(text)
    places = [at for at, each in enumerate(text) if each.isascii() and each.isalnum()]
    bare = "".join(text[at] for at in places).upper()
    begin = bare.find(number)
    while begin >= 0:
        for at in places[begin : begin + len(number) - 2]:
            shown[at] = "•"
        begin = bare.find(number, begin + 1)
    return "".join(shown)


def _cut(text: str, name: str) -> str | None:
    """Return a text with at most the length of the contract; half a telephone calls nobody."""
    longest = _LENGTHS.get(name, _LENGTHS["state"])
    if len(text) <= longest:
        return text
    return None if name == "phone" else f"{text[: longest - 1].rstrip()}…"


class ContractCore(Core):
    """The contract (docs/core-claims-api.yaml) over HTTP."""

    def __init__(self, exchange: Exchange, health: str) -> None:
        self._exchange = exchange
        self._health = health

    def look_up(self, identifier: Identifier, *, request_id: str | None, due: float) -> Answer:
        reply = self._exchange.ask(
            "/v1/claim-lookups", encode_lookup(identifier), request_id=request_id, due=due
        )
        answer = answer_of(reply.body, identifier, reply.max_age)
        self._answered_at = monotonic()
        return answer

    def stage_durations(self, *, request_id: str | None, due: float) -> tuple[StageDuration, ...]:
        reply = self._exchange.ask("/v1/stage-durations", request_id=request_id, due=due)
        return decode_durations(reply.body)

    def health(self, *, request_id: str | None, due: float) -> float | None:
        if self._health == HEALTH_BY_LOOKUPS:
            return super().health(request_id=request_id, due=due)
        return self._exchange.ask(self._health, request_id=request_id, due=due).sent_at


MIN_CLAIMS = 30
"""Below this many claims a range says more about chance than about the stage."""

FIRST_WAIT_SECONDS = 0.5
"""How long the first lookups of a process may wait for them, all together."""

REFRESH_SECONDS = 3600.0
"""They describe 90 days; an hour more or less does not change them."""

RETRY_SECONDS = 60.0
"""How soon the core is asked again after it had no answer."""

Durations = Callable[[], Mapping[tuple[str, str], StageDuration]]


class ObservedDurations:
    """Calling it returns the durations by service and stage.

    The first call asks the core, in a thread of its own, and waits for the answer; so do those
    that come meanwhile, until FIRST_WAIT_SECONDS after the first. From then on it returns at once
    what is known, and refreshes behind. No thread is started before the first call.

    `fetch` asks the core and raises CoreError; `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        fetch: Callable[[], tuple[StageDuration, ...]],
        clock: Callable[[], float],
        first_wait: float = FIRST_WAIT_SECONDS,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._first_wait = first_wait
        self._lock = threading.Lock()
        self._known: Mapping[tuple[str, str], StageDuration] = {}
        self._ask_again_at = float("-inf")
        self._is_settled = threading.Event()

    def __call__(self) -> Mapping[tuple[str, str], StageDuration]:
        if self._clock() >= self._ask_again_at and self._lock.acquire(blocking=False):
            # The lock is given back by the thread: one refresh at a time.
            self._ask_again_at = self._clock() + RETRY_SECONDS
            try:
                threading.Thread(target=self._refresh, name="durations", daemon=True).start()
            except RuntimeError:
                # No more threads are to be had. It is asked again after RETRY_SECONDS.
                self._is_settled.set()
                self._lock.release()
        if not self._is_settled.is_set() and not self._is_settled.wait(self._first_wait):
            # The core is slow: nobody else waits for it either, whenever they came.
            self._is_settled.set()
        return self._known

    def _refresh(self) -> None:
        try:
            told = [each for each in self._fetch() if each.claims >= MIN_CLAIMS]
            self._known = {(each.service, each.stage): each for each in told}
            self._ask_again_at = self._clock() + REFRESH_SECONDS
        except CoreError:
            return
        finally:
            self._is_settled.set()
            self._lock.release()
