"""Forgetting one number or all, also in the middle of things; on memory and on Redis."""

import pytest

from tests.claims_api.conftest import Cluster, Node
from tests.claims_api.fakes import ENDED, Crowd, number
from tracking_site.claims_api.errors import CoreError
from tracking_site.domain.claims import Snapshot

ONE, OTHER = number(1), number(2)


def asked_and_held(cluster: Cluster) -> tuple[Node, Crowd]:
    """Return a node and the visitor whose question has reached the core, which holds it."""
    node, crowd = cluster.node(), Crowd()
    cluster.core.gate.clear()
    crowd.start(lambda: node.cache.claims_of(ONE))
    assert cluster.core.arrived.wait(5)
    return node, crowd


def test_a_forgotten_number_is_asked_for_again_and_only_that_one(cluster: Cluster) -> None:
    node = cluster.node()
    node.cache.claims_of(ONE)
    node.cache.claims_of(OTHER)
    assert node.cache.forget(ONE)
    cluster.core.body = ENDED
    assert len(node.cache.claims_of(ONE).claims) == 2
    assert len(node.cache.claims_of(OTHER).claims) == 1
    assert cluster.core.asked == 3


def test_what_was_kept_after_forgetting_is_kept_as_before(cluster: Cluster) -> None:
    node = cluster.node()
    node.cache.forget(ONE)
    node.cache.forget_all()
    node.cache.claims_of(ONE)
    cluster.pass_(30)
    node.cache.claims_of(ONE)
    assert cluster.core.asked == 1


def test_forgetting_twice_or_what_was_never_seen_is_no_error(cluster: Cluster) -> None:
    node = cluster.node()
    assert node.cache.forget(ONE)
    assert node.cache.forget(ONE)
    assert node.cache.forget_all()


def test_everything_can_be_forgotten_at_once(cluster: Cluster) -> None:
    node = cluster.node()
    for n in range(5):
        node.cache.claims_of(number(n))
    assert node.cache.forget_all()
    for n in range(5):
        node.cache.claims_of(number(n))
    assert cluster.core.asked == 10


def test_a_forgotten_number_is_no_last_good_copy(cluster: Cluster) -> None:
    node = cluster.node()
    node.cache.claims_of(ONE)
    node.cache.forget(ONE)
    cluster.core.goes_down()
    with pytest.raises(CoreError):
        node.cache.claims_of(ONE)


@pytest.mark.parametrize("everything", [False, True], ids=["one", "all"])
def test_a_failure_is_forgotten_too(cluster: Cluster, everything: bool) -> None:
    node = cluster.node()
    cluster.core.goes_down()
    with pytest.raises(CoreError):
        node.cache.claims_of(ONE)
    assert node.cache.forget_all() if everything else node.cache.forget(ONE)
    cluster.core.comes_back()
    assert node.cache.claims_of(ONE).claims


@pytest.mark.parametrize("everything", [False, True], ids=["one", "all"])
def test_an_answer_on_its_way_does_not_outlive_the_forgetting(
    cluster: Cluster, everything: bool
) -> None:
    node, crowd = asked_and_held(cluster)
    assert node.cache.forget_all() if everything else node.cache.forget(ONE)
    cluster.core.body = ENDED
    cluster.core.gate.set()
    (before,) = crowd.join()
    assert isinstance(before, Snapshot)
    assert len(before.claims) == 1
    assert len(node.cache.claims_of(ONE).claims) == 2


@pytest.mark.parametrize("everything", [False, True], ids=["one", "all"])
def test_a_visitor_after_the_forgetting_does_not_join_a_flight_from_before(
    cluster: Cluster, everything: bool
) -> None:
    node, crowd = asked_and_held(cluster)
    cluster.core.arrived.clear()
    assert node.cache.forget_all() if everything else node.cache.forget(ONE)
    cluster.core.body = ENDED
    later = Crowd()
    later.start(lambda: node.cache.claims_of(ONE))
    assert cluster.core.arrived.wait(5)
    cluster.core.gate.set()
    (after,) = later.join()
    crowd.join()
    assert isinstance(after, Snapshot)
    assert len(after.claims) == 2
    assert len(node.cache.claims_of(ONE).claims) == 2


def test_an_answer_that_is_late_for_the_forgetting_is_not_kept(cluster: Cluster) -> None:
    node = cluster.node()
    cluster.core.goes_down()
    with pytest.raises(CoreError):
        node.cache.claims_of(ONE)
    overdue = cluster.core.answer
    node.cache.forget(ONE)
    cluster.core.late[0](overdue)
    cluster.core.comes_back()
    cluster.core.body = ENDED
    assert len(node.cache.claims_of(ONE).claims) == 2
