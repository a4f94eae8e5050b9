"""Many at once: one flight for a number, and a bounded wait for whoever joined it."""

import time
from functools import partial
from threading import Thread
from unittest.mock import Mock

import pytest

from tests.claims_api.conftest import SECRETS, Cluster
from tests.claims_api.fakes import Crowd, eventually, number
from tracking_site.cache.config import CacheConfig
from tracking_site.cache.stores import Entry, Keyring, Lead
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.domain.claims import Snapshot

ONE = number(1)
SLACK = 1.5
"""Seconds that a busy machine may add to a budget."""


@pytest.mark.parametrize("nodes", [1, 3])
def test_a_crowd_on_one_cold_number_is_one_question(cluster: Cluster, nodes: int) -> None:
    made = [cluster.node() for _ in range(nodes if cluster.redis_url else 1)]
    cluster.core.gate.clear()
    crowd = Crowd()
    for place in range(60):
        crowd.start(partial(made[place % len(made)].cache.claims_of, ONE))
    eventually(lambda: sum(n.events["miss"] + n.events["joined"] for n in made) == 60)
    cluster.core.gate.set()
    assert all(isinstance(each, Snapshot) for each in crowd.join())
    assert cluster.core.asked == 1


def test_who_asks_a_moment_after_the_answer_came_flies_no_more(cluster: Cluster) -> None:
    node, key = cluster.node(), Keyring(SECRETS).key_of(ONE)
    node.cache.claims_of(ONE)
    assert isinstance(node.store.begin(key), Entry)
    cluster.pass_(61)
    assert isinstance(node.store.begin(key), Lead)


@pytest.mark.parametrize("nodes", [1, 3])
def test_when_the_core_fails_a_whole_crowd_is_told_together(cluster: Cluster, nodes: int) -> None:
    made = [cluster.node() for _ in range(nodes if cluster.redis_url else 1)]
    cluster.core.goes_down(retry_after=9)
    cluster.core.gate.clear()
    crowd = Crowd()
    for place in range(60):
        crowd.start(partial(made[place % len(made)].cache.claims_of, ONE))
    eventually(lambda: sum(n.events["miss"] + n.events["joined"] for n in made) == 60)
    cluster.core.gate.set()
    told = crowd.join()
    assert all(isinstance(each, CoreError) and each.retry_after for each in told)
    assert cluster.core.asked == 1


def test_a_crowd_on_many_numbers_asks_once_for_each(cluster: Cluster) -> None:
    node = cluster.node()
    crowd = Crowd()
    for place in range(100):
        crowd.start(lambda n=place % 10: node.cache.claims_of(number(n)))
    crowd.join()
    assert cluster.core.asked == 10


def test_nobody_waits_past_the_budget_for_a_flight_that_hangs(cluster: Cluster) -> None:
    node = cluster.node(cache=CacheConfig(wait_seconds=0.4))
    cluster.core.gate.clear()
    leader, crowd = Crowd(), Crowd()
    leader.start(lambda: node.cache.claims_of(ONE))
    assert cluster.core.arrived.wait(5)
    began = time.monotonic()
    for _ in range(5):
        crowd.start(lambda: node.cache.claims_of(ONE))
    told = crowd.join()
    assert time.monotonic() - began < 0.4 + SLACK
    assert {each.kind for each in told if isinstance(each, CoreError)} == {Trouble.TIMEOUT}
    cluster.core.gate.set()
    leader.join()


def test_renewals_that_find_no_room_are_left_to_the_next_visitor(cluster: Cluster) -> None:
    node = cluster.node(cache=CacheConfig(refresh_workers=1, refresh_waiting=1))
    for n in range(5):
        node.cache.claims_of(number(n))
    cluster.pass_(61)
    cluster.core.gate.clear()
    assert all(node.cache.claims_of(number(n)).is_stale for n in range(5))
    assert node.events["refresh_shed"] == 3
    cluster.core.gate.set()
    eventually(lambda: cluster.core.asked == 7)
    node.cache.claims_of(number(4))
    eventually(lambda: cluster.core.asked == 8)


def test_a_refresh_for_which_no_thread_can_begin_gives_its_room_back_once_and_never_runs(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = cluster.node(cache=CacheConfig(refresh_workers=1, refresh_waiting=0))
    numbers = [number(n) for n in range(3)]
    for each in numbers:
        node.cache.claims_of(each)
    cluster.pass_(61)
    with monkeypatch.context() as full:
        full.setattr(Thread, "start", Mock(side_effect=RuntimeError))
        assert node.cache.claims_of(numbers[0]).is_stale
    # Its room is free for the next one, whose thread finds both waiting and runs one of them.
    assert node.cache.claims_of(numbers[1]).is_stale
    eventually(lambda: not node.cache.claims_of(numbers[1]).is_stale)
    assert (cluster.core.asked, node.events["refresh_shed"]) == (4, 0)
    cluster.core.gate.clear()
    eventually(lambda: node.cache.claims_of(numbers[0]).is_stale and cluster.core.asked == 5)
    before = node.events["refresh_shed"]
    assert node.cache.claims_of(numbers[2]).is_stale
    assert node.events["refresh_shed"] == before + 1


def test_an_error_that_is_nobodys_leaves_no_flight_and_no_lead_behind(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A lead that is left behind lapses after everybody has given up, on the busiest machine too.
    node = cluster.node(lock_seconds=60)
    with monkeypatch.context() as broken, pytest.raises(ZeroDivisionError):
        broken.setattr(cluster.core, "answer_for", Mock(side_effect=ZeroDivisionError))
        node.cache.claims_of(ONE)
    assert node.cache.claims_of(ONE).claims


def test_of_a_crowd_on_one_number_so_many_wait_and_the_others_are_told_at_once(
    cluster: Cluster,
) -> None:
    node = cluster.node(cache=CacheConfig(joined=2))
    cluster.core.gate.clear()
    crowd, others = Crowd(), Crowd()
    crowd.start(lambda: node.cache.claims_of(ONE))
    assert cluster.core.arrived.wait(5)
    assert not node.cache.is_crowded(ONE)
    for _ in range(2):
        crowd.start(lambda: node.cache.claims_of(ONE))
    eventually(lambda: node.cache.is_crowded(ONE))
    assert not node.cache.is_crowded(number(2))
    for _ in range(3):
        others.start(lambda: node.cache.claims_of(ONE))
    told = others.join()
    assert [each.kind for each in told if isinstance(each, CoreError)] == [Trouble.CROWDED] * 3
    cluster.core.gate.set()
    assert all(isinstance(each, Snapshot) for each in crowd.join())
    # Their seats are free for the next crowd.
    assert not node.cache.is_crowded(ONE)
    assert cluster.core.asked == 1
