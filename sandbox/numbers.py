"""Made-up numbers that look right, counted off: number ↔ index.

A NIK is region (province, regency or city, district), birth date with 40 added to a woman's day,
and serial (UU 23/2006 as changed by UU 24/2013; PP 40/2019 art. 30-32). A NIT, which citizens
abroad hold in place of one, has 99, country and mission in place of the region. A KPJ has eleven
characters; old cards carry a letter.
Every index gives one well-formed number and back, so a population can be computed from them.
"""

import re
from datetime import date
from hashlib import blake2b

# Kepmendagri 300.2.2-2430/2025.
PROVINCE_CODES = (
    "11 12 13 14 15 16 17 18 19 21 31 32 33 34 35 36 51 52 53 61 62 63 64 65 "
    "71 72 73 74 75 76 81 82 91 92 93 94 95 96"
)
PROVINCES = tuple(PROVINCE_CODES.split())
REGENCIES = (*range(1, 30), *range(71, 80))
DISTRICTS = 51
SERIALS = 40
FIRST_BIRTHDAY = date(1956, 1, 1).toordinal()
BIRTHDAYS = date(2008, 12, 31).toordinal() - FIRST_BIRTHDAY + 1

NIK_SIZE = len(PROVINCES) * len(REGENCIES) * DISTRICTS * BIRTHDAYS * 2 * SERIALS

LETTERS = "ABCDEFGHJK"
DIGIT_CARDS = 10**11
LETTER_CARDS = 10**10
KPJ_SIZE = DIGIT_CARDS + LETTER_CARDS

_LETTER_CARD = re.compile(rf"9([0-9])([{LETTERS}])([0-9]{{8}})")


def nik_at(index: int) -> str:
    """The NIK with this index, 0 … NIK_SIZE-1."""
    index, serial = divmod(index, SERIALS)
    index, woman = divmod(index, 2)
    index, birthday = divmod(index, BIRTHDAYS)
    index, district = divmod(index, DISTRICTS)
    province, regency = divmod(index, len(REGENCIES))
    region = f"{PROVINCES[province]}{REGENCIES[regency]:02d}{district + 1:02d}"
    born = date.fromordinal(FIRST_BIRTHDAY + birthday)
    return compose_nik(region, born, woman=bool(woman), serial=serial + 1)


def index_of_nik(nik: str) -> int | None:
    """The index of a NIK, or None when it is not among those that are counted."""
    try:
        province = PROVINCES.index(nik[:2])
        regency = REGENCIES.index(int(nik[2:4]))
        woman, day = divmod(int(nik[6:8]), 40)
        year = int(nik[10:12])
        born = date(year + (1900 if year >= 56 else 2000), int(nik[8:10]), day)
    except ValueError:
        return None
    district, serial = int(nik[4:6]) - 1, int(nik[12:]) - 1
    birthday = born.toordinal() - FIRST_BIRTHDAY
    if not (
        woman < 2
        and 0 <= district < DISTRICTS
        and 0 <= birthday < BIRTHDAYS
        and 0 <= serial < SERIALS
    ):
        return None
    index = (province * len(REGENCIES) + regency) * DISTRICTS + district
    return ((index * BIRTHDAYS + birthday) * 2 + woman) * SERIALS + serial


def kpj_at(index: int) -> str:
    """The KPJ with this index, 0 … KPJ_SIZE-1. About one in eleven has a letter."""
    if index < DIGIT_CARDS:
        return f"{index:011d}"
    index, tail = divmod(index - DIGIT_CARDS, 10**8)
    second, letter = divmod(index, len(LETTERS))
    return f"9{second}{LETTERS[letter]}{tail:08d}"


def index_of_kpj(kpj: str) -> int | None:
    """The index of a KPJ, or None when it is not among those that are counted."""
    if kpj.isdigit():
        return int(kpj)
    match = _LETTER_CARD.fullmatch(kpj)
    if match is None:
        return None
    head = int(match[1]) * len(LETTERS) + LETTERS.index(match[2])
    return DIGIT_CARDS + head * 10**8 + int(match[3])


def compose_nik(region: str, born: date, *, woman: bool, serial: int) -> str:
    """A NIK from its parts; `region` is six digits."""
    day = born.day + (40 if woman else 0)
    return f"{region}{day:02d}{born.month:02d}{born.year % 100:02d}{serial:04d}"


def compose_nit(country: int, mission: int, born: date, *, woman: bool, serial: int) -> str:
    """A NIT from its parts: `country` has up to three digits, `mission` one."""
    return compose_nik(f"99{country:03d}{mission}", born, woman=woman, serial=serial)


def sample_nik(name: str, province: str | None = None) -> str:
    """A NIK for a sample, decided by the sample's name.

    Its serial is 9001 or more. Serials start at 0001 in each district and birth date, so
    nobody holds such a number.
    """
    draw = int.from_bytes(blake2b(f"nik/{name}".encode(), digest_size=8).digest(), "big")
    nik = nik_at(draw % NIK_SIZE)
    return f"{province or nik[:2]}{nik[2:12]}{9001 + draw % 999:04d}"


def sample_kpj(name: str) -> str:
    """A KPJ of digits for a sample, decided by the sample's name."""
    draw = int.from_bytes(blake2b(f"kpj/{name}".encode(), digest_size=8).digest(), "big")
    return f"{10**10 + draw % (9 * 10**10):011d}"
