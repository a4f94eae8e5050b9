"""Days on which a claim waited for the participant do not count; untold ones accuse nobody."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.claims import at, claim
from tracking_site.domain.claims import Claim, Pause, Payment, Snapshot
from tracking_site.domain.identifiers import Kpj
from tracking_site.domain.outcomes import Found
from tracking_site.domain.timeline import UsualWaits
from tracking_site.domain.working_days import ClockState, LegalClock, Unsure, WorkingCalendar

CALENDAR = WorkingCalendar({}, until=date(2027, 12, 31))


def clock(now: int, subject: Claim) -> LegalClock:
    computed = LegalClock.of(subject, at(now), CALENDAR)
    assert computed is not None
    return computed


def assessed(*pauses: Pause, **changes: object) -> Claim:
    given: dict[str, object] = {"documents_complete_at": at(0), "pauses": pauses}
    return claim("registered", "document_check", "assessment", **(given | changes))


def days(clock: LegalClock) -> list[int]:
    return [day.day for day in clock.days]


def found_at(now: datetime, subject: Claim) -> Found:
    usual = UsualWaits.of({})
    return Found.of(Kpj("21049873145"), Snapshot((subject,), now), now, CALENDAR, usual)


def test_a_pause_that_is_over_moves_the_limit_by_its_days() -> None:
    told = clock(9, assessed(Pause(at(2), at(7))))
    assert days(told) == [10, 17, 18, 19, 20]
    assert (told.state, told.day_number, told.over_by) == (ClockState.RUNNING, 3, 0)
    assert told.knows_pauses


def test_without_pauses_the_same_claim_would_be_late() -> None:
    assert clock(9, assessed()).state is ClockState.OVERDUE
    assert clock(9, assessed()).over_by == 2


def test_late_days_leave_out_those_that_waited() -> None:
    told = clock(14, assessed(Pause(at(9), at(11))))
    assert days(told) == [10, 11, 12, 13, 16]
    # Tuesday 17 and Monday 23 are late; Wednesday to Friday waited.
    assert (told.state, told.over_by) == (ClockState.OVERDUE, 2)


def test_while_it_waits_only_used_days_are_known_and_there_is_no_limit() -> None:
    told = clock(20, assessed(Pause(at(3)), state="action_needed"))
    assert (told.state, told.stopped_on) == (ClockState.PAUSED, date(2026, 11, 12))
    assert (days(told), told.elapsed, told.due_on, told.day_number) == ([10, 11], 2, None, None)


def test_a_pause_on_the_day_of_completion_has_used_no_day() -> None:
    told = clock(4, assessed(Pause(at(0)), state="action_needed"))
    assert (told.state, told.elapsed, told.days) == (ClockState.PAUSED, 0, ())


def test_a_pause_past_the_limit_keeps_what_was_late_before() -> None:
    told = clock(30, assessed(Pause(at(10)), state="action_needed"))
    assert (told.state, told.elapsed, told.over_by) == (ClockState.PAUSED, 5, 2)
    assert told.due_on is None


def test_a_stop_without_a_day_is_told_without_one() -> None:
    told = clock(30, assessed(state="action_needed", pauses=None))
    assert (told.state, told.stopped_on, told.days) == (ClockState.PAUSED, None, ())


@pytest.mark.parametrize("note", ["documents_returned", "interview_missed"])
def test_a_note_of_the_last_step_says_when_it_stopped(note: str) -> None:
    subject = claim(
        "registered",
        "assessment",
        ("document_check", note),
        documents_complete_at=at(1),
        state="action_needed",
    )
    told = clock(30, subject)
    assert (told.stopped_on, told.elapsed) == (at(2).date(), 0)


@pytest.mark.parametrize(
    "note", ["documents_returned", "resubmitted", "interview_missed", "payment_retried"]
)
def test_a_wait_of_unknown_length_accuses_nobody(note: str) -> None:
    subject = claim(
        "registered",
        "assessment",
        ("document_check", note),
        "assessment",
        documents_complete_at=at(1),
    )
    told = clock(40, subject)
    assert (told.state, told.unsure, told.due_on) == (ClockState.UNSURE, Unsure.WAITS, None)
    paid = claim(
        *("registered", "assessment", ("document_check", note), "payment"),
        documents_complete_at=at(1),
        payment=Payment(at(30).date(), at(30)),
    )
    assert LegalClock.of(paid, at(40), CALENDAR) is None


def test_steps_that_are_the_branchs_own_are_no_waits() -> None:
    subject = claim(
        "registered",
        "approval",
        ("assessment", "recalculated"),
        documents_complete_at=at(1),
    )
    assert clock(40, subject).state is ClockState.OVERDUE


def test_documents_that_were_complete_anew_start_the_count_anew() -> None:
    subject = claim(
        "registered",
        "assessment",
        ("document_check", "documents_returned"),
        ("assessment", "resubmitted"),
        documents_complete_at=at(3),
    )
    assert clock(4, subject).state is ClockState.RUNNING


def test_a_hold_of_the_branch_itself_counts_on_where_waits_are_told() -> None:
    assert clock(9, assessed(state="on_hold")).state is ClockState.OVERDUE
    assert clock(9, assessed(state="on_hold", pauses=None)).state is ClockState.PAUSED
    assert clock(9, assessed(Pause(at(2)), state="on_hold")).state is ClockState.PAUSED


def test_it_says_whether_every_wait_is_told() -> None:
    assert clock(9, assessed()).knows_pauses
    assert not clock(9, assessed(pauses=None)).knows_pauses


PAUSES = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), max_size=4)


@given(PAUSES, st.integers(0, 60))
def test_no_counted_day_waited(spans: list[tuple[int, int]], now: int) -> None:
    pauses = tuple(Pause(at(first), at(first + length)) for first, length in spans)
    told = clock(now, assessed(*pauses))
    waited = {
        at(first).date() + timedelta(days=n) for first, length in spans for n in range(length + 1)
    }
    assert waited.isdisjoint(told.days)
    assert all(CALENDAR.is_working_day(day) and day > at(0).date() for day in told.days)
    lasting = [first for first, length in spans if first <= now < first + length]
    assert (told.state is ClockState.PAUSED) == bool(lasting)
    if lasting:
        assert (told.due_on, told.stopped_on) == (None, at(min(lasting)).date())
        assert all(day < at(min(lasting)).date() for day in told.days)
        return
    assert told.due_on is not None
    late = {at(n).date() for n in range(1, now + 1)}
    late = {day for day in late if day > told.due_on and CALENDAR.is_working_day(day)}
    assert told.over_by == len(late - waited)


@pytest.mark.parametrize("end", [at(21), at(60)])
def test_a_wait_whose_end_lies_ahead_lasts_still(end: datetime) -> None:
    """The core knows until when documents may come, or its clock runs ahead."""
    told = assessed(Pause(at(3), end), state="in_progress")
    assert clock(20, told) == clock(20, assessed(Pause(at(3)), state="in_progress"))
    found = found_at(at(20), told)
    (journey,) = found.journeys
    assert journey.standing.is_stopped
    assert journey.standing.held_since == date(2026, 11, 12)
    over = clock(63, told)
    assert over.state is not ClockState.PAUSED
    assert days(over)[:2] == [10, 11]
    # Time alone changes what is told, and a feed notices.
    assert found_at(end, told).turns == (end,)
    assert found_at(end - timedelta(minutes=1), told).turns < (end,)


def test_a_wait_that_is_still_to_come_is_not_waited_for_yet() -> None:
    told = assessed(Pause(at(3), at(7)))
    assert clock(2, told).state is ClockState.RUNNING
    assert days(clock(2, told)) == [10, 11, 17, 18, 19]
