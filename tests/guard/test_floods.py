"""Floods as a site of so many requests a second meets them, in events; seeded."""

import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable

import pytest

from tests.clock import Clock
from tests.nobody_waits import Standstill
from tracking_site.guard.floods import MAX_NETWORKS, NO_WIDTH, WIDTHS, Floods
from tracking_site.guard.networks import UNKNOWN, Carriers, Network, network_of
from tracking_site.records import QUEUE

SECONDS_OF_A_REQUEST = 1 / 400
SECONDS_OF_A_REFUSAL = SECONDS_OF_A_REQUEST / 20
NOBODY = Carriers.parse("")


def never() -> bool:
    return False


def network(text: str) -> Network:
    return network_of(text, "", 0)


def honest(number: int) -> Network:
    return network(f"{100 + number % 90}.{number // 90 % 250}.{number % 250}.7")


class Busy:
    """A process that serves one request after another, 400 a second; others wait in order."""

    def __init__(self, carriers: Carriers = NOBODY) -> None:
        self.clock = Clock(1_000.0)
        self.floods = Floods(carriers, self.clock)
        self.free_at = self.clock.now
        self.waits: list[float] = []
        self.outcomes: Counter[tuple[str, bool]] = Counter()

    def ask(self, who: Network, kind: str, ticket: Callable[[], bool] = never) -> None:
        width = self.floods.refuse(who, ticket)
        late = kind if self.clock.now < 1_020 else f"{kind} later"
        self.outcomes[kind, width is None] += 1
        self.outcomes[late, width is None] += late != kind
        cost = SECONDS_OF_A_REQUEST if width is None else SECONDS_OF_A_REFUSAL
        self.free_at = max(self.free_at, self.clock.now) + cost
        if width is None:
            self.floods.served(self.free_at - self.clock.now)
            if kind == "honest":
                self.waits.append(self.free_at - self.clock.now)

    def refused(self, kind: str) -> float:
        """Return the share of this kind that was refused."""
        no, yes = self.outcomes[kind, False], self.outcomes[kind, True]
        return no / (no + yes)


def flooded(sources: Callable[[random.Random], Network], rate: float, seed: int = 1) -> Busy:
    """Let 50 people a second come, with four requests each, beside a flood for 40 seconds."""
    chance, site = random.Random(seed), Busy()
    arrivals = [(chance.uniform(0, 40), "flood") for _ in range(int(rate * 40))]
    for person in range(50 * 40):
        came = chance.uniform(0, 38)
        arrivals += [(came + chance.uniform(0, 2), f"honest {person}") for _ in range(4)]
    for at, kind in sorted(arrivals):
        site.clock.now = 1_000 + at
        if kind == "flood":
            site.ask(sources(chance), "flood")
        else:
            site.ask(honest(int(kind.split()[1])), "honest")
    return site


class Queue:
    """A process that takes requests out of a queue in order; `waits` are those of people served."""

    def __init__(self, slower: int = 1) -> None:
        self.clock = Clock(1_000.0)
        self.floods = Floods(NOBODY, self.clock)
        self.waits: list[float] = []
        self.refused: Counter[str] = Counter()
        self._cost = slower * SECONDS_OF_A_REQUEST

    def take(self, arrivals: list[tuple[float, str, Network]]) -> None:
        """Serve all who come: when (seconds, rising), which kind, and from where."""
        begun, free_at, waiting = self.clock.now, 0.0, 0
        moments = [at for at, _, _ in arrivals]
        self.floods.watch(lambda: waiting)
        for place, (at, kind, who) in enumerate(arrivals, 1):
            free_at = max(free_at, at)
            self.clock.now = begun + free_at
            waiting = bisect_right(moments, free_at) - place
            is_shed = self.floods.refuse(who, never) is not None
            free_at += SECONDS_OF_A_REFUSAL if is_shed else self._cost
            self.refused[kind] += is_shed
            if not is_shed:
                self.floods.served(self._cost)
            if kind == "honest" and not is_shed:
                self.waits.append(free_at - at)


@pytest.mark.parametrize(("people", "slower"), [(500, 1), (500, 2), (1_000, 1)])
def test_many_who_come_at_once_are_all_served(people: int, slower: int) -> None:
    site = Queue(slower)
    site.take([(5.0, "honest", honest(number)) for number in range(people)])
    assert site.refused["honest"] == 0
    assert max(site.waits) > 1


def test_a_crowd_that_comes_again_is_a_flood_until_ten_seconds_are_quiet() -> None:
    site, refused = Queue(), []
    for wait in (0.0, 3.0, 3.0, 12.0):
        site.clock.now += wait
        before = site.refused["honest"]
        site.take([(0.0, "honest", honest(number)) for number in range(500)])
        refused.append(site.refused["honest"] - before)
    first, second, third, after_a_while = refused
    assert (first, after_a_while) == (0, 0)
    assert second > 400
    assert third > 400


