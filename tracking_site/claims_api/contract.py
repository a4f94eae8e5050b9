"""What is asked of a core, whatever it speaks; and the contract over HTTP, which most speak.

The core's JSON goes straight into the domain, and this is the only place that knows its keys.
Strict: nothing is coerced, a missing or mistyped field refuses the whole answer.
Tolerant where the contract is: unknown fields are ignored, unknown codes kept as they came.
What only changes how a text looks is taken out: control characters, and those that turn the
direction of writing, with which a name could show other words than it says.
"""

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from time import monotonic
from typing import Any, Protocol, TypeVar

import msgspec

from ..domain.claims import Claim, Pause, Payment, Snapshot, StageDuration, digest_of
from ..domain.identifiers import Identifier, Kpj
from .config import HEALTH_BY_LOOKUPS
from .errors import CoreError, Trouble
from .exchange import Exchange
from .source import Answer

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


def encode_lookup(identifier: Identifier) -> bytes:
    return _encoder.encode(
        {"identifier": {"type": identifier.kind.value, "value": identifier.number}}
    )


def decode_snapshot(body: bytes) -> Snapshot:
    """Read the answer to a claim lookup.

    Raises CoreError when it is not one.
    """
    try:
        may_hold_none = _MAY_HOLD_NO_DAY.search(body) is not None
        wire = _read(_lookup, _NO_MOMENT.sub(b"null", body) if may_hold_none else body)
        claims = wire.claims
        if may_hold_none:
            claims = tuple(map(_with_real_days, claims))
        if len(claims) > 1 and len({each.reference for each in claims}) < len(claims):
            # One that is told twice, to the letter, is one.
            claims = tuple(dict.fromkeys(claims))
        return Snapshot(claims, wire.as_of, digest=digest_of(body))
    except ValueError as error:
        raise CoreError(Trouble.SHAPE) from error


def _with_real_days(claim: Claim) -> Claim:
    """Return a claim without the days and moments that stand for none, as 9999-12-31 and
    1900-01-01T00:00 do in many databases. What has to be told is left as it is."""
    payment, visit = claim.payment, claim.appointment
    if payment:
        sent_at, returned_at = _real(payment.sent_at), _real(payment.returned_at)
        told = sent_at or returned_at
        # Beside money that was sent nobody is told of the plan.
        planned = _real(payment.scheduled_on) or (told.date() if told else None)
        payment = Payment(planned, sent_at, returned_at) if planned else None
    pauses = claim.pauses
    if pauses is not None:
        pauses = tuple(Pause(each.since, _real(each.until)) for each in pauses)
    return replace(
        claim,
        documents_complete_at=_real(claim.documents_complete_at),
        due_on=_real(claim.due_on),
        payment=payment,
        documents=tuple(replace(each, due_on=_real(each.due_on)) for each in claim.documents),
        appointment=visit if visit and _real(visit.starts_at) else None,
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
        if _MAY_HOLD_UNSEEN.search(body):
            body = _encoder.encode(_legible(msgspec.json.decode(body)))
        return decoder.decode(body)
    # A few thousand open brackets in a field that is skipped exhaust the stack.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CoreError(Trouble.SHAPE) from error


def _legible(value: Any) -> Any:
    """Return what was told with the texts in it as they look."""
    if isinstance(value, str):
        return _UNSEEN.sub("", _LINE_BREAKS.sub(" ", value))
    if isinstance(value, list):
        return [_legible(each) for each in value]
    if isinstance(value, dict):
        return {key: _legible(each) for key, each in value.items()}
    return value


ANSWERED_SECONDS = 30.0
"""How long a lookup that was answered is proof enough that the core is up."""

PROBE = Kpj("0" * 11)
"""The card number that is asked for where only a lookup can say that the core is up."""


class Core(Protocol):
    """A core with one method for each thing that the site asks; each raises CoreError.

    `due` is the monotonic moment at which a caller gives up; `request_id` names the page request.
    What is not said here otherwise: there are no durations, and health follows what lookups came
    to; one is made where none was answered lately.
    """

    _answered_at: float = float("-inf")

    def look_up(self, identifier: Identifier, *, request_id: str | None, due: float) -> Answer: ...

    def stage_durations(self, *, request_id: str | None, due: float) -> tuple[StageDuration, ...]:
        return ()

    def health(self, *, request_id: str | None, due: float) -> float | None:
        """Return the core's clock in epoch seconds, where it says."""
        if monotonic() - self._answered_at > ANSWERED_SECONDS:
            self.look_up(PROBE, request_id=request_id, due=due)
        return None


class ContractCore(Core):
    """The contract (docs/core-claims-api.yaml) over HTTP."""

    def __init__(self, exchange: Exchange, health: str) -> None:
        self._exchange = exchange
        self._health = health

    def look_up(self, identifier: Identifier, *, request_id: str | None, due: float) -> Answer:
        reply = self._exchange.ask(
            "/v1/claim-lookups", encode_lookup(identifier), request_id=request_id, due=due
        )
        answer = Answer(reply.body, decode_snapshot(reply.body), reply.max_age)
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
            self._known = {
                (each.service, each.stage): each
                for each in self._fetch()
                if each.claims >= MIN_CLAIMS
            }
            self._ask_again_at = self._clock() + REFRESH_SECONDS
        except CoreError:
            return
        finally:
            self._is_settled.set()
            self._lock.release()
