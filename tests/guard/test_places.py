"""Places in the line by whose they are: how many may wait, where they stand, and who is charged."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.clock import Clock
from tests.domain.claims import claim
from tracking_site.claims_api.client import ASKS_AS
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.claims_api.gate import (
    KEPT_SECONDS,
    LAPSE_SECONDS,
    Intervals,
    MemoryGate,
    Place,
)
from tracking_site.domain.claims import Snapshot
from tracking_site.domain.identifiers import Identifier
from tracking_site.domain.outcomes import Found, NotFound, Waiting
from tracking_site.domain.working_days import WorkingCalendar
from tracking_site.guard.desk import Desk, LookupService, Visit
from tracking_site.guard.guard import Guard
from tracking_site.guard.keys import Days
from tracking_site.guard.limits import Counters, Rates, Refused, RequestLimit
from tracking_site.guard.line import AROUND_SECONDS, NUMBERS, PLACE_BYTES, PLACES, InLine, Line
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.networks import UNKNOWN, Carriers, Network, parse_network
from tracking_site.guard.policy import Policy
from tracking_site.sealing import Purpose, Sealer

KEY = b"the key of these tests, long enough"
NOW = datetime(2027, 1, 1, tzinfo=UTC)
HOME, CARRIER = parse_network("192.0.2.1"), parse_network("198.51.100.1")
OF_SLASH_56 = parse_network("2001:db8:0:a1::1")


class Core:
    """Has no room until it is told so, and then knows of claims or of none."""

    answer: Snapshot | None = None

    def __init__(self, gate: MemoryGate) -> None:
        self.gate = gate
        self.meanwhile: list[Callable[[], object]] = []

    def claims_of(self, _: Identifier) -> Snapshot:
        if self.answer is None:
            raise CoreError(Trouble.NO_ROOM)
        if self.meanwhile:
            # Who is at the core stands in the line no more.
            self.gate.drop(ASKS_AS.get().name)
            self.meanwhile.pop()()
        return self.answer


# Nobody pays here, and nobody is refused for what was not found.
LENIENT = Policy(work_by_distinct=(9_999,) * 3, proven=99, unproven_distinct=9_999)


class Site:
    def __init__(self, policy: Policy = LENIENT) -> None:
        self.clock, self._numbers = Clock(), iter(range(10_000))
        self.gate = MemoryGate(16, self.clock)
        self.core = Core(self.gate)
        while self.gate.enter(b"other", Place(b"full%012d" % next(self._numbers)), None) == "go":
            pass
        carriers = Carriers.parse("198.51.100.0/24")
        self.guard = Guard(MemoryLedger(policy), [KEY], carriers, self.clock)
        counted = Counters(clock=self.clock)
        rates = Rates(per_network=9_999)
        limit = RequestLimit(
            counted, rates, carriers, lambda each: each.first.hex(), clock=self.clock
        )
        self.sealer = Sealer([KEY], Purpose.PLACE, 3600, self.clock, padded_bytes=PLACE_BYTES)
        self.line = Line(
            self.gate, self.sealer, KEY, carriers, lambda _: False, lambda: 0.5, clock=self.clock
        )
        lookup = LookupService(self.core, WorkingCalendar({}, date(2028, 1, 1)), lambda: NOW)
        self.desk = Desk(lookup, self.guard, limit, self.line)

    def nik(self) -> str:
        return f"3174{next(self._numbers) % 50:02}010190{next(self._numbers):04}"

    def asked(self, network: Network) -> Any:
        return self.desk.look_up(self.nik(), Visit(network))

    def came_back(self, network: Network) -> Any:
        """Return what somebody is told whose number was paid for before."""
        return self.desk.look_up_paid(self.nik(), Visit(network))

    def polled(self, told: Waiting) -> Any:
        return self.desk.look_up_placed(self.desk.place_of(told.place, leads_back=True), Visit())

    def answers(self, *claims: Any) -> None:
        self.core.answer = Snapshot(claims, NOW)

    def distinct(self, network: Network) -> int:
        return self.guard.explain(network).seen.first.distinct


@pytest.fixture
def site() -> Site:
    return Site()


def test_of_a_carrier_many_may_wait_for_what_was_paid_for_too(site: Site) -> None:
    waiting = [site.asked(CARRIER) for _ in range(3 * PLACES)]
    waiting += [site.came_back(CARRIER) for _ in range(3 * PLACES)]
    assert {type(each) for each in waiting} == {Waiting}
    site.clock.advance(3)
    assert {type(site.polled(each)) for each in waiting} == {Waiting}
    # Of a network that is no carrier's only so many, whatever they come with.
    others = [site.came_back(HOME) for _ in range(PLACES + 1)]
    assert [type(each) for each in others] == [*[Waiting] * PLACES, Refused]


def test_who_asked_many_numbers_may_have_more_wait_also_of_what_was_paid_for(site: Site) -> None:
    site.answers(claim("registered"))
    for _ in range(2 * NUMBERS):
        assert isinstance(site.asked(HOME), Found)
    site.core.answer = None
    told = [site.came_back(HOME) for _ in range(PLACES + 3)]
    assert [type(each) for each in told] == [*[Waiting] * (PLACES + 2), Refused]


@pytest.mark.parametrize("network", [CARRIER, HOME], ids=["carrier", "crowd"])
def test_a_place_goes_on_where_it_stood_however_long_its_line_takes(
    site: Site, network: Network
) -> None:
    site.answers(claim("registered"))
    for _ in range(NUMBERS):
        assert isinstance(site.asked(network), Found)
    site.core.answer = None
    first, *others = [site.asked(network) for _ in range(PLACES + 1)]
    for _ in range(int(KEPT_SECONDS // 2) + 2):
        site.clock.advance(2)
        first, *others = [site.polled(each) for each in (first, *others)]
        assert first.waited == others[-1].waited
    assert first.waited > KEPT_SECONDS


def test_who_is_far_back_is_answered_as_soon_as_somebody_else_has_the_answer(site: Site) -> None:
    for number in range(100):
        site.gate.wait(Place(b"other%03d" % number + bytes(8)), 5, Intervals(0.5, 1, 60))
    site.clock.advance(1)
    told = site.asked(HOME)
    site.answers(claim("registered"))
    assert isinstance(site.desk.still_waits(told.place), Waiting)
    assert isinstance(site.polled(told), Waiting)
    site.line.is_at_hand = lambda _: True
    assert site.desk.still_waits(told.place) is None
    assert isinstance(site.polled(told), Found)


def test_who_comes_back_to_a_crowd_has_waited_since_the_arrival(site: Site) -> None:
    arrived = site.clock.now - 60
    for standing, waited in (
        (InLine(Place(bytes(16), arrived), site.nik(), HOME), 60),
        (InLine(Place(bytes(16)), site.nik(), HOME), 0),
    ):
        told = site.line.come_back(standing)
        assert told.waited == waited
        assert site.line.open(told.place).place.since == site.clock.now - waited


def test_a_question_of_a_place_makes_the_next_rarer_where_the_line_has_grown(site: Site) -> None:
    told = site.asked(HOME)
    few = site.line.pauses()
    for number in range(4_000):
        site.gate.wait(Place(b"other%03d" % (number % 999) + b"%08d" % number), 500, few)
    site.polled(told)
    assert site.line.pauses() > few


@pytest.mark.parametrize(
    ("around", "others", "told"),
    [
        ("192.0.2", 16 * AROUND_SECONDS - 1, Waiting),
        ("192.0.2", 16 * AROUND_SECONDS, Refused),
        ("198.51.100", 16 * AROUND_SECONDS, Waiting),
    ],
    ids=["fewer", "many", "carrier"],
)
def test_what_networks_of_one_owner_may_have_grows_with_the_core_and_a_carriers_is_open(
    site: Site, around: str, others: float, told: type
) -> None:
    for number in range(int(others)):
        network = parse_network(f"{around}.{number % 200 + 1}")
        assert site.gate.wait(site.line.new_place(network), 500, Intervals(0.5, 1, 60))
    assert isinstance(site.asked(parse_network(f"{around}.250")), told)


@pytest.mark.parametrize("network", [HOME, CARRIER, UNKNOWN], ids=["home", "carrier", "unknown"])
@pytest.mark.parametrize("is_known", [True, False])
def test_an_answer_that_was_waited_for_is_booked_unless_it_was_paid_for(
    site: Site, network: Network, is_known: bool
) -> None:
    told, paid = site.asked(network), site.came_back(network)
    site.answers(*[claim("registered")] * is_known)
    for each in (told, paid):
        site.clock.advance(30)
        assert isinstance(site.polled(each), Found if is_known else NotFound)
    row = site.guard.explain(network).seen.first
    assert row.distinct == 1
    assert (row.suspicion < 0) == is_known
    assert row.suspicion != 0


@pytest.mark.parametrize("network", [HOME, OF_SLASH_56, UNKNOWN], ids=["v4", "v6", "unknown"])
def test_an_answer_that_was_waited_for_is_booked_for_all_that_an_answer_at_once_is(
    site: Site, network: Network
) -> None:
    told = site.asked(network)
    site.answers()
    site.clock.advance(30)
    assert isinstance(site.polled(told), NotFound)
    waited = site.guard.explain(network).seen
    at_once = Site()
    at_once.answers()
    assert isinstance(at_once.asked(network), NotFound)
    seen = at_once.guard.explain(network).seen
    rows = [(each.distinct, each.suspicion) for each in (seen.first, seen.second, seen.third)]
    assert [(w.distinct, w.suspicion) for w in (waited.first, waited.second, waited.third)] == rows
    assert (rows[2] > (0, 0)) == (network is OF_SLASH_56)


def test_places_that_are_asked_for_at_once_run_ahead_of_no_answer() -> None:
    site = Site(Policy(work_by_distinct=(9_999,) * 3))
    told = []
    for _ in range(4):
        told += [site.asked(HOME) for _ in range(PLACES)]
        for _ in range(5):
            site.clock.advance(LAPSE_SECONDS / 4)
            site.gate.look()
    assert {type(each) for each in told} == {Waiting}
    site.answers()
    seen: list[Any] = []
    # While the core is asked for one of them the next is asked for.
    site.core.meanwhile = [lambda each=each: seen.append(site.polled(each)) for each in told[1:]]
    seen.append(site.polled(told[0]))
    assert 5 <= [type(each) for each in seen].count(NotFound) <= 6


def test_the_address_of_a_place_has_one_length_whatever_it_stands_for(site: Site) -> None:
    lengths = set()
    widest = parse_network("ffff:ffff:ffff:ffff::1")
    for number in (site.nik(), f"{site.nik()}/08", "21049873145"):
        for network, is_paid in ((HOME, False), (widest, True), (UNKNOWN, True)):
            for is_promised in (False, True):
                given = InLine(site.line.new_place(network), number, network, is_paid, is_promised)
                sealed = site.line.seal(given, site.clock())
                place = replace(given.place, since=site.clock())
                assert site.line.open(sealed) == replace(given, place=place, sealed=sealed)
                lengths.add(len(sealed))
    assert len(lengths) == 1


def test_at_midnight_nobody_loses_a_place_behind_an_address_that_asked_many_numbers(
    site: Site,
) -> None:
    site.clock.advance(Days(KEY).seconds_left(site.clock()) - 5)
    site.answers(claim("registered"))
    for _ in range(2 * NUMBERS):
        assert isinstance(site.asked(HOME), Found)
    site.core.answer = None
    told = [site.asked(HOME) for _ in range(PLACES + 2)]
    site.clock.advance(10)
    assert site.distinct(HOME) == 0
    assert {type(site.polled(each)) for each in told} == {Waiting}
    assert isinstance(site.asked(HOME), Refused)
