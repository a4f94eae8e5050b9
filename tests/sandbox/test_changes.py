"""Live changes to a participant's claims."""

from typing import Any

import pytest

from sandbox import Sandbox
from tests.sandbox.conftest import Caller, Clock


def claim_of(call: Caller, core: Sandbox, situation: str, place: int = 0) -> dict[str, Any]:
    claims = call.look_up_sample(core.sample(situation)).json["claims"]
    found: dict[str, Any] = claims[place]
    return found


def test_a_new_stage_is_a_milestone_at_the_time_of_the_change(
    core: Sandbox, call: Caller, clock: Clock
) -> None:
    sample = core.samples[0]
    before = claim_of(call, core, sample.situation)
    reply = call.post("/sandbox/claims", {"nik": sample.nik, "stage": "approval"})
    assert reply.status == 200
    clock.pass_(hours=2)
    call.post("/sandbox/claims", {"kpj": sample.kpj, "stage": "payment"})
    after = claim_of(call, core, sample.situation)
    assert after["milestones"][:-2] == before["milestones"]
    assert after["milestones"][-2:] == [
        {"stage": "approval", "entered_at": "2026-11-18T14:05:00+07:00", "note": None},
        {"stage": "payment", "entered_at": "2026-11-18T16:05:00+07:00", "note": None},
    ]
    assert after["payment"] == {
        "scheduled_on": "2026-11-19",
        "sent_at": None,
        "returned_at": None,
    }
    assert after["reference"] == before["reference"]


def test_completing_pays_and_says_so(core: Sandbox, call: Caller) -> None:
    sample = core.sample("payment_scheduled")
    call.post("/sandbox/claims", {"nik": sample.nik, "state": "completed"})
    claim = claim_of(call, core, "payment_scheduled")
    assert claim["state"] == "completed"
    assert claim["milestones"][-1]["stage"] == "completed"
    assert claim["payment"]["sent_at"] == claim["milestones"][-1]["entered_at"]
    assert claim["outcome"] == {"result": "paid", "cause": None, "next_step": "none"}


def test_a_service_without_money_is_done_not_paid(core: Sandbox, call: Caller) -> None:
    sample = core.sample("complaint_answered")
    call.post("/sandbox/claims", {"nik": sample.nik, "stage": "completed"})
    claim = claim_of(call, core, "complaint_answered")
    assert claim["payment"] is None
    assert claim["outcome"]["result"] == "done"


def test_leaving_the_check_completes_the_documents(core: Sandbox, call: Caller) -> None:
    sample = core.sample("missing_document")
    call.post("/sandbox/claims", {"nik": sample.nik, "stage": "assessment"})
    claim = claim_of(call, core, "missing_document")
    assert claim["state"] == "in_progress"
    assert claim["outcome"] is None
    assert claim["documents_complete_at"] == "2026-11-18T14:05:00+07:00"
    assert {each["state"] for each in claim["documents"]} == {"accepted"}


def test_a_step_back_keeps_its_note(core: Sandbox, call: Caller) -> None:
    change = {
        "reference": claim_of(call, core, "approval")["reference"],
        "stage": "document_check",
        "note": "documents_returned",
        "state": "action_needed",
        "documents": [
            {"type": "photo", "state": "rejected", "cause": "unreadable", "due_on": "2026-11-25"}
        ],
        "outcome": {
            "result": "correction_needed",
            "cause": "file_unreadable",
            "next_step": "upload_documents",
        },
    }
    assert call.post("/sandbox/claims", change).status == 200
    claim = claim_of(call, core, "approval")
    assert claim["milestones"][-1]["note"] == "documents_returned"
    assert claim["state"] == "action_needed"
    assert claim["documents"] == change["documents"]
    assert claim["outcome"] == change["outcome"]


def test_a_returned_payment_has_its_time(core: Sandbox, call: Caller) -> None:
    sample = core.sample("payment_on_its_way")
    call.post("/sandbox/claims", {"nik": sample.nik, "state": "payment_returned"})
    claim = claim_of(call, core, "payment_on_its_way")
    assert claim["state"] == "payment_returned"
    assert claim["payment"]["sent_at"] < claim["payment"]["returned_at"]


def test_one_of_several_claims_can_be_meant(core: Sandbox, call: Caller) -> None:
    sample = core.sample("several_programmes")
    before = call.look_up_sample(sample).json["claims"]
    call.post("/sandbox/claims", {"nik": sample.nik, "claim": 1, "stage": "payment"})
    after = call.look_up_sample(sample).json["claims"]
    assert after[1]["milestones"][-1]["stage"] == "payment"
    assert [after[0], *after[2:]] == [before[0], *before[2:]]


