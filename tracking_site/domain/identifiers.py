"""The two numbers a participant can type: NIK and KPJ, or the reason why it is neither.

NIK: 16 digits, region 6 + birth date DDMMYY + serial 4 (PP 37/2007 art. 37). Only the
province is checked of the region, because regencies were renumbered and old numbers stay
valid for life. Women have 40 added to the day. No check digit exists.
KPJ: 11 characters, digits, on old cards sometimes with a letter. No structure is public.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

# fmt: off
PROVINCES = frozenset({
    "11", "12", "13", "14", "15", "16", "17", "18", "19", "21", "31", "32", "33",
    "34", "35", "36", "51", "52", "53", "61", "62", "63", "64", "65", "71", "72",
    "73", "74", "75", "76", "81", "82", "91", "92", "93", "94", "95", "96",
})
# fmt: on
"""Kepmendagri 300.2.2-2430/2025: the 38 provinces; every earlier code is still among them."""

LONGEST_TEXT = 200
"""Characters of typed text that are read; a pasted sentence fits, a book does not."""

_LABEL = re.compile(
    r"^[\s(\"'“‘]*(?:(?:no(?:mor)?\.?|number|kartu|card|peserta|jamsostek|bpjs(?:tk)?|ketenagakerjaan)\s*)*"
    r"(?:nik|kpj|ktp|e-?ktp)?\s*(?:saya|my)?\s*[:=.#]?\s*",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[\s.\-‐-―−_/·•,;()\"'“”‘’]+")
_UNSEEN = re.compile(r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]+")
"""Marks of direction and breaking, which come with text copied out of chats and calculators."""

_CANONICAL = re.compile(r"[0-9A-Z]+")
_BARE_KPJ = re.compile(r"[0-9A-Za-z]{11}")
_PHONE = re.compile(r"(?:\+?62|0)8\d{7,11}")
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


class IdentifierKind(StrEnum):
    NIK = "nik"
    KPJ = "kpj"


class InvalidReason(StrEnum):
    EMPTY = "empty"
    TOO_LONG = "too_long"
    HEALTH_CARD = "health_card"
    PHONE = "phone"
    LETTER_O = "letter_o"
    LETTER_I = "letter_i"
    STRANGE_CHARACTER = "strange_character"
    TWO_NUMBERS = "two_numbers"
    NIK_ONE_SHORT = "nik_one_short"
    NIK_ONE_LONG = "nik_one_long"
    KPJ_ONE_SHORT = "kpj_one_short"
    KPJ_ONE_LONG = "kpj_one_long"
    LENGTH = "length"
    NIK_PROVINCE = "nik_province"
    NIK_DAY = "nik_day"
    NIK_MONTH = "nik_month"
    NIK_DATE = "nik_date"
    NIK_SERIAL = "nik_serial"
    CARD_END = "card_end"
    KIND_NOT_HERE = "kind_not_here"


@dataclass(frozen=True, slots=True)
class InvalidIdentifier:
    """Why a text is no number of ours; `length` is how many characters were left to judge."""

    reason: InvalidReason
    length: int = 0


@dataclass(frozen=True, slots=True)
class Nik:
    canonical: str = field(repr=False)

    @property
    def kind(self) -> IdentifierKind:
        return IdentifierKind.NIK

    @property
    def number(self) -> str:
        """The number as the core is asked for it."""
        return self.canonical

    @property
    def masked(self) -> str:
        return _masked(self.canonical)


@dataclass(frozen=True, slots=True)
class Kpj:
    canonical: str = field(repr=False)

    @property
    def kind(self) -> IdentifierKind:
        return IdentifierKind.KPJ

    @property
    def number(self) -> str:
        """The number as the core is asked for it."""
        return self.canonical

    @property
    def masked(self) -> str:
        return _masked(self.canonical)


@dataclass(frozen=True, slots=True)
class OneCard:
    """A NIK together with the end of one of the person's cards: opens that card's claims alone."""

    nik: Nik
    end: str = field(repr=False)

    @property
    def kind(self) -> IdentifierKind:
        return self.nik.kind

    @property
    def canonical(self) -> str:
        """Stands for both together; the core is asked for `number`."""
        return f"{self.nik.canonical}/{self.end}"

    @property
    def number(self) -> str:
        return self.nik.canonical

    @property
    def masked(self) -> str:
        return self.nik.masked


Identifier = Nik | Kpj | OneCard


def _masked(canonical: str) -> str:
    return "•" * (len(canonical) - 2) + canonical[-2:]


def parse_identifier(text: str) -> Nik | Kpj | InvalidIdentifier:
    """Read a typed or pasted number; never raises.

    Spaces, dots, dashes, commas, quotes, brackets, marks that nobody sees, full-width digits
    and a leading label ("NIK: …") are tolerated; leading zeros are kept and letters folded to
    upper case.
    """
    if len(text) > LONGEST_TEXT:
        return InvalidIdentifier(InvalidReason.TOO_LONG, len(text))
    folded = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    read = _read(_LABEL.sub("", folded, count=1))
    if isinstance(read, InvalidIdentifier) and _BARE_KPJ.fullmatch(folded.strip()):
        # A card number may begin with letters that look like a label.
        return Kpj(_to_ascii_digits(folded.strip().upper()))
    return read


def _read(text: str) -> Nik | Kpj | InvalidIdentifier:
    compact = _to_ascii_digits(_SEPARATORS.sub("", text).upper())
    if not compact:
        return InvalidIdentifier(InvalidReason.EMPTY)
    if _is_phone(compact):
        return InvalidIdentifier(InvalidReason.PHONE, len(compact))
    if not _CANONICAL.fullmatch(compact):
        return InvalidIdentifier(InvalidReason.STRANGE_CHARACTER, len(compact))
    return _of_length(compact)


def _is_phone(compact: str) -> bool:
    # An 11-digit mobile number has the length of a KPJ; only other lengths are told apart.
    return bool(_PHONE.fullmatch(compact)) and (compact.startswith("+") or len(compact) != 11)


def _to_ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(
        str(unicodedata.decimal(character, character)) if character.isdecimal() else character
        for character in text
    )


def _of_length(text: str) -> Nik | Kpj | InvalidIdentifier:
    length = len(text)
    if length == 16:
        return _nik(text)
    if length == 11:
        return Kpj(text)
    if not text.isdecimal():
        reason = _letters_in(text)
    elif length == 13:
        reason = InvalidReason.HEALTH_CARD
    elif length in (22, 27, 32):
        reason = InvalidReason.TWO_NUMBERS
    else:
        reason = {
            10: InvalidReason.KPJ_ONE_SHORT,
            12: InvalidReason.KPJ_ONE_LONG,
            15: InvalidReason.NIK_ONE_SHORT,
            17: InvalidReason.NIK_ONE_LONG,
        }.get(length, InvalidReason.LENGTH)
    return InvalidIdentifier(reason, length)


def _nik(text: str) -> Nik | InvalidIdentifier:
    if not text.isdecimal():
        return InvalidIdentifier(_letters_in(text), len(text))
    wrong = _what_is_wrong(text)
    return InvalidIdentifier(wrong, len(text)) if wrong else Nik(text)


def _letters_in(text: str) -> InvalidReason:
    if not text.translate(_LOOKALIKES).isdecimal():
        return InvalidReason.STRANGE_CHARACTER
    return InvalidReason.LETTER_O if "O" in text else InvalidReason.LETTER_I


def _what_is_wrong(nik: str) -> InvalidReason | None:
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    if nik[:2] not in PROVINCES:
        return InvalidReason.NIK_PROVINCE
    if not (1 <= day <= 31 or 41 <= day <= 71):
        return InvalidReason.NIK_DAY
    if not 1 <= month <= 12:
        return InvalidReason.NIK_MONTH
    if not _exists_in_some_century(day % 40, month, year):
        return InvalidReason.NIK_DATE
    if nik[12:] == "0000":
        return InvalidReason.NIK_SERIAL
    return None


def _exists_in_some_century(day: int, month: int, year: int) -> bool:
    return any(_is_date(century + year, month, day) for century in (1900, 2000))


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
