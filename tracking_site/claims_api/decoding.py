"""The core's JSON, straight into the domain; the only place that knows its keys.

Strict: nothing is coerced, a missing or mistyped field refuses the whole answer.
Tolerant where the contract is: unknown fields are ignored, unknown codes kept as they came.
What only changes how a text looks is taken out: control characters, and those that turn the
direction of writing, with which a name could show other words than it says.
"""

import re
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from ..domain.claims import Claim, Snapshot, StageDuration, digest_of
from ..domain.identifiers import Identifier
from .errors import CoreNotUnderstood, Trouble

T = TypeVar("T")


class _Lookup(msgspec.Struct, frozen=True):
    """Without `is_stale`, which is ours to say and not the core's."""

    as_of: datetime
    claims: tuple[Claim, ...]


class _Quartiles(msgspec.Struct, frozen=True):
    p25: float
    p50: float
    p75: float


class _Duration(msgspec.Struct, frozen=True):
    service: str
    stage: str
    working_days: _Quartiles
    claims: int


class _Durations(msgspec.Struct, frozen=True):
    window_days: int
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


def encode_lookup(identifier: Identifier) -> bytes:
    """Return the body of a claim lookup."""
    return _encoder.encode(
        {"identifier": {"type": identifier.kind.value, "value": identifier.number}}
    )


def decode_snapshot(body: bytes) -> Snapshot:
    """Read the answer to a claim lookup.

    Raises CoreNotUnderstood when it is not one.
    """
    try:
        wire = _read(_lookup, body)
        return Snapshot(claims=wire.claims, as_of=wire.as_of, digest=digest_of(body))
    except ValueError as error:
        raise CoreNotUnderstood(Trouble.SHAPE) from error


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return the answer to a claim lookup that says this, in the contract's form."""
    return _encoder.encode(_Lookup(snapshot.as_of, snapshot.claims))


def encode_nothing(as_of: datetime) -> bytes:
    """Return what the core says of a number that it does not know."""
    return _encoder.encode(_Lookup(as_of, ()))


def decode_durations(body: bytes) -> tuple[StageDuration, ...]:
    """Read the answer of /v1/stage-durations.

    Raises CoreNotUnderstood when it is not one.
    """
    wire = _read(_durations, body)
    return tuple(
        StageDuration(
            service=item.service,
            stage=item.stage,
            p25=item.working_days.p25,
            p50=item.working_days.p50,
            p75=item.working_days.p75,
            claims=item.claims,
            window_days=wire.window_days,
        )
        for item in wire.items
    )


def _read(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    try:
        if _MAY_HOLD_UNSEEN.search(body):
            body = _encoder.encode(_legible(msgspec.json.decode(body)))
        return decoder.decode(body)
    # A few thousand open brackets in a field that is skipped exhaust the stack.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CoreNotUnderstood(Trouble.SHAPE) from error


def _legible(told: Any) -> Any:
    """Return what was told with the texts in it as they look."""
    if isinstance(told, str):
        return _UNSEEN.sub("", _LINE_BREAKS.sub(" ", told))
    if isinstance(told, list):
        return [_legible(each) for each in told]
    if isinstance(told, dict):
        return {key: _legible(each) for key, each in told.items()}
    return told
