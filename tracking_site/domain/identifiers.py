"""The two numbers a participant can type: NIK and KPJ, or the reason why it is neither.

NIK: 16 digits, region 6 + birth date DDMMYY + serial 4 (UU 23/2006 as changed by UU 24/2013;
PP 40/2019 art. 30-32). Only the province is checked of the region, because regencies were
renumbered and old numbers stay valid for life. Women have 40 added to the day. No check digit
exists. Citizens abroad who never had a NIK hold a NIT, which the law equates with it
(PP 40/2019 art. 32(2)): 99, country 3, mission 1, then birth date and serial alike.
KPJ: 11 characters, digits, on old cards sometimes with a letter. No structure is public.
"""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass, field
from enum import StrEnum
from html import unescape
from string import ascii_lowercase, ascii_uppercase

from .pasted import KPJ_LENGTH, Contents, contents_of

# fmt: off
PROVINCES = frozenset({
    "11", "12", "13", "14", "15", "16", "17", "18", "19", "21", "31", "32", "33",
    "34", "35", "36", "51", "52", "53", "61", "62", "63", "64", "65", "71", "72",
    "73", "74", "75", "76", "81", "82", "91", "92", "93", "94", "95", "96",
})
# fmt: on
"""Kepmendagri 300.2.2-2430/2025: the 38 provinces; every earlier code is still among them."""

ABROAD = "99"
"""How a NIT begins, in place of a province."""

MAX_TEXT_LENGTH = 1_000
"""Characters of typed text that are read; a pasted message fits, a book does not."""

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
"""Default_Ignorable_Code_Point: marks of direction, joining and variation that nobody sees."""

_CAPITALS = str.maketrans(ascii_lowercase, ascii_uppercase)
"""Of ASCII alone: elsewhere one small letter may become two capitals."""

_BARE = re.compile(r"[0-9]{16}|[0-9A-Z]{11}")
_PHONE = re.compile(r"(?:62|0)8\d{7,11}")
_TAX_ID = re.compile(r"NPWP|(?<!\d)\d\d\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3}(?!\d)")
"""A tax number by its name, or as it is printed; without both it may be a NIK cut short."""

_TAX_ID_LENGTH = 15
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_PLACE_OF_LETTER = 2
"""Old cards were seen with their letter in the third place."""


class IdentifierKind(StrEnum):
    NIK = "nik"
    KPJ = "kpj"


class InvalidReason(StrEnum):
    EMPTY = "empty"
    TOO_LONG = "too_long"
    HEALTH_CARD = "health_card"
    PHONE = "phone"
    TAX_ID = "tax_id"
    LETTER_O = "letter_o"
    LETTER_I = "letter_i"
    STRANGE_CHARACTER = "strange_character"
    TWO_NUMBERS = "two_numbers"
    CLAIM_NUMBER = "claim_number"
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


_REASONS_BY_LENGTH = {
    10: InvalidReason.KPJ_ONE_SHORT,
    12: InvalidReason.KPJ_ONE_LONG,
    13: InvalidReason.HEALTH_CARD,
    15: InvalidReason.NIK_ONE_SHORT,
    17: InvalidReason.NIK_ONE_LONG,
    22: InvalidReason.TWO_NUMBERS,
    27: InvalidReason.TWO_NUMBERS,
    32: InvalidReason.TWO_NUMBERS,
}


@dataclass(frozen=True, slots=True)
class Invalid:
    """Why a text is no number of ours; `length` is how many characters were left to judge."""

    name = "invalid"
    reason: InvalidReason
    length: int


@dataclass(frozen=True, slots=True)
class _Number:
    """A whole number: `number` is how the core is asked for it, `masked` how it is shown."""

    canonical: str = field(repr=False)
    number: str = field(init=False, repr=False, compare=False)
    masked: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ends = self.canonical[-2:]
        object.__setattr__(self, "number", self.canonical)
        object.__setattr__(self, "masked", "•" * (len(self.canonical) - 2) + ends)


class Nik(_Number):
    """A NIK, or a NIT, which stands for one abroad."""

    __slots__ = ()
    kind = IdentifierKind.NIK

    @property
    def is_nit(self) -> bool:
        return self.canonical.startswith(ABROAD)


class Kpj(_Number):
    """The number of a card."""

    __slots__ = ()
    kind = IdentifierKind.KPJ


@dataclass(frozen=True, slots=True)
class OneCard:
    """A NIK together with the end of one of the person's cards: opens that card's claims alone.

    For a siege (SECOND_FACTOR=kpj_suffix). A wrong end and an unknown number are one and the same
    answer, and the guard counts each end that is tried as a number of its own.
    """

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


Identifier = Nik | Kpj | OneCard


