"""Working days and the legal clock, over a small calendar of the tests' own."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.claims import BRANCH, at, claim
from tracking_site.domain.claims import Payment
from tracking_site.domain.working_days import ClockState, LegalClock, WorkingCalendar, zone_of

HOLIDAY = date(2026, 11, 12)
CALENDAR = WorkingCalendar({HOLIDAY: "Hari contoh"}, until=date(2027, 12, 31))
DATES = st.dates(date(2026, 1, 1), date(2027, 6, 30))


def clock(now: int, **changes: object) -> LegalClock:
    subject = claim("registered", "document_check", "assessment", **changes)
    computed = LegalClock.of(subject, at(now), CALENDAR)
    assert computed is not None
    return computed


def test_weekends_and_holidays_are_left_out() -> None:
    days = LegalClock.of(claim(documents_complete_at=at(0)), at(0), CALENDAR).days
    assert [day.day for day in days] == [10, 11, 13, 16, 17]


def test_the_clock_does_not_run_before_documents_are_complete() -> None:
    assert clock(9).state is ClockState.NOT_STARTED
    assert clock(9).due_on is None


def test_the_clock_runs_then_has_a_last_day_then_is_overdue() -> None:
    running, last, over = (clock(n, documents_complete_at=at(0)) for n in (2, 8, 10))
    assert (running.state, running.day_number) == (ClockState.RUNNING, 2)
    assert (last.state, last.day_number) == (ClockState.LAST_DAY, 5)
    assert (over.state, over.over_by) == (ClockState.OVERDUE, 2)


def test_the_clock_stops_while_the_claim_waits_for_the_participant() -> None:
    paused = clock(30, documents_complete_at=at(0), state="action_needed")
    assert (paused.state, paused.stopped_on, paused.elapsed) == (
        ClockState.PAUSED,
        date(2026, 11, 11),
        1,
    )


def test_payment_in_time_is_kept_and_later_is_late() -> None:
    for day, state in ((7, ClockState.KEPT), (10, ClockState.LATE)):
        payment = Payment(at(day).date(), sent_at=at(day))
        told = clock(40, documents_complete_at=at(0), payment=payment, state="completed")
        assert told.state is state


def test_money_that_came_back_stops_the_clock_and_keeps_no_promise() -> None:
    payment = Payment(at(7).date(), sent_at=at(7), returned_at=at(8))
    told = clock(40, documents_complete_at=at(0), payment=payment, state="payment_returned")
    assert (told.state, told.stopped_on) == (ClockState.PAUSED, at(8).date())


def test_holidays_that_were_left_out_are_named() -> None:
    told = clock(2, documents_complete_at=at(0))
    assert told.left_out == ((HOLIDAY, "Hari contoh"),)
    assert told.uncertain_after is None


def test_holidays_that_may_still_move_make_the_date_uncertain() -> None:
    moving = WorkingCalendar(CALENDAR.days_off, CALENDAR.until, frozenset({HOLIDAY}))
    short = WorkingCalendar({}, until=date(2026, 11, 12))
    subject = claim(documents_complete_at=at(0))
    for calendar, last in ((moving, date(2026, 11, 11)), (short, date(2026, 11, 12))):
        told = LegalClock.of(subject, at(1), calendar)
        assert told is not None
        assert told.uncertain_after == last


def test_services_without_a_rule_and_refused_claims_have_no_clock() -> None:
    assert LegalClock.of(claim(service="complaint"), at(1), CALENDAR) is None
    assert LegalClock.of(claim(state="rejected"), at(1), CALENDAR) is None


def test_death_benefits_have_three_working_days() -> None:
    told = LegalClock.of(claim(service="jkm", documents_complete_at=at(0)), at(0), CALENDAR)
    assert told is not None
    assert len(told.days) == 3


def test_the_date_is_that_of_the_branch() -> None:
    late_evening_utc = datetime(2026, 11, 9, 16, 30, tzinfo=UTC)
    papua = type(BRANCH)("Contoh", "Contoh", timezone="Asia/Jayapura")
    told = LegalClock.of(
        claim(documents_complete_at=late_evening_utc, branch=papua), at(1), CALENDAR
    )
    assert told is not None
    assert told.days[0] == date(2026, 11, 11)


def test_an_unknown_zone_falls_back_to_jakarta() -> None:
    assert zone_of("Mars/Olympus").key == "Asia/Jakarta"
    assert zone_of("../../etc/passwd").key == "Asia/Jakarta"


@given(DATES, st.integers(1, 30))
def test_adding_and_counting_agree(start: date, count: int) -> None:
    end = CALENDAR.add(start, count)
    assert CALENDAR.between(start, end) == count
    assert CALENDAR.is_working_day(end)
    assert CALENDAR.between(start, end - timedelta(days=1)) == count - 1
