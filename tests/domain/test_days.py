"""The days that belong in a calendar, and those that no longer do."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.domain.claims import at, claim
from tracking_site.domain.claims import (
    Appointment,
    Claim,
    ClaimState,
    Document,
    Notice,
    Payment,
)
from tracking_site.domain.situation import CalendarDay, days_of
from tracking_site.domain.standing import Standing
from tracking_site.domain.timeline import Timeline
from tracking_site.domain.working_days import LegalClock, WorkingCalendar

CALENDAR = WorkingCalendar({}, date(2027, 12, 31))
DAY = date(2026, 11, 20)


def days(told: Claim, now: int = 3) -> list[CalendarDay]:
    clock = LegalClock.of(told, at(now), CALENDAR)
    timeline = Timeline.of(told, at(now))
    return list(days_of(Standing.of(told, timeline, clock, CALENDAR, at(now))))


def kinds(told: Claim) -> list[str]:
    return [f"{day.kind} {day.code}" for day in days(told)]


def test_each_kind_of_day_is_told_with_its_own_time() -> None:
    told = claim(
        "registered",
        "document_check",
        appointment=Appointment("video_interview", at(8), at(8, 3)),
        documents=(Document("photo", "missing", due_on=DAY), Document("tax_id", "accepted")),
        payment=Payment(DAY),
        due_on=DAY,
    )
    assert days(told) == [
        CalendarDay("appointment", "video_interview", at(8), at(8, 3)),
        CalendarDay("document", "photo", DAY, DAY),
        CalendarDay("payment", "scheduled", DAY, DAY),
        CalendarDay("promise", "promised", DAY, DAY),
    ]


def test_a_document_that_came_is_awaited_no_longer() -> None:
    assert kinds(claim("registered", documents=(Document("photo", "received", due_on=DAY),))) == []


def test_the_law_promises_where_nobody_else_did_while_its_clock_runs() -> None:
    running = claim("registered", "assessment", documents_complete_at=at(0))
    assert kinds(running) == ["promise legal"]
    waiting = claim("registered", "assessment", documents_complete_at=at(0), state="action_needed")
    assert kinds(waiting) == []


def test_what_a_refused_claim_had_planned_is_called_off() -> None:
    told = claim(
        "registered", state="rejected", appointment=Appointment("branch_visit", at(8), at(8, 3))
    )
    assert [day.is_called_off for day in days(told)] == [True]
    # Of which the core tells no step, and the day of the decision alone.
    decided = replace(told, milestones=(), notices=(Notice("email", "decision", at(2)),))
    assert [day.is_called_off for day in days(decided)] == [True]


def test_a_payment_that_came_back_is_called_off() -> None:
    told = claim("registered", "payment", state="payment_returned", payment=Payment(DAY, at(1)))
    assert [day.is_called_off for day in days(told)] == [True]


def test_money_that_was_sent_stands_on_its_own_day() -> None:
    told = claim("registered", "payment", payment=Payment(DAY, at(1)))
    assert days(told) == [CalendarDay("payment", "sent", at(1).date(), at(1).date())]


def test_days_of_a_claim_that_has_stopped_may_change() -> None:
    told = claim("registered", "payment", state="action_needed", payment=Payment(DAY), due_on=DAY)
    assert [(day.kind, day.may_change) for day in days(told)] == [
        ("payment", True),
        ("promise", True),
    ]
    assert not any(day.may_change for day in days(replace(told, state="in_progress")))


def test_what_lies_ahead_of_a_completed_claim_is_called_off_and_the_past_stays() -> None:
    talk = Appointment("video_interview", at(1), at(1, 3))
    told = claim("registered", "completed", state="completed", appointment=talk, due_on=DAY)
    assert [(day.kind, day.is_called_off) for day in days(told)] == [
        ("appointment", False),
        ("promise", True),
    ]


@pytest.mark.parametrize("state", [*ClaimState, "unheard_of"])
@pytest.mark.parametrize("sent_at", [None, at(2)], ids=["planned", "sent"])
def test_no_day_changes_by_the_passing_of_time_alone(state: str, sent_at: datetime | None) -> None:
    """Else calendars bring back what was called off, or make certain what did not hold."""
    told = claim(
        "registered",
        "completed" if state == "completed" else "payment",
        state=state,
        appointment=Appointment("video_interview", at(8), at(8, 3)),
        documents=(Document("photo", "missing", due_on=DAY),),
        payment=Payment(DAY, sent_at),
        due_on=DAY,
    )
    first = days(told)
    assert {day.kind for day in first} == {"appointment", "document", "payment", "promise"}
    assert [days(told, now) for now in range(4, 40)] == [first] * 36


def test_a_state_that_nobody_knows_neither_calls_a_day_off_nor_makes_it_certain() -> None:
    told = claim(
        "registered",
        state="unheard_of",
        appointment=Appointment("video_interview", at(8), at(8, 3)),
        documents=(Document("photo", "missing", due_on=DAY),),
        payment=Payment(DAY),
        due_on=DAY,
    )
    assert {(day.is_called_off, day.may_change) for day in days(told)} == {(False, True)}
