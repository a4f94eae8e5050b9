"""Ids come from the proxy when they are plain, and are never somebody's number."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from tests.observing.conftest import Samples
from tracking_site.observing.metrics import request_id_of
from tracking_site.observing.redaction import holds_number


@pytest.mark.parametrize("given", ["web1-42-7", "b3c0ffee" * 4, "a.B_c-9", "x" * 64])
def test_a_plain_id_is_taken_over(given: str) -> None:
    assert request_id_of(given) == given


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 65, 'a"b', "a\nb", "é"])
def test_anything_else_is_replaced(given: str | None) -> None:
    assert request_id_of(given) != given


def test_nobody_can_smuggle_a_number_into_the_log_as_an_id(samples: Samples) -> None:
    for sample in samples.values():
        apart = f"{sample.nik[:4]}-{sample.nik[4:8]}.{sample.nik[8:12]}_{sample.nik[12:]}"
        own = (sample.nik, sample.kpj, f"id-{sample.nik}", f"{sample.kpj}.1")
        for given in (*own, apart, f"id-{apart}", f"{sample.kpj[:8]}-{sample.kpj[8:]}"):
            made = request_id_of(given)
            assert made != given
            assert not holds_number(made)


def test_made_ids_are_letters_and_differ() -> None:
    made = {request_id_of(None) for _ in range(1000)}
    assert len(made) == 1000
    assert all(each.isalpha() and len(each) == 16 for each in made)


def test_processes_that_were_forked_make_other_ids() -> None:
    with ProcessPoolExecutor(2, get_context("fork")) as first:
        made = [first.submit(request_id_of, None).result()]
    with ProcessPoolExecutor(2, get_context("fork")) as second:
        made.append(second.submit(request_id_of, None).result())
    assert len({*made, request_id_of(None)}) == 3
