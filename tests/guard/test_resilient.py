from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from tests.guard.asking import HOME, Desk, Number
from tests.guard.conftest import Clock, RedisServer
from tracking_site.domain.identifiers import Nik
from tracking_site.guard.challenge import Paid
from tracking_site.guard.guard import Guard
from tracking_site.guard.kept import Common
from tracking_site.guard.keys import LANES
from tracking_site.guard.ledger import Ask, Reservation
from tracking_site.guard.memory_ledger import LANE, MemoryLedger
from tracking_site.guard.networks import Carriers, parse_network
from tracking_site.guard.policy import POINT, Policy
from tracking_site.guard.redis_ledger import RedisLedger
from tracking_site.guard.resilient import AWAY_SECONDS, LATE_AT_ONCE, ResilientLedger
from tracking_site.guard.rows import CircuitState
from tracking_site.guard.rules import Decision
from tracking_site.redis.client import (
    PATIENT,
    BriefRedis,
    RedisDown,
    RedisForeign,
    RedisFull,
    brief_redis,
)
from tracking_site.redis.connections import connections_to

LIMIT_SECONDS = 0.25
NOISE_SECONDS = 0.75
"""A loaded machine wakes late; the promise itself is the first figure."""


class Failing(MemoryLedger):
    """A shared ledger that fails when told to, and counts how often it was asked."""

    failure: RedisDown | None = None
    strange: Reservation | None = None
    asked = 0

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        self.asked += 1
        if self.failure:
            raise self.failure
        return super().reserve(ask)

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        if self.failure:
            raise self.failure
        if reservation == self.strange:
            raise RedisForeign("strange")
        super().settle(reservation, found, now)


class Scene:
    def __init__(self) -> None:
        self.clock = Clock()
        self.shared = Failing(Policy())
        self.failures: list[str] = []
        self.ledger = ResilientLedger(
            self.shared, MemoryLedger(Policy().degraded()), self.failures.append
        )
        self.desk = Desk(self.ledger, self.clock)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_while_all_is_well_the_shared_ledger_decides(scene: Scene) -> None:
    kinds = [scene.desk.look_up(True, paid=0).kind for _ in range(4)]
    assert kinds == ["ok", "ok", "ok", "challenge"]
    assert scene.failures == []


def test_without_it_first_numbers_are_served_and_second_ones_cost_work(scene: Scene) -> None:
    scene.shared.failure = RedisDown("gone")
    for host in range(10):
        scene.desk.network = parse_network(f"192.0.2.{host}")
        assert scene.desk.look_up(True, paid=0).kind == "ok"
        assert scene.desk.look_up(True, paid=0).kind == "challenge"


def test_whom_it_refuses_alone_is_not_sent_away_until_tomorrow(clock: Clock) -> None:
    """An office, before one of four processes: minutes later the shared one lets it through."""
    shared = Failing(Policy())
    ledger = ResilientLedger(shared, MemoryLedger(Policy().degraded(4)))
    guard = Guard(ledger, [b"a key of sixteen bytes and more"], Carriers(), clock)
    shared.failure = RedisDown("gone")
    decisions = []
    for colleague in range(8):
        decision, reservation = guard.reserve(HOME, Nik(f"{colleague:012}0001"), Paid(4))
        guard.settle(reservation, True)
        decisions.append(decision)
    assert (decisions[0].kind, decisions[-1].kind) == ("ok", "refuse")
    assert 0 < decisions[-1].retry_after <= AWAY_SECONDS
    shared.failure = None
    clock.advance(AWAY_SECONDS)
    assert guard.reserve(HOME, Nik("0000000000080001"), Paid(4))[0].kind == "ok"


