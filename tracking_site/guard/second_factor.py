"""The optional second field: with a NIK, the end of the card number is asked too.

For a siege (SECOND_FACTOR=kpj_suffix). The core tells the last two characters of a card, so two
are asked. A wrong end and an unknown number are one and the same answer, and each end that is
tried counts as a number of its own.
"""

import re
import unicodedata
from dataclasses import dataclass

from ..domain.identifiers import (
    Identifier,
    InvalidIdentifier,
    InvalidReason,
    Kpj,
    Nik,
    OneCard,
    parse_identifier,
)

END = 2
"""Characters of the card number; what the contract calls `kpj_suffix`."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A number, and the end of a card where one was asked; the guard counts both together."""

    identifier: Nik | Kpj
    card_end: str = ""

    @property
    def kind(self) -> str:
        return self.identifier.kind

    @property
    def canonical(self) -> str:
        if not self.card_end:
            return self.identifier.canonical
        return f"{self.identifier.canonical}/{self.card_end}"

    @property
    def asked(self) -> Identifier:
        """What is looked up: the number, or the one card of it."""
        if self.card_end and isinstance(self.identifier, Nik):
            return OneCard(self.identifier, self.card_end)
        return self.identifier


def inquiry_of(text: str, card: str, *, is_asked: bool) -> Inquiry | InvalidIdentifier:
    """Read the typed number and, where it is asked, the end of the card (or the whole card)."""
    identifier = parse_identifier(text)
    if isinstance(identifier, InvalidIdentifier):
        return identifier
    return inquiry_about(identifier, card, is_asked=is_asked)


def inquiry_about(
    identifier: Nik | Kpj, card: str, *, is_asked: bool
) -> Inquiry | InvalidIdentifier:
    """Return the inquiry about a number that was read already."""
    if not is_asked or not isinstance(identifier, Nik):
        return Inquiry(identifier)
    typed = re.sub(r"[\s.\-]", "", unicodedata.normalize("NFKC", card[:50])).upper()
    if not re.fullmatch(r"[0-9A-Z]{2,11}", typed):
        return InvalidIdentifier(InvalidReason.CARD_END, len(typed))
    return Inquiry(identifier, typed[-END:])


def inquiry_again(canonical: str) -> Inquiry | InvalidIdentifier:
    """Return the inquiry that a canonical form stands for, as a ticket carries it."""
    number, _, card_end = canonical.partition("/")
    identifier = parse_identifier(number)
    return (
        identifier if isinstance(identifier, InvalidIdentifier) else Inquiry(identifier, card_end)
    )
