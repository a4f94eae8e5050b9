"""Running copies, each started once: attacks on one copy come from networks of their own.

Together they ask a copy for fewer than 200 new numbers, so that no alarm rises between two tests.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from drills.attack.battle import wait_past_midnight
from drills.attack.finding import Scene
from drills.attack.people import Addresses, Listing, People, listing
from drills.attack.running import Build, Core, RunningSite, lines_with_a_number
from drills.attack.scale import SMALL
from tests.needs import needed

PARTICIPANTS, POPULATION = 100_000, 7
SEED = 1

SceneOn = Callable[[Build], Scene]


@pytest.fixture(scope="package")
def known() -> Listing:
    return listing(PARTICIPANTS, POPULATION, 1_500)


@pytest.fixture(scope="package")
def scene_on(known: Listing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SceneOn]:
    """Give a scene on a copy that runs until the last attack is over."""
    log = tmp_path_factory.mktemp("attack") / "site.log"
    log.touch()  # Where every test is skipped, no copy writes one.
    stages: dict[str, tuple[RunningSite, People, Addresses]] = {}
    with ExitStack() as stack:
        core = stack.enter_context(Core(PARTICIPANTS, POPULATION))

        def start(build: Build) -> Scene:
            wait_past_midnight(time.time, time.sleep)
            if build.has_redis:
                # Late on a busy machine is not away, and none of these attacks is about a late one.
                build = replace(build, redis_seconds=10)
            if repr(build) not in stages:
                if build.has_redis:
                    needed("redis")
                site = stack.enter_context(RunningSite(build, core, log))
                stages[repr(build)] = (site, People(known, SEED), Addresses(SEED))
            core.answer_after(0)
            return Scene(*stages[repr(build)], SMALL)

        yield start
    assert not lines_with_a_number(log)
