"""Working days and the legal clock, over a small calendar of the tests' own."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.claims import BRANCH, at, claim
from tracking_site.data.facts import load_calendar
from tracking_site.domain.claims import Payment, zone_of
from tracking_site.domain.working_days import ClockState, LegalClock, Unsure, WorkingCalendar

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
    checked = LegalClock.of(claim("registered", "document_check"), at(9), CALENDAR)
    assert checked is not None
    assert checked.state is ClockState.NOT_STARTED
    assert checked.due_on is None


def test_a_start_that_the_core_does_not_tell_is_not_called_ahead() -> None:
    told = clock(9)
    assert (told.state, told.unsure, told.due_on) == (ClockState.UNSURE, Unsure.START, None)


def test_the_clock_runs_then_has_a_last_day_then_is_overdue() -> None:
    running, last, over = (clock(n, documents_complete_at=at(0)) for n in (2, 8, 10))
    assert (running.state, running.day_number) == (ClockState.RUNNING, 2)
    assert (last.state, last.day_number) == (ClockState.LAST_DAY, 5)
    assert (over.state, over.over_by) == (ClockState.OVERDUE, 2)


def test_no_working_day_runs_on_a_day_off_nor_on_the_day_of_completion() -> None:
    complete, holiday, saturday = (clock(n, documents_complete_at=at(0)) for n in (0, 3, 5))
    assert [each.day_number for each in (complete, holiday, saturday)] == [None, None, None]
    assert [each.elapsed for each in (complete, holiday, saturday)] == [0, 2, 3]


def test_a_weekend_after_the_limit_is_past_it_though_no_working_day_is() -> None:
    friday = clock(5, documents_complete_at=at(-5), service="jht")
    assert friday.due_on == date(2026, 11, 11)
    jkm = LegalClock.of(claim(documents_complete_at=at(0), service="jkm"), at(5), CALENDAR)
    assert jkm is not None
    assert (jkm.due_on, jkm.state, jkm.over_by) == (date(2026, 11, 13), ClockState.OVERDUE, 0)


def test_payment_in_time_is_kept_and_later_is_late() -> None:
    for day, state in ((7, ClockState.KEPT), (10, ClockState.LATE)):
        payment = Payment(at(day).date(), sent_at=at(day))
        told = clock(40, documents_complete_at=at(0), payment=payment, state="completed")
        assert told.state is state


def test_money_that_came_back_stops_the_clock_and_keeps_no_promise() -> None:
    payment = Payment(at(7).date(), sent_at=at(7), returned_at=at(8))
    told = clock(40, documents_complete_at=at(0), payment=payment, state="payment_returned")
    assert (told.state, told.stopped_on, told.elapsed) == (ClockState.PAUSED, at(7).date(), 3)
    assert told.over_by == 0


def test_money_that_was_sent_twice_was_late_by_nobodys_count() -> None:
    again = Payment(at(7).date(), sent_at=at(20), returned_at=at(10))
    told = claim("assessment", documents_complete_at=at(0), payment=again, pauses=())
    for state in ("in_progress", "completed"):
        assert LegalClock.of(replace(told, state=state), at(40), CALENDAR) is None


def test_holidays_that_were_left_out_are_named() -> None:
    told = clock(2, documents_complete_at=at(0))
    assert told.left_out == ((HOLIDAY, "Hari contoh"),)
    assert told.uncertain_after is None


def test_holidays_that_may_still_move_make_the_date_uncertain() -> None:
    moving = WorkingCalendar(CALENDAR.days_off, CALENDAR.until, frozenset({HOLIDAY}))
    told = LegalClock.of(claim(documents_complete_at=at(0)), at(1), moving)
    assert told is not None
    assert told.uncertain_after == date(2026, 11, 11)
    assert not told.is_settled


def test_nothing_is_counted_past_the_day_up_to_which_holidays_are_known() -> None:
    short = WorkingCalendar({}, until=date(2026, 11, 12))
    told = LegalClock.of(claim(documents_complete_at=at(0)), at(1), short)
    assert told is not None
    assert (told.state, told.unsure, told.days) == (ClockState.UNSURE, Unsure.HOLIDAYS, ())
    sent = Payment(at(7).date(), sent_at=at(7))
    paid = claim(documents_complete_at=at(0), payment=sent, state="completed")
    assert LegalClock.of(paid, at(9), short) is None


def test_nobody_is_called_late_over_a_holiday_that_may_still_move() -> None:
    moving = WorkingCalendar(CALENDAR.days_off, CALENDAR.until, frozenset({HOLIDAY}))
    told = LegalClock.of(claim(documents_complete_at=at(0)), at(11), moving)
    assert told is not None
    assert (told.state, told.unsure) == (ClockState.UNSURE, Unsure.HOLIDAYS)


@pytest.mark.parametrize(
    ("later", "until"), [({}, date(2026, 11, 20)), ({date(2026, 11, 20): "Moving"}, CALENDAR.until)]
)
def test_a_limit_that_was_certain_stays_past_whatever_day_off_comes_after_it(
    later: dict[date, str], until: date
) -> None:
    """It could "not be worked out yet" from the holiday on, though it had passed before."""
    calendar = WorkingCalendar(CALENDAR.days_off | later, until, frozenset(later))
    told = LegalClock.of(claim(documents_complete_at=at(0)), at(14), calendar)
    assert told is not None
    assert (told.state, told.due_on, told.is_settled) == (ClockState.OVERDUE, at(8).date(), True)
    # By how many working days nobody knows.
    assert (told.unsure, told.over_by) == (Unsure.HOLIDAYS, 0)
    before = LegalClock.of(claim(documents_complete_at=at(0)), at(9), calendar)
    assert before is not None
    assert (before.state, before.unsure, before.over_by) == (ClockState.OVERDUE, None, 1)


def test_a_limit_before_which_a_holiday_can_move_onto_days_off_alone_passes() -> None:
    """Whose documents were complete before Idul Fitri was called late neither then nor ever."""
    calendar, complete = load_calendar(), datetime(2027, 3, 5, 3, tzinfo=UTC)
    subject = claim(documents_complete_at=complete, submitted_at=complete)
    before, after = (LegalClock.of(subject, complete + timedelta(n), calendar) for n in (17, 18))
    assert before is not None and after is not None
    assert (before.state, before.is_settled) == (ClockState.LAST_DAY, False)
    assert (after.state, after.due_on) == (ClockState.OVERDUE, date(2027, 3, 22))
    # By how many working days nobody knows: the holiday may have been a day earlier.
    assert (after.unsure, after.over_by) == (Unsure.HOLIDAYS, 0)


@given(st.dates(date(2026, 11, 1), date(2027, 12, 31)), st.integers(0, 400), st.integers(0, 400))
def test_once_a_limit_has_passed_it_has_passed_for_good(start: date, now: int, later: int) -> None:
    began = datetime(start.year, start.month, start.day, 3, tzinfo=UTC)
    subject = claim(documents_complete_at=began, submitted_at=began)
    calendar = load_calendar()
    told = LegalClock.of(subject, began + timedelta(days=now), calendar)
    then = LegalClock.of(subject, began + timedelta(days=now + later), calendar)
    assert told is not None
    assert then is not None
    if told.state is ClockState.OVERDUE:
        assert (then.state, then.due_on) == (ClockState.OVERDUE, told.due_on)


def test_services_without_a_rule_and_refused_claims_have_no_clock() -> None:
    assert LegalClock.of(claim(service="complaint"), at(1), CALENDAR) is None
    assert LegalClock.of(claim(state="rejected"), at(1), CALENDAR) is None
    assert LegalClock.of(claim(state="under_audit"), at(1), CALENDAR) is None


def test_what_has_ended_without_a_day_of_payment_has_no_clock() -> None:
    done = claim("registered", "completed", state="completed", documents_complete_at=at(0))
    assert LegalClock.of(done, at(9), CALENDAR) is None
    assert LegalClock.of(replace(done, documents_complete_at=None), at(9), CALENDAR) is None


@pytest.mark.parametrize(("service", "days"), [("jht", 5), ("jkm", 3), ("jkk", 7)])
def test_each_service_has_the_working_days_of_its_rule(service: str, days: int) -> None:
    told = LegalClock.of(claim(service=service, documents_complete_at=at(0)), at(0), CALENDAR)
    assert told is not None
    assert len(told.days) == days


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


def test_money_that_came_back_and_was_never_told_as_sent_is_no_accident() -> None:
    back = Payment(at(3).date(), returned_at=at(4))
    paid_anew = claim(documents_complete_at=at(0), payment=back)
    told = LegalClock.of(paid_anew, at(5), CALENDAR)
    assert told is not None
    assert told.waited_days == 0


def test_a_holiday_that_may_still_move_makes_no_week_end_uncertain() -> None:
    friday, saturday = date(2026, 11, 20), date(2026, 11, 21)
    off = {friday: "Moving", saturday: "Moving"}
    calendar = WorkingCalendar(off, CALENDAR.until, frozenset(off))
    assert not calendar.is_day_off(friday)
    assert calendar.is_day_off(saturday)


@given(DATES, st.integers(1, 30))
def test_adding_and_counting_agree(start: date, count: int) -> None:
    end = CALENDAR.add(start, count)
    assert CALENDAR.between(start, end) == count
    assert CALENDAR.is_working_day(end)
    assert CALENDAR.between(start, end - timedelta(days=1)) == count - 1
