"""The guard as the site uses it."""

from __future__ import annotations

import base64
import json
import random
from functools import partial

import altcha
import pytest

from tests.guard.conftest import Clock, Number
from tracking_site.guard.challenge import UNPAID, Paid
from tracking_site.guard.guard import ALARM_RETRY_SECONDS, Guard
from tracking_site.guard.ledger import Ask
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.networks import Carriers, parse_network
from tracking_site.guard.partners import PartnerQuota
from tracking_site.guard.policy import Policy
from tracking_site.guard.redis_ledger import RedisLedger
from tracking_site.guard.rules import Weighed
from tracking_site.redis.client import RedisDown

KEY = b"a key of sixteen bytes and more"
HOME = parse_network("203.0.113.7")
SIM = parse_network("100.64.1.2")


class Scene:
    def __init__(self, operated: RedisLedger | None = None) -> None:
        self.clock = Clock()
        self.decisions: list[tuple[str, str, int]] = []
        self.guard = Guard(
            operated or MemoryLedger(Policy()),
            [KEY],
            Carriers.parse("100.64.0.0/10"),
            self.clock,
            pow_scale=0.01,
            random=random.Random(1),
            on_decision=lambda *decision: self.decisions.append(decision),
            operated=operated,
        )
        self.given = 0

    def number(self) -> Number:
        self.given += 1
        return Number(f"{self.given:012}0001")

    def look_up(self, found: bool, network=HOME, paid: Paid = Paid(4)):  # type: ignore[no-untyped-def]  # noqa: B008
        decision, reservation = self.guard.reserve(network, self.number(), paid)
        self.guard.settle(reservation, found)
        return decision


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def operated_scene(operated: RedisLedger) -> Scene:
    return Scene(operated)


class Away(MemoryLedger):
    def peek(self, ask: Ask) -> Weighed:
        raise RedisDown


def test_where_the_store_is_away_a_network_that_waits_has_the_places_of_anybody() -> None:
    guard = Guard(Away(Policy()), [KEY], Carriers(), Clock())
    assert guard.distinct_of(HOME) == 0


def test_a_guard_without_a_shared_store_is_not_operated(scene: Scene) -> None:
    for act in (
        scene.guard.status,
        lambda: scene.guard.forgive(HOME),
        partial(scene.guard.siege, True),
    ):
        with pytest.raises(RedisDown, match="there is none"):
            act()


def test_solved_work_opens_the_way_for_its_number(scene: Scene) -> None:
    for _ in range(3):
        scene.look_up(True)
    number = scene.number()
    decision, reservation = scene.guard.reserve(HOME, number)
    assert (decision.kind, decision.level, reservation) == ("challenge", 1, None)
    challenge = scene.guard.challenges.issue(number, decision.level)
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert solution is not None
    payload = {"challenge": challenge, "solution": solution.to_dict()}
    field = base64.b64encode(json.dumps(payload).encode()).decode()
    paid = scene.guard.paid(number, solution=field)
    assert scene.guard.reserve(HOME, number, paid)[0].kind == "ok"
    other = scene.number()
    assert scene.guard.paid(other, solution=field) == UNPAID


def test_a_ripe_ticket_opens_the_way_too(scene: Scene) -> None:
    number = scene.number()
    ticket = scene.guard.tickets.issue(number, 1)
    assert scene.guard.paid(number, ticket=ticket.text) == UNPAID
    scene.clock.advance(ticket.seconds)
    assert scene.guard.paid(number, solution="junk", ticket=ticket.text).by_ticket


def test_a_repeat_has_nothing_to_settle(scene: Scene) -> None:
    number = scene.number()
    _, reservation = scene.guard.reserve(HOME, number)
    scene.guard.settle(reservation, False)
    decision, nothing = scene.guard.reserve(HOME, number)
    assert (decision.kind, nothing) == ("repeat", None)
    scene.guard.settle(nothing, False)
    assert scene.guard.explain(HOME).seen.first.suspicion == 300


def test_a_refusal_says_when_to_come_back(scene: Scene) -> None:
    for _ in range(6):
        scene.look_up(False)
    decision = scene.look_up(False)
    assert decision.kind == "refuse"
    assert decision.retry_after <= 3_600
    scene.clock.advance(decision.retry_after)
    assert scene.look_up(True).kind == "ok"


def test_no_refusal_is_longer_than_the_day(scene: Scene) -> None:
    scene.clock.advance(scene.guard._days.seconds_left(scene.clock.now) - 600)
    for _ in range(6):
        scene.look_up(False)
    assert scene.look_up(False).retry_after == 600


@pytest.mark.redis
def test_a_refusal_under_alarm_says_half_an_hour(operated_scene: Scene) -> None:
    operated_scene.guard.siege(True)
    for place in range(8):
        operated_scene.look_up(place % 4 > 0)
    decision = operated_scene.look_up(True)
    assert (decision.rule, decision.retry_after) == ("alarm", ALARM_RETRY_SECONDS)


def test_only_refusals_carry_a_time(scene: Scene) -> None:
    assert scene.look_up(True).retry_after == 0


def test_a_listed_carrier_is_recognised(scene: Scene) -> None:
    for _ in range(30):
        assert scene.look_up(True, network=SIM, paid=UNPAID).kind == "ok"
    assert scene.guard.explain(SIM).carrier
    assert not scene.guard.explain(HOME).carrier


def test_explain_names_the_rule_and_the_figures_and_changes_nothing(scene: Scene) -> None:
    for _ in range(6):
        scene.look_up(False)
    explanation = scene.guard.explain(HOME)
    assert explanation == scene.guard.explain(HOME)
    assert (explanation.decision.kind, explanation.decision.rule) == ("refuse", "suspicion")
    assert "looks like a scanner" in explanation.reason
    assert "6 numbers, suspicion 18.00 (unproven), refused 1 times today" in explanation.reason
    assert "for 60 minutes" in explanation.reason
    assert explanation.network == "203.0.113.7/32"


@pytest.mark.redis
def test_forgiving_opens_the_way_again(operated_scene: Scene) -> None:
    for _ in range(6):
        operated_scene.look_up(False)
    operated_scene.guard.forgive(HOME)
    assert operated_scene.look_up(True, paid=UNPAID).kind == "ok"


def test_every_decision_is_told_to_the_metrics(scene: Scene) -> None:
    for _ in range(4):
        scene.look_up(True, paid=UNPAID)
    assert scene.decisions == [("ok", "free", 0)] * 3 + [("challenge", "work_distinct", 1)]


def test_a_partner_beyond_its_quota_costs_its_visitors_a_level_and_others_nothing(
    scene: Scene,
) -> None:
    small = PartnerQuota("koran", daily_lookups=1)
    network = parse_network("198.51.100.1")
    assert scene.guard.reserve(network, scene.number(), UNPAID, small)[0].kind == "ok"
    assert scene.guard.reserve(network, scene.number(), UNPAID, small)[0].level == 1
    assert scene.guard.reserve(network, scene.number())[0].kind == "ok"


@pytest.mark.redis
def test_the_status_says_how_things_stand(operated_scene: Scene) -> None:
    operated_scene.look_up(True)
    operated_scene.guard.siege(True)
    status = operated_scene.guard.status()
    assert (status.alarm, status.siege, status.rows, status.hour_numbers) == (2, True, 2, 1)
