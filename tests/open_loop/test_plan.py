"""Who comes: seeded, in the shares that were asked for, each from a network of its own."""

import random
from ipaddress import ip_network
from itertools import islice, pairwise

import pytest

from bench.open_loop.flood import WIDTHS
from bench.open_loop.plan import HONEST, PARTICIPANTS, Mix, address, arrivals, numbers, visitors
from sandbox import Sandbox


def planned(seed: int = 1, first: int = 0, **mix: float) -> list:
    return visitors(Mix(**mix), 60, 30, seed, first, even=False)


def test_the_same_seed_gives_the_same_visitors() -> None:
    assert planned(seed=5) == planned(seed=5)
    assert planned(seed=5) != planned(seed=6)


def test_arrivals_are_evenly_spaced_or_a_poisson_process() -> None:
    assert list(arrivals(4, 1, random.Random(1), even=True)) == [0, 0.25, 0.5, 0.75]
    moments = list(arrivals(100, 100, random.Random(1), even=False))
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert moments == sorted(moments)
    assert moments[-1] < 100
    assert len(moments) == pytest.approx(10_000, rel=0.03)
    # In a Poisson process the gaps vary as much as they last.
    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert spread == pytest.approx(mean, rel=0.05)


def test_the_shares_are_those_of_the_mix() -> None:
    come = planned(cold=0.62, unknown=0.11, plain=0.25, polls=0.1, absent=0.05, leaves=0.02)
    count = len(come)
    assert sum(bool(each.number) for each in come) / count == pytest.approx(0.62, abs=0.04)
    assert sum(not each.has_script for each in come) / count == pytest.approx(0.25, abs=0.04)
    assert sum(each.polls for each in come) / count == pytest.approx(0.10, abs=0.03)
    assert sum(each.absent > 0 for each in come) / count == pytest.approx(0.05, abs=0.02)
    directory = Sandbox(participants=PARTICIPANTS).directory
    cold = [each.number for each in come if each.number]
    found = [directory.find("kpj" if len(number) == 11 else "nik", number) for number in cold]
    assert all(found)
    nothing = sum(not each.specs for each in found if each)
    assert nothing / len(cold) == pytest.approx(0.11, abs=0.03)


def test_no_number_is_asked_for_twice_and_no_two_rounds_share_one() -> None:
    first = [each.number for each in planned(cold=1)]
    second = [each.number for each in planned(cold=1, first=50_000)]
    assert len({*first, *second}) == len(first) + len(second)
    known, unknown = numbers(0)
    assert set(islice(known, 50)).isdisjoint(islice(unknown, 50))


def test_every_visitor_has_a_wider_network_of_their_own() -> None:
    places = range(200_000)
    networks = {address(place).rpartition(".")[0] for place in places}
    assert len(networks) == len(places)
    assert {int(each.split(".")[0]) for each in networks} <= set(range(HONEST[0], HONEST[1] + 1))


def wider(given: str) -> str:
    """Return the /24 or /48 of an address."""
    bits = 48 if ":" in given else 24
    return str(ip_network(f"{given}/{bits}", strict=False))


@pytest.mark.parametrize(
    ("width", "networks", "wider_networks"),
    [("48", 2000, 1), ("16", 2000, 200), ("2000", 2000, 2000)],
)
def test_a_flood_comes_from_as_far_as_its_name_says(
    width: str, networks: int, wider_networks: int
) -> None:
    addresses = [WIDTHS[width].address_of(place) for place in range(5_000)]
    assert len({each.rpartition("::")[0] or each for each in addresses}) >= networks
    found = set(map(wider, addresses))
    assert len(found) == wider_networks
    assert found.isdisjoint(wider(address(place)) for place in range(5_000))
