"""Reading typed numbers: what is tolerated, what is refused, and with which reason."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.numbers import compose_nit
from tracking_site.domain.identifiers import (
    ABROAD,
    MAX_TEXT_LENGTH,
    PROVINCES,
    Invalid,
    InvalidReason,
    Kpj,
    Nik,
    parse_identifier,
    with_card,
)

NIK = "3174054501900005"
KPJ = "21049873145"
SEPARATORS = [" ", ".", "-", "\u00a0", "\u2009", "–", "\u200b", "\t", "/"]


@st.composite
def niks(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1920, 1, 1), date(2026, 12, 31)))
    day = born.day + draw(st.sampled_from([0, 40]))
    region = draw(st.sampled_from(sorted(PROVINCES))) + draw(
        st.from_regex(r"[0-9]{4}", fullmatch=True)
    )
    serial = draw(st.integers(1, 9999))
    return f"{region}{day:02}{born:%m%y}{serial:04}"


def reason_of(text: str) -> InvalidReason | None:
    read = parse_identifier(text)
    return read.reason if isinstance(read, Invalid) else None


@given(niks())
def test_every_nik_of_a_real_birth_date_is_read_as_itself(nik: str) -> None:
    read = parse_identifier(nik)
    assert isinstance(read, Nik)
    assert read.canonical == nik


@given(
    st.from_regex(r"[0-9A-NP-Z]{2}[0-9A-Z][0-9A-NP-Z]{8}", fullmatch=True).filter(
        lambda kpj: not kpj.isalpha()
    )
)
def test_every_card_number_of_eleven_characters_is_read_as_itself(kpj: str) -> None:
    read = parse_identifier(kpj)
    assert isinstance(read, Kpj)
    assert read.canonical == kpj


@given(st.from_regex(r"[0-9]{11}", fullmatch=True), st.sampled_from([0, 1, *range(3, 11)]))
def test_an_o_where_no_card_has_a_letter_is_a_zero(kpj: str, place: int) -> None:
    assert reason_of(f"{kpj[:place]}O{kpj[place + 1 :]}") is InvalidReason.LETTER_O


@given(niks(), st.data())
def test_separators_anywhere_change_nothing(nik: str, data: st.DataObject) -> None:
    pieces = [digit + data.draw(st.sampled_from(["", *SEPARATORS])) for digit in nik]
    read = parse_identifier(data.draw(st.sampled_from(SEPARATORS)) + "".join(pieces))
    assert isinstance(read, Nik)
    assert read.canonical == nik


@given(st.text(max_size=300))
def test_no_text_raises(text: str) -> None:
    parse_identifier(text)


@given(niks() | st.from_regex(r"[0-9]{11}", fullmatch=True), st.randoms(use_true_random=False))
def test_a_number_in_digits_of_any_width_is_canonical(number: str, chance: Random) -> None:
    wide = {ord(digit): chr(ord(digit) + 0xFEE0) for digit in "0123456789"}
    typed = "".join(chance.choice([each, each.translate(wide)]) for each in number)
    read = parse_identifier(typed)
    assert isinstance(read, Nik | Kpj)
    assert read.canonical == number


@given(niks())
def test_the_mask_shows_at_most_the_last_two_and_repr_nothing(nik: str) -> None:
    read = parse_identifier(nik)
    assert isinstance(read, Nik)
    assert read.masked == "•" * 14 + nik[-2:]
    assert nik[:14] not in repr(read)


@pytest.mark.parametrize("province", ["65", "92", "93", "95", "96"])
def test_provinces_that_older_lists_miss_are_accepted(province: str) -> None:
    assert reason_of(province + NIK[2:]) is None


@pytest.mark.parametrize("province", ["00", "10", "20", "22", "37", "66", "77", "94"])
def test_only_the_provinces_in_force_are_accepted(province: str) -> None:
    expected = None if province == "94" else InvalidReason.NIK_PROVINCE
    assert reason_of(province + NIK[2:]) is expected


@given(st.from_regex(r"[0-9]{4}", fullmatch=True))
def test_a_nit_of_any_country_and_mission_is_as_good_as_a_nik(mission: str) -> None:
    nit = ABROAD + mission + NIK[6:]
    assert parse_identifier(nit) == Nik(nit)
    assert Nik(nit).is_nit
    assert not Nik(NIK).is_nit


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("9901210132900005", None),
        ("9901213213900005", InvalidReason.NIK_DAY),
        ("9901214513900005", InvalidReason.NIK_MONTH),
        ("9901214501900000", InvalidReason.NIK_SERIAL),
    ],
)
def test_birth_date_and_serial_of_a_nit_are_held_to_the_same_rules(
    number: str, reason: InvalidReason | None
) -> None:
    expected = InvalidReason.NIK_MONTH if reason is None else reason
    assert reason_of(number) is expected


@given(
    st.integers(0, 999), st.integers(0, 9), st.dates(date(1920, 1, 1), date(2026, 12, 31)),
    st.booleans(), st.integers(1, 9999),
)  # fmt: skip
def test_what_the_sandbox_makes_of_a_nit_is_read_as_one(
    country: int, mission: int, born: date, woman: bool, serial: int
) -> None:
    nit = compose_nit(country, mission, born, woman=woman, serial=serial)
    assert parse_identifier(nit) == Nik(nit)


@pytest.mark.parametrize("day", ["01", "31", "41", "71"])
def test_days_of_men_and_women_are_accepted(day: str) -> None:
    assert reason_of(NIK[:6] + day + NIK[8:]) is None


@pytest.mark.parametrize("day", ["00", "32", "40", "72", "81", "99"])
def test_days_that_nobody_is_born_on_are_refused(day: str) -> None:
    assert reason_of(NIK[:6] + day + NIK[8:]) is InvalidReason.NIK_DAY


@pytest.mark.parametrize(
    ("born", "reason"),
    [
        ("290200", None),
        ("690204", None),
        ("290201", InvalidReason.NIK_DATE),
        ("310490", InvalidReason.NIK_DATE),
        ("711190", InvalidReason.NIK_DATE),
        ("010090", InvalidReason.NIK_MONTH),
        ("011390", InvalidReason.NIK_MONTH),
    ],
)
def test_the_date_must_exist_in_some_century(born: str, reason: InvalidReason | None) -> None:
    assert reason_of(NIK[:6] + born + NIK[12:]) is reason


def test_serial_zero_is_never_issued() -> None:
    assert reason_of(NIK[:12] + "0000") is InvalidReason.NIK_SERIAL


@pytest.mark.parametrize(
    "text",
    [
        f"NIK: {NIK}",
        f"nik {NIK}",
        f"No. KTP = {NIK}",
        f"NIK saya {NIK}",
        f"Nomor e-KTP: {NIK[:4]} {NIK[4:]}",
        "".join(chr(ord("０") + int(digit)) for digit in NIK),
        "".join(chr(ord("٠") + int(digit)) for digit in NIK),
        f"\ufeff{NIK}\n",
        f"\u202a{NIK}\u202c",
        f"\u2068NIK: {NIK[:6]}\u00ad{NIK[6:]}\u2069",
        f"({NIK})",
        f"“NIK {NIK}”,",
    ],
)
def test_pasted_labels_and_foreign_digits_are_tolerated(text: str) -> None:
    assert parse_identifier(text) == Nik(NIK)


@pytest.mark.parametrize(
    "text", ["abcdefghijk", "BUDISANTOSO", "budisantosowijay", " Wonosobokuu "]
)
def test_letters_alone_are_no_number_whatever_their_length(text: str) -> None:
    read = parse_identifier(text)
    assert isinstance(read, Invalid)
    assert read.reason is InvalidReason.STRANGE_CHARACTER


def test_a_nik_beside_a_tax_number_is_read() -> None:
    assert parse_identifier(f"NPWP 01.234.567.8-901.000, NIK {NIK}") == Nik(NIK)
    assert parse_identifier(f"NPWP {NIK}") == Nik(NIK)


@pytest.mark.parametrize("gap", ["&nbsp;", "&#160;", "&ndash;", "&nbsp"])
def test_what_a_copied_source_wrote_between_digits_is_read_as_what_it_stands_for(gap: str) -> None:
    assert parse_identifier(f"{NIK[:6]}{gap}{NIK[6:]}") == Nik(NIK)
    # One that stands for nothing is what it was.
    assert parse_identifier(f"KPJ & NIK: {NIK}") == Nik(NIK)


def test_an_o_in_the_end_of_a_card_is_a_zero() -> None:
    assert with_card(Nik(NIK), "1O") == with_card(Nik(NIK), "10") != with_card(Nik(NIK), "1A")


def test_card_numbers_keep_their_leading_zeros_and_fold_letters() -> None:
    assert parse_identifier("kpj: 0000 1234 5a7") == Kpj("000012345A7")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", InvalidReason.EMPTY),
        (" . - ", InvalidReason.EMPTY),
        ("NIK:", InvalidReason.EMPTY),
        ("0001234567890", InvalidReason.HEALTH_CARD),
        ("081234567890", InvalidReason.PHONE),
        ("+62 812-3456-7890", InvalidReason.PHONE),
        ("6281234567890", InvalidReason.PHONE),
        ("01.234.567.8-901.000", InvalidReason.TAX_ID),
        ("npwp 012345678901000", InvalidReason.TAX_ID),
        ("NPWP saya: 01 234 567 8 901 000", InvalidReason.TAX_ID),
        ("npwp", InvalidReason.STRANGE_CHARACTER),
        ("NPWP 12345", InvalidReason.LENGTH),
        (NIK[:15], InvalidReason.NIK_ONE_SHORT),
        ("3174.0545.0190.000", InvalidReason.NIK_ONE_SHORT),
        (NIK + "1", InvalidReason.NIK_ONE_LONG),
        ("1234567890", InvalidReason.KPJ_ONE_SHORT),
        ("123456789012", InvalidReason.KPJ_ONE_LONG),
        ("12345", InvalidReason.LENGTH),
        (NIK[:12] + "O005", InvalidReason.LETTER_O),
        ("3I74054501900005", InvalidReason.LETTER_I),
        ("3174O5450190000", InvalidReason.LETTER_O),
        ("317405450190X005", InvalidReason.STRANGE_CHARACTER),
        ("3174\x0005450190000", InvalidReason.STRANGE_CHARACTER),
        ("3174\ufffd5450190000", InvalidReason.STRANGE_CHARACTER),
        (f"{NIK} {NIK}", InvalidReason.TWO_NUMBERS),
        ("9" * (MAX_TEXT_LENGTH + 1), InvalidReason.TOO_LONG),
    ],
)
def test_each_mistake_has_its_own_reason(text: str, reason: InvalidReason) -> None:
    assert reason_of(text) is reason
