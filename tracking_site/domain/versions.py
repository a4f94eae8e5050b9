"""The version of what a page shows of claims, and what is new between two of them.

A version is a short text of digests of parts of each claim, never a part itself. It travels in
the address of a followed page and in the header of a poll, so that nothing needs to be kept
between visits.
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from msgspec import json

from .claims import Claim, digest_of
from .outcomes import YOUNG, Found
from .timeline import process_of

MAX_CHARACTERS = 1600
"""Characters of a version that are read: some fifty claims, and an address still fits a line."""

_HEAD = struct.Struct(">BB8s4s")
_PART = struct.Struct(">4s2s2sB2s2s2s2s2sB")
_FORM = 2
_STALE = 1
_COMPARED = ("standing", "particulars", "documents", "appointment", "promise", "payment")
_ENCODER = json.Encoder()


class Mark(NamedTuple):
    """Digests of what a claim's parts say; counts of what only ever grows."""

    reference: bytes
    standing: bytes
    particulars: bytes
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


NO_NEWS = News()


@dataclass(frozen=True, slots=True)
class Version:
    """`facts` stands for all facts, `shown` for them and what the day makes of them.

    `marks` stand for each claim.
    """

    is_stale: bool
    shown: bytes
    facts: bytes
    marks: tuple[Mark, ...]
    is_young: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, found: Found) -> "Version":
        parted = [_parts(claim) for claim in found.claims]
        facts = b"\n".join(part for parts in parted for part in parts)
        turns = "".join(moment.isoformat() for moment in found.turns).encode()
        shown, facts = digest_of(turns + b"\n" + facts, 8), digest_of(facts, 4)
        marks = map(_mark, found.claims, parted)
        is_young = found.checked_at - found.as_of < YOUNG
        return cls(found.is_stale, shown, facts, tuple(marks), is_young)

    @classmethod
    def parse(cls, text: str) -> "Version | None":
        """Read a version that somebody sent back; None for anything else."""
        if not text.isascii() or len(text) > MAX_CHARACTERS:
            return None
        try:
            raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            form, flags, shown, facts = _HEAD.unpack_from(raw)
            marks = tuple(Mark(*each) for each in _PART.iter_unpack(raw[_HEAD.size :]))
        except (Error, ValueError, struct.error):
            return None
        return cls(bool(flags & _STALE), shown, facts, marks) if form == _FORM else None

    @property
    def etag(self) -> str:
        """The version for readers that ask rarely: whom nearly every copy finds past its time."""
        return str(replace(self, is_stale=False))

    def says_the_same_as(self, text: str) -> bool:
        """Return whether nothing has changed since the version in this text."""
        before = Version.parse(text)
        return before is not None and before.shown == self.shown

    def has_facts_of(self, text: str) -> bool:
        """Return whether the core says what it said then, whatever the day makes of it."""
        before = Version.parse(text)
        return before is not None and before.facts == self.facts

    def is_shown_by(self, text: str) -> bool:
        """Return whether a page of the version in this text would not look different now."""
        before = Version.parse(text)
        if before is None or before.shown != self.shown:
            return False
        return before.is_stale == self.is_stale or (self.is_stale and self.is_young)

    def __str__(self) -> str:
        raw = _HEAD.pack(_FORM, _STALE if self.is_stale else 0, self.shown, self.facts)
        raw += b"".join(_PART.pack(*mark) for mark in self.marks)
        return urlsafe_b64encode(raw).rstrip(b"=").decode()


def news_since(text: str, claims: Sequence[Claim]) -> tuple[News, ...]:
    """Return what is new in each claim since a version; nothing where that cannot be read."""
    before = Version.parse(text)
    if before is None:
        return (NO_NEWS,) * len(claims)
    known = {mark.reference: mark for mark in before.marks}
    marks = [_mark(claim, _parts(claim)) for claim in claims]
    return tuple(
        _news(known.get(mark.reference), mark, claim)
        for mark, claim in zip(marks, claims, strict=True)
    )


def gone_since(text: str, claims: Sequence[Claim]) -> int:
    """Return how many claims of a version are there no more; none where it cannot be read."""
    before = Version.parse(text)
    known = {mark.reference for mark in before.marks} if before else set()
    return len(known - {_name(claim) for claim in claims})


def _news(before: Mark | None, now: Mark, claim: Claim) -> News:
    if before is None:
        return News(is_new_claim=True)
    new = frozenset(range(before.milestones, now.milestones))
    parts = {name for name in _COMPARED if getattr(before, name) != getattr(now, name)}
    if now.notices > before.notices:
        parts.add("notices")
    if before.journey != now.journey and not new:
        parts.add("journey")
    if claim.is_final:
        # What was to come of a claim is told of it no more.
        parts.discard("promise")
    return News(milestones=new, parts=frozenset(parts))


def _parts(claim: Claim) -> tuple[bytes, ...]:
    """Return what a claim says, in the parts that news are told of; of the last one none are."""
    particulars = (
        claim.reference, claim.service, claim.kind, claim.cause, claim.channel, claim.kpj_suffix,
        claim.branch, claim.submitted_at,
    )  # fmt: skip
    counted = (claim.documents_complete_at, claim.pauses)
    has_limit = process_of(claim.service).time_limit is not None
    parts: tuple[object, ...] = (
        (claim.state, claim.outcome),
        particulars,
        claim.milestones,
        claim.documents,
        claim.appointment,
        (claim.due_on, counted if has_limit else ()),
        claim.payment,
        (claim.notices, counted),
    )
    return tuple(map(_ENCODER.encode, parts))


def _mark(claim: Claim, parts: Sequence[bytes]) -> Mark:
    standing, particulars, *others, _ = (digest_of(part, 2) for part in parts)
    milestones, notices = (min(len(each), 255) for each in (claim.milestones, claim.notices))
    return Mark._make((_name(claim), standing, particulars, milestones, *others, notices))


def _name(claim: Claim) -> bytes:
    return digest_of(claim.reference.encode(), 4)
