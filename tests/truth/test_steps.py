"""What is said of a step's days, of every sample, on working days and between them."""

import re
from datetime import datetime

import pytest

from tests.truth.core import CALENDAR
from tests.truth.moments import WIB, WITA
from tests.truth.reading import statements_of
from tests.truth.told import journeys_at
from tracking_site.telling.languages import LANGUAGES

SATURDAY = datetime(2026, 11, 28, 0, 30, tzinfo=WIB)
MOMENTS = (
    datetime(2026, 11, 27, 9, 0, tzinfo=WIB),
    SATURDAY,
    datetime(2026, 12, 25, 10, 0, tzinfo=WITA),
    datetime(2026, 12, 28, 8, 0, tzinfo=WIB),
    datetime(2027, 1, 4, 8, 0, tzinfo=WIB),
)

_RANGE = re.compile(r"(?:Biasanya|Usually) (?:\d+–)?(\d+) ")
_DAY = re.compile(r"(?:Anda hari ke-|You are on day )(\d+)")
_SO_FAR = re.compile(r"(?:Sudah|So far) (\d+) ")
_LONGER = {"id": "Lebih lama dari biasanya", "en": "Longer than usual"}
_OF_ONE = re.compile(r"(?<![–\d])\b1 (?:working )?days\b")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{now:%Y-%m-%d-%H%M}")
def test_a_step_lasts_longer_than_usual_only_past_the_days_that_are_said(
    now: datetime, language: str
) -> None:
    read = 0
    for journey in journeys_at(now, language):
        for usual in (step.usual for step in journey.steps if step.usual):
            last = int(_RANGE.findall(usual.text)[0])
            spent = [
                int(each) for each in (*_DAY.findall(usual.text), *_SO_FAR.findall(usual.text))
            ]
            assert (_LONGER[language] in usual.text) == (bool(spent) and spent[0] > last), (
                usual.text
            )
            read += 1
    assert read > 50


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{now:%Y-%m-%d-%H%M}")
def test_no_day_is_said_to_be_under_way_on_a_day_off(now: datetime, language: str) -> None:
    for journey in journeys_at(now, language):
        standing = journey.standing
        for usual in (step.usual for step in journey.steps if step.usual):
            is_day_said = bool(_DAY.search(usual.text))
            assert is_day_said <= CALENDAR.is_working_day(standing.today), usual.text
            assert bool(_SO_FAR.search(usual.text)) <= (not is_day_said), usual.text


@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{now:%Y-%m-%d-%H%M}")
def test_one_day_is_not_said_to_be_several(now: datetime) -> None:
    for journey in journeys_at(now, "en"):
        texts = [each.text for each in statements_of(journey)]
        texts += [step.when for step in journey.steps]
        texts += [step.usual.text for step in journey.steps if step.usual]
        assert [text for text in texts if _OF_ONE.search(text)] == []
        assert [text for text in texts if re.search(r"\b1 of \d+ working days are\b", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{now:%Y-%m-%d-%H%M}")
def test_a_short_date_that_could_be_of_another_year_says_which(
    now: datetime, language: str
) -> None:
    years: set[int] = set()
    for journey in journeys_at(now, language):
        standing, claim = journey.standing, journey.claim
        said = [
            (step.when, step.step.entered_at.astimezone(standing.zone).date())
            for step in journey.steps
            if step.step.entered_at
        ]
        if claim.notices:
            last = max(each.sent_at for each in claim.notices).astimezone(standing.zone).date()
            said.append((journey.last_notice, last))
        for text, day in said:
            if abs((standing.today - day).days) > 200 and day.year != standing.today.year:
                assert str(day.year) in text, text
                years.add(day.year)
    assert years >= {2024, 2025}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_happened_in_a_moment_is_not_said_to_last(language: str) -> None:
    """A request came in, an answer was sent: on a day, not since one."""
    happened = {
        "id": re.compile(r"^(?!.*menunggu)(?=.*(sudah dijawab|diterima)).*\bsejak\b"),
        "en": re.compile(r"^(?!.*waits)(?=.*(was answered|was received)).*\bsince\b"),
    }[language]
    journeys = journeys_at(SATURDAY, language)
    first = [each.headline.text for each in journeys]
    assert [text for text in first if happened.search(text)] == []
    assert any(re.search("dijawab|answered", text) for text in first)
    since = re.compile(r"^(Sejak|Since) ")
    lasting = [
        step.step.stage
        for journey in journeys
        for step in journey.steps
        if any(since.search(each.text) for each in step.texts)
    ]
    assert lasting
    assert "answered" not in lasting


@pytest.mark.parametrize(
    ("language", "first", "others"),
    [
        ("id", r"biasanya (\d+–)?\d+ hari kerja", r"(\d+–)?\d+ hari"),
        ("en", r"usually (\d+–)?\d+ working days?", r"(\d+–)?\d+ days?"),
    ],
)
def test_what_is_usual_ahead_says_once_of_what_days(language: str, first: str, others: str) -> None:
    read = 0
    for journey in journeys_at(SATURDAY, language):
        ahead = [step.when for step in journey.steps if step.look == "upcoming" and step.when]
        for place, when in enumerate(ahead):
            assert re.fullmatch(others if place else first, when), ahead
        read += len(ahead) > 1
    assert read > 50