@pytest.mark.proofs
@pytest.mark.parametrize("seed", [1, 2])
def test_a_queue_of_a_wide_flood_stands_for_two_seconds_at_most(seed: int) -> None:
    chance, site = random.Random(seed), Queue()
    addresses = [network(f"{n % 90 + 10}.{n // 90}.{n % 251}.9") for n in range(2000)]
    flood = [(chance.uniform(0, 40), "flood", chance.choice(addresses)) for _ in range(1000 * 40)]
    people = [(chance.uniform(0, 40), "honest", honest(number)) for number in range(2000)]
    site.take(sorted(flood + people, key=lambda each: each[0]))
    assert site.refused["flood"] > 0.5 * len(flood)
    assert sorted(site.waits)[int(0.99 * len(site.waits))] <= 2
    assert site.refused["honest"] <= 0.3 * len(people)


@pytest.mark.proofs
@pytest.mark.parametrize("seed", [1, 2])
def test_a_flood_from_one_48_is_shed_and_nobody_else(seed: int) -> None:
    site = flooded(lambda chance: network(f"2001:db8:1:{chance.randrange(65536):x}::1"), 1000, seed)
    assert site.outcomes["honest", False] == 0
    assert sorted(site.waits)[int(0.99 * len(site.waits))] <= 0.05
    assert site.refused("flood") > 0.5


@pytest.mark.proofs
@pytest.mark.parametrize("seed", [1, 2])
def test_a_flood_from_two_hundred_24s_of_one_16_is_shed_and_nobody_else(seed: int) -> None:
    site = flooded(
        lambda chance: network(f"203.0.{chance.randrange(200)}.{chance.randrange(256)}"), 1000, seed
    )
    assert site.outcomes["honest", False] == 0
    assert sorted(site.waits)[int(0.99 * len(site.waits))] <= 0.05


@pytest.mark.proofs
def test_a_flood_of_two_thousand_addresses_costs_few_people_anything() -> None:
    addresses = [network(f"{n % 90 + 10}.{n // 90}.{n % 251}.9") for n in range(2000)]
    site = flooded(lambda chance: chance.choice(addresses), 2000)
    assert site.refused("honest") <= 0.15
    assert site.refused("honest later") <= 0.02


def test_one_address_is_held_to_thirty_a_second_at_any_time() -> None:
    clock = Clock(1_000.0)
    floods = Floods(NOBODY, clock)
    one = network("192.0.2.1")
    passed = [floods.refuse(one, lambda: True) for _ in range(1_200)]
    assert passed.count(None) == 900
    assert set(passed[900:]) == {"network"}
    assert floods.refuse(network("192.0.2.2"), never) is None
    clock.now += 300
    assert floods.refuse(one, never) is None


def test_while_nobody_waits_no_wider_network_is_refused() -> None:
    floods = Floods(NOBODY, Clock(1_000.0))
    for number in range(5_000):
        assert floods.refuse(network(f"203.0.{number % 5}.{number // 5 % 250}"), never) is None


@pytest.mark.proofs
def test_a_flood_is_not_let_in_again_because_its_refusal_made_room() -> None:
    site = flooded(lambda chance: network(f"2001:db8:1:{chance.randrange(65536):x}::1"), 1000)
    passed = site.outcomes["flood later", True]
    assert passed <= 0.05 * (passed + site.outcomes["flood later", False])


def test_after_a_stall_only_those_who_send_far_more_than_people_do_are_refused() -> None:
    site = Busy()
    for _ in range(100):
        site.floods.served(3.0)
    site.floods.refuse(network("192.0.2.9"), never)
    site.clock.now += 5
    served = [site.floods.refuse(network("192.0.2.1"), never) is None for _ in range(300)]
    assert served[:50] == [True] * 50
    assert not served[-1]
    site.clock.now += 60
    assert site.floods.refuse(network("192.0.2.1"), never) is None


def test_those_who_hold_a_ticket_go_last() -> None:
    site = Busy()
    who = network("192.0.2.1")
    for _ in range(100):
        site.floods.served(3.0)
    assert site.floods.wait > 1
    assert site.floods.refuse(who, never) is not None
    assert site.floods.refuse(who, lambda: True) is None
    for _ in range(300):
        site.floods.refuse(who, never)
    assert site.floods.refuse(who, lambda: True) == "network"


def test_a_carrier_may_send_three_times_what_it_sent_in_the_last_hour() -> None:
    carriers = Carriers.parse("198.51.100.0/24")
    clock = Clock(1_000.0)
    floods = Floods(carriers, clock)
    carrier, home = network("198.51.100.1"), network("192.0.2.1")
    for _ in range(3600 * 4):
        clock.now += 0.25
        floods.refuse(carrier, never)
        floods.refuse(home, never)
    for _ in range(100):
        floods.served(0.45)
    assert floods.refuse(carrier, never) is None
    assert floods.refuse(home, never) is not None


