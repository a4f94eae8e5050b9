"""The same rules for claims that nobody wrote down: any codes, any days, in any order."""

import json
from datetime import datetime, timedelta
from typing import Any

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
from tracking_site.lookup import LookupService
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
    } | draw(st.just({}) | st.fixed_dictionaries({"pauses": pauses(past)}))


def pauses(past: Any) -> st.SearchStrategy[list[dict[str, Any]]]:
    @st.composite
    def drawn(draw: st.DrawFn) -> list[dict[str, Any]]:
        ends = sorted(past() for _ in range(2 * draw(st.integers(0, 2))))
        spans = [
            {"from": one, "until": other} for one, other in zip(ends[::2], ends[1::2], strict=True)
        ]
        if spans and draw(st.booleans()):
            spans[-1]["until"] = None
        return spans

    return drawn()


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data(), st.sampled_from(MOMENTS), st.sampled_from(WORDS))
def test_nothing_is_told_of_any_claim_that_is_not_so(
    data: st.DataObject, now: datetime, words: Words
) -> None:
    raw = data.draw(claims(now))
    answer = {"as_of": now.isoformat(), "claims": [raw]}
    validator("ClaimLookupResult").validate(answer)
    snapshot = decode_snapshot(json.dumps(answer).encode())

    class Source:
        def claims_of(self, identifier: object) -> object:
            return snapshot

    outcome = LookupService(Source(), CALENDAR, lambda: now).look_up_identifier(KPJ)  # type: ignore[arg-type]
    assert isinstance(outcome, Found)
    (journey,) = present(outcome, words, now).journeys
    assert list(untruths(Facts(raw, now, HOLIDAYS), page_of(journey), words.language)) == []
