"""The memory of a process stays within its bounds and lets go of what was used longest ago."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from tests.claims_api.conftest import Cluster
from tests.claims_api.fakes import number
from tracking_site.cache.config import MemoryConfig
from tracking_site.cache.stores import BoundedLru


def test_the_one_used_longest_ago_leaves_first() -> None:
    shelf: BoundedLru[str, int] = BoundedLru(3, 100)
    for name in "abc":
        shelf.put(name, 1, 1)
    shelf.get("a")
    assert shelf.put("d", 1, 1) == 1
    assert [name for name in "abcd" if shelf.get(name)] == ["a", "c", "d"]


def test_bytes_are_bounded_as_well_as_entries() -> None:
    shelf: BoundedLru[int, str] = BoundedLru(1000, 100)
    for n in range(50):
        shelf.put(n, "x", 30)
        assert shelf.weight <= 100
    assert [n for n in range(50) if shelf.get(n)] == [47, 48, 49]


def test_what_alone_is_too_heavy_is_not_kept() -> None:
    shelf: BoundedLru[str, int] = BoundedLru(10, 100)
    shelf.put("a", 1, 10)
    shelf.put("b", 1, 101)
    assert (shelf.get("a"), shelf.get("b")) == (1, None)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 60)), max_size=80))
def test_its_weight_is_the_sum_of_what_it_holds(puts: list[tuple[str, int]]) -> None:
    shelf: BoundedLru[str, int] = BoundedLru(4, 100)
    for name, weight in puts:
        shelf.put(name, weight, weight)
        if weight % 7 == 0:
            shelf.drop(name)
        held = [held for each in "abcdef" if (held := shelf.get(each)) is not None]
        # Each weighs something, so that nothing else is held.
        assert shelf.weight == sum(held) <= 100
        assert len(held) <= 4


def test_however_many_numbers_come_memory_keeps_to_its_bound() -> None:
    cluster = Cluster(None)
    node = cluster.node(memory=MemoryConfig(most_entries=500, most_bytes=10**9))
    for n in range(2000):
        node.cache.claims_of(number(n))
    assert sum(node.cache.is_at_hand(number(n)) for n in range(2000)) == 500
    assert node.events["evicted"] == 1500
    assert node.near.entries.weight < 10**9
    cluster.core.goes_down()
    cluster.pass_(1)
    assert node.cache.claims_of(number(1999)).claims
    cluster.close()


def test_the_estimated_weight_is_near_the_memory_that_is_taken() -> None:
    cluster = Cluster(None)
    node = cluster.node()
    node.cache.claims_of(number(0))
    estimated = node.near.entries.weight
    snapshot = node.cache.claims_of(number(0))
    seen: set[int] = set()

    def taken(value: object) -> int:
        if id(value) in seen or isinstance(value, type):
            return 0
        seen.add(id(value))
        inside: list[object] = []
        if isinstance(value, tuple):
            inside = list(value)
        else:
            inside = [getattr(value, name) for name in getattr(type(value), "__slots__", ())]
        return sys.getsizeof(value) + sum(map(taken, inside))

    assert 0.3 * estimated < taken(snapshot) < 1.5 * estimated
    cluster.close()