def test_the_files_of_a_carrier_are_none_of_the_requests_that_it_usually_sends() -> None:
    told = []
    for files in (0, 10):
        clock = Clock(1_000.0)
        carrier = network("198.51.100.1")
        floods = Floods(Carriers.parse("198.51.100.0/24"), clock)
        for _ in range(3600):
            clock.now += 1
            floods.refuse(carrier, never)
            for _ in range(files):
                floods.takes_many(carrier)
                floods.refuse(carrier, never, is_file=True)
        for _ in range(100):
            floods.served(0.45)
        told.append([floods.refuse(carrier, never) is None for _ in range(100)].index(False))
    assert told[0] == told[1]


@pytest.mark.proofs
def test_what_is_kept_stays_within_bounds_and_remembers_the_heavy() -> None:
    clock = Clock(1_000.0)
    floods = Floods(NOBODY, clock)
    heavy = network("192.0.2.1")
    for _ in range(950):
        floods.refuse(heavy, never)
    for number in range(MAX_NETWORKS):
        floods.refuse(Network(6, number << 96 | number << 64, 64, 48), never)
    assert len(floods._lately._ones) <= MAX_NETWORKS
    assert floods.refuse(heavy, never) == "network"
    assert floods.refuse(UNKNOWN, never) is None


def test_what_no_thread_has_taken_yet_counts_as_waiting() -> None:
    clock = Clock(1_000.0)
    floods = Floods(NOBODY, clock)
    floods.watch(lambda: 300)
    for number in range(60):
        clock.now += 0.01
        floods.refuse(honest(number), never)
    assert floods.wait == pytest.approx(3.0, rel=0.2)
    floods.watch(int)
    clock.now += 1
    floods.refuse(honest(1), never)
    clock.now += 1
    assert floods.refuse(honest(2), never) is None


def test_who_is_served_before_the_queue_says_nothing_of_its_pace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(1_000.0)
    floods = Floods(NOBODY, clock)
    floods.watch(lambda: 300)
    for number in range(60):
        clock.now += 0.01
        floods.refuse(honest(number), never)
        with monkeypatch.context() as passing:
            passing.setattr(QUEUE, "is_passed", True)
            for other in range(5):
                floods.refuse(honest(100 * number + other), never)
    assert floods.wait == pytest.approx(3.0, rel=0.2)


@pytest.mark.parametrize("quiet", [0.2, 0.9, 8.0, 600.0])
def test_many_who_come_at_once_after_a_quiet_while_are_served(quiet: float) -> None:
    clock = Clock(1_000.0)
    floods = Floods(NOBODY, clock)
    left = 0
    floods.watch(lambda: left)
    for _ in range(3):
        clock.now += quiet
        for left in reversed(range(20)):
            clock.now += 0.004
            assert floods.refuse(honest(left), never) is None
            assert floods.wait < 0.1


def test_what_waited_when_the_quiet_began_says_nothing_after_it() -> None:
    clock = Clock(1_000.0)
    floods = Floods(NOBODY, clock)
    floods.watch(lambda: 1)
    for number in range(10):
        clock.now += 8
        assert floods.refuse(honest(number), never) is None


def test_time_in_which_nobody_asked_is_no_waiting() -> None:
    clock, queue = Clock(1_000.0), [0]
    floods = Floods(NOBODY, clock)
    floods.watch(lambda: queue[0])
    for burst in range(20):
        clock.now += 0.3 * (burst + 1)
        for left in range(7, -1, -1):
            clock.now += 0.01
            queue[0] = left
            assert floods.refuse(honest(burst), never) is None
            assert floods.wait < 0.1


def test_a_queue_is_seen_within_two_looks_however_long_nobody_asked_before() -> None:
    clock = Clock(1_000.0)
    floods = Floods(NOBODY, clock)
    clock.now += 3600
    floods.watch(lambda: 300)
    for number in range(12):
        floods.refuse(honest(number), never)
        clock.now += 0.01
    assert floods.wait == pytest.approx(3.0, rel=0.2)


def test_processes_take_from_one_queue_together() -> None:
    waits = []
    for processes in (1, 4):
        clock = Clock(1_000.0)
        floods = Floods(NOBODY, clock)
        floods.watch(lambda: 300, processes)
        for number in range(60):
            clock.now += 0.01
            floods.refuse(honest(number), never)
        waits.append(floods.wait)
    assert waits[0] == pytest.approx(4 * waits[1])


def test_no_request_waits_while_another_is_counted() -> None:
    floods = Floods(Carriers([]), Clock(1_000.0))
    stands = Standstill(int)
    floods.watch(stands)
    refused: list[str | None] = []
    stands.passed_by(
        lambda: floods.refuse(honest(1), never),
        lambda: refused.append(floods.refuse(honest(2), never)),
    )
    assert refused == [None]


def test_who_floods_is_told_so_where_nobody_else_can_be_served_either() -> None:
    clock = Clock(1_000.0)
    floods = Floods(NOBODY, clock)
    floods.watch(lambda: 300)
    heavy = Network(4, 0xCB007100, 24, 24)
    for number in range(400):
        clock.now += 0.01
        floods.refuse(honest(number), never)
        floods.refuse(heavy, never)
    assert floods.refuse(honest(500), never) == NO_WIDTH
    assert floods.refuse(heavy, never) in WIDTHS
