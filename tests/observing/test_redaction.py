"""The last line of defence removes what looks like a number, in every spelling."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.observing.conftest import Samples
from tracking_site.observing.redaction import (
    CUT,
    MAX_TEXT_LENGTH,
    holds_number,
    redacted_end,
    redacted_line,
    redacted_text,
    shortened,
)


def spellings(number: str) -> list[str]:
    fullwidth = number.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})
    return [
        number,
        f"nomor={number}&x=1",
        f"{number[:6]} {number[6:12]} {number[12:]}".strip(),
        "-".join(number),
        "'" + number + "'",
        f"nik_{number}",
        fullwidth,
    ]


def test_no_spelling_of_a_number_stays_in_what_others_say(samples: Samples) -> None:
    for sample in samples.values():
        for number in (sample.nik, sample.kpj):
            for text in spellings(number) if number.isdecimal() else [number, f"card:{number}"]:
                told = redacted_text(f"could not parse {text} here")
                assert text not in told
                assert number[-6:] not in told
                assert told.startswith("could not parse ")
                assert told.endswith(" here")


def test_an_old_card_with_a_letter_is_a_number_too(samples: Samples) -> None:
    kpj = samples["kpj_with_letter"].kpj
    assert not kpj.isdecimal()
    assert kpj not in redacted_text(f"card {kpj}.")
    assert kpj.encode() not in redacted_line(b'{"event":"' + kpj.encode() + b'"}')


def test_lines_lose_their_numbers_and_nothing_else(samples: Samples) -> None:
    nik = next(iter(samples.values())).nik.encode()
    assert redacted_line(b'{"a":"' + nik + b'","b":1}') == b'{"a":"[redacted]","b":1}'
    line = b'{"event":"request","ms":12.34,"timestamp":"2026-11-22T16:37:02.123+00:00"}'
    assert redacted_line(line) == line


def test_tickets_and_queries_do_not_stay_either() -> None:
    ticket = "Ac_QElskUO4-GOSrvQ-6TeJRUlE2sydVfqhC9nbg_uSc4nTMqi59"
    assert ticket not in redacted_text(f"Exception on /klaim/{ticket} [GET]")
    assert "budi" not in redacted_text("GET /lacak?nama=budi&x HTTP/1.1")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:12:34:56::1", "2001:db8:12::/48"),
        ("2001:db8:12:34::", "2001:db8:12::/48"),
        ("::1", "::1"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_an_address_before_a_colon_is_shortened_too(address: str, network: str) -> None:
    told = redacted_text(f"Invalid request from ip={address}: too long")
    assert told == f"Invalid request from ip={network}: too long"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:12:34:56::1", "2001:db8:12::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        ("unknown", "unknown"),
        ("", "unknown"),
    ],
)
def test_an_address_is_told_as_the_network_around_it(address: str, network: str) -> None:
    assert shortened(address) == network


def test_addresses_in_the_text_of_libraries_are_shortened() -> None:
    told = redacted_text("Invalid request from ip=203.0.113.77: version; peer 2001:db8:1:2::9")
    assert told == "Invalid request from ip=203.0.113.0/24: version; peer 2001:db8:1::/48"
    assert redacted_text("at 10:20:30, 127.0.0.1:8000") == "at 10:20:30, 127.0.0.1:8000"


@pytest.mark.parametrize("end", [".", ".\n", ":", ": ", ",", ")", "]:443", "%eth0", "'"])
def test_what_follows_an_address_does_not_hide_it(end: str) -> None:
    for address, network in (
        ("2001:db8:1:2::9", "2001:db8:1::/48"),
        ("203.0.113.77", "203.0.113.0"),
    ):
        told = redacted_text(f"peer {address}{end}")
        assert address not in told
        assert f"peer {network}" in told


def test_of_a_long_text_the_beginning_is_read_and_of_a_trace_the_end() -> None:
    text = "begin " + "word " * 20_000 + "end"
    for told in (redacted_text(text), redacted_end(text)):
        assert MAX_TEXT_LENGTH - 10 <= len(told) <= MAX_TEXT_LENGTH + len(CUT)
    assert redacted_text(text).startswith("begin word")
    assert redacted_end(text).endswith("word end")
    assert len(redacted_text(":" * 100_000)) <= MAX_TEXT_LENGTH
    assert len(redacted_end("1 " * 100_000)) <= MAX_TEXT_LENGTH


def test_nothing_is_known_of_what_was_cut_in_two(samples: Samples) -> None:
    nik = samples["paid_today"].nik
    spaced = f"{nik[:4]} {nik[4:8]} {nik[8:12]} {nik[12:]}"
    for private in (nik, spaced, "2001:db8:12:34:56::1", "203.0.113.77", "?nama=budi&x=1"):
        pieces = (private[-5:], nik[:6], nik[6:12])
        for place in range(MAX_TEXT_LENGTH - len(private) - 2, MAX_TEXT_LENGTH + 3):
            head = ("word " * MAX_TEXT_LENGTH)[: place - 1] + " "
            told = redacted_text(head + private + " and more" * 2_000)
            assert [piece for piece in pieces if piece in told] == []
            tail = " " + ("word " * MAX_TEXT_LENGTH)[: place - 1]
            told = redacted_end("and more " * 2_000 + private + tail)
            assert [piece for piece in pieces if piece in told] == []


def test_ordinary_words_figures_and_paths_stay() -> None:
    for text in (
        "Booting worker with pid: 12345",
        'File "/srv/site/tracking_site/observing/metrics.py", line 120, in __call__',
        "2026-11-22 16:37",
        "unavailable, unimplemented, internationalisation",
    ):
        assert redacted_text(text) == text
        assert not holds_number(text)


@given(st.lists(st.sampled_from([b"1", b"20", b"345678", b"a", b"Z", b"-", b'"', b"\xc3\xa9"])))
def test_no_line_escapes_that_the_pattern_would_find(parts: list[bytes]) -> None:
    line = b"".join(parts)
    assert redacted_line(line) == re.sub(rb"[0-9]{2}[0-9A-Za-z][0-9]{8,}", b"[redacted]", line)
