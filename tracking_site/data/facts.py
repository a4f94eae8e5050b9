"""Days off, and the facts of the help page: kinds of claims, times, tax, channels, contacts, terms.

Codes are those of the catalogue (families `help_…`, `document`, `claim_cause`, `channel`).
Every fact carries its source and the date of the source, as exactly as it is known.
"""

import tomllib
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any

import msgspec

from ..domain.working_days import WorkingCalendar

DateOfSource = Annotated[str, msgspec.Meta(pattern=r"^(\d{4}(-\d{2}){0,2}|undated)$")]
Anchor = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+(-[a-z]+)*$")]


def _in(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody else said: `as_of` is the date of the source, as exactly as it is known."""

    source: Annotated[str, msgspec.Meta(min_length=3)]
    as_of: DateOfSource


class Named(Fact, frozen=True, kw_only=True):
    """A fact that has its words; of a warning or a term nothing else is shown."""

    code: str


class Point(Named, frozen=True, kw_only=True):
    """One line below a short answer; `see` leads on to another question."""

    see: str | None = None
    is_message: bool = False


class Question(Named, frozen=True, kw_only=True):
    """A question with its short answer; `says` is a sentence met elsewhere, word for word."""

    anchor: Anchor
    says: str | None = None
    points: tuple[Point, ...]


class Group(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: str
    anchor: Anchor
    questions: tuple[Question, ...]


Links = Mapping[str, tuple[str, ...]]


class AskedAt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Codes of questions by what a page shows: a claim's codes, a situation, a page."""

    cause: Links
    cause_while_open: Links
    document: Links
    state: Links
    situation: Links
    stage: Mapping[str, Links]
    page: Links


class Way(Named, frozen=True, kw_only=True):
    """Where something is done: its source says where the address stood."""

    address: str


WAYS = {each.code: each for each in msgspec.convert(_in("ways.toml")["way"], tuple[Way, ...])}
"""The addresses by their code."""

Conditions = Mapping[str, Mapping[str, int]]
"""Codes of the family `help_condition`, each with the values that its words need."""


class Practice(Fact, frozen=True, kw_only=True):
    """Documents that are asked for beside those of the law."""

    documents: tuple[str, ...]


class Needs(Fact, frozen=True, kw_only=True):
    """What the law asks, on which conditions, and what practice asks beside it."""

    documents: tuple[str, ...] = ()
    conditions: Conditions = msgspec.field(default_factory=dict)
    practice: Practice | None = None


class Case(Needs, frozen=True, kw_only=True):
    """Why a full claim is made, and what it takes."""

    cause: str


class Kind(Needs, frozen=True, kw_only=True):
    """A kind of claim; a full one has its conditions and documents in `cases`."""

    code: str
    cases: tuple[Case, ...] = ()


class TaxNumber(Fact, frozen=True, kw_only=True):
    """A tax number is asked for above `above_million` million rupiah of balance."""

    above_million: int


class WorkingDays(Fact, frozen=True, kw_only=True):
    working_days: int


class Time(WorkingDays, frozen=True, kw_only=True):
    """How many working days a rule gives a service.

    `late_per_cent` of the benefit is due for each day past them, where the rule says so;
    `address` leads to the very article.
    """

    service: str
    rule: str
    article: str | None = None
    address: str | None = None
    late_per_cent: int | None = None


class Promise(WorkingDays, frozen=True, kw_only=True):
    """What the institution itself promises for small balances; sources differ on how small."""

    up_to_million: tuple[int, ...]


class Experience(Named, frozen=True, kw_only=True):
    """Working days that somebody told of: never a promise."""

    low: int
    high: int


class Tax(Fact, frozen=True, kw_only=True):
    """Final tax: nothing up to `free_million` million rupiah, `rate` per cent above."""

    free_million: int
    rate: int


class ChannelFacts(Named, frozen=True, kw_only=True):
    address: str | None = None
    values: Mapping[str, int] = {}


class Contact(Named, frozen=True, kw_only=True):
    text: str
    address: str


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Everything that the help page tells beside the words of steps and states."""

    kinds: tuple[Kind, ...] = msgspec.field(name="kind")
    tax_number: TaxNumber
    times: tuple[Time, ...] = msgspec.field(name="time")
    small_balance: Promise
    bank: WorkingDays
    complaint: WorkingDays
    experiences: tuple[Experience, ...] = msgspec.field(name="experience")
    tax: Tax
    channels: tuple[ChannelFacts, ...] = msgspec.field(name="channel")
    contacts: tuple[Contact, ...] = msgspec.field(name="contact")
    warnings: tuple[Named, ...] = msgspec.field(name="warning")
    terms: tuple[Named, ...] = msgspec.field(name="term")
    groups: tuple[Group, ...] = msgspec.field(name="group")
    asked_at: AskedAt

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        return {each.code: each for group in self.groups for each in group.questions}

    @property
    def jmo_limit_million(self) -> int:
        """The largest balance that JMO pays, in million rupiah."""
        return next(each.values["limit_million"] for each in self.channels if each.code == "jmo")


@cache
def load_facts() -> Facts:
    """Read help.toml, service_level.toml and questions.toml, once in a process.

    Raises msgspec.ValidationError where a fact lacks its source, its date or another field.
    """
    data: dict[str, Any] = {}
    for name in ("help.toml", "service_level.toml", "questions.toml"):
        data |= _in(name)
    return msgspec.convert(data, Facts)


@cache
def load_calendar() -> WorkingCalendar:
    """Read holidays.toml, once in a process.

    Names of days are codes of the catalogue's family `holiday`. Raises KeyError or ValueError
    where the file lacks a field or is no TOML.
    """
    data = _in("holidays.toml")
    days = [day for year in data["year"] for day in year["days"]]
    return WorkingCalendar(
        {day["on"]: day["name"] for day in days},
        data["until"],
        frozenset(day["on"] for day in days if day.get("estimate")),
    )
