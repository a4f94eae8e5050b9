"""Made-up numbers are well formed, and can be counted back."""

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sandbox.numbers import (
    KPJ_SIZE,
    NIK_SIZE,
    compose_nik,
    compose_nit,
    index_of_kpj,
    index_of_nik,
    kpj_at,
    nik_at,
    sample_kpj,
    sample_nik,
)

# Kepmendagri 300.2.2-2430/2025, written down a second time on purpose.
PROVINCES = {
    *range(11, 20), 21, *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82,
    *range(91, 97),
}  # fmt: skip


ABROAD = 99
"""How a NIT begins (PP 40/2019 art. 32(2))."""


def is_plausible_nik(nik: str) -> bool:
    if not re.fullmatch(r"[0-9]{16}", nik) or int(nik[:2]) not in {*PROVINCES, ABROAD}:
        return False
    day, month, year = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    day -= 40 if day > 40 else 0
    centuries = [century for century in (1900, 2000) if is_date(century + year, month, day)]
    return bool(centuries) and nik[12:] != "0000"


def is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


@given(st.integers(0, NIK_SIZE - 1))
def test_every_index_gives_a_plausible_nik_and_back(index: int) -> None:
    nik = nik_at(index)
    assert is_plausible_nik(nik)
    assert index_of_nik(nik) == index


@given(st.integers(0, KPJ_SIZE - 1))
def test_every_index_gives_a_kpj_and_back(index: int) -> None:
    kpj = kpj_at(index)
    assert re.fullmatch(r"[0-9]{11}|9[0-9][A-K][0-9]{8}", kpj)
    assert index_of_kpj(kpj) == index


@given(st.from_regex(r"[0-9]{16}", fullmatch=True))
def test_any_sixteen_digits_have_an_index_of_their_own_or_none(digits: str) -> None:
    index = index_of_nik(digits)
    assert index is None or nik_at(index) == digits


@given(st.from_regex(r"[0-9A-Z]{11}", fullmatch=True))
def test_any_eleven_characters_have_an_index_of_their_own_or_none(characters: str) -> None:
    index = index_of_kpj(characters)
    assert index is None or kpj_at(index) == characters


def test_a_womans_day_has_forty_added() -> None:
    born = date(2000, 2, 29)
    assert compose_nik("351512", born, woman=True, serial=7) == "3515126902000007"
    assert compose_nik("351512", born, woman=False, serial=7) == "3515122902000007"


@given(st.integers(0, 999), st.integers(0, 9), st.dates(date(1920, 1, 1), date(2026, 12, 31)))
def test_a_nit_begins_with_99_country_and_mission(country: int, mission: int, born: date) -> None:
    nit = compose_nit(country, mission, born, woman=True, serial=9001)
    assert is_plausible_nik(nit)
    assert nit.startswith(f"99{country:03d}{mission}")
    assert index_of_nik(nit) is None


@given(st.text(max_size=20))
def test_a_samples_numbers_follow_from_its_name_and_belong_to_nobody(name: str) -> None:
    nik = sample_nik(name)
    assert nik == sample_nik(name)
    assert is_plausible_nik(nik)
    assert nik[12:] > "9000"
    assert re.fullmatch(r"[1-9][0-9]{10}", sample_kpj(name))
