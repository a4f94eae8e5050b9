"""What a visitor gets from the cache over time; every test on memory and on Redis."""

import pytest

from tests.claims_api.conftest import Cluster
from tests.claims_api.fakes import ENDED, MOVING, NOTHING, body_of, eventually, number
from tracking_site.cache.config import CacheConfig
from tracking_site.claims_api.errors import CoreError, Trouble

ONE = number(1)
DAY = 86_400.0


def test_the_second_visitor_is_answered_without_the_core(cluster: Cluster) -> None:
    node = cluster.node()
    first, second = node.cache.claims_of(ONE), node.cache.claims_of(ONE)
    assert first == second
    assert not second.is_stale
    assert cluster.core.asked == 1
    assert (node.events["miss"], node.events["hit:claims"]) == (1, 1)


def test_two_numbers_are_two_questions(cluster: Cluster) -> None:
    node = cluster.node()
    node.cache.claims_of(number(1))
    node.cache.claims_of(number(2))
    assert cluster.core.asked == 2


@pytest.mark.parametrize(
    ("body", "seconds"),
    [(MOVING, 60), (ENDED, 3600), (NOTHING, 30)],
    ids=["moves", "ended", "none"],
)
def test_an_answer_is_fresh_for_as_long_as_its_claims_suggest(
    cluster: Cluster, body: bytes, seconds: float
) -> None:
    cluster.core.body = body
    node = cluster.node()
    node.cache.claims_of(ONE)
    cluster.pass_(seconds - 1)
    assert not node.cache.claims_of(ONE).is_stale
    assert cluster.core.asked == 1
    cluster.pass_(2)
    assert node.cache.claims_of(ONE).is_stale
    eventually(lambda: cluster.core.asked == 2)


def test_past_its_time_an_answer_is_given_at_once_and_renewed_behind(cluster: Cluster) -> None:
    node = cluster.node()
    node.cache.claims_of(ONE)
    cluster.pass_(61)
    cluster.core.body = ENDED
    cluster.core.gate.clear()
    for _ in range(3):
        assert node.cache.claims_of(ONE).is_stale
    cluster.core.gate.set()
    eventually(lambda: not node.cache.claims_of(ONE).is_stale)
    assert len(node.cache.claims_of(ONE).claims) == 2
    assert cluster.core.asked == 2


def test_long_past_its_time_a_new_answer_is_waited_for(cluster: Cluster) -> None:
    node = cluster.node(cache=CacheConfig(patience_seconds=10))
    node.cache.claims_of(ONE)
    cluster.pass_(3600)
    cluster.core.body = ENDED
    found = node.cache.claims_of(ONE)
    assert (len(found.claims), found.is_stale) == (2, False)


def test_a_slow_core_costs_someone_with_an_older_copy_no_more_than_patience(
    cluster: Cluster,
) -> None:
    node = cluster.node(cache=CacheConfig(patience_seconds=0.1))
    node.cache.claims_of(ONE)
    cluster.pass_(3600)
    cluster.core.gate.clear()
    assert node.cache.claims_of(ONE).is_stale
    eventually(lambda: cluster.core.asked == 2)


def test_while_the_core_is_down_the_last_good_copy_serves_for_a_day(cluster: Cluster) -> None:
    node = cluster.node()
    good = node.cache.claims_of(ONE)
    cluster.core.goes_down()
    for _ in range(23):
        cluster.pass_(3600)
        kept = node.cache.claims_of(ONE)
        assert (kept.claims, kept.as_of, kept.is_stale) == (good.claims, good.as_of, True)
    assert node.events["stale:claims"] == 23
    cluster.pass_(DAY - 23 * 3600 + 1)
    with pytest.raises(CoreError):
        node.cache.claims_of(ONE)


def test_nothing_to_show_is_not_repeated_for_long_while_the_core_is_down(cluster: Cluster) -> None:
    cluster.core.body = NOTHING
    node = cluster.node()
    node.cache.claims_of(ONE)
    cluster.core.goes_down()
    cluster.pass_(599)
    assert node.cache.claims_of(ONE).is_stale
    cluster.pass_(2)
    with pytest.raises(CoreError):
        node.cache.claims_of(ONE)


def test_a_failing_core_is_asked_for_a_number_once_a_second(cluster: Cluster) -> None:
    cluster.core.goes_down(retry_after=7)
    node = cluster.node()
    with pytest.raises(CoreError) as first:
        node.cache.claims_of(ONE)
    assert (first.value.kind, first.value.retry_after) == (Trouble.SERVER_ERROR, 7)
    cluster.pass_(0.9)
    with pytest.raises(CoreError) as second:
        node.cache.claims_of(ONE)
    assert second.value.kind == Trouble.FAILED_RECENTLY
    assert second.value.retry_after == pytest.approx(6.1)
    assert (node.events["failed:server_error"], node.events["failed:failed_recently"]) == (1, 1)
    assert cluster.core.asked == 1
    cluster.pass_(0.2)
    cluster.core.comes_back()
    assert node.cache.claims_of(ONE).claims
    assert cluster.core.asked == 2


def test_a_failure_for_one_number_is_none_for_another(cluster: Cluster) -> None:
    cluster.core.goes_down()
    node = cluster.node()
    with pytest.raises(CoreError):
        node.cache.claims_of(number(1))
    cluster.core.comes_back()
    assert node.cache.claims_of(number(2)).claims


