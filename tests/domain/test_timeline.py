"""The journey is told as it happened, and only the rest is computed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.claims import at, claim
from tracking_site.domain.claims import Claim, Stage
from tracking_site.domain.timeline import PROCESSES, StepState, Timeline


def told(subject: Claim) -> list[tuple[str, str]]:
    return [(step.stage, step.state) for step in Timeline.of(subject, at(10)).steps]


def test_a_claim_in_progress_has_past_current_and_coming_steps() -> None:
    assert told(claim("registered", "document_check", "assessment")) == [
        ("registered", "done"),
        ("document_check", "done"),
        ("assessment", "current"),
        ("approval", "upcoming"),
        ("payment", "upcoming"),
        ("completed", "upcoming"),
    ]


@pytest.mark.parametrize(
    ("channel", "has_interview"),
    [
        ("lapak_asik_online", True),
        ("lapak_asik_onsite", True),
        ("branch", True),
        ("collective", False),
        ("jmo", False),
    ],
)
def test_an_interview_is_to_come_at_branches_and_in_lapak_asik(
    channel: str, has_interview: bool
) -> None:
    steps = told(claim("registered", channel=channel))
    assert (("interview", "upcoming") in steps) is has_interview


def test_a_step_back_stands_where_it_happened_with_its_note() -> None:
    subject = claim(
        "registered", "document_check", "assessment", ("document_check", "documents_returned")
    )
    steps = Timeline.of(subject, at(10)).steps
    back = steps[3]
    assert (back.stage, back.state, back.note) == (
        "document_check",
        StepState.CURRENT,
        "documents_returned",
    )
    assert back.is_step_back
    assert not any(step.is_step_back for step in steps[:3])
    assert [step.stage for step in steps[4:]] == ["assessment", "approval", "payment", "completed"]


def test_a_stage_that_was_passed_over_is_skipped() -> None:
    assert told(claim("registered", "assessment"))[1] == ("document_check", "skipped")


def test_a_stage_left_out_once_but_entered_later_is_not_called_skipped() -> None:
    subject = claim("registered", "assessment", ("document_check", "documents_returned"))
    assert "skipped" not in [state for _, state in told(subject)]


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_a_claim_that_ended_badly_stops_there(state: str) -> None:
    assert told(claim("registered", "assessment", state=state))[-1] == ("assessment", "failed")


def test_a_returned_payment_fails_but_the_end_is_still_to_come() -> None:
    subject = claim("registered", "assessment", "payment", state="payment_returned")
    assert told(subject)[-2:] == [("payment", "failed"), ("completed", "upcoming")]


def test_a_completed_claim_has_only_done_steps() -> None:
    states = {state for _, state in told(claim("registered", "completed", state="completed"))}
    assert states == {"done", "skipped"}


def test_an_unknown_stage_and_state_are_kept_as_they_came() -> None:
    subject = claim("registered", "quantum_check", state="entangled")
    assert told(subject)[:2] == [("registered", "done"), ("quantum_check", "current")]


def test_an_unknown_service_tells_only_what_happened() -> None:
    assert told(claim("registered", service="moon_landing")) == [("registered", "current")]


def test_waiting_is_counted_from_the_last_milestone_and_never_negative() -> None:
    subject = claim("registered", "document_check")
    assert Timeline.of(subject, at(4)).waiting_for == timedelta(days=3)
    assert Timeline.of(subject, at(0)).waiting_for == timedelta(0)


def test_a_claim_without_milestones_has_everything_before_it() -> None:
    timeline = Timeline.of(claim(), at(1))
    assert timeline.current is None
    assert {step.state for step in timeline.steps} == {StepState.UPCOMING}


@given(
    st.sampled_from(sorted(PROCESSES)),
    st.lists(st.sampled_from([*Stage, "unheard_of"]), max_size=9),
    st.sampled_from(["in_progress", "completed", "rejected", "payment_returned", "unheard_of"]),
)
def test_no_milestone_is_lost_doubled_or_moved(service: str, stages: list[str], state: str) -> None:
    subject = claim(*stages, service=service, state=state)
    steps = Timeline.of(subject, at(20)).steps
    assert [step.stage for step in steps if step.entered_at] == stages
    assert sum(step.state is StepState.CURRENT for step in steps) <= 1
