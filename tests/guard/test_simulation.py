"""A small simulated site: every row of "what it must reach" that can be computed, each holds.

`make simulate` computes the same for a whole day of a million lookups.
"""

from __future__ import annotations

import pytest

from drills.simulation.bystanders import crowd_in_a_hurry
from drills.simulation.people import Model, Tally
from drills.simulation.report import honest
from drills.simulation.rows import cases, crowds_served, people_served, run
from drills.simulation.siege import besiege
from tracking_site.guard.networks import parse_network
from tracking_site.guard.policy import Policy

pytestmark = pytest.mark.proofs

SEED = 9
SCALE = 0.01


@pytest.fixture(scope="module")
def honest_days() -> list[Tally]:
    return [tally for _, tally in honest(Model().scaled(SCALE), Policy(), SEED, 3)]


def test_no_honest_lookup_is_refused(honest_days: list[Tally]) -> None:
    assert [tally.refused for tally in honest_days] == [0, 0, 0]


def test_few_are_challenged_on_the_first_day_and_fewer_on_settled_days(
    honest_days: list[Tally],
) -> None:
    first, *_, settled = honest_days
    assert 0 < first.challenged <= 0.04 * first.lookups
    assert 0 < settled.challenged <= 0.02 * settled.lookups
    assert settled.mean_wait <= 0.5


def test_the_model_is_the_one_it_says(honest_days: list[Tally]) -> None:
    for tally in honest_days:
        assert 850_000 * SCALE <= tally.lookups <= 1_150_000 * SCALE
        assert 0.095 <= tally.misses / tally.numbers <= 0.125


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_no_attacker_gets_more_than_its_row_says(case) -> None:  # type: ignore[no-untyped-def]
    row = run(case, Policy(), SEED, 8)
    assert row.holds, row
    assert row.detects, row


def test_outages_and_crowds_hold_too() -> None:
    rows = list(people_served(Policy(), SEED, 3))
    assert all(row.holds and row.detects for row in rows), rows


def test_crowds_behind_addresses_that_nobody_listed_are_served() -> None:
    rows = list(crowds_served(Policy(), SEED, (300,)))
    assert all(row.holds and row.detects for row in rows), rows


@pytest.mark.parametrize("at_once", [1, 16, 100])
def test_three_hundred_people_behind_one_carrier_address_are_all_served(at_once: int) -> None:
    carrier = parse_network("100.64.9.9")
    assert crowd_in_a_hurry(Policy(), SEED, carrier, at_once=at_once) == 0


def test_many_addresses_guessing_raise_the_alarm_and_people_are_still_served() -> None:
    model = Model().scaled(SCALE)
    siege = besiege(model, Policy(), SEED, addresses=1_500, hits=0.01)
    assert siege.alarm_most >= 1
    assert siege.loot.answers <= 0.7 * siege.loot.asked
    assert siege.people.refused <= 0.01 * siege.people.lookups
