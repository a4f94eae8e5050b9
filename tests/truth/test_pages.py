"""Whole pages, in both languages: no date that nobody claims, no other today."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests.conftest import HTMX
from tests.truth.checker import NEAR, dates_in
from tests.truth.core import CALENDAR, CoreAt
from tests.truth.moments import PAGES_AT
from tests.truth.reading import statements_of
from tracking_site.app import create_app
from tracking_site.domain.identifiers import Kpj
from tracking_site.domain.outcomes import Found
from tracking_site.guard.desk import LookupService
from tracking_site.settings import Settings
from tracking_site.telling.journeys import PresentedJourney
from tracking_site.telling.languages import LANGUAGES
from tracking_site.telling.outcomes import Presented, present
from tracking_site.telling.words import Words

CORE = CoreAt(PAGES_AT[0])
WORDS = {language: Words.load(language) for language in LANGUAGES}
PATHS = {"id": "/lacak", "en": "/en/lacak"}


@pytest.fixture(scope="module")
def client(environ: dict[str, str]) -> FlaskClient:
    settings = Settings.from_env(environ)
    return create_app(settings, source=CORE, clock=lambda: CORE.now).test_client()


@pytest.mark.proofs
@pytest.mark.parametrize("now", PAGES_AT, ids=lambda now: f"{now:%Y-%m-%d-%H%M}")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_date_on_a_page_is_claimed_by_a_sentence(
    client: FlaskClient, language: str, now: datetime
) -> None:
    CORE.now = now
    durations = CORE.durations()
    lookup = LookupService(CORE, CALENDAR, lambda: now, lambda: durations)
    for person in CORE.people[: -CORE.members]:
        outcome = lookup.look_up_identifier(Kpj(person.kpj))
        answer = client.post(PATHS[language], data={"nomor": person.kpj}, headers=HTMX)
        if not isinstance(outcome, Found):
            continue
        told, text = present(outcome, WORDS[language], now), text_of(answer.text)
        allowed = {day for each in told.journeys for day in days_of(each, language)}
        found = dates_in(text, language, told.journeys[0].standing.today)
        assert set(found) <= allowed | {each.standing.today for each in told.journeys}, (
            person.situation,
            set(found) - allowed,
        )
        assert_near_days_are_near(text, told, language)
        assert_says_the_sentences(text, told)


def text_of(html: str) -> str:
    """Return what stands in a part of a page, without its tags."""
    html = re.sub(r'<span class="whole">(.*?)</span>', r"\1", html)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def days_of(journey: PresentedJourney, language: str) -> Iterator[date]:
    """Yield every day that a page may name of a claim."""
    standing = journey.standing
    for each in statements_of(journey):
        if each.day:
            yield each.day
        # Holidays that are left out, and until when they are settled.
        yield from dates_in(each.text, language, standing.today)
    for tile in journey.clock_card.tiles if journey.clock_card else ():
        if tile.day:
            yield tile.day
    moments = [each.sent_at for each in journey.claim.notices]
    moments += [standing.appointment.starts_at] if standing.appointment else []
    yield from (moment.astimezone(standing.zone).date() for moment in moments)


def assert_near_days_are_near(text: str, told: Presented, language: str) -> None:
    """Check that a day called today or tomorrow is that at the branch of one of the claims."""
    todays = {journey.standing.today for journey in told.journeys}
    for word, later in zip(NEAR[language], (0, 1), strict=True):
        days = {day + timedelta(days=later) for day in todays}
        for rest in re.findall(rf"\b{word}, (\S+ \d+ \S+(?: \d{{4}})?)", text):
            found = dates_in(rest, language, min(todays))
            assert set(found) <= days, f"{word}, {rest}"
        # A tile of the clock carries the word alone.
        alone = re.findall(rf"(\S+,? \d+ \S+(?: \d{{4}})?: )?\b{word}\b(?!,)", text)
        tiles = [tile for j in told.journeys if j.clock_card for tile in j.clock_card.tiles]
        spoken = sum(tile.said.endswith(f": {word}") for tile in tiles)
        assert len(alone) <= spoken + [tile.caption for tile in tiles].count(word), word


def assert_says_the_sentences(text: str, told: Presented) -> None:
    """Check that a page shows what is presented: nothing is chosen in a template."""
    for journey in told.journeys:
        of_steps = {id(each) for step in journey.steps for each in step.texts}
        for each in statements_of(journey):
            if id(each) in of_steps or (each is journey.todo.title and not is_shown(journey)):
                continue
            assert " ".join(each.text.split()) in text, each


def is_shown(journey: PresentedJourney) -> bool:
    """Return whether what to do stands below the first sentence, which did not say it."""
    return journey.todo.is_calm or journey.says_todo
