from __future__ import annotations

import random

from tracking_site.guard.keys import (
    ANSWERED_BITS,
    ASKED_BITS,
    CREDITED_BITS,
    LANE,
    LANES,
    Bloom,
    bloom_places,
)

BITS = ASKED_BITS


def pairs(seed: int, count: int) -> list[tuple[int, int, int, int]]:
    draw = random.Random(seed)
    return [bloom_places(draw.randbytes(16), BITS) for _ in range(count)]


def test_no_pair_is_ever_forgotten() -> None:
    novelty = Bloom(BITS)
    added = pairs(1, 5_000)
    for places in added:
        novelty.add(places)
    assert all(novelty.seen(places) for places in added)


def test_new_pairs_are_new() -> None:
    novelty = Bloom(BITS)
    for places in pairs(1, 5_000):
        novelty.add(places)
    assert not any(novelty.seen(places) for places in pairs(2, 5_000))


def test_at_a_million_pairs_two_in_ten_thousand_pass_as_repeats() -> None:
    novelty = Bloom(BITS)
    filled = random.Random(3).randbytes(BITS // 8)
    sparse = random.Random(4).randbytes(BITS // 8)
    third = random.Random(5).randbytes(BITS // 8)
    # Three random masks over each other leave 12.5 % of the bits, a little more than a million
    # pairs do (11.2 %), without adding them one by one.
    as_int = [int.from_bytes(mask, "big") for mask in (filled, sparse, third)]
    novelty._bytes = bytearray((as_int[0] & as_int[1] & as_int[2]).to_bytes(BITS // 8, "big"))
    asked = pairs(6, 100_000)
    share = sum(novelty.seen(places) for places in asked) / len(asked)
    assert 0.0001 <= share <= 0.0005


def test_adding_says_whether_a_pair_is_new() -> None:
    filter_of_day = Bloom(BITS)
    one, other = pairs(8, 2)
    assert [filter_of_day.add(places) for places in (one, one, other, other)] == [
        True,
        False,
        True,
        False,
    ]


def test_a_smaller_filter_takes_the_places_of_a_larger_one() -> None:
    small = Bloom(1 << 16)
    added = pairs(9, 500)
    for places in added:
        small.add(places)
    assert all(small.seen(places) for places in added)
    assert sum(small.seen(places) for places in pairs(10, 1_000)) <= 5


def test_filters_and_cells_take_no_more_than_24_mib_a_day() -> None:
    bits = ASKED_BITS + ANSWERED_BITS + CREDITED_BITS
    assert bits // 8 + LANES * LANE <= 24 << 20


def test_at_four_million_pairs_two_in_ten_thousand_pass_as_answered() -> None:
    filled = 1 - (1 - 1 / ANSWERED_BITS) ** (4 * 4_000_000)
    assert filled**4 <= 0.0002


def test_places_lie_within_the_filter() -> None:
    assert all(0 <= place < BITS for places in pairs(7, 1_000) for place in places)
