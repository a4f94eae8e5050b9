"""One short run of everything: core, site, visitors, and what is counted on both sides."""

import pytest

from bench.open_loop.plan import Mix, visitors
from bench.open_loop.results import figures_of
from bench.open_loop.running import run
from bench.open_loop.scenarios import Scenario

pytestmark = pytest.mark.servers

SECONDS, RATE, SEED = 2.0, 20.0, 3


@pytest.mark.parametrize("who", ["site", "plain"])
def test_every_visitor_is_counted_and_only_cold_numbers_reach_the_core(who: str) -> None:
    mix = Mix(polls=0)
    scenario = Scenario(
        "",
        rate=RATE,
        seconds=SECONDS,
        core={"latency_ms": 10},
        mix=mix,
        prices_answers=who == "site",
    )
    found = run(who, scenario, place=0, seed=SEED)
    come = visitors(mix, RATE, SECONDS, SEED, 0, even=False)
    cold = sum(bool(each.number) for each in come)
    outcomes = found.notes.outcomes
    assert outcomes["form"] == {"found": len(come)}
    assert outcomes["cold"].total() == cold
    assert outcomes["warm"].total() == len(come) - cold
    figures = figures_of(scenario, found)
    assert figures["answered"] == len(come)
    assert figures["asked the core"] == cold
    assert figures["CPU a visit, ms"] > 0
    assert (found.answer_seconds > 0) is (who == "site")
    assert figures["MiB in all"] > 10
    assert figures.get("shed: full", 0) == 0
    assert len(found.notes.lags) == 2 * len(come)
