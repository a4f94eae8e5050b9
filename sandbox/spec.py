"""A claim written down relative to now, short enough to stand in a table.

Days are offsets as `Moment.day` reads them. Compact forms keep the samples readable:

    journey      "registered@-6 document_check@-5 interview@-2!interview_missed"   stage, day, note
    documents    "bank_book:rejected:unreadable@+3"                type, state, cause, due day
    notices      "decision:whatsapp@-1"                            about, means, day sent
    pauses       "-6..-3 -1.."                                     days from and until, open at last
"""

from dataclasses import dataclass
from typing import NamedTuple

from sandbox.branches import CEMPAKA, Branch


class Step(NamedTuple):
    """A claim entered a stage on a day."""

    stage: str
    day: str
    note: str | None = None


class Paper(NamedTuple):
    """A document of a claim, and where it stands."""

    type: str
    state: str
    cause: str | None = None
    due: str | None = None


class Sent(NamedTuple):
    """A message that the institution sent."""

    about: str
    means: str
    day: str


class Wait(NamedTuple):
    """Days from which and until which a claim waited for the participant."""

    since: str
    until: str | None = None


class Slot(NamedTuple):
    """An appointment: its kind, day, start and length in minutes."""

    kind: str
    day: str
    start: int = 10 * 60
    minutes: int = 30


class Transfer(NamedTuple):
    """Days on which a payment is planned, was sent, came back."""

    scheduled: str
    sent: str | None = None
    returned: str | None = None


class Ending(NamedTuple):
    """Result, cause and next step, as the institution explains a decision."""

    result: str
    cause: str | None = None
    next_step: str = "none"


@dataclass(frozen=True)
class Spec:
    """One claim, relative to now. `documents`, `notices` and `pauses` of None follow from the rest.

    `tells_pauses` is False for a core that says nothing of waits.
    """

    journey: tuple[Step, ...]
    service: str = "jht"
    kind: str | None = None
    cause: str | None = None
    channel: str = "lapak_asik_online"
    state: str = "in_progress"
    branch: Branch = CEMPAKA
    due: str | None = None
    documents: tuple[Paper, ...] | None = None
    appointment: Slot | None = None
    payment: Transfer | None = None
    notices: tuple[Sent, ...] | None = None
    outcome: Ending | None = None
    kpj_suffix: str | None = None
    pauses: tuple[Wait, ...] | None = None
    tells_pauses: bool = True


def journey(text: str) -> tuple[Step, ...]:
    """Steps from their compact form."""
    steps = []
    for word in text.split():
        stage, _, rest = word.partition("@")
        day, _, note = rest.partition("!")
        steps.append(Step(stage, day, note or None))
    return tuple(steps)


def papers(text: str) -> tuple[Paper, ...]:
    """Documents from their compact form."""
    result = []
    for word in text.split():
        what, _, due = word.partition("@")
        type_, state, *cause = what.split(":")
        result.append(Paper(type_, state, cause[0] if cause else None, due or None))
    return tuple(result)


def notices(text: str) -> tuple[Sent, ...]:
    """Notices from their compact form."""
    result = []
    for word in text.split():
        what, _, day = word.partition("@")
        about, means = what.split(":")
        result.append(Sent(about, means, day))
    return tuple(result)


def waits(text: str) -> tuple[Wait, ...]:
    """Waits from their compact form."""
    pairs = (word.split("..") for word in text.split())
    return tuple(Wait(since, until or None) for since, until in pairs)
