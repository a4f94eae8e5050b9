"""Numbers in text that people paste: one is read, two are refused, and no text costs much."""

import sys
from collections.abc import Callable
from datetime import date
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.test_identifiers import KPJ, NIK, niks, reason_of
from tracking_site.domain.identifiers import (
    MAX_TEXT_LENGTH,
    Invalid,
    InvalidReason,
    Kpj,
    Nik,
    folded,
    parse_identifier,
)
from tracking_site.domain.pasted import contents_of

IGNORABLE = (
    "00AD 034F 061C 115F-1160 17B4-17B5 180B-180F 200B-200F 202A-202E 2060-206F 3164 FE00-FE0F "
    "FEFF FFA0 FFF0-FFF8 1BCA0-1BCA3 1D173-1D17A E0000-E0FFF"
)
"""Default_Ignorable_Code_Point of Unicode 14, as Perl's \\p{DI} has it."""

FRAMES = (
    "*{n}*",
    "~{n}~",
    "_{n}_",
    "[{n}]",
    "<{n}>",
    "> {n}",
    "`{n}`",
    "👉 {n}",
    "✅{n}✅",
    "🙏🏽 {n} 🙏🏽",
    "{n} (NIK)",
    "{n} (KPJ)",
    "NIK/KTP: {n}",
    "NIK saya adalah {n}",
    "Nomor KPJ saya adalah {n}.",
    "No. Kartu BPJS TK: {n}",
    "No KTP={n}",
    "1. {n}",
    "1) {n}",
    "a. {n}",
    "- {n}",
    "• {n}",
    "{n}\ufe0f",
    "{n} ya kak, terima kasih",
    "Halo min, tolong cek {n} sudah sampai mana",
    "[12/11/2026 09.15] Budi: {n}",
    "NIK {n}, lahir 5 Januari 1990",
    "{n} tgl 12-11-2026",
    "{n}\n{n_is_all}",
    "id{n}",
)


def framed(frame: str, number: str) -> str:
    return frame.format(n=number, n_is_all="terima kasih")


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("kind", [Nik, Kpj])
@pytest.mark.parametrize("mark", ["", " ", ".", "-"], ids=["bare", "spaces", "dots", "dashes"])
def test_what_people_put_around_a_number_is_left_out(
    frame: str, kind: type[Nik | Kpj], mark: str
) -> None:
    number = NIK if kind is Nik else KPJ
    fours = [number[begin : begin + 4] for begin in range(0, len(number), 4)]
    assert parse_identifier(framed(frame, mark.join(fours))) == kind(number)


@pytest.mark.parametrize("frame", FRAMES)
def test_an_old_card_is_read_in_every_frame_too(frame: str) -> None:
    assert parse_identifier(framed(frame, "97J20418834")) == Kpj("97J20418834")


@pytest.mark.parametrize("written", ["97 J 2041 8834", "9 7 J 2 0 4 1 8 8 3 4", "KPJ97J20418834"])
def test_the_letter_of_an_old_card_may_stand_alone(written: str) -> None:
    assert parse_identifier(written) == Kpj("97J20418834")


@given(niks(), st.sampled_from(FRAMES), st.data())
def test_every_frame_and_mark_that_nobody_sees_leaves_the_number(
    nik: str, frame: str, data: st.DataObject
) -> None:
    unseen = st.sampled_from(["", "\u200b", "\ufe0f", "\u00ad", "\u2060", "\U000e0041", "\u034f"])
    text = "".join(character + data.draw(unseen) for character in framed(frame, nik))
    assert parse_identifier(text) == Nik(nik)


def test_no_code_point_that_nobody_sees_is_a_mistake() -> None:
    for span in IGNORABLE.split():
        first, _, last = span.partition("-")
        for point in {int(first, 16), int(last or first, 16)}:
            text = f"{chr(point)}{NIK[:7]}{chr(point)}{NIK[7:]}{chr(point)}"
            assert parse_identifier(text) == Nik(NIK), hex(point)


def test_digits_in_boxes_and_struck_through_are_digits() -> None:
    assert parse_identifier("".join(f"{digit}\ufe0f\u20e3" for digit in NIK)) == Nik(NIK)
    assert parse_identifier("".join(f"{digit}\u0336" for digit in KPJ)) == Kpj(KPJ)


@pytest.mark.parametrize(
    "text",
    [
        f"{NIK} {KPJ}",
        f"NIK {NIK}, KPJ {KPJ}",
        f"1. {NIK}\n2. {KPJ}",
        f"NIK: {NIK[:4]} {NIK[4:8]} {NIK[8:12]} {NIK[12:]} KPJ: {KPJ[:4]} {KPJ[4:8]} {KPJ[8:]}",
        f"{KPJ} atau 21049873146",
        f"{NIK}|{KPJ}",
        f"{NIK}/{NIK}",
        f"{NIK}{KPJ}",
        f"HP 08123456789 / {KPJ}",
    ],
)
def test_two_numbers_in_one_text_are_one_clear_mistake(text: str) -> None:
    assert reason_of(text) is InvalidReason.TWO_NUMBERS


@given(niks(), niks(), st.sampled_from([" ", "\n", ", ", " dan ", " / ", "; NIK istri: ", "|", ""]))
def test_two_numbers_are_never_one_of_them(one: str, two: str, between: str) -> None:
    assert isinstance(parse_identifier(one + between + two), Invalid)


