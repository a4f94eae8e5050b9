"""From a number to an outcome, over a source that answers what a test gives it."""

from datetime import UTC, date, datetime, timedelta

from tests.domain.claims import at, claim
from tracking_site.claims_api.errors import CoreError, Trouble
from tracking_site.domain.claims import Snapshot, StageDuration
from tracking_site.domain.identifiers import Identifier, Nik
from tracking_site.domain.outcomes import Found, NotFound, Unavailable
from tracking_site.domain.working_days import ClockState, WorkingCalendar
from tracking_site.guard.desk import LookupService

NIK = "3174054501900005"
NOW = at(3)
CALENDAR = WorkingCalendar({}, date(2027, 12, 31))


class GivenClaims:
    """A claims source that answers one thing, and remembers what it was asked."""

    def __init__(self, answer: Snapshot | Exception) -> None:
        self.answer = answer
        self.asked: list[Identifier] = []

    def claims_of(self, identifier: Identifier) -> Snapshot:
        self.asked.append(identifier)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def look_up(source: GivenClaims, **given: object) -> object:
    lookup = LookupService(source, CALENDAR, lambda: NOW, **given)  # type: ignore[arg-type]
    return lookup.look_up_identifier(Nik(NIK))


def test_an_unknown_number_and_one_without_claims_are_the_same_answer() -> None:
    outcome = look_up(GivenClaims(Snapshot((), NOW)))
    assert isinstance(outcome, NotFound)
    assert outcome.identifier.masked.endswith("05")


def test_claims_come_newest_first_with_timeline_clock_and_usual_times() -> None:
    older = claim("registered", "document_check", documents_complete_at=at(1))
    newer = claim("registered", submitted_at=at(2), service="complaint")
    usual = StageDuration("jht", "document_check", 1, 2, 3, claims=100)
    outcome = look_up(
        GivenClaims(Snapshot((older, newer), NOW, is_stale=True)),
        durations=lambda: {("jht", "document_check"): usual},
    )
    assert isinstance(outcome, Found)
    assert [journey.claim for journey in outcome.journeys] == [newer, older]
    assert outcome.journeys[0].standing.clock is None
    clock = outcome.journeys[1].standing.clock
    assert clock is not None
    assert clock.state is ClockState.RUNNING
    assert outcome.journeys[1].usual == {"document_check": usual}
    assert outcome.is_stale
    assert outcome.is_live


def test_finished_claims_are_not_live() -> None:
    done = claim("registered", "completed", state="completed")
    outcome = look_up(GivenClaims(Snapshot((done,), NOW)))
    assert isinstance(outcome, Found)
    assert not outcome.is_live


def test_the_age_is_never_negative() -> None:
    outcome = look_up(GivenClaims(Snapshot((claim("registered"),), at(9))))
    assert isinstance(outcome, Found)
    assert outcome.age_seconds == 0


def test_a_core_that_is_down_says_when_to_come_back() -> None:
    named = look_up(GivenClaims(CoreError(Trouble.SERVER_ERROR, retry_after=7)))
    unnamed = look_up(GivenClaims(CoreError(Trouble.SHAPE)))
    assert named == Unavailable(7)
    assert isinstance(unnamed, Unavailable)
    assert unnamed.retry_after > 0


def test_the_clock_that_was_handed_in_is_used() -> None:
    outcome = look_up(GivenClaims(Snapshot((claim("registered"),), datetime.now(UTC))))
    assert isinstance(outcome, Found)
    assert outcome.checked_at == NOW


def test_the_time_of_data_says_no_more_than_five_minutes_of_when_somebody_asked() -> None:
    told = set()
    for minute in range(60):
        as_of = NOW.replace(minute=minute, second=minute, microsecond=minute) - timedelta(1)
        outcome = look_up(GivenClaims(Snapshot((claim("registered"),), as_of)))
        assert isinstance(outcome, Found)
        assert 0 <= (as_of - outcome.as_of).total_seconds() < 300
        told.add(outcome.as_of)
    assert len(told) == 12