def test_someone_with_nothing_to_show_can_get_a_first_claim(core: Sandbox, call: Caller) -> None:
    sample = core.sample("nothing_to_show")
    call.post("/sandbox/claims", {"nik": sample.nik, "stage": "registered"})
    claim = claim_of(call, core, "nothing_to_show")
    assert [each["stage"] for each in claim["milestones"]] == ["registered"]
    assert claim["submitted_at"] == claim["milestones"][0]["entered_at"]


def test_a_member_of_the_population_can_be_changed(core: Sandbox, call: Caller) -> None:
    member = next(each for each in core.directory.population if each.specs)
    call.post("/sandbox/claims", {"kpj": member.kpj, "state": "on_hold"})
    assert call.look_up("nik", member.nik).json["claims"][0]["state"] == "on_hold"


def test_a_reset_brings_the_samples_back(core: Sandbox, call: Caller) -> None:
    before = claim_of(call, core, "approval")
    call.post("/sandbox/claims", {"nik": core.sample("approval").nik, "stage": "payment"})
    assert claim_of(call, core, "approval") != before
    assert call.ask("POST", "/sandbox/claims/reset", b"").status == 200
    assert claim_of(call, core, "approval") == before


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ([], 400),
        ({}, 400),
        ({"stage": "payment"}, 400),
        ({"nik": "3174054501900005", "kpj": "21049873145"}, 400),
        ({"nik": 3174054501900005}, 400),
        ({"nik": "3174054501900005", "colour": "red"}, 400),
        ({"nik": "3174054501900005", "stage": 7}, 400),
        ({"nik": "3174054501900005", "documents": ["photo"]}, 400),
        ({"nik": "3174054501900005", "payment": "soon"}, 400),
        ({"nik": "3174054501900005", "claim": "first"}, 400),
        ({"nik": "3174054501900005", "claim": 3, "state": "on_hold"}, 404),
        ({"nik": "3174054501909998", "state": "on_hold"}, 404),
        ({"reference": "JHT-0000-000000", "state": "on_hold"}, 404),
    ],
)
def test_what_is_no_change_is_refused_and_changes_nothing(
    core: Sandbox, call: Caller, change: Any, status: int
) -> None:
    before = claim_of(call, core, "assessment_day_3")
    reply = call.post("/sandbox/claims", change)
    assert reply.status == status
    assert b"3174054501" not in reply.body
    assert claim_of(call, core, "assessment_day_3") == before


def test_a_change_that_is_no_json_is_refused(call: Caller) -> None:
    assert call.ask("POST", "/sandbox/claims", b"{").status == 400


def test_a_claim_that_stops_for_the_participant_begins_to_wait_until_it_goes_on(
    core: Sandbox, call: Caller, clock: Clock
) -> None:
    sample = core.sample("assessment_day_3")
    assert claim_of(call, core, sample.situation)["pauses"] == []
    call.post("/sandbox/claims", {"nik": sample.nik, "state": "action_needed"})
    clock.pass_(hours=2)
    call.post("/sandbox/claims", {"nik": sample.nik, "cause": "layoff"})
    [pause] = claim_of(call, core, sample.situation)["pauses"]
    assert pause == {"from": "2026-11-18T14:05:00+07:00", "until": None}
    call.post("/sandbox/claims", {"nik": sample.nik, "stage": "approval"})
    [pause] = claim_of(call, core, sample.situation)["pauses"]
    assert pause["until"] == "2026-11-18T16:05:00+07:00"


def test_a_hold_of_the_branchs_own_is_no_wait(core: Sandbox, call: Caller) -> None:
    sample = core.sample("assessment_day_3")
    held = {"result": "on_hold", "cause": "head_office_check", "next_step": "wait"}
    call.post("/sandbox/claims", {"nik": sample.nik, "state": "on_hold", "outcome": held})
    assert claim_of(call, core, sample.situation)["pauses"] == []
    turn = held | {"cause": "membership_active", "next_step": "ask_employer"}
    call.post("/sandbox/claims", {"nik": sample.nik, "state": "on_hold", "outcome": turn})
    assert claim_of(call, core, sample.situation)["pauses"][0]["until"] is None


def test_pauses_can_be_set_as_they_are(core: Sandbox, call: Caller) -> None:
    sample = core.sample("assessment_day_3")
    pauses = [{"from": "2026-11-16T09:00:00+07:00", "until": "2026-11-17T09:00:00+07:00"}]
    call.post("/sandbox/claims", {"nik": sample.nik, "pauses": pauses})
    assert claim_of(call, core, sample.situation)["pauses"] == pauses
