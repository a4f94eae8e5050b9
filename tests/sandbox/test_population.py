"""Members computed from their numbers."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.numbers import KPJ_SIZE, NIK_SIZE, kpj_at, nik_at
from sandbox.population import Population

MILLION = Population(1_000_000, seed=7)
NOW = datetime(2026, 11, 18, 7, 5, tzinfo=UTC)


@given(st.integers(0, 999_999))
def test_a_member_is_found_by_either_number_with_the_same_claims(place: int) -> None:
    member = MILLION.member(place)
    by_nik = MILLION.find("nik", member.nik)
    by_kpj = MILLION.find("kpj", member.kpj)
    assert by_nik is not None
    assert by_nik == by_kpj == member
    assert by_nik.claims(NOW) == member.claims(NOW)


@given(st.integers(0, NIK_SIZE - 1))
def test_a_random_plausible_nik_is_a_members_only_when_its_place_is_below_the_size(
    index: int,
) -> None:
    place = MILLION._niks.inverse(index)
    assert (MILLION.find("nik", nik_at(index)) is not None) == (place < MILLION.size)


def test_random_plausible_numbers_are_almost_surely_nobodys() -> None:
    step = 7_654_321
    niks = [nik_at(place * step % NIK_SIZE) for place in range(3000)]
    kpjs = [kpj_at(place * step % KPJ_SIZE) for place in range(3000)]
    found = [nik for nik in niks if MILLION.find("nik", nik)]
    found += [kpj for kpj in kpjs if MILLION.find("kpj", kpj)]
    assert len(found) <= 2


@pytest.mark.parametrize("value", ["0000000000000000", "3174054501909999", "9999999999999999"])
def test_numbers_that_are_not_counted_belong_to_nobody(value: str) -> None:
    assert MILLION.find("nik", value) is None


def test_answers_depend_neither_on_the_order_nor_on_the_instance() -> None:
    members = [MILLION.member(place) for place in range(50)]
    again = Population(1_000_000, seed=7)
    backwards = [again.find("nik", member.nik) for member in reversed(members)]
    assert backwards == members[::-1]


def test_a_larger_population_keeps_its_first_members() -> None:
    assert list(Population(20, seed=7)) == [MILLION.member(place) for place in range(20)]


def test_another_seed_makes_other_people() -> None:
    other = Population(1_000_000, seed=8)
    assert not {other.member(place).nik for place in range(100)} & {
        MILLION.member(place).nik for place in range(100)
    }


def test_about_one_member_in_nine_has_nothing_to_show() -> None:
    empty = sum(not MILLION.member(place).specs for place in range(4000))
    assert 0.09 < empty / 4000 < 0.135


@pytest.mark.proofs
def test_jht_is_by_far_the_most_frequent_and_nothing_is_missing() -> None:
    specs = [spec for place in range(6000) for spec in MILLION.member(place).specs]
    services = Counter(spec.service for spec in specs)
    assert len(services) == 9
    assert services["jht"] > 0.75 * len(specs)
    assert len({spec.state for spec in specs}) == 7


@given(place=st.integers(0, 999_999), hours=st.integers(0, 23))
def test_claims_stay_the_same_for_a_day(place: int, hours: int) -> None:
    member = MILLION.member(place)
    midnight = datetime(2026, 11, 17, 17, 0, tzinfo=UTC)
    zone = member.specs[0].branch.timezone if member.specs else ""
    ahead = {"Asia/Makassar": 1, "Asia/Jayapura": 2}.get(zone, 0)
    start = midnight - timedelta(hours=ahead)
    assert member.claims(start) == member.claims(start + timedelta(hours=hours, minutes=59))


def test_nobody_is_found_in_an_empty_population() -> None:
    assert Population(0).find("nik", MILLION.member(0).nik) is None


def test_more_members_than_cards_are_refused() -> None:
    with pytest.raises(ValueError, match="participants"):
        Population(KPJ_SIZE + 1)
