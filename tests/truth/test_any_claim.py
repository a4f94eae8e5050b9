"""The same rules for claims that nobody wrote down: any codes, any days, in any order."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.document import known, validator
from tests.truth.checker import untruths
from tests.truth.core import CALENDAR
from tests.truth.facts import Facts, Holidays
from tests.truth.moments import MOMENTS, ZONES
from tests.truth.reading import page_of
from tracking_site.claims_api.contract import decode_snapshot
from tracking_site.domain.identifiers import Kpj
from tracking_site.domain.outcomes import Found
from tracking_site.guard.desk import LookupService
from tracking_site.telling.languages import LANGUAGES
from tracking_site.telling.outcomes import present
from tracking_site.telling.words import Words

HOLIDAYS = Holidays(frozenset(CALENDAR.days_off), CALENDAR.until, CALENDAR.estimates)
WORDS = [Words.load(language) for language in LANGUAGES]
KPJ = Kpj("21049873145")


def code(schema: str) -> st.SearchStrategy[str]:
    """Draw a known code, seldom one that nobody knows."""
    return st.sampled_from([*known(schema) * 3, "never_heard_of"])


@st.composite
def claims(draw: st.DrawFn, now: datetime) -> dict[str, Any]:
    """Draw a claim that keeps the contract; what it tells as past lies before now."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    hours = st.integers(0, 24 * 60)

    def past(longest: int = 24 * 60) -> str:
        back = timedelta(hours=draw(st.integers(0, longest)))
        return (now - back).astimezone(ZONES[zone]).isoformat(timespec="seconds")

    def day(first: int = -20, last: int = 20) -> str:
        local = now.astimezone(ZONES[zone]).date()
        return (local + timedelta(days=draw(st.integers(first, last)))).isoformat()

    def maybe(value: Any) -> Any:
        return value if draw(st.booleans()) else None

    entered = sorted(past() for _ in range(draw(st.integers(0, 5))))
    service = draw(st.sampled_from(["jht"] * 6 + ["jkk", "jkm", *known("ServiceCode"), "strange"]))
    starts = now + timedelta(hours=draw(hours) - 24 * 20)
    sent, back = maybe(past(400)), maybe(None)
    if sent and draw(st.booleans()):
        back = min(now.isoformat(), past(100)) if draw(st.booleans()) else None
    if back and datetime.fromisoformat(back) < datetime.fromisoformat(sent or back):
        back = sent
    return {
        "reference": "JHT-0000-000000",
        "service": service,
        "kind": maybe("full"),
        "cause": maybe("layoff"),
        "channel": draw(code("ChannelCode")),
        "kpj_suffix": None,
        "branch": {"name": "Cabang Contoh", "regency": "Kota", "phone": None, "timezone": zone},
        "state": draw(st.sampled_from(["in_progress"] * 4 + [*known("StateCode"), "strange"])),
        "submitted_at": entered[0] if entered else past(),
        "documents_complete_at": maybe(past(24 * 30)),
        "due_on": maybe(day()),
        "milestones": [
            {
                "stage": draw(code("StageCode")),
                "entered_at": each,
                "note": maybe(draw(code("NoteCode"))),
            }
            for each in entered
        ],
        "documents": [
            {
                "type": draw(code("DocumentTypeCode")),
                "state": draw(
                    st.sampled_from(["received", "accepted", *known("DocumentStateCode")])
                ),
                "cause": None,
                "due_on": maybe(day()),
            }
            for _ in range(draw(st.integers(0, 3)))
        ],
        "appointment": maybe(
            {
                "kind": draw(code("AppointmentKindCode")),
                "starts_at": starts.isoformat(),
                "ends_at": (starts + timedelta(minutes=30)).isoformat(),
            }
        ),
        "payment": maybe({"scheduled_on": day(), "sent_at": sent, "returned_at": back}),
        "notices": [
            {"means": "email", "about": draw(code("AboutCode")), "sent_at": past()}
            for _ in range(draw(st.integers(0, 2)))
        ],
        "outcome": maybe(
            {
                "result": draw(code("ResultCode")),
                "cause": maybe(draw(code("OutcomeCauseCode"))),
                "next_step": draw(code("NextStepCode")),
            }
        ),
    } | draw(st.just({}) | st.fixed_dictionaries({"pauses": pauses(past, now)}))