def parse_identifier(text: str) -> Nik | Kpj | Invalid:
    """Read a typed or pasted number; never raises, and takes no longer than the text is long.

    Around the number and between its digits may stand what people paste with it: spaces, dots
    and dashes, quotes, brackets, marks of chats, emoji, marks that nobody sees, words, a date.
    It is read where exactly one run of a possible form stands; leading zeros are kept,
    full-width and foreign digits are digits, letters are folded to upper case.
    """
    plain = folded(text) if len(text) <= MAX_TEXT_LENGTH else text
    # One character may unfold into eighteen.
    if len(plain) > MAX_TEXT_LENGTH:
        return Invalid(InvalidReason.TOO_LONG, len(text))
    if _BARE.fullmatch(bare := plain.strip()):
        return _of_form(bare)
    contents = contents_of(plain, _is_number)
    match contents.numbers:
        case (number,):
            return _of_form(number)
        case ():
            length = len(contents.nearest)
            is_tax_id = length == _TAX_ID_LENGTH and _TAX_ID.search(plain)
            reason = InvalidReason.TAX_ID if is_tax_id else _why_none(contents)
            return Invalid(reason, length)
        case several:
            return Invalid(InvalidReason.TWO_NUMBERS, sum(map(len, several)))


def folded(text: str) -> str:
    """Return a text in compatibility form with ASCII digits and capitals, without its marks.

    What a copied page wrote in its source, such as `&nbsp;`, is what it stands for.
    """
    if "&" in text:
        text = unescape(text)
    if text.isascii():
        return text.upper()
    # Marks go first: bringing many of them into order is what makes NFKC slow.
    plain = _without_marks(unicodedata.normalize("NFKC", _without_marks(text)))
    digits = (str(unicodedata.decimal(each)) if each.isdecimal() else each for each in plain)
    return "".join(digits).translate(_CAPITALS)


def _without_marks(text: str) -> str:
    seen = _UNSEEN.sub("", text)
    return "".join(each for each in seen if unicodedata.category(each) not in ("Mn", "Me"))


def _is_number(text: str) -> bool:
    return not isinstance(_of_form(text), Invalid)


def _of_form(text: str) -> Nik | Kpj | Invalid:
    """Judge a text that has the length of a number, in ASCII digits and capitals."""
    if text.isalpha():
        # A name may have the length of a KPJ; cards have at most a letter.
        reason: InvalidReason | None = InvalidReason.STRANGE_CHARACTER
    elif len(text) == KPJ_LENGTH:
        # Where old cards carry a letter, an O may be one; anywhere else it is a zero.
        is_mistyped = "O" in text[:_PLACE_OF_LETTER] + text[_PLACE_OF_LETTER + 1 :]
        reason = InvalidReason.LETTER_O if is_mistyped else None
    else:
        reason = _what_is_wrong(text) if text.isdecimal() else _letters_in(text)
    if reason:
        return Invalid(reason, len(text))
    return Kpj(text) if len(text) == KPJ_LENGTH else Nik(text)


def _why_none(contents: Contents) -> InvalidReason:
    nearest, length = contents.nearest, len(contents.nearest)
    if contents.is_spoiled:
        return InvalidReason.STRANGE_CHARACTER
    if contents.is_reference:
        return InvalidReason.CLAIM_NUMBER
    if not nearest:
        return InvalidReason.STRANGE_CHARACTER if contents.has_words else InvalidReason.EMPTY
    # An 11-digit mobile number has the length of a KPJ; only with a plus is it told apart.
    if _PHONE.fullmatch(nearest) and (contents.has_plus or length != KPJ_LENGTH):
        return InvalidReason.PHONE
    if not nearest.isdecimal():
        return _letters_in(nearest)
    return _REASONS_BY_LENGTH.get(length, InvalidReason.LENGTH)


def _letters_in(text: str) -> InvalidReason:
    if not text.translate(_LOOKALIKES).isdecimal():
        return InvalidReason.STRANGE_CHARACTER
    return InvalidReason.LETTER_O if "O" in text else InvalidReason.LETTER_I


def _what_is_wrong(nik: str) -> InvalidReason | None:
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    if nik[:2] not in PROVINCES and nik[:2] != ABROAD:
        return InvalidReason.NIK_PROVINCE
    if not (1 <= day <= 31 or 41 <= day <= 71):
        return InvalidReason.NIK_DAY
    if not 1 <= month <= 12:
        return InvalidReason.NIK_MONTH
    # The century is not said.
    if day % 40 > max(monthrange(century + year, month)[1] for century in (1900, 2000)):
        return InvalidReason.NIK_DATE
    if nik[12:] == "0000":
        return InvalidReason.NIK_SERIAL
    return None


CARD_END = 2
"""Characters of the card number; what the contract calls `kpj_suffix`."""


def with_card(read: Nik | Kpj, card: str) -> Identifier | Invalid:
    """Return a NIK together with the end of a card, of which the whole may be typed.

    A KPJ needs no card, and is returned as it is.
    """
    if not isinstance(read, Nik):
        return read
    typed = re.sub(r"[\W_]", "", folded(card[:MAX_TEXT_LENGTH]))
    if not re.fullmatch(r"[0-9A-Z]{2,11}", typed):
        return Invalid(InvalidReason.CARD_END, len(typed))
    # As in the whole number: an O there is a zero.
    return OneCard(read, typed[-CARD_END:].replace("O", "0"))


def parse_canonical(canonical: str) -> Identifier | Invalid:
    """Return the identifier of this canonical form, as a ticket carries it."""
    number, _, card_end = canonical.partition("/")
    read = parse_identifier(number)
    return OneCard(read, card_end) if card_end and isinstance(read, Nik) else read
