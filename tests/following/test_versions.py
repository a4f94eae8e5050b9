"""Versions: the same text for the same page, and news told from two of them."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.claims import at, claim
from tracking_site.domain.claims import (
    Appointment,
    Branch,
    Claim,
    ClaimOutcome,
    Document,
    Notice,
    Pause,
    Payment,
    Service,
    Snapshot,
)
from tracking_site.domain.identifiers import Identifier, parse_identifier
from tracking_site.domain.news import NO_NEWS, News, gone_since, news_since
from tracking_site.domain.outcomes import MAX_CHARACTERS, Found, Version
from tracking_site.domain.working_days import WorkingCalendar
from tracking_site.guard.desk import LookupService

NIK = "3174054501900005"
NOON = at(3, 5)


def found(*claims: Claim, now: datetime = NOON, **of_snapshot: object) -> Found:
    class Source:
        def claims_of(self, identifier: Identifier) -> Snapshot:
            values: dict[str, object] = {"as_of": now} | of_snapshot
            return Snapshot(claims, **values)  # type: ignore[arg-type]

    service = LookupService(Source(), WorkingCalendar({}, date(2027, 12, 31)), lambda: now)
    identifier = parse_identifier(NIK)
    assert isinstance(identifier, Identifier)
    outcome = service.look_up_identifier(identifier)
    assert isinstance(outcome, Found)
    return outcome


CHECKED = claim("registered", "document_check", reference="JHT-1")
TALK = Appointment("video_interview", at(8), at(8, 3))


def shows_the_same(text: str, told: Found) -> bool:
    return Version.of(told).is_shown_by(text)


def version(*claims: Claim) -> str:
    return str(Version.of(found(*claims)))


def test_a_version_is_short_and_says_nothing() -> None:
    text = version(CHECKED)
    assert len(text) < 60
    assert "JHT" not in text
    assert Version.parse(text) == Version.of(found(CHECKED))


def test_the_same_facts_on_the_same_day_are_the_same_version() -> None:
    later = found(CHECKED, now=NOON + timedelta(hours=5), as_of=NOON + timedelta(hours=4))
    assert shows_the_same(version(CHECKED), later)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"state": "action_needed"}, "standing"),
        ({"outcome": ClaimOutcome("on_hold", None, "wait")}, "standing"),
        ({"branch": Branch("Contoh", "Kota Contoh", phone="(021) 555-0101")}, "particulars"),
        ({"channel": "branch"}, "particulars"),
        ({"kind": "full"}, "particulars"),
        ({"documents": (Document("photo", "missing"),)}, "documents"),
        ({"appointment": TALK}, "appointment"),
        ({"due_on": date(2026, 11, 20)}, "promise"),
        ({"documents_complete_at": at(1)}, "promise"),
        ({"pauses": (Pause(at(1), at(2)),)}, "promise"),
        ({"payment": Payment(date(2026, 11, 20))}, "payment"),
        ({"notices": (Notice("email", "decision", at(2)),)}, "notices"),
    ],
    ids=lambda given: given if isinstance(given, str) else "-".join(given),
)
def test_news_name_the_part_that_changed(change: dict[str, object], part: str) -> None:
    changed = replace(CHECKED, **change)  # type: ignore[arg-type]
    assert not shows_the_same(version(CHECKED), found(changed))
    assert news_since(version(CHECKED), [changed]) == (News(parts=frozenset({part})),)


def test_new_milestones_are_told_by_their_places() -> None:
    further = claim("registered", "document_check", "interview", "assessment", reference="JHT-1")
    assert news_since(version(CHECKED), [further]) == (News(milestones=frozenset({2, 3})),)


def test_a_corrected_journey_is_news_without_a_new_milestone() -> None:
    corrected = claim("registered", ("document_check", "resubmitted"), reference="JHT-1")
    assert news_since(version(CHECKED), [corrected])[0].parts == {"journey"}


def test_a_claim_that_was_not_there_is_new_and_the_other_is_not() -> None:
    other = replace(CHECKED, reference="JHT-2", submitted_at=at(2))
    told = found(CHECKED, other)
    assert [each != NO_NEWS for each in news_since(version(CHECKED), told.claims)] == [True, False]
    assert news_since(version(CHECKED), told.claims)[0].is_new_claim


def test_claims_that_are_gone_are_counted_and_no_facts_are_called_the_same() -> None:
    both = version(CHECKED, replace(CHECKED, reference="JHT-2"))
    left = found(CHECKED)
    assert gone_since(both, left.claims) == 1
    assert not Version.of(left).has_facts_of(both)
    assert set(news_since(both, left.claims)) == {NO_NEWS}
    assert gone_since("", left.claims) == gone_since(version(CHECKED), left.claims) == 0


def test_a_notice_that_was_corrected_or_taken_back_is_no_news_and_no_same_facts() -> None:
    told = replace(CHECKED, notices=(Notice("email", "decision", at(2)),))
    for notices in ((), (Notice("sms", "decision", at(2)),)):
        other = found(replace(CHECKED, notices=notices))
        assert set(news_since(version(told), other.claims)) == {NO_NEWS}
        assert not Version.of(other).has_facts_of(version(told))


@pytest.mark.parametrize("state", ["in_progress", "completed", "rejected", "cancelled"])
@pytest.mark.parametrize("service", list(Service))
def test_a_limit_is_news_where_there_is_one_and_the_claim_is_open(service: str, state: str) -> None:
    told = replace(CHECKED, service=service, state=state)
    complete = found(replace(told, documents_complete_at=at(1), pauses=(Pause(at(1), at(2)),)))
    (news,) = news_since(version(told), complete.claims)
    has_limit = service in ("jht", "jkk", "jkm") and state == "in_progress"
    assert news.parts == ({"promise"} if has_limit else set())
    assert not Version.of(complete).has_facts_of(version(told))


def test_midnight_at_the_branch_and_the_end_of_an_appointment_make_a_new_version() -> None:
    before = found(replace(CHECKED, appointment=Appointment("video_interview", NOON, at(3, 6))))
    shown = str(Version.of(before))
    for now in (at(3, 6), at(3, 17)):
        later = found(*before.claims, now=now)
        assert not shows_the_same(shown, later)
        assert set(news_since(shown, later.claims)) == {NO_NEWS}
        assert Version.of(later).has_facts_of(shown)


def test_a_young_copy_is_no_news_to_a_page_and_an_old_one_is() -> None:
    young = found(CHECKED, as_of=NOON - timedelta(minutes=3), is_stale=True)
    old = found(CHECKED, as_of=NOON - timedelta(minutes=30), is_stale=True)
    fresh = version(CHECKED)
    assert shows_the_same(fresh, young)
    assert not shows_the_same(fresh, old)
    assert shows_the_same(str(Version.of(young)), young)
    assert not shows_the_same(str(Version.of(old)), found(CHECKED))


def test_readers_hear_of_facts_alone_however_old_the_copy_is() -> None:
    fresh, old = found(CHECKED), found(CHECKED, as_of=NOON - timedelta(hours=3), is_stale=True)
    etag = Version.of(fresh).etag
    assert etag == Version.of(old).etag
    assert Version.of(old).says_the_same_as(etag)
    changed = found(replace(CHECKED, state="on_hold"))
    assert not Version.of(changed).says_the_same_as(etag)


@given(st.one_of(st.text(max_size=80), st.text("AQ_-9z", max_size=200)))
def test_any_text_may_be_sent_as_a_version(text: str) -> None:
    news = news_since(text, [CHECKED])
    assert len(news) == 1
    assert not shows_the_same(text, found(CHECKED))


def test_a_version_that_is_too_long_is_not_read() -> None:
    assert Version.parse("A" * (MAX_CHARACTERS + 4)) is None