def pauses(past: Any, now: datetime) -> st.SearchStrategy[list[dict[str, Any]]]:
    @st.composite
    def drawn(draw: st.DrawFn) -> list[dict[str, Any]]:
        ends = sorted(past() for _ in range(2 * draw(st.integers(0, 2))))
        spans = [
            {"from": one, "until": other} for one, other in zip(ends[::2], ends[1::2], strict=True)
        ]
        if spans and draw(st.booleans()):
            ahead = (now + timedelta(hours=draw(st.integers(1, 24 * 20)))).isoformat()
            spans[-1]["until"] = draw(st.sampled_from([None, ahead]))
        return spans

    return drawn()


@pytest.mark.proofs
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data(), st.sampled_from(MOMENTS), st.sampled_from(WORDS))
def test_nothing_is_told_of_any_claim_that_is_not_so(
    data: st.DataObject, now: datetime, words: Words
) -> None:
    assert untruths_of(data.draw(claims(now)), now, words) == []


BEGUN = "2026-11-25T00:10:00+07:00"
CLAIM = {
    "reference": "JHT-0000-000000",
    "service": "jht",
    "kind": None,
    "cause": None,
    "channel": "lapak_asik_online",
    "kpj_suffix": None,
    "branch": {"name": "A", "regency": "B", "phone": None, "timezone": "Asia/Jakarta"},
    "state": "in_progress",
    "submitted_at": BEGUN,
    "documents_complete_at": None,
    "due_on": None,
    "milestones": [],
    "documents": [],
    "appointment": None,
    "payment": None,
    "notices": [],
    "outcome": None,
}
WANTED = {"type": "participant_card", "state": "missing", "cause": None, "due_on": None}
SENT_BACK = {"entered_at": "2026-11-24T23:10:00+07:00", "stage": "registered"}
FOUND_ONCE = {
    "money planned after the limit while a document is missing": {
        "documents_complete_at": BEGUN,
        "documents": [WANTED],
        "payment": {"scheduled_on": "2026-12-03", "sent_at": None, "returned_at": None},
    },
    "completed, and a next step that nobody knows": {
        "service": "profile_update",
        "state": "completed",
        "outcome": {"result": "refused", "cause": None, "next_step": "never_heard_of"},
    },
    "money that came back nobody says when, sent after the limit": {
        "state": "payment_returned",
        "documents_complete_at": "2026-11-16T23:10:00+07:00",
        "documents": [WANTED],
        "payment": {"scheduled_on": "2026-11-25", "sent_at": BEGUN, "returned_at": None},
        "pauses": [],
    },
    "sent back one day, and a wait told from the next": {
        "submitted_at": SENT_BACK["entered_at"],
        "documents_complete_at": "2026-11-23T23:10:00+07:00",
        "milestones": [SENT_BACK | {"note": None}, SENT_BACK | {"note": "documents_returned"}],
        "pauses": [{"from": BEGUN, "until": None}],
    },
}
"""Claims that chance once drew, of which something was told that was not so."""


@pytest.mark.parametrize("words", WORDS, ids=list(LANGUAGES))
@pytest.mark.parametrize("now", MOMENTS, ids=str)
@pytest.mark.parametrize("found", FOUND_ONCE)
def test_nothing_is_told_again_that_was_not_so_once(
    found: str, now: datetime, words: Words
) -> None:
    assert untruths_of(CLAIM | FOUND_ONCE[found], now, words) == []


def untruths_of(raw: dict[str, Any], now: datetime, words: Words) -> list[Any]:
    answer = {"as_of": now.isoformat(), "claims": [raw]}
    validator("ClaimLookupResult").validate(answer)
    snapshot = decode_snapshot(json.dumps(answer).encode())

    class Source:
        def claims_of(self, identifier: object) -> object:
            return snapshot

    outcome = LookupService(Source(), CALENDAR, lambda: now).look_up_identifier(KPJ)  # type: ignore[arg-type]
    assert isinstance(outcome, Found)
    (journey,) = present(outcome, words, now).journeys
    return list(untruths(Facts(raw, now, HOLIDAYS), page_of(journey), words.language))
