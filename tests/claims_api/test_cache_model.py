"""The cache against a model of a few lines, through histories that hypothesis invents."""

from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from harness.servers import RedisServer
from tests.claims_api.conftest import Cluster
from tests.claims_api.fakes import body_of, eventually, number
from tracking_site.cache.config import CacheConfig
from tracking_site.claims_api.errors import CoreError

pytestmark = pytest.mark.proofs

CONFIG = CacheConfig(patience_seconds=20, wait_seconds=20)
NUMBERS = st.integers(0, 2)
STATES = st.sampled_from([("in_progress",), ("completed",), ()])
# No sum of these meets a bound of the cache exactly.
PAUSES = st.sampled_from([0.31, 1.23, 7.1, 29.3, 47.7, 61.9, 311.3, 607.7, 3611.3, 40_009.7])
NEAR_SECONDS = 2.03

Said = tuple[str, bool] | None
"""What a visitor sees: which answer and whether it is past its time; None where there is none."""


@dataclass
class Kept:
    label: str
    fresh_until: float
    keep_until: float


@dataclass
class Model:
    """What the cache promises, for one visitor at a time."""

    kept: dict[int, Kept] = field(default_factory=dict)
    failed_until: dict[int, float] = field(default_factory=dict)
    asked: int = 0

    def look_up(self, n: int, now: float, label: str, states: tuple[str, ...], up: bool) -> Said:
        kept = self.kept.get(n)
        if kept is not None and now < kept.fresh_until:
            return kept.label, False
        self._fetch(n, now, label, states, up)
        if kept is not None and now < kept.keep_until:
            if now - kept.fresh_until < CONFIG.revalidate_seconds:
                return kept.label, True
            renewed = self.kept[n]
            return renewed.label, renewed is kept
        renewed_or_none = self.kept.get(n)
        if renewed_or_none is None or renewed_or_none is kept:
            return None
        return renewed_or_none.label, False

    def _fetch(self, n: int, now: float, label: str, states: tuple[str, ...], up: bool) -> None:
        if now < self.failed_until.get(n, 0):
            return
        self.asked += 1
        if not up:
            self.failed_until[n] = now + CONFIG.failed_seconds
            return
        fresh = {("in_progress",): 60.0, ("completed",): 3600.0, (): 30.0}[states]
        keep = 86_400.0 if states else 600.0
        self.kept[n] = Kept(label, now + fresh, now + max(fresh, keep))

    def forget(self, n: int) -> None:
        self.kept.pop(n, None)
        self.failed_until.pop(n, None)


class Histories(RuleBasedStateMachine):
    redis_url: str | None = None

    @initialize(states=STATES)
    def begin(self, states: tuple[str, ...]) -> None:
        self.cluster = Cluster(self.redis_url)
        self.nodes = [self.cluster.node(cache=CONFIG) for _ in range(2 if self.redis_url else 1)]
        self.model = Model()
        self.up = True
        self.version = 0
        self.acted_last = 0
        self.core_says(states)

    @rule(states=STATES)
    def core_says(self, states: tuple[str, ...]) -> None:
        self.version += 1
        self.states = states
        # The day of the answer tells one version from the other, claims or none.
        day = f"2026-{1 + self.version // 28 % 12:02d}-{1 + self.version % 28:02d}"
        self.label = day
        self.cluster.core.body = body_of(*states).replace(b"2026-11-22", day.encode())

    @rule()
    def core_fails_or_comes_back(self) -> None:
        self.up = not self.up
        if self.up:
            self.cluster.core.comes_back()
        else:
            self.cluster.core.goes_down()

    @rule(seconds=PAUSES)
    def time_passes(self, seconds: float) -> None:
        self.cluster.pass_(seconds)

    @rule(place=st.integers(0, 1), n=NUMBERS)
    def someone_looks_up(self, place: int, n: int) -> None:
        cache = self.node(place).cache
        expected = self.model.look_up(n, self.cluster.clock.now, self.label, self.states, self.up)
        said: Said = None
        try:
            found = cache.claims_of(number(n))
            said = (found.as_of.date().isoformat(), found.is_stale)
        except CoreError:
            pass
        eventually(lambda: not cache._flights._under_way)
        assert said == expected

    @rule(place=st.integers(0, 1), n=NUMBERS)
    def the_core_purges_one(self, place: int, n: int) -> None:
        assert self.node(place).cache.forget(number(n))
        self.model.forget(n)

    @rule(place=st.integers(0, 1))
    def the_core_purges_all(self, place: int) -> None:
        assert self.node(place).cache.forget_all()
        for n in range(3):
            self.model.forget(n)

    def node(self, place: int):  # type: ignore[no-untyped-def]
        place %= len(self.nodes)
        if place != self.acted_last:
            # What a node saw it may believe for two seconds.
            self.cluster.pass_(NEAR_SECONDS)
            self.acted_last = place
        return self.nodes[place]

    @invariant()
    def the_core_was_asked_as_often_as_promised(self) -> None:
        if hasattr(self, "model"):
            assert self.cluster.core.asked == self.model.asked

    def teardown(self) -> None:
        if hasattr(self, "cluster"):
            self.cluster.close()


MANY = settings(max_examples=50, stateful_step_count=40, deadline=None)


def test_memory_keeps_what_the_model_promises() -> None:
    run_state_machine_as_test(Histories, settings=MANY)


@pytest.mark.redis
def test_two_nodes_over_redis_keep_what_the_model_promises(redis_server: RedisServer) -> None:
    class OverRedis(Histories):
        redis_url = redis_server.url

    run_state_machine_as_test(OverRedis, settings=MANY)
