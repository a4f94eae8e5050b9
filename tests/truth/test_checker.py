"""The checker finds what it looks for: each kind of untruth, put into a page that has none."""

from datetime import date, datetime

import pytest

from tests.truth.checker import Page, dates_in, untruths
from tests.truth.core import CALENDAR, CoreAt
from tests.truth.facts import Facts, Holidays
from tests.truth.moments import WIB
from tests.truth.reading import page_of
from tests.truth.sources import SOURCE_OF
from tracking_site.domain.identifiers import Kpj
from tracking_site.domain.outcomes import Found
from tracking_site.guard.desk import LookupService
from tracking_site.telling.outcomes import present
from tracking_site.telling.statements import Says, Statement
from tracking_site.telling.words import Words

NOW = datetime(2026, 11, 25, 10, 0, tzinfo=WIB)
TODAY, TOMORROW = date(2026, 11, 25), date(2026, 11, 26)
HOLIDAYS = Holidays(frozenset(CALENDAR.days_off), CALENDAR.until, CALENDAR.estimates)
CORE = CoreAt(NOW)
BY_NAME = {person.situation: person for person in CORE.people}


def read(situation: str) -> tuple[Facts, Page]:
    person = BY_NAME[situation]
    outcome = LookupService(CORE, CALENDAR, lambda: NOW).look_up_identifier(Kpj(person.kpj))
    assert isinstance(outcome, Found)
    journey = present(outcome, Words.load("id"), NOW).journeys[0]
    raw = {each["reference"]: each for each in CORE.raw_claims_of(person)}
    return Facts(raw[journey.claim.reference], NOW, HOLIDAYS), page_of(journey)


def kinds(facts: Facts, page: Page) -> set[int]:
    return {each.kind for each in untruths(facts, page, "id")}


def with_statement(page: Page, wrong: Statement) -> Page:
    others = [each for each in page.all[1:] if each not in [text for _, text in page.steps]]
    return Page(page.headline, [*others, wrong], page.tiles, page.steps, page.needed)


@pytest.mark.parametrize(
    ("situation", "kind", "wrong"),
    [
        ("unknown_state", 1, Statement("Tidak ada.", Says.NOTHING_TO_DO)),
        ("unknown_stage", 1, Statement("Tunggu.", Says.WAIT)),
        ("unknown_state", 1, Statement("Hari ke-3.", Says.DAY_NUMBER, count=3)),
        ("unknown_cause", 1, Statement("Tunggu kabar.", Says.NEXT_NEWS)),
        ("rejected_data_mismatch", 1, Statement("Tunggu.", Says.WAIT)),
        ("missing_document", 1, Statement("Tidak ada.", Says.NOTHING_TO_DO)),
        ("interview_next_week", 2, Statement("Besok.", Says.APPOINTMENT, TOMORROW)),
        ("payment_scheduled", 2, Statement("Kapan?", Says.SCHEDULED, date(2026, 12, 9))),
        ("assessment_day_3", 2, Statement("Batasnya.", Says.LIMIT, date(2026, 11, 30))),
        ("approval", 2, Statement("Dikirim.", Says.SENT)),
        ("approval", 2, Statement("Sejak Senin, 2 November.", Says.SINCE, date(2026, 11, 24))),
        ("rejected_data_mismatch", 2, Statement("Ditolak.", Says.ENDED, date(2026, 11, 2))),
        ("assessment_day_3", 3, Statement("Kirim foto.", Says.TODO)),
        ("assessment_day_3", 3, Statement("Batas lewat.", Says.LIMIT, date(2026, 11, 20))),
        ("missing_document", 3, Statement("Tidak ada.", Says.NOBODY_LATE)),
        ("action_needed_account_closed", 3, Statement("Dijadwalkan.", Says.SCHEDULED, TOMORROW)),
        ("clock_day_5", 3, Statement("Bisa lebih cepat.", Says.SOONER)),
        ("interview_tomorrow", 3, Statement("Menunggu", Says.DOCUMENT, code="waiting")),
        ("action_needed_account_closed", 4, Statement("Batas.", Says.LIMIT, date(2026, 12, 1))),
        ("assessment_day_3", 4, Statement("Hari ke-4.", Says.DAY_NUMBER, count=4)),
        ("overdue", 4, Statement("Lewat 7.", Says.LATE_BY, count=7)),
        ("payment_scheduled", 5, Statement("besok", Says.SCHEDULED, date(2026, 11, 27))),
        ("payment_scheduled", 5, Statement("Kamis, 26 November", Says.SCHEDULED, TOMORROW)),
    ],
)
def test_a_wrong_sentence_is_found(situation: str, kind: int, wrong: Statement) -> None:
    facts, page = read(situation)
    assert kinds(facts, page) == set()
    assert kind in kinds(facts, with_statement(page, wrong))


def test_a_first_sentence_of_a_step_is_found_where_a_date_matters_more() -> None:
    for situation in ("payment_scheduled", "interview_next_week", "assessment_day_3"):
        facts, page = read(situation)
        of_a_step = Statement("Sedang diproses.", Says.SINCE, facts.since)
        page.headline = of_a_step
        assert kinds(facts, page) == {2}


def test_a_tile_of_a_day_that_waited_is_found() -> None:
    facts, page = read("assessment_day_3")
    facts.raw["pauses"] = [
        {"from": "2026-11-23T09:00:00+07:00", "until": "2026-11-23T11:00:00+07:00"}
    ]
    assert 4 in kinds(facts, page)


@pytest.mark.parametrize(
    ("look", "says"),
    [
        ("done", Says.STEP_NOW),
        ("current", Says.STEP_DONE),
        ("upcoming", Says.STEP_NOW),
    ],
)
def test_a_step_in_another_tense_is_found(look: str, says: Says) -> None:
    facts, page = read("assessment_day_3")
    day = facts.day(facts.raw["milestones"][0]["entered_at"])
    wrong = Statement("Langkah.", says, day, code="registered")
    page.steps = [(look, wrong)]
    assert 7 in kinds(facts, page)


def test_dates_are_read_as_they_are_written() -> None:
    assert dates_in("Kamis, 26 November dan besok, Jumat 27 November", "id", TODAY) == [
        date(2026, 11, 26),
        date(2026, 11, 27),
    ]
    assert dates_in("on Friday, 1 January 2027", "en", TODAY) == [date(2027, 1, 1)]
    assert dates_in("Senin, 26 November", "id", TODAY) == [date.min]


def test_a_statement_says_where_it_is_from() -> None:
    _, page = read("assessment_day_3")
    assert all(SOURCE_OF[each.says] for each in page.all)
    assert set(SOURCE_OF) == set(Says)
    assert SOURCE_OF[Says.SENT] == "core"
