"""Jitter spreads expiry and never leaves its bounds."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.claims_api.fakes import ENDED, MOVING, NOTHING, body_of
from tracking_site.cache.answers import lifetime_of
from tracking_site.cache.config import LifetimeConfig
from tracking_site.claims_api.contract import decode_snapshot
from tracking_site.claims_api.source import Answer


def times(body: bytes, max_age: float | None = None, chance: float = 0.0) -> tuple[float, float]:
    answer = Answer(body, decode_snapshot(body), max_age)
    return lifetime_of(answer, 0, LifetimeConfig(), chance)


def test_one_claim_that_still_moves_makes_the_answer_a_moving_one() -> None:
    assert times(body_of("completed", "in_progress")) == times(MOVING)


def test_a_state_that_nobody_knows_counts_as_moving() -> None:
    assert times(body_of("teleported")) == times(MOVING)


def test_what_ended_stays_longest_and_nothing_shortest() -> None:
    assert times(NOTHING)[0] < times(MOVING)[0] < times(ENDED)[0]
    assert times(NOTHING)[1] < times(MOVING)[1] == times(ENDED)[1]


def test_ten_thousand_answers_of_one_moment_do_not_expire_together() -> None:
    chance = Random(7)
    answer = Answer(MOVING, decode_snapshot(MOVING))
    config = LifetimeConfig()
    ends = [lifetime_of(answer, 0, config, chance.random())[0] for _ in range(10_000)]
    busiest = max(sum(second <= end < second + 1 for end in ends) for second in range(54, 60))
    assert busiest < 2000


@given(
    st.sampled_from([MOVING, ENDED, NOTHING]),
    st.none() | st.floats(0, 1e9),
    st.floats(0, 1, exclude_max=True),
)
def test_every_time_lies_within_the_stated_bounds(
    body: bytes, max_age: float | None, chance: float
) -> None:
    fresh, keep = times(body, max_age, chance)
    assert 5 * 0.9 <= fresh <= 21_600
    if max_age is not None and max_age >= 5:
        assert fresh <= max_age
    assert fresh <= keep <= 86_400