def test_an_alarm_of_its_own_sends_nobody_away_for_longer(clock: Clock) -> None:
    shared, private = Failing(Policy()), MemoryLedger(Policy().degraded(4))
    shared.failure = RedisDown("gone")
    guard = Guard(ResilientLedger(shared, private), [b"a key of sixteen bytes"], Carriers(), clock)
    site = CircuitState.fresh(Policy()).advanced(clock.now, Policy())
    many = 2 * Policy().ceiling_least
    private._circuit = replace(site, alarm=1, forecast_now=1.0, hour_numbers=many)
    guard.reserve(HOME, Nik("0000000000010001"), Paid(4))
    refusal, _ = guard.reserve(HOME, Nik("0000000000020001"), Paid(4))
    assert refusal.rule == "ceiling"
    assert 0 < refusal.retry_after <= AWAY_SECONDS


def test_an_attacker_gets_an_eighth_of_the_budget(scene: Scene) -> None:
    scene.shared.failure = RedisDown("gone")
    answers = sum(scene.desk.look_up(n % 5 > 1).kind == "ok" for n in range(300))
    assert 1 <= answers <= 17


@pytest.mark.parametrize(
    ("failure", "label"),
    [
        (RedisDown("gone"), "LedgerUnreachableError"),
        (RedisFull("full"), "LedgerFullError"),
        (RedisForeign("strange"), "LedgerForeignError"),
    ],
)
def test_the_failure_is_counted_by_its_name(scene: Scene, failure: RedisDown, label: str) -> None:
    scene.shared.failure = failure
    scene.desk.look_up(True)
    assert scene.failures == [label]


def test_what_it_let_a_network_have_is_not_asked_of_it_again_that_day(scene: Scene) -> None:
    number = scene.desk.number()
    kinds = [scene.desk.look_up(True, number).kind for _ in range(3)]
    assert kinds == ["ok", "repeat", "repeat"]
    assert scene.shared.asked == 1
    scene.clock.advance(86_400)
    assert scene.desk.look_up(True, number).kind == "ok"
    scene.desk.network = parse_network("192.0.2.1")
    assert scene.desk.look_up(True, number).kind == "ok"


def test_what_it_did_not_let_through_is_asked_of_it_again(scene: Scene) -> None:
    for _ in range(3):
        scene.desk.look_up(True, paid=0)
    number = scene.desk.number()
    assert scene.desk.look_up(True, number, paid=0).kind == "challenge"
    assert scene.desk.look_up(True, number, paid=4).kind == "ok"


def test_what_the_private_one_answered_is_booked_where_the_shared_one_would_have_refused(
    scene: Scene,
) -> None:
    while scene.desk.look_up(False).kind == "ok":
        pass
    scene.shared.failure = RedisDown("gone")
    number = scene.desk.number()
    assert scene.desk.look_up(False, number).kind == "ok"
    scene.shared.failure = None
    scene.desk.look_up(False)
    ask = scene.desk.ask(number)
    assert scene.shared.was_answered(ask.day, ask.pair)


def test_what_was_asked_and_not_answered_is_asked_of_it_again(scene: Scene) -> None:
    number = scene.desk.number()
    scene.desk.look_up(None, number)
    assert not scene.desk.knows(number)
    assert scene.desk.look_up(False, number).kind == "ok"
    assert scene.desk.knows(number)


def test_a_neighbours_answer_is_not_remembered_as_ones_own(scene: Scene) -> None:
    number = scene.desk.number()
    scene.desk.look_up(True, number)
    scene.desk.network = parse_network("203.0.113.200")
    for _ in range(2):
        assert scene.desk.look_up(True, number).rule == "repeat_near"
    assert not scene.desk.knows(number)


def test_answers_that_it_missed_are_booked_when_it_is_back(scene: Scene) -> None:
    numbers = [scene.desk.number() for _ in range(5)]
    taken = [scene.desk.reserve(number, paid=4)[1] for number in numbers]
    scene.shared.failure = RedisDown("gone")
    for reservation in taken:
        assert reservation is not None
        scene.ledger.settle(reservation, False, scene.clock.now)
    assert scene.shared.peek(scene.desk.ask()).first.suspicion == 0
    scene.shared.failure = None
    scene.clock.advance(33)
    assert scene.desk.look_up(False).kind == "ok"
    assert scene.shared.peek(scene.desk.ask()).first.suspicion == 18 * POINT
    assert scene.desk.look_up(False).kind == "refuse"
    assert scene.desk.knows(numbers[0])


