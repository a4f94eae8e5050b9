"""What becomes of a lookup, as values; they are matched once, where they are presented.

Found           claims, and what is computed of each
NotFound        the core knows none under this number
Invalid         what was typed is no number
Unavailable     the core does not answer
NoRoom          it has no room; nobody but the door sees this
Waiting         a place in the line before it
LineClosed      the line is full

And the version of what a page shows of claims: a short text of digests of parts of each, never a
part itself. It travels in the address of a followed page and in the header of a poll, so that
nothing needs to be kept between visits; two of them say what changed (news.py).
"""

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property, partial
from typing import NamedTuple

from msgspec import json

from .claims import Claim, Snapshot, StageDuration, digest_of, zone_of
from .identifiers import Invalid, Kpj, Nik
from .situation import (
    CalendarDay,
    Need,
    Outlook,
    Situation,
    days_of,
    is_far_longer,
    need_of,
    settled_limit,
    situation_of,
)
from .standing import Standing
from .timeline import Timeline, UsualWaits, process_of
from .working_days import LegalClock, WorkingCalendar

YOUNG = timedelta(minutes=15)
"""A copy past its time but younger than this is being fetched anew while it is shown, which
says nothing about the core; a page that shows the same facts need not be told of it. Ten minutes,
and five by which the time of the data is rounded down."""

MAX_CHARACTERS = 1600
"""Characters of a version that are read: some fifty claims, and an address still fits a line."""

_HEAD = struct.Struct(">BB8s4s")
_PART = struct.Struct(">4s2s2sB2s2s2s2s2sB")
_FORM = 2
_STALE = 1
_ENCODER = json.Encoder()


@dataclass(frozen=True, slots=True)
class Journey:
    """A claim with what is computed of it at `now`, once; who presents it asks nothing more.

    `usual` maps stages to their observed durations; `standing` is what holds, `situation` what
    matters most of it and `need` what there is to do. `limit` is the last day that the law gives,
    where it lies ahead and no holiday can move it; `days` belong in a calendar; `outlook` is how
    long the rest usually takes where no day is known, `is_far_longer` whether it stands too long.
    """

    claim: Claim
    timeline: Timeline
    usual: Mapping[str, StageDuration]
    standing: Standing
    situation: Situation
    need: Need
    limit: date | None
    days: tuple[CalendarDay, ...]
    outlook: Outlook | None
    is_far_longer: bool

    @classmethod
    def of(
        cls, claim: Claim, now: datetime, calendar: WorkingCalendar, usual: UsualWaits
    ) -> "Journey":
        timeline = Timeline.of(claim, now)
        clock = LegalClock.of(claim, now, calendar)
        standing = Standing.of(claim, timeline, clock, calendar, now)
        return cls(
            claim=claim,
            timeline=timeline,
            usual=usual.of_claim(claim, timeline),
            standing=standing,
            situation=situation_of(standing),
            need=need_of(standing),
            limit=settled_limit(standing),
            days=tuple(days_of(standing)),
            outlook=Outlook.of(standing, usual.by_stage),
            is_far_longer=is_far_longer(standing, usual.by_stage),
        )


@dataclass(frozen=True)
class Found:
    """Claims, the newest first. Their journeys are computed once somebody reads them.

    Whoever only asks whether anything changed does not pay for calendars. `checked_at` is a full
    minute: nothing is told more finely, so all who ask within it are told the same. `digest`
    stands for the claims, the moment of the core and the usual waits. `is_live` while any claim
    may still move; `turns` says of each since when the passing of time alone has not changed what
    is told of it.
    """

    name = "found"
    identifier: Nik | Kpj
    as_of: datetime
    checked_at: datetime
    is_stale: bool
    claims: tuple[Claim, ...]
    digest: bytes = field(repr=False)
    journey_of: Callable[[Claim], Journey] = field(repr=False, compare=False)
    age_seconds: float = field(init=False, repr=False, compare=False)
    is_live: bool = field(init=False, repr=False, compare=False)
    turns: tuple[datetime, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Between the minutes that are shown of the two: who subtracts them gets the same.
        since = self.checked_at - self.as_of.replace(second=0, microsecond=0)
        object.__setattr__(self, "age_seconds", max(since.total_seconds(), 0.0))
        object.__setattr__(self, "is_live", any(not claim.is_final for claim in self.claims))
        turns = tuple(_turned_at(claim, self.checked_at) for claim in self.claims)
        object.__setattr__(self, "turns", turns)

    @classmethod
    def of(
        cls,
        identifier: Nik | Kpj,
        snapshot: Snapshot,
        now: datetime,
        calendar: WorkingCalendar,
        usual: UsualWaits,
    ) -> "Found":
        """Return what was found in a full minute `now`."""
        # The core's clock may run ahead.
        as_of = min(snapshot.as_of, now)
        by_arrival = sorted(snapshot.claims, key=lambda claim: claim.submitted_at, reverse=True)
        return cls(
            identifier=identifier,
            as_of=as_of.replace(minute=as_of.minute // 5 * 5, second=0, microsecond=0),
            checked_at=now,
            is_stale=snapshot.is_stale,
            claims=tuple(by_arrival),
            digest=snapshot.digest + usual.digest,
            journey_of=partial(Journey.of, now=now, calendar=calendar, usual=usual),
        )

    @cached_property
    def journeys(self) -> tuple[Journey, ...]:
        return tuple(self.journey_of(claim) for claim in self.claims)


def _turned_at(claim: Claim, now: datetime) -> datetime:
    zone = zone_of(claim.branch.timezone)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    turns = [claim.appointment.over_at] if claim.appointment else []
    for pause in claim.pauses or ():
        turns += [pause.since, pause.until] if pause.until else []
    return max([midnight, *(each for each in turns if each <= now)])


@dataclass(frozen=True, slots=True)
class NotFound:
    name = "not_found"
    identifier: Nik | Kpj


@dataclass(frozen=True, slots=True)
class Unavailable:
    name = "unavailable"
    retry_after: float


@dataclass(frozen=True, slots=True)
class NoRoom:
    """The core has no room at the moment: the number may wait in the line.

    Where it `is_asked` the core answers it already, to others: it needs no room.
    """

    name = "no_room"
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A place in the line before the core, as the address that it is asked for by.

    In about `seconds` it is its turn; it asks again in `pause`, or at once where it `is_near`.
    `waited` is how long it has stood; `is_down` says that nobody is served at the moment.
    """

    name = "waiting"
    place: str
    seconds: float
    pause: float
    waited: float
    is_near: bool = False
    is_down: bool = False


@dataclass(frozen=True, slots=True)
class LineClosed:
    """The line is so long that nobody is let into it for a while."""

    name = "closed"
    retry_after: float


Outcome = Found | NotFound | Invalid | Unavailable | Waiting | LineClosed


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
        parted = [parts_of(claim) for claim in found.claims]
        facts = b"\n".join(part for parts in parted for part in parts)
        turns = "".join(moment.isoformat() for moment in found.turns).encode()
        shown, facts = digest_of(turns + b"\n" + facts, 8), digest_of(facts, 4)
        marks = map(mark_of, found.claims, parted)
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


def parts_of(claim: Claim) -> tuple[bytes, ...]:
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


def mark_of(claim: Claim, parts: Sequence[bytes]) -> Mark:
    standing, particulars, *others, _ = (digest_of(part, 2) for part in parts)
    milestones, notices = (min(len(each), 255) for each in (claim.milestones, claim.notices))
    return Mark._make((name_of(claim), standing, particulars, milestones, *others, notices))


def name_of(claim: Claim) -> bytes:
    return digest_of(claim.reference.encode(), 4)
