"""What a late claim gives to say asks what its page does not answer already."""

from dataclasses import replace

import pytest

from tests.domain.claims import MONDAY, at, claim
from tests.test_lookup import CALENDAR, GivenClaims
from tests.truth.test_services import told_of
from tests.truth.told import WORDS
from tracking_site.domain.claims import Claim, ClaimOutcome, Payment, Snapshot
from tracking_site.domain.identifiers import Kpj
from tracking_site.domain.outcomes import Found
from tracking_site.guard.desk import LookupService
from tracking_site.telling.languages import LANGUAGES
from tracking_site.telling.outcomes import present

in_each_language = pytest.mark.parametrize("language", LANGUAGES)


def late(planned: int | None) -> Claim:
    """Return a claim whose limit was the Monday before, its money planned so many days on."""
    payment = None if planned is None else Payment(at(planned).date())
    return claim("registered", "payment", documents_complete_at=at(-7), pauses=(), payment=payment)


@in_each_language
@pytest.mark.parametrize(
    ("planned", "day", "question"),
    [
        (None, None, "kapan cair?"),
        (4, "Jumat, 13\N{NO-BREAK SPACE}November", "Apakah tanggal itu pasti"),
        (2, "Rabu, 11\N{NO-BREAK SPACE}November", "Apakah tanggal itu pasti"),
        (1, "Selasa, 10\N{NO-BREAK SPACE}November", "belum dikirim. Apa sebabnya, dan kapan cair?"),
    ],
)
def test_who_is_told_a_day_does_not_ask_when_but_whether_it_holds(
    language: str, planned: int | None, day: str | None, question: str
) -> None:
    """In Indonesian on every page: whoever answers the phone speaks that."""
    (journey,) = told_of(language, late(planned)).journeys
    assert journey.todo.is_late
    assert journey.message is not None
    said = journey.message.text
    assert "lewat batas 5 hari kerja" in said
    assert question in said
    assert ("kapan" in said) is (planned is None or planned < 2)
    assert day is None or f"Uangnya dijadwalkan {day}" in said


def test_who_reads_another_language_is_told_what_the_words_mean() -> None:
    """Nobody says a sentence to an office, or sends one, that she cannot read."""
    active = ClaimOutcome("on_hold", "membership_active", "ask_employer")
    for told, heading, meaning in (
        (late(None), "Say, in Indonesian:", "5 working days"),
        (late(4), "Say, in Indonesian:", "planned for Friday, 13\N{NO-BREAK SPACE}November"),
        (
            claim("registered", state="on_hold", outcome=active),
            "Message to HR, in Indonesian:",
            "I have stopped working",
        ),
    ):
        (english,), (indonesian,) = (told_of(each, told).journeys for each in ("en", "id"))
        assert english.message is not None
        assert indonesian.message is not None
        assert english.message.heading == heading
        assert meaning in english.message.meaning
        assert english.message.text == indonesian.message.text
        assert not indonesian.message.meaning


@in_each_language
def test_money_planned_after_a_limit_that_is_over_is_called_late_once(language: str) -> None:
    """By "Lewat 2 hari kerja dari batas", not with another count beside it."""
    (journey,) = told_of(language, late(4)).journeys
    assert journey.clock_card is not None
    counts = [each for each in (*journey.lead, journey.clock_card.heading) if each.count]
    assert [each.says for each in counts] == ["late_by"]


@in_each_language
def test_the_day_up_to_which_holidays_are_certain_is_named_by_its_date(language: str) -> None:
    """ "Hari libur setelah hari ini, Selasa 9 Maret belum pasti" can be read in two ways."""
    moving = replace(CALENDAR, estimates=frozenset({at(1).date()}))
    open_claim = claim("registered", documents_complete_at=MONDAY)
    source = GivenClaims(Snapshot((open_claim,), MONDAY))
    lookup = LookupService(source, moving, lambda: MONDAY)
    found = lookup.look_up_identifier(Kpj("21049873145"))
    assert isinstance(found, Found)
    (journey,) = present(found, WORDS[language], MONDAY).journeys
    assert journey.clock_card is not None
    (note,) = [each for each in journey.clock_card.notes if each.says == "may_move"]
    day = {"id": "setelah Senin, 9", "en": "after Monday, 9"}[language]
    assert f"{day}\N{NO-BREAK SPACE}November " in note.text