def test_an_answer_that_it_booked_without_saying_so_is_booked_once(scene: Scene) -> None:
    _, reservation = scene.desk.reserve(paid=4)
    assert reservation is not None
    scene.shared.settle(reservation, False, scene.clock.now)
    scene.shared.failure = RedisDown("timed out")
    scene.ledger.settle(reservation, False, scene.clock.now)
    scene.shared.failure = None
    scene.desk.look_up(True)
    assert scene.shared.peek(scene.desk.ask()).first.suspicion == 2 * POINT


class Late(Failing):
    """One that does all that it is asked, and says so too late."""

    is_late = False

    def reserve(self, ask: Ask) -> tuple[Decision, Reservation | None]:
        answer = super().reserve(ask)
        if self.is_late:
            raise RedisDown("timed out")
        return answer

    def settle(self, reservation: Reservation, found: bool | None, now: float) -> None:
        super().settle(reservation, found, now)
        if self.is_late:
            raise RedisDown("timed out")


def test_a_ledger_that_answers_too_late_makes_no_network_pay_for_it(scene: Scene) -> None:
    """Each request tries to book what was missed, so that one answer is tried again and again."""
    shared = Late(Policy())
    scene.desk.ledger = ResilientLedger(shared, MemoryLedger(Policy().degraded()))
    shared.is_late = True
    assert scene.desk.look_up(True).kind == "ok"
    for others in range(200):
        scene.desk.network = parse_network(f"192.0.{others}.1")
        scene.desk.look_up(True)
        scene.clock.advance(1)
    shared.is_late = False
    scene.desk.network = parse_network("203.0.113.7")
    row = shared.peek(scene.desk.ask()).first
    assert (row.distinct, row.strikes) == (1, 0)
    assert row.unproven <= 2
    assert [scene.desk.look_up(True, paid=0).kind for _ in range(2)] == ["ok", "ok"]


def test_booking_late_makes_nobody_wait_for_all_of_it(scene: Scene) -> None:
    taken = []
    for place in range(3 * LATE_AT_ONCE):
        scene.desk.network = parse_network(f"198.51.{place}.1")
        taken.append(scene.desk.reserve()[1])
    scene.shared.failure = RedisDown("gone")
    for reservation in taken:
        assert reservation is not None
        scene.ledger.settle(reservation, False, scene.clock.now)
    scene.shared.failure = None

    def booked() -> int:
        return scene.shared._circuit.hour_numbers

    for most in (LATE_AT_ONCE, 2 * LATE_AT_ONCE, 3 * LATE_AT_ONCE, 3 * LATE_AT_ONCE):
        scene.desk.reserve()
        assert booked() == most


@pytest.mark.parametrize("failing_from", ["the start", "the answer"])
def test_answers_of_hours_ago_take_no_alarm_back(scene: Scene, failing_from: str) -> None:
    """Other nodes went on with the shared ledger, and know of an alarm."""
    gone = RedisDown("gone")
    scene.shared.failure = gone if failing_from == "the start" else None
    _, reservation = scene.desk.reserve()
    assert reservation is not None
    scene.shared.failure = gone
    scene.ledger.settle(reservation, False, scene.clock.now)
    scene.clock.advance(2 * 3600)
    scene.shared.failure = None
    site = scene.shared._circuit.advanced(scene.clock.now, Policy())
    scene.shared._circuit = replace(site, alarm=2, raised=site.bin, hour_numbers=500)
    scene.desk.reserve()
    circuit = scene.shared._circuit
    assert (circuit.alarm, circuit.hour_numbers) == (2, 501)


def test_an_answer_for_a_strange_row_holds_nothing_up(scene: Scene) -> None:
    _, reservation = scene.desk.reserve()
    assert reservation is not None
    scene.shared.strange = reservation
    scene.ledger.settle(reservation, False, scene.clock.now)
    for _ in range(2):
        _, next_one = scene.desk.reserve()
        assert next_one is not None
        assert not next_one.degraded


