from __future__ import annotations

from dataclasses import fields

from drills.holes import naive_policies
from tracking_site.guard.policy import Policy
from tracking_site.guard.rows import Row
from tracking_site.guard.rules import Weighed, decide


def test_without_the_shared_ledger_the_first_number_is_free_and_the_second_costs() -> None:
    policy = Policy().degraded(processes=4)
    assert decide(Weighed(), policy).kind == "ok"
    assert decide(Weighed(Row(1), Row(1)), policy).kind == "challenge"


def test_degraded_budgets_are_at_most_a_seventh_of_the_whole_ones() -> None:
    whole, degraded = Policy(), Policy().degraded()
    for name in ("refuse_unproven_distinct", "refuse_distinct", "carrier_refuse_distinct"):
        assert getattr(degraded, name) <= getattr(whole, name) / 7
        assert getattr(degraded, name) > 0


def test_unproven_budgets_are_divided_among_the_processes() -> None:
    policy = Policy()
    alone, four = policy.degraded(1), policy.degraded(4)
    assert 4 * four.refuse_unproven_distinct <= alone.refuse_unproven_distinct
    assert four.refuse_unproven_distinct > 1


def test_every_naive_policy_differs_from_the_real_one() -> None:
    real = Policy()
    for name, policy in naive_policies().items():
        changed = [
            f.name for f in fields(Policy) if getattr(policy, f.name) != getattr(real, f.name)
        ]
        assert changed, name
