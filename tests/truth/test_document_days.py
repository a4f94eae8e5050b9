"""A document is asked for by its own day, and by no other's."""

from datetime import date
from itertools import product

import pytest

from tests.domain.claims import claim
from tests.truth.test_services import told_of
from tests.truth.told import WORDS
from tracking_site.domain.claims import Document
from tracking_site.telling.journeys import PresentedJourney
from tracking_site.telling.languages import LANGUAGES

TODAY = date(2026, 11, 11)
NAMES = {
    "id": {"bank_book": "buku tabungan", "passport": "paspor", "family_card": "Kartu Keluarga"},
    "en": {"bank_book": "bank book", "passport": "passport", "family_card": "family card"},
}
DAYS = [None, date(2026, 11, 5), date(2026, 11, 10), TODAY, date(2026, 11, 13)]
DUES = [dues for dues in product(DAYS, repeat=3) if any(dues)]

in_each_language = pytest.mark.parametrize("language", LANGUAGES)


def told(language: str, *dues: date | None) -> PresentedJourney:
    documents = [
        Document(kind, "missing", due_on=due) for kind, due in zip(NAMES["id"], dues, strict=False)
    ]
    asked = claim("registered", state="action_needed", documents=tuple(documents))
    (journey,) = told_of(language, asked).journeys
    return journey


@in_each_language
@pytest.mark.parametrize("dues", DUES, ids=str)
def test_the_first_sentence_names_what_waits_for_its_day_and_nothing_else(
    dues: tuple[date | None, ...], language: str
) -> None:
    journey = told(language, *dues)
    to_come = [day for day in dues if day and day >= TODAY]
    first = min(to_come or [day for day in dues if day])
    assert journey.headline.day == first
    names = NAMES[language]
    due_then = {kind for kind, due in zip(names, dues, strict=True) if due == first}
    named = {kind for kind, name in names.items() if name in journey.headline.text}
    if len(due_then) == len(names):
        assert "3" in journey.headline.text
    else:
        assert named == due_then


@in_each_language
@pytest.mark.parametrize("dues", DUES, ids=str)
def test_the_rest_is_asked_for_too_and_stands_in_the_list_with_its_own_day(
    dues: tuple[date | None, ...], language: str
) -> None:
    journey = told(language, *dues)
    assert journey.documents is not None
    rows = journey.documents.wanted
    assert len(rows) == len(dues)
    for row in rows:
        said = row.due.day if row.due else None
        assert said == (
            None if row.document.due_on == journey.headline.day else row.document.due_on
        )
    rest = [due for due in dues if due != journey.headline.day]
    late = [due for due in rest if due and due < TODAY <= (journey.headline.day or TODAY)]
    others = WORDS[language].code("todo_where", "others", branch="")
    passed = WORDS[language].code("todo_where", "some_passed", branch="")
    assert (others in str(journey.todo.text)) is (len(rest) > len(late))
    assert (passed in str(journey.todo.text)) is bool(late)


@in_each_language
def test_where_no_document_has_a_day_all_are_named(language: str) -> None:
    journey = told(language, None, None)
    assert journey.headline.day is None
    for name in list(NAMES[language].values())[:2]:
        assert name in journey.headline.text