def test_a_failed_renewal_keeps_the_copy_and_is_repeated_after_a_second(cluster: Cluster) -> None:
    node = cluster.node()
    node.cache.claims_of(ONE)
    cluster.core.goes_down()
    cluster.pass_(61)
    node.cache.claims_of(ONE)
    eventually(lambda: cluster.core.asked == 2)
    key = node.cache._keyring.key_of(ONE)
    eventually(lambda: node.store.has_failed(key))
    for _ in range(5):
        assert node.cache.claims_of(ONE).is_stale
    assert node.events["refresh"] == 1
    assert cluster.core.asked == 2
    cluster.pass_(1.1)
    cluster.core.comes_back()
    node.cache.claims_of(ONE)
    eventually(lambda: not node.cache.claims_of(ONE).is_stale)


def test_what_cannot_be_understood_is_never_kept(cluster: Cluster) -> None:
    cluster.core.error = CoreError(Trouble.SHAPE)
    node = cluster.node()
    with pytest.raises(CoreError, match=Trouble.SHAPE):
        node.cache.claims_of(ONE)
    cluster.core.comes_back()
    cluster.pass_(1.1)
    assert node.cache.claims_of(ONE).claims


def test_want_of_room_marks_no_number_as_failed(cluster: Cluster) -> None:
    cluster.core.error = CoreError(Trouble.NO_ROOM, 2)
    node = cluster.node()
    with pytest.raises(CoreError, match=Trouble.NO_ROOM) as turned_away:
        node.cache.claims_of(ONE)
    assert turned_away.value.retry_after == 2
    cluster.core.comes_back()
    assert node.cache.claims_of(ONE).claims


@pytest.mark.parametrize("body", [MOVING, NOTHING], ids=["claims", "none"])
@pytest.mark.parametrize(
    ("max_age", "seconds"), [(0, 5), (900, 900), (10**8, 21_600)], ids=["least", "as told", "most"]
)
def test_the_core_may_say_how_long_within_bounds(
    cluster: Cluster, body: bytes, max_age: float, seconds: float
) -> None:
    cluster.core.body, cluster.core.max_age = body, max_age
    node = cluster.node()
    node.cache.claims_of(ONE)
    for passed in (1, seconds - 2):
        cluster.pass_(passed)
        assert not node.cache.claims_of(ONE).is_stale
    assert cluster.core.asked == 1
    cluster.pass_(2)
    node.cache.claims_of(ONE)
    eventually(lambda: cluster.core.asked == 2)


def test_an_answer_that_came_too_late_takes_the_place_of_no_newer_one(cluster: Cluster) -> None:
    node, core = cluster.node(), cluster.core
    core.error = CoreError(Trouble.TIMEOUT)
    with pytest.raises(CoreError):
        node.cache.claims_of(ONE)
    overdue = core.answer
    core.comes_back()
    core.body = ENDED.replace(b"T14:05:00", b"T14:05:07")
    cluster.pass_(2)
    assert node.cache.claims_of(ONE) == core.answer.snapshot
    core.late[0](overdue)
    assert node.cache.claims_of(ONE) == core.answer.snapshot


def test_an_answer_that_came_too_late_for_its_visitor_serves_the_next(cluster: Cluster) -> None:
    cluster.core.error = CoreError(Trouble.TIMEOUT)
    node = cluster.node()
    with pytest.raises(CoreError):
        node.cache.claims_of(ONE)
    cluster.core.late[0](cluster.core.answer)
    assert node.cache.claims_of(ONE).claims
    assert cluster.core.asked == 1


def test_a_claim_that_changed_is_seen_when_its_time_is_over(cluster: Cluster) -> None:
    node = cluster.node(cache=CacheConfig(revalidate_seconds=0, patience_seconds=10))
    seen = []
    for reference in ("A", "B", "C"):
        cluster.core.body = body_of("in_progress", reference=reference)
        seen.append(node.cache.claims_of(ONE).claims[0].reference)
        cluster.pass_(61)
    assert seen == ["A", "B", "C"]


@pytest.mark.parametrize("body", [MOVING, ENDED, NOTHING], ids=["moves", "ended", "none"])
@pytest.mark.parametrize("seconds", [2 * 3600, 2 * DAY, 400 * DAY])
def test_what_a_clock_wrote_that_was_ahead_is_asked_anew_when_it_is_set_right(
    cluster: Cluster, body: bytes, seconds: float
) -> None:
    cluster.core.body = body
    node = cluster.node()
    cluster.clock.pass_(seconds)
    node.cache.claims_of(ONE)
    cluster.clock.pass_(-seconds)
    cluster.monotonic.pass_(60)
    node.cache.claims_of(ONE)
    eventually(lambda: cluster.core.asked == 2)
    eventually(lambda: not node.cache.claims_of(ONE).is_stale)
    assert cluster.core.asked == 2


def test_what_failed_under_a_clock_that_was_ahead_is_asked_when_it_is_set_right(
    cluster: Cluster,
) -> None:
    node = cluster.node()
    cluster.clock.pass_(DAY)
    cluster.core.goes_down()
    with pytest.raises(CoreError):
        node.cache.claims_of(ONE)
    cluster.clock.pass_(-DAY)
    cluster.core.comes_back()
    assert node.cache.claims_of(ONE)


def test_a_clock_that_is_a_little_ahead_costs_the_core_nothing(cluster: Cluster) -> None:
    node = cluster.node()
    cluster.clock.pass_(30)
    node.cache.claims_of(ONE)
    cluster.clock.pass_(-30)
    assert not node.cache.claims_of(ONE).is_stale
    assert cluster.core.asked == 1