def test_a_repeat_says_nothing_of_whether_the_ledger_works(scene: Scene) -> None:
    number = scene.desk.number()
    scene.desk.look_up(True, number)
    scene.shared.failure = RedisDown("gone")
    scene.desk.look_up(True)
    assert scene.desk.look_up(True, number).kind == "repeat"
    assert scene.failures == ["LedgerUnreachableError"]


def test_it_comes_back_by_itself(scene: Scene) -> None:
    scene.shared.failure = RedisDown("gone")
    scene.desk.look_up(True)
    scene.shared.failure = None
    assert scene.desk.look_up(True, paid=0).kind == "ok"
    _, reservation = scene.desk.reserve()
    assert reservation is not None
    assert not reservation.degraded
    assert scene.failures == ["LedgerUnreachableError"]


def test_one_strange_row_is_answered_privately_and_the_others_go_on(scene: Scene) -> None:
    scene.shared.failure = RedisForeign("strange")
    assert scene.desk.look_up(True).kind == "ok"
    scene.shared.failure = None
    scene.desk.look_up(True)
    # Once for each lookup, and once to book what the private ledger answered.
    assert scene.shared.asked == 3


def test_a_number_is_settled_where_it_was_reserved(scene: Scene) -> None:
    scene.shared.failure = RedisDown("gone")
    _, reservation = scene.desk.reserve()
    assert reservation is not None
    assert reservation.degraded
    scene.shared.failure = None
    scene.ledger.settle(reservation, False, scene.clock.now)
    assert scene.shared.peek(scene.desk.ask()).first.suspicion == 0


def test_the_operator_is_not_told_that_all_is_well_by_a_ledger_that_counted_nothing(
    own_redis_server: RedisServer, clock: Clock
) -> None:
    shared = RedisLedger(own_redis_server.brief(), Policy())
    ledger = ResilientLedger(shared, MemoryLedger(Policy().degraded()))
    guard = Guard(ledger, [b"a key of sixteen bytes and more"], Carriers(), clock, operated=shared)
    own_redis_server.kill()
    for step in (guard.status, lambda: guard.siege(True), lambda: guard.forgive(HOME)):
        with pytest.raises(RedisDown):
            step()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Takes connections and never says a word."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(64)
        yield silent.getsockname()[1]


def test_a_silent_store_costs_one_person_a_quarter_second_and_the_next_nothing(
    silent_port: int,
) -> None:
    client = brief_redis(f"redis://127.0.0.1:{silent_port}/0")
    ledger = ResilientLedger(RedisLedger(client, Policy()), MemoryLedger(Policy().degraded()))
    desk = Desk(ledger, Clock())
    durations = []
    for _ in range(20):
        began = time.perf_counter()
        desk.reserve()
        durations.append(time.perf_counter() - began)
    assert max(durations) <= LIMIT_SECONDS + NOISE_SECONDS
    assert sorted(durations)[-2] <= 0.05 + NOISE_SECONDS


@pytest.mark.redis
def test_a_killed_store_is_missed_by_nobody_and_used_again_when_it_returns(
    own_redis_server: RedisServer,
) -> None:
    clock = Clock()
    connections = connections_to(own_redis_server.url, connect=5, answer=5)
    client = BriefRedis(connections, clock=clock)
    failures: list[str] = []
    private = MemoryLedger(Policy().degraded())
    ledger = ResilientLedger(RedisLedger(client, Policy()), private, failures.append)
    desk = Desk(ledger, clock)
    assert desk.look_up(True).kind == "ok"
    assert failures == []
    own_redis_server.kill()
    for host in range(10):
        desk.network = parse_network(f"192.0.2.{host}")
        assert desk.look_up(True, paid=0).kind == "ok"
    assert failures
    own_redis_server.start()
    clock.advance(PATIENT.rest)
    failures.clear()
    desk.look_up(True)
    assert failures == []


def test_what_was_let_through_is_known_without_the_shared_ledger(scene: Scene) -> None:
    asked, other = scene.desk.number(), scene.desk.number()
    scene.desk.look_up(True, asked)
    scene.shared.failure = RedisDown("gone")
    before = scene.shared.asked
    assert scene.desk.knows(asked)
    assert not scene.desk.knows(other)
    assert scene.shared.asked == before


