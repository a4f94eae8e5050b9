"""What holds for a claim, what matters most of it, and what there is to do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.contract.document import known
from tests.domain.claims import BRANCH, at, claim
from tracking_site.domain.claims import (
    Appointment,
    Claim,
    ClaimOutcome,
    ClaimState,
    Document,
    DocumentState,
    NextStep,
    Notice,
    OutcomeCause,
    Pause,
    Payment,
    Service,
    Stage,
)
from tracking_site.domain.situation import (
    IS_NEEDED,
    Need,
    Situation,
    days_of,
    need_of,
    situation_of,
)
from tracking_site.domain.standing import Money, MoneyState, PromiseState, Standing
from tracking_site.domain.timeline import Timeline
from tracking_site.domain.working_days import ClockState, LegalClock, WorkingCalendar

CALENDAR = WorkingCalendar({}, date(2027, 12, 31))
NOW = 4
TODAY = at(NOW).date()
HALF_AN_HOUR = timedelta(minutes=30)
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


def standing(subject: Claim, now: datetime | None = None) -> Standing:
    moment = now or at(NOW)
    clock = LegalClock.of(subject, moment, CALENDAR)
    return Standing.of(subject, Timeline.of(subject, moment), clock, CALENDAR, moment)


def decided(subject: Claim) -> tuple[Situation, Need]:
    told = standing(subject)
    return situation_of(told), need_of(told)


CHECKED = claim("registered", "document_check")
COUNTED = claim("registered", "document_check", "assessment", documents_complete_at=at(2))
MISSING = Document("photo", "missing", due_on=TOMORROW)
TALK = Appointment("video_interview", at(8), at(8, 3))


@pytest.mark.parametrize(
    ("codes", "schema"),
    [
        (ClaimState, "StateCode"),
        (Service, "ServiceCode"),
        (Stage, "StageCode"),
        (DocumentState, "DocumentStateCode"),
        (NextStep, "NextStepCode"),
        (OutcomeCause, "OutcomeCauseCode"),
    ],
)
def test_the_codes_that_are_understood_are_those_of_the_contract(codes: Any, schema: str) -> None:
    assert [code.value for code in codes] == known(schema)


@pytest.mark.parametrize(
    ("change", "situation", "need"),
    [
        ({}, "running", "nothing"),
        ({"documents": (MISSING,)}, "action_due", "documents"),
        ({"documents": (replace(MISSING, due_on=YESTERDAY),)}, "action_late", "documents"),
        ({"documents": (replace(MISSING, due_on=None),)}, "action", "documents"),
        ({"documents": (replace(MISSING, due_on=YESTERDAY), MISSING)}, "action_due", "documents"),
        (
            {"documents": (replace(MISSING, due_on=YESTERDAY), replace(MISSING, due_on=None))},
            "action_late",
            "documents",
        ),
        ({"state": "action_needed"}, "action", "ask_what"),
        ({"state": "on_hold"}, "on_hold", "ask_what"),
        ({"state": "payment_returned"}, "returned", "ask_what"),
        ({"appointment": TALK}, "appointment", "attend"),
        ({"payment": Payment(TOMORROW)}, "scheduled", "nothing"),
        ({"payment": Payment(YESTERDAY)}, "schedule_passed", "ask_late"),
        ({"payment": Payment(YESTERDAY, at(3))}, "sent", "check"),
        ({"payment": Payment(at(1).date(), at(1), at(3))}, "returned", "ask_what"),
        ({"due_on": TODAY}, "promised", "nothing"),
        ({"due_on": YESTERDAY}, "promise_passed", "ask_late"),
        ({"pauses": (Pause(at(3)),)}, "stopped", "ask_what"),
        ({"state": "rejected"}, "rejected", "ask_why"),
        ({"state": "cancelled"}, "cancelled", "ask_why"),
        ({"state": "completed"}, "completed", "check"),
        ({"state": "completed", "service": "complaint"}, "completed", "done"),
        ({"state": "under_audit"}, "unknown", "unknown"),
        ({"service": "travel_cover"}, "running", "unknown"),
        ({"documents": (Document("photo", "archived"),)}, "running", "unknown"),
    ],
    ids=lambda given: "-".join(given) if isinstance(given, dict) else str(given),
)
def test_one_place_decides(change: dict[str, Any], situation: str, need: str) -> None:
    assert decided(replace(CHECKED, **change)) == (situation, need)


@pytest.mark.parametrize(
    ("state", "outcome", "need"),
    [
        ("action_needed", ("correction_needed", None, "visit_branch"), "step"),
        ("action_needed", ("correction_needed", None, "wait"), "ask_what"),
        ("action_needed", ("correction_needed", "new_cause", "visit_branch"), "step"),
        ("on_hold", ("on_hold", "head_office_check", "wait"), "wait"),
        ("on_hold", ("on_hold", "new_cause", "wait"), "unknown"),
        ("on_hold", ("on_hold", "membership_active", "ask_employer"), "step"),
        ("in_progress", ("on_hold", None, "new_step"), "unknown"),
        ("rejected", ("refused", "waiting_period", "wait_until_period_ends"), "again"),
        ("rejected", ("refused", "data_mismatch", "wait"), "ask_why"),
        ("rejected", ("refused", "new_cause", "wait"), "ask_why"),
        ("rejected", ("refused", "new_cause", "submit_again"), "again"),
        ("rejected", ("refused", "partial_already_taken", "none"), "ask_why"),
        ("cancelled", ("cancelled", "claimed_in_other_channel", "none"), "done"),
    ],
)
def test_what_the_institution_says_comes_next_is_done_unless_it_cannot_be(
    state: str, outcome: tuple[str, str | None, str], need: str
) -> None:
    told = replace(CHECKED, state=state, outcome=ClaimOutcome(*outcome))
    assert decided(told)[1] == need


def test_an_unknown_stage_is_not_called_nothing_to_do() -> None:
    told = standing(claim("registered", "peer_review"))
    assert told.unknown == ("stage", "peer_review")
    assert need_of(told) is Need.UNKNOWN
    assert IS_NEEDED[need_of(told)] is None
    assert not told.is_moving


def test_a_limit_is_told_while_it_lies_ahead_and_lateness_once_it_is_past() -> None:
    assert decided(COUNTED) == (Situation.LIMIT, Need.NOTHING)
    late = replace(COUNTED, documents_complete_at=at(-9), pauses=())
    assert decided(late) == (Situation.OVERDUE, Need.ASK_LATE)
    assert decided(replace(late, payment=Payment(TOMORROW)))[0] is Situation.SCHEDULED


def test_the_earlier_of_promise_and_limit_comes_first() -> None:
    limit = standing(COUNTED).clock
    assert limit is not None
    assert limit.due_on is not None
    for day, situation in ((limit.due_on, "promised"), (limit.due_on + timedelta(1), "limit")):
        assert decided(replace(COUNTED, due_on=day))[0] == situation


def test_a_date_that_a_holiday_may_move_is_not_the_first_sentence() -> None:
    moving = WorkingCalendar({}, date(2027, 12, 31), frozenset({TOMORROW}))
    clock = LegalClock.of(COUNTED, at(NOW), moving)
    told = Standing.of(COUNTED, Timeline.of(COUNTED, at(NOW)), clock, moving, at(NOW))
    assert situation_of(told) is Situation.RUNNING


@pytest.mark.parametrize("state", ["action_needed", "on_hold"])
def test_a_plan_of_a_claim_that_stopped_does_not_hold(state: str) -> None:
    told = standing(replace(CHECKED, state=state, payment=Payment(TOMORROW), due_on=TOMORROW))
    assert (told.money.state, told.promise) == (MoneyState.HELD, PromiseState.HELD)
    assert told.is_stopped


@pytest.mark.parametrize("state", ["action_needed", "on_hold"])
def test_a_planned_day_that_is_over_cannot_change_and_makes_nothing_late(state: str) -> None:
    yesterday = TOMORROW - timedelta(2)
    told = standing(replace(CHECKED, state=state, payment=Payment(yesterday), due_on=yesterday))
    assert (told.money.state, told.promise) == (MoneyState.PASSED, PromiseState.PASSED)
    assert told.is_stopped
    assert need_of(told) is Need.ASK_WHAT


def test_a_plan_past_the_limit_says_by_how_much() -> None:
    due = standing(COUNTED).clock
    assert due is not None
    assert due.due_on is not None
    late = due.due_on + timedelta(days=7)
    money = standing(replace(COUNTED, payment=Payment(late), pauses=())).money
    assert (money.is_past_limit, money.late_by) == (True, 5)
    # Days that waited for the person would not count, and here nobody tells them.
    untold = standing(replace(COUNTED, payment=Payment(late))).money
    assert (untold.is_past_limit, untold.late_by) == (True, None)
    in_time = standing(replace(COUNTED, payment=Payment(due.due_on))).money
    assert in_time == Money(MoneyState.SCHEDULED, due.due_on)


def test_money_is_looked_for_by_two_working_days_and_never_past_what_is_known() -> None:
    sent = replace(CHECKED, payment=Payment(TODAY, at(NOW)))
    assert standing(sent).money.check_on == date(2026, 11, 17)
    short = WorkingCalendar({}, date(2026, 11, 16))
    told = Standing.of(sent, Timeline.of(sent, at(NOW)), None, short, at(NOW))
    assert told.money == Money(MoneyState.SENT, TODAY, check_on=None)


def test_money_that_came_back_is_planned_anew_only_on_a_later_day() -> None:
    back = Payment(TODAY, at(1), at(2))
    assert standing(replace(CHECKED, payment=back)).money.state is MoneyState.SCHEDULED
    again = replace(back, scheduled_on=at(2).date())
    assert standing(replace(CHECKED, payment=again)).money.state is MoneyState.RETURNED


@pytest.mark.parametrize("state", ["in_progress", "completed"])
def test_money_that_left_again_a_day_after_it_came_back_was_sent(state: str) -> None:
    again = standing(replace(CHECKED, state=state, payment=Payment(TODAY, at(3), at(2)))).money
    assert (again.state, again.day) == (MoneyState.SENT, at(3).date())
    # A core may tell a day alone, as its midnight.
    same_day = Payment(TODAY, at(2, 9), at(2, 0))
    assert standing(replace(CHECKED, payment=same_day)).money.state is not MoneyState.SENT
    twice = replace(CHECKED, state="payment_returned", payment=Payment(TODAY, at(3), at(2)))
    assert standing(twice).money.state is MoneyState.RETURNED


def test_no_day_is_told_that_the_core_does_not_tell() -> None:
    refused = standing(replace(CHECKED, state="rejected"))
    assert refused.ended_on is None
    message = Notice("email", "decision", at(3))
    assert standing(replace(refused.claim, notices=(message,))).ended_on == at(3).date()
    assert standing(replace(CHECKED, state="on_hold")).held_since is None
    held = replace(CHECKED, state="on_hold", pauses=(Pause(at(2)),))
    assert standing(held).held_since == at(2).date()


def test_documents_wait_no_longer_once_their_check_is_past() -> None:
    assert not standing(CHECKED).is_check_past
    assert standing(claim("registered", "document_check", "interview")).is_check_past
    assert standing(replace(CHECKED, state="rejected")).is_check_past
    back = claim("registered", "assessment", ("document_check", "documents_returned"))
    assert not standing(back).is_check_past


@pytest.mark.parametrize("state", ["completed", "rejected", "cancelled"])
def test_what_has_ended_moves_no_more_and_nothing_of_its_way_is_waited_for(state: str) -> None:
    ended = replace(claim("registered", "unheard_of"), state=state, service="unheard_of")
    assert not standing(ended).is_moving
    assert standing(replace(ended, appointment=TALK)).appointment is None
    assert standing(ended).unknown is None
    assert standing(replace(ended, state="in_progress")).unknown == ("service", "unheard_of")


@pytest.mark.parametrize(
    ("state", "is_called_off"),
    [
        ("in_progress", [False, False]),
        ("completed", [False, True]),
        ("rejected", [True, True]),
        ("cancelled", [True, True]),
    ],
)
def test_what_a_claim_that_ended_had_before_it_is_called_off_in_calendars(
    state: str, is_called_off: list[bool]
) -> None:
    for (day, due_on), is_off in zip(((3, YESTERDAY), (8, TOMORROW)), is_called_off, strict=True):
        talk = Appointment("video_interview", at(day), at(day, 3))
        ended = replace(CHECKED, state=state, appointment=talk, due_on=due_on)
        told = {each.kind: each.is_called_off for each in days_of(standing(ended))}
        assert told == {"appointment": is_off, "promise": is_off}


def test_an_appointment_that_is_over_is_asked_about_while_nothing_followed() -> None:
    talk = Appointment("video_interview", at(3), at(3, 3))
    waits = claim("registered", "interview", appointment=talk)
    assert decided(waits) == (Situation.APPOINTMENT_PASSED, Need.ASK_MEETING)
    assert standing(replace(waits, state="on_hold")).past_appointment is None
    assert decided(replace(COUNTED, appointment=talk)) == (Situation.LIMIT, Need.NOTHING)


def test_there_is_one_today_and_it_is_that_of_the_branch() -> None:
    evening = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)
    for zone, today in (("Asia/Jakarta", date(2026, 12, 31)), ("Asia/Jayapura", date(2027, 1, 1))):
        there = replace(CHECKED, branch=replace(BRANCH, timezone=zone))
        assert standing(there, evening).today == today


def test_what_has_happened_never_lies_ahead_of_a_core_whose_clock_does() -> None:
    ahead = claim("registered", "document_check", submitted_at=at(9))
    late = replace(ahead, milestones=(replace(ahead.milestones[0], entered_at=at(9)),))
    assert standing(late).since == TODAY


@pytest.mark.parametrize("days", range(-2, 8))
def test_money_and_the_count_agree_on_whether_money_has_left(days: int) -> None:
    left = at(NOW + days, hour=3)
    told = standing(replace(COUNTED, payment=Payment(left.date(), sent_at=left)))
    is_sent = days <= 1
    assert told.clock is not None
    assert (told.money.state is MoneyState.SENT) == is_sent
    assert (told.clock.state in (ClockState.KEPT, ClockState.LATE)) == is_sent
    if is_sent:
        # A clock that runs ahead moves nothing into the days to come.
        assert told.money.day == told.clock.stopped_on == min(left.date(), TODAY)
    else:
        assert told.money.day == left.date()
        assert told.clock.stopped_on is None


@pytest.mark.parametrize("end", [at(8), at(7), at(8, 1)])
def test_an_appointment_without_an_end_is_over_an_hour_after_it_began(end: datetime) -> None:
    subject = claim("registered", "interview", appointment=Appointment("branch_visit", at(8), end))
    while_there, afterwards = standing(subject, at(8) + HALF_AN_HOUR), standing(subject, at(8, 3))
    assert (while_there.appointment, while_there.past_appointment) == (subject.appointment, None)
    assert (afterwards.appointment, afterwards.past_appointment) == (None, subject.appointment)


@pytest.mark.parametrize("step", [NextStep.WAIT_UNTIL_PERIOD_ENDS, NextStep.WAIT])
def test_nobody_waits_for_a_month_that_must_be_over(step: str) -> None:
    """It counts from the end of work, and who submits has left."""
    held = ClaimOutcome("on_hold", OutcomeCause.WAITING_PERIOD, step)
    subject = claim("registered", "document_check", state="on_hold", outcome=held)
    for day, need in ((31, Need.WAIT), (32, Need.ASK_WHAT), (400, Need.ASK_WHAT)):
        assert need_of(standing(subject, at(day))) is need
    other = replace(subject, outcome=replace(held, cause=OutcomeCause.HEAD_OFFICE_CHECK))
    assert need_of(standing(other, at(400))) is Need.WAIT
