from __future__ import annotations

import base64
import json
import random
from typing import Any

import altcha
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.guard.conftest import START, Clock, Number
from tracking_site.guard.challenge import (
    COST,
    EXPIRES_SECONDS,
    GRACE_SECONDS,
    TRIES,
    UNPAID,
    Challenges,
    Paid,
)

KEY, OLD_KEY = b"a key of sixteen bytes and more", b"the key before, also long enough"
MINE, OTHER = Number("0000000101900001"), Number("0000000101900002")


@pytest.fixture
def challenges(clock: Clock) -> Challenges:
    return Challenges([KEY], clock, random.Random(1), scale=0.01)


def solved(challenge: dict[str, Any]) -> dict[str, Any]:
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert solution is not None
    return {"challenge": challenge, "solution": solution.to_dict()}


def packed(payload: object) -> str:
    return base64.b64encode(json.dumps(payload).encode()).decode()


def test_solved_work_pays_its_level(challenges: Challenges, clock: Clock) -> None:
    payload = packed(solved(challenges.issue(MINE, 2)))
    clock.advance(GRACE_SECONDS + 1)
    assert challenges.paid(payload, MINE) == Paid(2)


def test_for_a_minute_it_passes_for_one_level_more(challenges: Challenges, clock: Clock) -> None:
    payload = packed(solved(challenges.issue(MINE, 2)))
    clock.advance(GRACE_SECONDS - 1)
    assert challenges.paid(payload, MINE) == Paid(3)


def test_it_pays_for_the_same_number_alone(challenges: Challenges) -> None:
    payload = packed(solved(challenges.issue(MINE, 2)))
    assert challenges.paid(payload, OTHER) == UNPAID
    assert challenges.paid(payload, Number(MINE.canonical, "kpj")) == UNPAID


def test_it_expires(challenges: Challenges, clock: Clock) -> None:
    payload = packed(solved(challenges.issue(MINE, 1)))
    clock.advance(EXPIRES_SECONDS + 1)
    assert challenges.paid(payload, MINE) == UNPAID


def test_after_the_clock_moved_back_it_is_worth_nothing(
    challenges: Challenges, clock: Clock
) -> None:
    payload = packed(solved(challenges.issue(MINE, 1)))
    clock.advance(-60)
    assert challenges.paid(payload, MINE) == UNPAID


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("challenge", "parameters", "data", "level"), 4),
        (("challenge", "parameters", "cost"), 1),
        (("challenge", "parameters", "expiresAt"), int(START) + 10**6),
        (("challenge", "parameters", "keyPrefix"), "00"),
        (("challenge", "parameters", "keySignature"), None),
        (("challenge", "parameters", "keySignature"), "00" * 32),
        (("challenge", "parameters", "algorithm"), "SHA-256"),
        (("challenge", "parameters", "data", "number"), "00" * 16),
        (("challenge", "parameters", "data"), {}),
        (("challenge", "signature"), "00" * 32),
        (("challenge", "signature"), None),
        (("solution", "derivedKey"), "00" * 32),
        (("solution", "derivedKey"), 7),
    ],
)
def test_any_forged_field_makes_it_worthless(
    challenges: Challenges, place: tuple[str, ...], value: object
) -> None:
    payload = solved(challenges.issue(MINE, 1))
    assert challenges.paid(packed(payload), MINE) == Paid(2)
    target = payload
    for name in place[:-1]:
        target = target[name]
    target[place[-1]] = value
    assert challenges.paid(packed(payload), MINE) == UNPAID


def test_a_binding_copied_from_another_challenge_does_not_fit(challenges: Challenges) -> None:
    payload = solved(challenges.issue(MINE, 1))
    other = challenges.issue(OTHER, 1)
    payload["challenge"]["parameters"]["data"] = other["parameters"]["data"]
    assert challenges.paid(packed(payload), OTHER) == UNPAID


def test_work_of_another_site_is_worth_nothing(clock: Clock, challenges: Challenges) -> None:
    elsewhere = Challenges([OLD_KEY], clock, random.Random(1), scale=0.01)
    assert challenges.paid(packed(solved(elsewhere.issue(MINE, 4))), MINE) == UNPAID


def test_work_under_the_key_before_is_still_good(clock: Clock) -> None:
    before = Challenges([OLD_KEY], clock, random.Random(1), scale=0.01)
    rotated = Challenges([KEY, OLD_KEY], clock, random.Random(1), scale=0.01)
    assert rotated.paid(packed(solved(before.issue(MINE, 1))), MINE) == Paid(2)


@pytest.mark.parametrize(
    "junk",
    ["", "x", "%%%", "e30=", "W10=", "bnVsbA==", "MQ==", packed({"challenge": {}}), "A" * 5_000]
    + [packed({"challenge": {"parameters": value}, "solution": {}}) for value in ([], 1, "x", {})]
    + [packed([[[[]]]]), base64.b64encode(b"[" * 3_000).decode()],
)
def test_junk_is_worth_nothing(challenges: Challenges, junk: str) -> None:
    assert challenges.paid(junk, MINE) == UNPAID


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    challenges = Challenges([KEY], Clock(), random.Random(1))
    assert challenges.paid(text, MINE) == UNPAID
    assert challenges.paid(packed(text), MINE) == UNPAID


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_a_level_costs_what_it_says_on_average(clock: Clock, level: int) -> None:
    class Ends(random.Random):
        def randint(self, a: int, b: int) -> int:
            self.mean = (a + b) / 2
            return 1

    ends = Ends()
    parameters = Challenges([KEY], clock, ends).issue(MINE, level)["parameters"]
    assert ends.mean == TRIES[level]
    assert parameters["cost"] == COST
    assert parameters["data"]["level"] == level
    assert parameters["expiresAt"] == int(clock.now) + EXPIRES_SECONDS


def test_a_challenge_shows_nothing_of_the_number(challenges: Challenges) -> None:
    one, same = challenges.issue(MINE, 1), challenges.issue(MINE, 1)
    assert MINE.canonical not in json.dumps(one)
    assert len(json.dumps(one)) == len(json.dumps(challenges.issue(OTHER, 1)))
    assert one["parameters"]["nonce"] != same["parameters"]["nonce"]