def test_what_the_private_ledger_answered_is_booked_in_the_shared_one(scene: Scene) -> None:
    number = scene.desk.number()
    scene.shared.failure = RedisDown("gone")
    assert scene.desk.look_up(False, number, paid=0).kind == "ok"
    scene.shared.failure = None
    scene.desk.look_up(True)
    row = scene.shared.peek(scene.desk.ask()).first
    assert row.distinct == 2
    assert row.suspicion > 0
    assert scene.desk.look_up(False, number, paid=0).kind == "repeat"


def test_misses_around_one_person_count_on_without_the_shared_ledger(scene: Scene) -> None:
    kinds = []
    for n in range(8):
        scene.desk.network = parse_network(f"192.0.{n}.7")
        scene.shared.failure = RedisDown("gone") if n > 3 else None
        kinds.append(scene.desk.look_up(False, Number(f"{1:012}{n:04}"), paid=0).kind)
    assert kinds == ["ok"] * 4 + ["challenge"] * 4


@pytest.mark.proofs
@pytest.mark.redis
def test_a_redis_that_is_slow_now_and_then_gives_nobody_new_guesses(
    own_redis_server: RedisServer, clock: Clock
) -> None:
    processes, failures = [], list[str]()
    for _ in range(4):
        redis = brief_redis(own_redis_server.url, clock=clock)
        private = MemoryLedger(Policy().degraded(4))
        ledger = ResilientLedger(RedisLedger(redis, Policy()), private, failures.append)
        processes.append(Desk(ledger, clock))
    free, slow = 0, 0
    with own_redis_server.client() as operator:
        for n in range(40):
            desk = processes[n % 4]
            desk.network = parse_network(f"192.0.{n}.7")
            if n % 5 == 4:
                operator.execute_command("CLIENT", "PAUSE", 400, "ALL")
            kind = desk.look_up(False, Number(f"{1:012}{n:04}"), paid=0).kind
            free += kind == "ok"
            slow += bool(failures)
            failures.clear()
            operator.execute_command("CLIENT", "UNPAUSE")
            clock.advance(PATIENT.rest)
    assert slow >= 8
    assert free <= 6


def serials_of(machines: Sequence[Common | None], clock: Clock) -> int:
    """Return the free answers to one person's serials over four processes of each machine: the
    first answers while all is well, then each is asked alone, in turn."""
    shared = Failing(Policy())
    processes = [
        Desk(ResilientLedger(shared, MemoryLedger(Policy().degraded(4), common=common)), clock)
        for common in machines
        for _ in range(4)
    ]
    free = 0
    for n in range(10 * len(processes)):
        shared.failure = RedisDown("gone") if free >= Policy().cell_misses else None
        desk = processes[n % len(processes) if shared.failure else 0]
        desk.network = parse_network(f"192.0.{n}.7")
        free += desk.look_up(False, Number(f"{1:012}{n:04}"), paid=0).kind == "ok"
    return free


def test_processes_of_a_machine_give_a_persons_serials_no_more_than_one_does(clock: Clock) -> None:
    assert serials_of([Common(LANES * LANE)], clock) == Policy().cell_misses


def test_serials_of_one_person_over_two_machines_come_to_seven_at_worst(clock: Clock) -> None:
    assert serials_of([Common(LANES * LANE), Common(LANES * LANE)], clock) == 7


def test_without_what_they_share_each_process_would_give_one_more(clock: Clock) -> None:
    assert serials_of([None], clock) == 7


def test_who_was_found_counts_in_no_process_of_the_machine(clock: Clock) -> None:
    common = Common(LANES * LANE)
    desks = [Desk(MemoryLedger(Policy(), common=common), clock) for _ in range(4)]
    asked = []
    for n in range(12):
        desk = desks[n % 4]
        desk.network = parse_network(f"192.0.{n}.7")
        asked.append(desk.look_up(True, Number(f"{1:012}{n:04}"), paid=0).kind)
    assert asked == ["ok"] * 12
