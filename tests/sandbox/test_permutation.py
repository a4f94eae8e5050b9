"""The keyed shuffle: a bijection that can be undone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.permutation import Permutation


@given(size=st.integers(1, 10**13), key=st.text(max_size=8), data=st.data())
def test_undoing_the_shuffle_gives_the_number_back(
    size: int, key: str, data: st.DataObject
) -> None:
    shuffle = Permutation(size, key)
    value = data.draw(st.integers(0, size - 1))
    assert shuffle.inverse(shuffle.forward(value)) == value
    assert shuffle.forward(shuffle.inverse(value)) == value


@given(size=st.integers(1, 400), key=st.text(max_size=4))
def test_every_number_is_hit_exactly_once(size: int, key: str) -> None:
    shuffle = Permutation(size, key)
    assert sorted(map(shuffle.forward, range(size))) == list(range(size))


def test_another_key_shuffles_otherwise() -> None:
    first, second = Permutation(10**9, "a"), Permutation(10**9, "b")
    same = [value for value in range(200) if first.forward(value) == second.forward(value)]
    assert same == []


def test_neighbours_do_not_stay_neighbours() -> None:
    shuffle = Permutation(10**11, "a")
    images = [shuffle.forward(value) for value in range(1000)]
    near = [1 for one, other in pairwise(images) if abs(one - other) < 10**6]
    assert len(near) < 5


@pytest.mark.parametrize("value", [-1, 10])
def test_a_number_outside_is_refused(value: int) -> None:
    shuffle = Permutation(10, "a")
    with pytest.raises(ValueError, match="outside"):
        shuffle.forward(value)
    with pytest.raises(ValueError, match="outside"):
        shuffle.inverse(value)


def test_there_must_be_something_to_shuffle() -> None:
    with pytest.raises(ValueError, match="nothing"):
        Permutation(0, "a")
