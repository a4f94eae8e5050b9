"""The memory that a process gives to answers is what the operator allows."""

from collections.abc import Callable

import pytest
from flask import Flask

from sandbox import Sandbox

NUMBERS_OF_A_MEBIBYTE = 190


def lookups_that_left(site: Flask, numbers: list[str]) -> int:
    """Look all numbers up twice; return how many had to be asked of the core again."""
    client = site.test_client()
    for _ in range(2):
        for number in numbers:
            client.post("/lacak", data={"nomor": number})
    text = client.get("/-/metrics").text
    lines = [
        line
        for line in text.splitlines()
        if "claims" in line and "_total{" in line and '"miss"' in line
    ]
    return sum(int(float(line.rpartition(" ")[2])) for line in lines) - len(numbers)


@pytest.mark.proofs
def test_answers_beyond_the_memory_that_is_allowed_leave(make_site: Callable[..., Flask]) -> None:
    with Sandbox(participants=600) as core:
        members = [one.nik for one in core.directory.population if one.specs]
        numbers = members[: NUMBERS_OF_A_MEBIBYTE * 3 // 2]
        long = {"CACHE_FRESH_SECONDS": "3600"}
        small = make_site(CLAIMS_API_URL=core.url, CACHE_MEGABYTES="1", **long)
        roomy = make_site(CLAIMS_API_URL=core.url, CACHE_MEGABYTES="8", **long)
        assert lookups_that_left(small, numbers) > NUMBERS_OF_A_MEBIBYTE // 2
        assert lookups_that_left(roomy, numbers) == 0
