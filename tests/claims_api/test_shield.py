"""Which errors of the core count against it, and what people are told while it rests."""

import pytest

from tests.claims_api.fakes import Clock, FakeCore, number
from tracking_site.claims_api.breaker import Breaker
from tracking_site.claims_api.config import BreakerConfig
from tracking_site.claims_api.errors import (
    CoreError,
    CoreNotAsked,
    CoreNotUnderstood,
    CoreUnavailable,
    Trouble,
)
from tracking_site.claims_api.shield import Shielded

ONE = number(1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def core() -> FakeCore:
    return FakeCore()


@pytest.fixture
def shielded(core: FakeCore, clock: Clock) -> Shielded:
    return Shielded(core, Breaker(BreakerConfig(), clock, lambda: 0.0))


def ask(shielded: Shielded, times: int) -> CoreError:
    for _ in range(times):
        with pytest.raises(CoreError) as failed:
            shielded.answer_for(ONE)
    return failed.value


@pytest.mark.parametrize(
    "error",
    [
        CoreUnavailable(Trouble.TIMEOUT),
        CoreUnavailable(Trouble.CONNECTION),
        CoreUnavailable(Trouble.CREDENTIALS),
        CoreNotUnderstood(Trouble.CONTENT_TYPE),
        CoreNotUnderstood(Trouble.TOO_LARGE),
    ],
    ids=lambda error: error.kind,
)
def test_a_core_that_fails_for_everyone_is_left_alone(
    shielded: Shielded, core: FakeCore, error: CoreError
) -> None:
    core.error = error
    refused = ask(shielded, 20)
    assert core.asked == 5
    assert isinstance(refused, CoreNotAsked)
    assert (refused.kind, refused.retry_after) == (Trouble.BREAKER_OPEN, pytest.approx(2))


@pytest.mark.parametrize(
    "error",
    [
        CoreNotAsked(Trouble.NO_ROOM),
        CoreUnavailable(Trouble.REQUEST_REFUSED),
        CoreNotUnderstood(Trouble.SHAPE),
    ],
    ids=lambda error: error.kind,
)
def test_one_broken_number_or_a_full_house_shuts_nobody_out(
    shielded: Shielded, core: FakeCore, error: CoreError
) -> None:
    core.error = error
    ask(shielded, 20)
    assert core.asked == 20
    core.comes_back()
    assert shielded.answer_for(ONE).snapshot.claims


def test_the_time_that_the_core_names_is_obeyed(
    shielded: Shielded, core: FakeCore, clock: Clock
) -> None:
    core.goes_down(retry_after=40)
    ask(shielded, 1)
    core.comes_back()
    assert ask(shielded, 10).retry_after == pytest.approx(40)
    assert core.asked == 1
    clock.pass_(40.1)
    assert shielded.answer_for(ONE).snapshot.claims


def test_a_core_that_is_back_is_found_by_one_probe(
    shielded: Shielded, core: FakeCore, clock: Clock
) -> None:
    core.goes_down()
    ask(shielded, 5)
    clock.pass_(2.1)
    ask(shielded, 1)
    assert core.asked == 6
    core.comes_back()
    clock.pass_(4.1)
    for _ in range(3):
        shielded.answer_for(ONE)
    assert core.asked == 9