@pytest.mark.parametrize(
    "text",
    [
        "JHT-2611-190248",
        "jht 2611 190248",
        "JHT2611190248",
        "jp/2603/004821",
        "Klaim JHT-2611-190248",
        "No. klaim: JKK/2603/004821.",
        "*AN-2611-004821*",
        "2611-190248",
        *(f"JHT{dash}2611{dash}190248" for dash in "\u2010\u2011\u2013\u2014\u2212\uff0d"),
        "2611\u2013190248",
    ],
)
def test_the_number_of_a_claim_is_called_by_its_name(text: str) -> None:
    assert reason_of(text) is InvalidReason.CLAIM_NUMBER


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (f"Klaim JHT-2611-190248, KPJ {KPJ}", Kpj(KPJ)),
        (f"JHT {KPJ}", Kpj(KPJ)),
        (f"klaim JHT dengan NIK {NIK}", Nik(NIK)),
    ],
)
def test_a_claim_named_beside_a_number_is_no_obstacle(text: str, number: Nik | Kpj) -> None:
    assert parse_identifier(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "2104987314O",
        "O1049873145",
        "2104 9873 14O",
        "KPJ 21O4987314O",
        "21049873l4o",
        "97J2041883O",
    ],
)
def test_a_letter_o_in_place_of_a_zero_is_named(text: str) -> None:
    assert reason_of(text) is InvalidReason.LETTER_O


def test_where_old_cards_have_their_letter_an_o_is_looked_up_as_it_stands() -> None:
    assert parse_identifier("97O20418834") == Kpj("97O20418834")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NIK 317405450190000 (lahir 05-01-1990)", InvalidReason.NIK_ONE_SHORT),
        ("1. 317405450190000", InvalidReason.NIK_ONE_SHORT),
        ("KPJ saya 2104987314", InvalidReason.KPJ_ONE_SHORT),
        ("HP saya 081234567890", InvalidReason.PHONE),
        ("WA +62 812-3456-78", InvalidReason.PHONE),
        ("nomor saya belum ada", InvalidReason.STRANGE_CHARACTER),
        ("No. KTP saya:", InvalidReason.EMPTY),
        ("👍", InvalidReason.EMPTY),
        (f"{NIK[:4]}\x00{NIK[4:]}", InvalidReason.STRANGE_CHARACTER),
        (f"{NIK[:5]}\ufffd{NIK[5:]}", InvalidReason.STRANGE_CHARACTER),
        ("NIK 3174053201900005 ya", InvalidReason.NIK_DAY),
        ("tolong cek ya", InvalidReason.STRANGE_CHARACTER),
    ],
)
def test_a_text_without_a_number_has_the_reason_of_what_comes_nearest(
    text: str, reason: InvalidReason
) -> None:
    assert reason_of(text) is reason


def test_what_was_read_is_read_again_as_itself() -> None:
    for frame in FRAMES:
        read = parse_identifier(framed(frame, NIK))
        assert isinstance(read, Nik)
        assert parse_identifier(read.canonical) == read


def test_a_long_message_is_read_and_a_book_is_not() -> None:
    message = f"{'Selamat pagi, mohon bantuannya. ' * 20}NIK {NIK}"
    assert 500 < len(message) < MAX_TEXT_LENGTH
    assert parse_identifier(message) == Nik(NIK)
    assert reason_of("Selamat pagi. " * 9_000 + NIK) is InvalidReason.TOO_LONG
    assert reason_of("\ufdfa" * 900) is InvalidReason.TOO_LONG


HOSTILE: dict[str, Callable[[int], str]] = {
    "digits": lambda size: "9" * size,
    "zeros and letters": lambda size: "0O" * (size // 2),
    "letters": lambda size: "O" * size,
    "groups": lambda size: "1234 " * (size // 5),
    "lists": lambda size: "1. " * (size // 3),
    "lines": lambda size: "12345678901\n" * (size // 12),
    "single letters": lambda size: "1 a " * (size // 4),
    "brackets": lambda size: "(" * size,
    "spaces": lambda size: " " * size,
    "references": lambda size: "JHT-26" * (size // 6),
    "marks": lambda size: "\u0301\u0323" * (size // 2),
    "ligatures": lambda size: "\ufdfa" * size,
    "unseen": lambda size: "\ufe0f" * size,
    "foreign digits": lambda size: "٣" * size,
    "emoji": lambda size: "1\ufe0f\u20e3" * (size // 3),
    "lost": lambda size: "1\ufffd" * (size // 2),
    "words": lambda size: "nik kpj ktp " * (size // 12),
}


def _steps(text: str) -> int:
    """Count the lines of our own code that reading a text runs through, generators included."""
    count = 0

    def tracer(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if "domain" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        contents_of(folded(text), lambda number: False)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_work_grows_with_the_length_of_a_text_and_no_faster(text: Callable[[int], str]) -> None:
    small, large = _steps(text(2_000)), _steps(text(8_000))
    assert large <= 4.4 * small + 200


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hundred_kilobytes_are_refused_before_they_are_read(text: Callable[[int], str]) -> None:
    assert reason_of(text(100_000)) is InvalidReason.TOO_LONG


@given(st.text(max_size=120), niks(), st.text(max_size=120))
def test_a_number_among_any_text_is_read_as_itself_or_refused(
    before: str, nik: str, after: str
) -> None:
    read = parse_identifier(f"{before} {nik} {after}")
    assert not isinstance(read, Nik) or read == Nik(nik)


@given(st.dates(date(1950, 1, 1), date(2026, 12, 31)))
def test_a_date_beside_a_number_changes_nothing(day: date) -> None:
    for written in (f"{day:%d-%m-%Y}", f"{day:%d/%m/%y}", f"{day:%d.%m.%Y}", f"{day:%Y}"):
        assert parse_identifier(f"{NIK} ({written})") == Nik(NIK)
        assert parse_identifier(f"KPJ {KPJ} {written}") == Kpj(KPJ)
