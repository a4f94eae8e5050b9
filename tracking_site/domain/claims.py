"""A claim as the core tells it (docs/core-claims-api.yaml), as immutable values.

Codes are plain strings, because the core may know codes that we do not; the enumerations below
name the ones that we have words for. Every moment carries its offset from UTC; a value without
one, or of a year that no zone's clock could show, is refused with ValueError.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

DIGEST_BYTES = 16
Code = Annotated[str, Meta(max_length=64)]


class Service(StrEnum):
    JHT = "jht"
    JKK = "jkk"
    JKM = "jkm"
    JP = "jp"
    JKP = "jkp"
    PROFILE_UPDATE = "profile_update"
    BALANCE_MERGE = "balance_merge"
    QUEUE_BOOKING = "queue_booking"
    COMPLAINT = "complaint"


class Channel(StrEnum):
    LAPAK_ASIK_ONLINE = "lapak_asik_online"
    LAPAK_ASIK_ONSITE = "lapak_asik_onsite"
    BRANCH = "branch"
    COLLECTIVE = "collective"
    JMO = "jmo"
    SIAPKERJA = "siapkerja"
    CALL_CENTRE = "call_centre"


class ClaimState(StrEnum):
    IN_PROGRESS = "in_progress"
    ACTION_NEEDED = "action_needed"
    ON_HOLD = "on_hold"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    PAYMENT_RETURNED = "payment_returned"
    COMPLETED = "completed"


class Stage(StrEnum):
    REGISTERED = "registered"
    DOCUMENT_CHECK = "document_check"
    INTERVIEW = "interview"
    ASSESSMENT = "assessment"
    APPROVAL = "approval"
    PAYMENT = "payment"
    COMPLETED = "completed"
    TREATMENT = "treatment"
    FINAL_REPORT = "final_report"
    VALIDATION = "validation"
    DATA_CHECK = "data_check"
    MERGING = "merging"
    SCHEDULED = "scheduled"
    INVESTIGATION = "investigation"
    ANSWERED = "answered"


class DocumentState(StrEnum):
    MISSING = "missing"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class OutcomeCause(StrEnum):
    """Why the institution stopped, refused or ended a claim (Sebab)."""

    DOCUMENTS_INCOMPLETE = "documents_incomplete"
    FILE_UNREADABLE = "file_unreadable"
    DATA_MISMATCH = "data_mismatch"
    CIVIL_REGISTRY_MISMATCH = "civil_registry_mismatch"
    ACCOUNT_NAME_MISMATCH = "account_name_mismatch"
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_NUMBER_WRONG = "account_number_wrong"
    FACE_CHECK_FAILED = "face_check_failed"
    INTERVIEW_MISSED = "interview_missed"
    WAITING_PERIOD = "waiting_period"
    MEMBERSHIP_ACTIVE = "membership_active"
    MEMBERSHIP_TOO_SHORT = "membership_too_short"
    PARTIAL_ALREADY_TAKEN = "partial_already_taken"
    SEVERAL_CARDS = "several_cards"
    BALANCE_NOT_MERGED = "balance_not_merged"
    DATA_UPDATE_IN_PROGRESS = "data_update_in_progress"
    CLAIMED_IN_OTHER_CHANNEL = "claimed_in_other_channel"
    BALANCE_OVER_LIMIT = "balance_over_limit"
    BRANCH_CHECK_NEEDED = "branch_check_needed"
    HEAD_OFFICE_CHECK = "head_office_check"
    EMPLOYER_REPORT_MISSING = "employer_report_missing"
    WITHDRAWN_BY_PARTICIPANT = "withdrawn_by_participant"
    DEADLINE_PASSED = "deadline_passed"


class NextStep(StrEnum):
    """What the institution says comes next (Tindak lanjut)."""

    NONE = "none"
    WAIT = "wait"
    UPLOAD_DOCUMENTS = "upload_documents"
    BRING_DOCUMENTS_TO_BRANCH = "bring_documents_to_branch"
    FIX_DATA_AT_BRANCH = "fix_data_at_branch"
    UPDATE_CIVIL_REGISTRY = "update_civil_registry"
    ASK_EMPLOYER = "ask_employer"
    WAIT_UNTIL_PERIOD_ENDS = "wait_until_period_ends"
    CORRECT_BANK_ACCOUNT = "correct_bank_account"
    RESCHEDULE_INTERVIEW = "reschedule_interview"
    REPEAT_FACE_CHECK = "repeat_face_check"
    MERGE_BALANCES = "merge_balances"
    VISIT_BRANCH = "visit_branch"
    SUBMIT_AGAIN = "submit_again"
    USE_OTHER_CHANNEL = "use_other_channel"
    CALL_175 = "call_175"


STATES = frozenset(ClaimState)
REFUSED_STATES = frozenset({ClaimState.REJECTED, ClaimState.CANCELLED})
FINAL_STATES = REFUSED_STATES | {ClaimState.COMPLETED}
STOPPED_STATES = frozenset(
    {ClaimState.ACTION_NEEDED, ClaimState.ON_HOLD, ClaimState.PAYMENT_RETURNED}
)
WANTED = frozenset({DocumentState.MISSING, DocumentState.REJECTED})
"""States of documents that the participant has to send, while the claim is open."""


def _require_offset(*moments: datetime | None) -> None:
    for moment in filter(None, moments):
        if moment.utcoffset() is None:
            raise ValueError("a moment needs its offset from UTC")
        if not 1900 <= moment.year <= 2200:
            raise ValueError("a moment lies in this century or near it")


@dataclass(frozen=True, slots=True)
class Milestone:
    """The fact that a claim entered a stage; `note` is a code or None."""

    stage: Code
    entered_at: datetime
    note: Code | None = None

    def __post_init__(self) -> None:
        _require_offset(self.entered_at)


@dataclass(frozen=True, slots=True)
class Document:
    type: Code
    state: Code
    cause: Code | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    kind: Code
    starts_at: datetime
    ends_at: datetime

    def __post_init__(self) -> None:
        _require_offset(self.starts_at, self.ends_at)

    @property
    def over_at(self) -> datetime:
        """When it is over: who knows no end gives the beginning twice, or a moment before it."""
        is_known = self.ends_at > self.starts_at
        return self.ends_at if is_known else self.starts_at + timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Payment:
    """When money was planned and sent; never how much, nor where to."""

    scheduled_on: date
    sent_at: datetime | None = None
    returned_at: datetime | None = None

    def __post_init__(self) -> None:
        _require_offset(self.sent_at, self.returned_at)

    def sent_on(self, zone: ZoneInfo, today: date) -> date | None:
        """Return the day on which money left, at most today; None where it came back or will go."""
        sent, back = self.sent_at, self.returned_at
        # Where it came back a day or more before, it was sent once more.
        if sent is None or (back is not None and sent - back < timedelta(days=1)):
            return None
        day = sent.astimezone(zone).date()
        # Clocks disagree by less than a day; what lies further ahead is a plan.
        return None if (day - today).days > 1 else min(day, today)


class Pause(Struct, frozen=True, rename={"since": "from"}):
    """When a claim waited for the participant; `until` is None, or lies ahead, while it lasts."""

    # A Struct, because the contract names this field with a word that Python keeps.
    since: datetime
    until: datetime | None = None

    def __post_init__(self) -> None:
        _require_offset(self.since, self.until)

    def lasts(self, now: datetime) -> bool:
        return self.until is None or self.since <= now < self.until


@dataclass(frozen=True, slots=True)
class Notice:
    means: Code
    about: Code
    sent_at: datetime

    def __post_init__(self) -> None:
        _require_offset(self.sent_at)


@dataclass(frozen=True, slots=True)
class ClaimOutcome:
    """Hasil, Sebab, Tindak lanjut: how a decision is explained; what went well has no cause."""

    result: Code
    cause: Code | None
    next_step: Code


@dataclass(frozen=True, slots=True)
class Location:
    """Degrees of WGS 84."""

    latitude: float
    longitude: float

    @property
    def is_real(self) -> bool:
        """False beyond the poles, as where the two are exchanged, and at 0, 0, which none means."""
        return abs(self.latitude) <= 90 and abs(self.longitude) <= 180 and self != Location(0, 0)


@dataclass(frozen=True, slots=True)
class Branch:
    """Where a claim is handled; `hours` is a sentence of the core, in Indonesian."""

    name: Annotated[str, Meta(max_length=80)]
    regency: Annotated[str, Meta(max_length=80)]
    phone: Annotated[str, Meta(max_length=30)] | None = None
    timezone: Annotated[str, Meta(max_length=40)] = "Asia/Jakarta"
    address: Annotated[str, Meta(max_length=160)] | None = None
    hours: Annotated[str, Meta(max_length=120)] | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """`pauses` is None where the core does not tell when the claim waited for the participant."""

    reference: Annotated[str, Meta(max_length=40)]
    service: Code
    channel: Code
    branch: Branch
    state: Code
    submitted_at: datetime
    milestones: tuple[Milestone, ...]
    kind: Code | None = None
    cause: Code | None = None
    kpj_suffix: str | None = None
    documents_complete_at: datetime | None = None
    due_on: date | None = None
    documents: tuple[Document, ...] = ()
    appointment: Appointment | None = None
    payment: Payment | None = None
    notices: tuple[Notice, ...] = ()
    outcome: ClaimOutcome | None = None
    pauses: tuple[Pause, ...] | None = None

    def __post_init__(self) -> None:
        _require_offset(self.submitted_at, self.documents_complete_at)
        if len(self.kpj_suffix or "") > 2:
            raise ValueError("of a card two characters are shown, and never the whole number")

    def waits_since(self, now: datetime) -> tuple[datetime, ...]:
        """When the pauses began that last still; one, as far as the core makes sense."""
        return tuple(each.since for each in self.pauses or () if each.lasts(now))

    @property
    def is_final(self) -> bool:
        return self.state in FINAL_STATES


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the core said and when; `is_stale` marks a last good copy kept past its time.

    `digest` stands for claims and `as_of`, to the letter: whoever decodes an answer takes it of
    the bytes.
    """

    claims: tuple[Claim, ...]
    as_of: datetime
    is_stale: bool = False
    digest: bytes = field(default=b"", repr=False, compare=False)

    def __post_init__(self) -> None:
        _require_offset(self.as_of)
        if not self.digest:
            object.__setattr__(self, "digest", digest_of(repr((self.claims, self.as_of)).encode()))

    def of_card(self, end: str) -> "Snapshot":
        """Return the claims of the card with this end alone; none where no claim names it."""
        # A claim without a card belongs to the person, once one with it has recognised them.
        ends = (None, end) if any(each.kpj_suffix == end for each in self.claims) else ()
        claims = tuple(each for each in self.claims if each.kpj_suffix in ends)
        return Snapshot(claims, self.as_of, self.is_stale, digest_of(self.digest + end.encode()))


@lru_cache(64)
def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of a branch; Jakarta's where the name is unknown."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return ZoneInfo("Asia/Jakarta")


def digest_of(content: bytes, size: int = DIGEST_BYTES) -> bytes:
    """Return what stands for these bytes; for no others, unless `size` is small."""
    return blake2b(content, digest_size=size).digest()


@dataclass(frozen=True, slots=True)
class StageDuration:
    """Working days that claims usually spend in a stage, observed of so many `claims`."""

    service: str
    stage: str
    p25: float
    p50: float
    p75: float
    claims: int
