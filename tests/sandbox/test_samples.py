"""The samples: one for each situation, true at any time of any day."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Participant, Sandbox
from sandbox.calendar import Moment, is_working_day
from sandbox.samples import SAMPLES
from tests.sandbox.test_numbers import is_plausible_nik

CLOCKS = st.datetimes(datetime(2025, 6, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
BY_NAME = {sample.situation: sample for sample in SAMPLES}


def claims_at(now: datetime, situation: str) -> list[dict[str, Any]]:
    return BY_NAME[situation].claims(now)


def claim_at(now: datetime, situation: str) -> dict[str, Any]:
    (claim,) = claims_at(now, situation)
    return claim


def moments_of(claim: dict[str, Any]) -> list[datetime]:
    return [datetime.fromisoformat(each["entered_at"]) for each in claim["milestones"]]


def zone_of(claim: dict[str, Any]) -> ZoneInfo:
    return ZoneInfo(claim["branch"]["timezone"])


def test_situations_and_numbers_are_all_different() -> None:
    assert len({sample.situation for sample in SAMPLES}) == len(SAMPLES)
    assert len({sample.nik for sample in SAMPLES}) == len(SAMPLES)
    assert len({sample.kpj for sample in SAMPLES}) == len(SAMPLES)


def test_situations_are_plain_words() -> None:
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", sample.situation) for sample in SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.situation)
def test_both_numbers_of_a_sample_are_plausible(sample: Participant) -> None:
    assert is_plausible_nik(sample.nik)
    assert re.fullmatch(r"[0-9A-Z]{11}", sample.kpj)


def test_the_first_sample_is_the_one_of_the_design() -> None:
    first = SAMPLES[0]
    assert first.nik == "3174054501900005"
    assert first.situation == "assessment_day_3"


@settings(max_examples=12)
@given(now=CLOCKS)
def test_dates_of_every_sample_are_consistent_at_any_time(now: datetime) -> None:
    for sample in SAMPLES:
        for claim in sample.claims(now):
            moments = moments_of(claim)
            assert all(one <= other for one, other in pairwise(moments)), sample.situation
            assert all(moment <= now for moment in moments), sample.situation
            submitted = datetime.fromisoformat(claim["submitted_at"])
            assert [submitted, *moments][:2].count(submitted) >= 1
            complete = claim["documents_complete_at"]
            if complete:
                assert datetime.fromisoformat(complete) in moments, sample.situation
            for pause in claim.get("pauses", ()):
                until = datetime.fromisoformat(pause["until"]) if pause["until"] else now
                assert datetime.fromisoformat(pause["from"]) <= until <= now, sample.situation
            for notice in claim["notices"]:
                sent = datetime.fromisoformat(notice["sent_at"])
                assert submitted <= sent <= now, sample.situation


@settings(max_examples=12)
@given(now=CLOCKS)
def test_an_appointment_lies_ahead_and_ends_after_it_starts(now: datetime) -> None:
    for sample in SAMPLES:
        for claim in sample.claims(now):
            if claim["appointment"]:
                starts = datetime.fromisoformat(claim["appointment"]["starts_at"])
                is_ahead = sample.situation != "interview_passed"
                assert (now < starts) is is_ahead
                assert starts < datetime.fromisoformat(claim["appointment"]["ends_at"])


@pytest.mark.parametrize(
    ("situation", "hours"),
    [("interview_tomorrow", 7), ("interview_tomorrow_wita", 8), ("interview_tomorrow_wit", 9)],
)
@given(now=CLOCKS)
def test_an_interview_tomorrow_is_always_tomorrow_where_the_branch_is(
    situation: str, hours: int, now: datetime
) -> None:
    claim = claim_at(now, situation)
    starts = datetime.fromisoformat(claim["appointment"]["starts_at"])
    assert starts.utcoffset() == timedelta(hours=hours)
    assert starts.date() == now.astimezone(zone_of(claim)).date() + timedelta(days=1)


@pytest.mark.parametrize(
    ("situation", "day"),
    [
        ("clock_day_1", 1),
        ("clock_day_2", 2),
        ("assessment_day_3", 3),
        ("clock_day_4", 4),
        ("clock_day_5", 5),
    ],
)
@given(now=CLOCKS)
def test_the_legal_clock_stands_at_its_day(situation: str, day: int, now: datetime) -> None:
    claim = claim_at(now, situation)
    start = datetime.fromisoformat(claim["documents_complete_at"]).date()
    today = now.astimezone(zone_of(claim)).date()
    behind = [start + timedelta(days=n) for n in range(1, (today - start).days)]
    assert sum(map(is_working_day, behind)) + 1 == day


@pytest.mark.parametrize("situation", ["overdue", "overdue_in_third_week", "jkm_overdue"])
@given(now=CLOCKS)
def test_an_overdue_claim_is_past_its_legal_days(situation: str, now: datetime) -> None:
    claim = claim_at(now, situation)
    start = datetime.fromisoformat(claim["documents_complete_at"]).date()
    moment = Moment(now, claim["branch"]["timezone"])
    days = [start + timedelta(days=n) for n in range(1, (moment.today - start).days + 1)]
    legal = 3 if claim["service"] == "jkm" else 5
    assert claim["state"] == "in_progress"
    assert sum(map(is_working_day, days)) > legal


@given(now=CLOCKS)
def test_paid_today_was_sent_today(now: datetime) -> None:
    claim = claim_at(now, "paid_today")
    sent = datetime.fromisoformat(claim["payment"]["sent_at"])
    assert sent.date() == now.astimezone(zone_of(claim)).date()
    assert claim["state"] == "completed"


@given(now=CLOCKS)
def test_documents_are_due_when_they_are_said_to_be(now: datetime) -> None:
    def due(situation: str) -> datetime:
        claim = claim_at(now, situation)
        (day,) = {each["due_on"] for each in claim["documents"]} - {None}
        return datetime.fromisoformat(day).replace(tzinfo=zone_of(claim))

    today = now.astimezone(ZoneInfo("Asia/Jakarta")).date()
    assert due("missing_document").date() > today
    assert due("document_deadline_passed").date() < today
    assert due("document_due_today").date() == now.astimezone(ZoneInfo("Asia/Jayapura")).date()


@given(now=CLOCKS)
def test_a_promised_date_lies_ahead_or_behind(now: datetime) -> None:
    today = now.astimezone(ZoneInfo("Asia/Jakarta")).date().isoformat()
    assert claim_at(now, "promised_date")["due_on"] > today
    assert claim_at(now, "promised_date_passed")["due_on"] < today


def test_documents_are_complete_exactly_when_their_check_is_past() -> None:
    now = datetime(2026, 11, 18, 7, 5, tzinfo=UTC)
    assert claim_at(now, "document_check")["documents_complete_at"] is None
    assert claim_at(now, "interview_tomorrow")["documents_complete_at"] is None
    assert claim_at(now, "missing_document")["documents_complete_at"] is None
    assert claim_at(now, "approval")["documents_complete_at"] is not None
    again = claim_at(now, "clock_started_again")
    assert again["documents_complete_at"] == again["milestones"][-1]["entered_at"]


def test_a_claim_waits_while_it_is_the_participants_turn() -> None:
    now = datetime(2026, 11, 18, 7, 5, tzinfo=UTC)
    for sample in SAMPLES:
        for claim in sample.claims(now):
            if claim.get("pauses") is None or not claim["milestones"]:
                continue
            lasts = any(pause["until"] is None for pause in claim["pauses"])
            step = (claim["outcome"] or {}).get("next_step")
            is_turn = claim["state"] in ("action_needed", "payment_returned") or (
                claim["state"] == "on_hold" and step not in (None, "none", "wait")
            )
            assert lasts is is_turn, sample.situation
    assert "pauses" not in claim_at(now, "overdue_waits_untold")


def test_a_step_back_stands_in_the_milestones_with_its_reason() -> None:
    claim = claim_at(datetime(2026, 11, 18, tzinfo=UTC), "step_back")
    assert [each["stage"] for each in claim["milestones"]][-2:] == ["assessment", "document_check"]
    assert claim["milestones"][-1]["note"] == "documents_returned"


def test_a_reference_does_not_depend_on_the_number() -> None:
    now = datetime(2026, 11, 18, tzinfo=UTC)
    for sample in SAMPLES:
        moved = replace(sample, nik="1101010101010001", kpj="00000000001")
        assert [claim["reference"] for claim in sample.claims(now)] == [
            claim["reference"] for claim in moved.claims(now)
        ]


def test_references_are_all_different_and_safe_to_show() -> None:
    now = datetime(2026, 11, 18, tzinfo=UTC)
    references = [claim["reference"] for sample in SAMPLES for claim in sample.claims(now)]
    assert len(set(references)) == len(references)
    assert all(re.fullmatch(r"[A-Z]{2,3}-\d{4}-\d{6}", each) for each in references)


def test_several_cards_are_told_apart_by_their_last_characters() -> None:
    claims = claims_at(datetime(2026, 11, 18, tzinfo=UTC), "several_cards")
    assert len({claim["kpj_suffix"] for claim in claims}) == len(claims) == 3


def test_special_numbers_are_there() -> None:
    assert {BY_NAME[f"province_{code}"].nik[:2] for code in (65, 92, 93, 95, 96)} == {
        "65",
        "92",
        "93",
        "95",
        "96",
    }
    assert 41 <= int(BY_NAME["womans_nik"].nik[6:8]) <= 71
    assert BY_NAME["leap_day_2000"].nik[6:12] == "290200"
    assert BY_NAME["kpj_leading_zeros"].kpj.startswith("000")
    assert not BY_NAME["kpj_with_letter"].kpj.isdigit()


def test_a_sample_can_be_asked_for_by_its_situation() -> None:
    sandbox = Sandbox()
    assert sandbox.sample("overdue").situation == "overdue"
    with pytest.raises(KeyError):
        sandbox.sample("never_seen")
