"""What a page shows of a number's claims, as a short text; two of them tell what changed.

The text holds digests of parts of each claim, never a part itself. It travels in the address
of a followed page and in the header of a poll, so that nothing needs to be kept between visits.
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import blake2b
from typing import NamedTuple

from msgspec import json

from .claims import Claim
from .outcomes import Found

YOUNG = timedelta(minutes=15)
"""A copy past its time but younger than this is being fetched anew while it is shown, which
says nothing about the core; a page that shows the same facts need not be told of it. Ten minutes,
and five by which the time of the data is rounded down."""

MAX_CHARACTERS = 1600
"""Characters of a version that are read: some sixty claims, and an address still fits a line."""

_HEAD = struct.Struct(">BB8s")
_PART = struct.Struct(">4s2sB2s2s2s2s2sB")
_FORM = 1
_STALE = 1
_ENCODER = json.Encoder()


class Mark(NamedTuple):
    """Digests of what a claim's parts say; counts of what only ever grows."""

    reference: bytes
    standing: bytes
    milestones: int
    journey: bytes
    documents: bytes
    appointment: bytes
    promise: bytes
    payment: bytes
    notices: int


@dataclass(frozen=True, slots=True)
class News:
    """What is new in a claim: the places of its new milestones, and the parts that differ."""

    is_new_claim: bool = False
    milestones: frozenset[int] = frozenset()
    parts: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.is_new_claim or bool(self.milestones) or bool(self.parts)


NO_NEWS = News()


@dataclass(frozen=True, slots=True)
class Version:
    """`shown` stands for all facts and what the day makes of them; `marks` for each claim."""

    is_stale: bool
    shown: bytes
    marks: tuple[Mark, ...]
    is_young: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, found: Found) -> "Version":
        parted = [_parts(claim) for claim in found.claims]
        turns = [moment.isoformat() for moment in found.turns]
        shown = b"\n".join(["".join(turns).encode(), *(part for parts in parted for part in parts)])
        marks = map(_mark, found.claims, parted)
        is_young = found.checked_at - found.as_of < YOUNG
        return cls(found.is_stale, _digest(shown, 8), tuple(marks), is_young)

    @classmethod
    def parse(cls, text: str) -> "Version | None":
        """Read a version that somebody sent back; None for anything else."""
        if not text.isascii() or len(text) > MAX_CHARACTERS:
            return None
        try:
            raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            form, flags, shown = _HEAD.unpack_from(raw)
            marks = tuple(Mark(*each) for each in _PART.iter_unpack(raw[_HEAD.size :]))
        except (Error, ValueError, struct.error):
            return None
        return cls(bool(flags & _STALE), shown, marks) if form == _FORM else None

    @property
    def etag(self) -> str:
        """The version for readers that ask rarely: whom nearly every copy finds past its time."""
        return str(replace(self, is_stale=False))

    def says_the_same_as(self, text: str) -> bool:
        """Return whether nothing has changed since the version in this text."""
        before = Version.parse(text)
        return before is not None and before.shown == self.shown

    def is_shown_by(self, text: str) -> bool:
        """Return whether a page of the version in this text would not look different now."""
        before = Version.parse(text)
        if before is None or before.shown != self.shown:
            return False
        return before.is_stale == self.is_stale or (self.is_stale and self.is_young)

    def __str__(self) -> str:
        raw = _HEAD.pack(_FORM, _STALE if self.is_stale else 0, self.shown)
        raw += b"".join(_PART.pack(*mark) for mark in self.marks)
        return urlsafe_b64encode(raw).rstrip(b"=").decode()


def news_since(text: str, claims: Sequence[Claim]) -> tuple[News, ...]:
    """Return what is new in each claim since a version; nothing where that cannot be read."""
    before = Version.parse(text) if text else None
    if before is None:
        return (NO_NEWS,) * len(claims)
    known = {mark.reference: mark for mark in before.marks}
    marks = (_mark(claim, _parts(claim)) for claim in claims)
    return tuple(_news(known.get(mark.reference), mark) for mark in marks)


def _news(before: Mark | None, now: Mark) -> News:
    if before is None:
        return News(is_new_claim=True)
    new = frozenset(range(before.milestones, now.milestones))
    parts = {
        name
        for name in ("standing", "documents", "appointment", "promise", "payment")
        if getattr(before, name) != getattr(now, name)
    }
    if now.notices > before.notices:
        parts.add("notices")
    if before.journey != now.journey and not new:
        parts.add("journey")
    return News(milestones=new, parts=frozenset(parts))


def _parts(claim: Claim) -> tuple[bytes, ...]:
    """Return what a claim says, in the parts that news are told of."""
    standing = (
        claim.reference,
        claim.service,
        claim.kind,
        claim.cause,
        claim.channel,
        claim.kpj_suffix,
        claim.branch,
        claim.state,
        claim.submitted_at,
        claim.outcome,
    )
    promise: tuple[object, ...] = (claim.due_on, claim.documents_complete_at)
    if claim.pauses is not None:
        # A core that tells none keeps the versions that were given out before there were any.
        promise = (*promise, claim.pauses)
    parts = (standing, claim.milestones, claim.documents, claim.appointment, promise)
    return tuple(map(_ENCODER.encode, (*parts, claim.payment, claim.notices)))


def _mark(claim: Claim, parts: Sequence[bytes]) -> Mark:
    standing, journey, documents, appointment, promise, payment, _ = (
        _digest(part, 2) for part in parts
    )
    return Mark(
        reference=_digest(claim.reference.encode(), 4),
        standing=standing,
        milestones=min(len(claim.milestones), 255),
        journey=journey,
        documents=documents,
        appointment=appointment,
        promise=promise,
        payment=payment,
        notices=min(len(claim.notices), 255),
    )


def _digest(content: bytes, size: int) -> bytes:
    return blake2b(content, digest_size=size).digest()
