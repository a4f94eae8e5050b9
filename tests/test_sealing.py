"""Sealed numbers: they open for one purpose, for a while, and otherwise never."""

from base64 import urlsafe_b64encode
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clock import Clock
from tracking_site.sealing import Expired, NotSealed, Purpose, Sealer

OLD, NEW = b"an old key of the tests, long enough", b"a new key of the tests, long enough"
NUMBER = "00001234567"


def sealer(*keys: bytes, clock: Clock | None = None) -> Sealer:
    return Sealer(keys or (NEW,), Purpose.TICKET, 1800, clock or Clock())


@given(st.from_regex(r"[0-9A-Z]{11}|[0-9]{16}", fullmatch=True))
def test_what_was_sealed_opens_and_shows_nothing(number: str) -> None:
    sealed = sealer().seal(number)
    assert sealer().open(sealed).text == number
    assert number not in sealed


def test_every_ticket_is_new_and_all_have_one_length() -> None:
    tickets = [sealer().seal(number) for number in (NUMBER, NUMBER, "0" * 16)]
    assert len(set(tickets)) == 3
    assert len({len(ticket) for ticket in tickets}) == 1


def test_a_ticket_ends_with_its_time() -> None:
    clock = Clock()
    box = sealer(clock=clock)
    sealed = box.seal(NUMBER)
    clock.now += 1799
    assert box.open(sealed).text == NUMBER
    clock.now += 1
    with pytest.raises(Expired):
        box.open(sealed)


def test_keys_rotate_without_losing_tickets_and_old_keys_can_be_dropped() -> None:
    sealed = sealer(OLD).seal(NUMBER)
    assert sealer(NEW, OLD).open(sealed).text == NUMBER
    with pytest.raises(NotSealed):
        sealer(NEW).open(sealed)


def test_purposes_do_not_open_each_other() -> None:
    for one, other in permutations(Purpose, 2):
        sealed = Sealer([NEW], one, 1800, Clock()).seal(NUMBER)
        with pytest.raises(NotSealed):
            Sealer([NEW], other, 1800, Clock()).open(sealed)


@given(st.integers(0, 65), st.integers(1, 63))
def test_a_changed_character_never_opens(place: int, shift: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    sealed = sealer().seal(NUMBER)
    place %= len(sealed)
    other = alphabet[(alphabet.index(sealed[place]) + shift) % 64]
    with pytest.raises(NotSealed):
        sealer().open(sealed[:place] + other + sealed[place + 1 :])


@given(st.text(max_size=300))
def test_any_other_text_is_not_sealed(text: str) -> None:
    with pytest.raises(NotSealed):
        sealer().open(text)


def test_what_is_too_short_for_a_seal_is_none() -> None:
    for length in range(40):
        with pytest.raises(NotSealed):
            sealer().open(urlsafe_b64encode(b"\x02" + bytes(length)).rstrip(b"=").decode())


def test_a_second_spelling_of_the_same_bytes_does_not_open() -> None:
    box = Sealer([NEW], Purpose.TICKET, 1800, Clock(), lambda count: b"\xff" * count)
    sealed = box.seal(NUMBER)
    assert "_" in sealed
    former = sealed.translate(str.maketrans("-_", "+/"))
    for spelling in (sealed + "=", sealed + "==", " " + sealed, sealed + "\n", former):
        with pytest.raises(NotSealed):
            box.open(spelling)
    assert box.open(sealed).text == NUMBER
