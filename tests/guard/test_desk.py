"""The door to a lookup: what is counted, charged and asked, and what comes through."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import altcha

from tests.clock import Clock
from tests.domain.claims import claim
from tests.domain.test_pasted import FRAMES
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.claims_api.gate import MemoryGate
from tracking_site.domain.claims import Snapshot
from tracking_site.domain.identifiers import Identifier, Invalid, InvalidReason
from tracking_site.domain.outcomes import Found, NotFound, Unavailable
from tracking_site.domain.working_days import WorkingCalendar
from tracking_site.guard.challenge import Challenged
from tracking_site.guard.desk import Desk, LookupService, Visit
from tracking_site.guard.guard import Guard
from tracking_site.guard.limits import Counters, Rates, Refused, RequestLimit
from tracking_site.guard.line import PLACE_BYTES, Line
from tracking_site.guard.memory_ledger import MemoryLedger
from tracking_site.guard.networks import Carriers, network_of
from tracking_site.guard.policy import Policy
from tracking_site.sealing import Purpose, Sealer

KEY = b"the key of these tests, long enough"
VISIT = Visit(network_of("192.0.2.1", "", 0))
FREE = 3


def nik(place: int) -> str:
    return f"3174{place % 50:02}010190{place + 1:04}"


class Core:
    """Knows every number, none, or is down."""

    def __init__(self, answer: Snapshot | Exception) -> None:
        self.answer = answer
        self.asked = 0

    def claims_of(self, identifier: Identifier) -> Snapshot:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


NOW = datetime(2027, 1, 1, tzinfo=UTC)
SOMETHING = Snapshot((claim("registered"),), NOW)
NOTHING = Snapshot((), NOW)


def make(
    core: Core,
    clock: Clock | None = None,
    rates: Rates | None = None,
    *,
    is_guarded: bool = True,
    asks_card: bool = False,
) -> Desk:
    lookup = LookupService(core, WorkingCalendar({}, date(2028, 1, 1)), lambda: NOW)
    guard = Guard(MemoryLedger(Policy()), [KEY], Carriers(), clock or Clock(), pow_scale=0.01)
    counted = Counters()
    limit = RequestLimit(counted, rates or Rates(), Carriers(), lambda network: network.first.hex())
    seconds = clock or Clock()
    sealer = Sealer([KEY], Purpose.PLACE, 1800, seconds, padded_bytes=PLACE_BYTES)
    gate = MemoryGate(8, seconds)
    line = Line(gate, sealer, KEY, Carriers(), lambda number: False, lambda: 0.5)
    return Desk(lookup, guard if is_guarded else None, limit, line, asks_card=asks_card)


def solved(challenged: Challenged) -> str:
    told: dict[str, Any] = json.loads(challenged.challenge)
    challenge = altcha.Challenge.from_dict(told)
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    payload = {"challenge": told, "solution": solution.to_dict()}
    return base64.b64encode(json.dumps(payload).encode()).decode()


def test_the_first_numbers_are_free_and_repeats_always() -> None:
    core = Core(SOMETHING)
    lookup = make(core)
    for place in [0, 1, 2, 0, 1, 2] * 3:
        assert isinstance(lookup.look_up(nik(place), VISIT), Found)
    assert isinstance(lookup.look_up(nik(FREE), VISIT), Challenged)
    assert core.asked == 18


def test_an_impossible_number_costs_nothing_and_asks_nobody() -> None:
    core = Core(NOTHING)
    lookup = make(core)
    for _ in range(50):
        told = lookup.look_up("13 digits: 1234567890123", VISIT)
        assert told == Invalid(InvalidReason.HEALTH_CARD, 13)
    assert core.asked == 0
    assert isinstance(lookup.look_up(nik(0), VISIT), NotFound)


def test_fifty_ways_to_write_a_number_are_one_lookup() -> None:
    lookup = make(Core(SOMETHING))
    number = nik(0)
    marked = [number, f"NIK {number}", " ".join(number), "-".join(number), f"{number}\n"]
    framed = [frame.format(n=number, n_is_all="terima kasih") for frame in FRAMES]
    ways = [*marked * 5, *framed]
    assert len(ways) >= 50
    assert all(isinstance(lookup.look_up(way, VISIT), Found) for way in ways)
    for place in range(1, FREE):
        assert isinstance(lookup.look_up(nik(place), VISIT), Found)
    assert isinstance(lookup.look_up(nik(FREE), VISIT), Challenged)


def test_two_numbers_in_one_text_ask_nobody_and_cost_nothing() -> None:
    core = Core(SOMETHING)
    lookup = make(core)
    for between in (" ", "\n", ", ", " dan ", " | ", "", "; NIK istri: "):
        for place in range(10):
            outcome = lookup.look_up(nik(place) + between + nik(place + 20), VISIT)
            assert isinstance(outcome, Invalid)
    assert core.asked == 0
    for place in range(FREE):
        assert isinstance(lookup.look_up(nik(place), VISIT), Found)


def test_misses_lead_to_a_refusal_that_asks_the_core_no_more() -> None:
    core = Core(NOTHING)
    lookup = make(core)
    outcomes = []
    for place in range(40):
        outcome = lookup.look_up(nik(place), VISIT)
        while isinstance(outcome, Challenged):
            outcome = lookup.look_up(nik(place), Visit(VISIT.network, solved(outcome)))
        outcomes.append(outcome)
    assert isinstance(outcomes[-1], Refused)
    assert outcomes[-1].retry_after > 0
    assert core.asked <= 9


def test_work_for_one_number_does_not_pay_for_another() -> None:
    lookup = make(Core(SOMETHING))
    for place in range(FREE):
        lookup.look_up(nik(place), VISIT)
    challenged = lookup.look_up(nik(10), VISIT)
    assert isinstance(challenged, Challenged)
    solution = solved(challenged)
    assert isinstance(lookup.look_up(nik(11), Visit(VISIT.network, solution)), Challenged)
    assert isinstance(lookup.look_up(nik(10), Visit(VISIT.network, solution)), Found)


def test_waiting_pays_too_but_not_before_its_time() -> None:
    clock = Clock()
    lookup = make(Core(SOMETHING), clock)
    for place in range(FREE):
        lookup.look_up(nik(place), VISIT)
    challenged = lookup.look_up(nik(10), VISIT)
    assert isinstance(challenged, Challenged)
    waited = Visit(VISIT.network, wait_ticket=challenged.wait.text)
    too_early = lookup.look_up(nik(10), waited)
    assert isinstance(too_early, Challenged)
    assert too_early.wait.text == challenged.wait.text
    assert (challenged.is_early, too_early.is_early) == (False, True)
    clock.now += challenged.wait.seconds
    assert isinstance(lookup.look_up(nik(10), waited), Found)


def test_a_core_that_is_down_is_neither_a_hit_nor_a_miss() -> None:
    core = Core(CoreError(Trouble.TIMEOUT))
    lookup = make(core)
    for place in range(FREE):
        assert isinstance(lookup.look_up(nik(place), VISIT), Unavailable)
    core.answer = SOMETHING
    assert isinstance(lookup.look_up(nik(0), VISIT), Found)


def test_a_ticket_was_paid_for_before() -> None:
    lookup = make(Core(SOMETHING))
    for place in range(30):
        assert isinstance(lookup.look_up_paid(nik(place), VISIT), Found)


def test_every_way_to_a_lookup_takes_from_the_limit_of_the_network() -> None:
    core = Core(SOMETHING)
    rates = Rates(per_network=5, per_address=1000)
    ways: list[Callable[[Desk], object]] = [
        lambda desk: desk.look_up(nik(0), VISIT),
        lambda desk: desk.look_up("12", VISIT),
        lambda desk: desk.look_up_paid(nik(0), VISIT),
        lambda desk: desk.look_up_paid(nik(0), VISIT, "the digest of a private address"),
    ]
    for way in ways:
        desk = make(core, rates=rates)
        assert not any(isinstance(way(desk), Refused) for _ in range(5))
        core.asked = 0
        for other in ways:
            assert isinstance(other(desk), Refused)
        assert core.asked == 0


def test_one_private_address_has_a_limit_of_its_own_whoever_asks() -> None:
    desk = make(Core(SOMETHING), rates=Rates(per_network=3, per_address=4))
    neighbours = [Visit(network_of(f"198.51.100.{place}", "", 0)) for place in range(6)]
    outcomes = [desk.look_up_paid(nik(0), visit, "one") for visit in neighbours]
    assert [type(outcome) for outcome in outcomes] == [Found] * 4 + [Refused] * 2
    assert isinstance(desk.look_up_paid(nik(0), VISIT, "two"), Found)


def test_what_is_refused_at_the_entrance_costs_nothing_at_the_guard() -> None:
    clock = Clock()
    desk = make(Core(SOMETHING), clock, Rates(per_network=1))
    assert isinstance(desk.look_up(nik(0), VISIT), Found)
    for place in range(1, 20):
        assert isinstance(desk.look_up(nik(place), VISIT), Refused)
    assert desk._guard is not None
    assert desk._guard.explain(VISIT.network).seen.first.distinct == 1
