"""The facts of the help page: kinds of claims, times, tax, channels, contacts, warnings, terms.

Codes are those of the catalogue (families `help_…`, `document`, `claim_cause`, `channel`).
Every fact carries its source and the date of the source, as exactly as it is known.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

_HERE = Path(__file__).parent
Conditions = Mapping[str, Mapping[str, int]]
"""Codes of the family `help_condition`, each with the values that its words need."""


DateOfSource = Annotated[str, msgspec.Meta(pattern=r"^(\d{4}(-\d{2}){0,2}|undated)$")]


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    source: str
    as_of: DateOfSource


class Case(Fact, frozen=True, kw_only=True):
    """Why a full claim is made, and what it takes."""

    cause: str
    documents: tuple[str, ...]
    conditions: Conditions = {}
    if_asked: tuple[str, ...] = ()


class Kind(Fact, frozen=True, kw_only=True):
    """A kind of claim; a full one has its conditions and documents in `cases`."""

    code: str
    conditions: Conditions = {}
    documents: tuple[str, ...] = ()
    if_asked: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()


class Time(Fact, frozen=True, kw_only=True):
    """How many working days the law gives a service, and from when."""

    service: str
    working_days: int
    begins: str
    rule: str


class Tax(Fact, frozen=True, kw_only=True):
    """Final tax: nothing up to `free_million` million rupiah, `rate` per cent above."""

    free_million: int
    rate: int


class Channel(Fact, frozen=True, kw_only=True):
    code: str
    address: str | None = None
    values: Mapping[str, int] = {}


class Contact(Fact, frozen=True, kw_only=True):
    code: str
    text: str
    address: str


class Named(Fact, frozen=True, kw_only=True):
    """A warning or a term, of which only the words are shown."""

    code: str


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that the help page tells beside the words of steps and states."""

    kinds: tuple[Kind, ...] = msgspec.field(name="kind")
    times: tuple[Time, ...] = msgspec.field(name="time")
    tax: Tax
    channels: tuple[Channel, ...] = msgspec.field(name="channel")
    contacts: tuple[Contact, ...] = msgspec.field(name="contact")
    warnings: tuple[Named, ...] = msgspec.field(name="warning")
    terms: tuple[Named, ...] = msgspec.field(name="term")


def load_facts(directory: Path = _HERE) -> Facts:
    """Read help.toml and service_level.toml.

    Raises msgspec.ValidationError where a fact lacks its source, its date or another field.
    """
    data: dict[str, Any] = {}
    for name in ("help.toml", "service_level.toml"):
        data |= tomllib.loads((directory / name).read_text(encoding="utf-8"))
    return msgspec.convert(data, Facts)
