"""Addresses at which things are done, each with its source and date; read from ways.toml."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec


class Way(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`source` and `as_of` say where the address stood, and when."""

    code: str
    address: str
    source: str
    as_of: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    way: tuple[Way, ...]


def load_ways(path: Path = Path(__file__).parent / "ways.toml") -> Mapping[str, Way]:
    """Read the addresses by their code.

    Raises msgspec.ValidationError where one lacks its source or date.
    """
    read = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    return MappingProxyType({each.code: each for each in read.way})


WAYS = load_ways()
