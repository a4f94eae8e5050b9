"""What is told of every sample at a moment, once for all tests that read it."""

from datetime import datetime
from functools import cache

from tests.truth.core import CALENDAR, CoreAt
from tests.truth.moments import MOMENTS
from tracking_site.domain.identifiers import Kpj
from tracking_site.domain.outcomes import Found
from tracking_site.guard.desk import LookupService
from tracking_site.telling.journeys import PresentedJourney
from tracking_site.telling.languages import LANGUAGES
from tracking_site.telling.outcomes import present
from tracking_site.telling.words import Words

CORE = CoreAt(MOMENTS[0])
WORDS = {language: Words.load(language) for language in LANGUAGES}


@cache
def found_at(now: datetime) -> tuple[Found, ...]:
    CORE.now = now
    durations = CORE.durations()
    lookup = LookupService(CORE, CALENDAR, lambda: now, lambda: durations)
    outcomes = [
        lookup.look_up_identifier(Kpj(person.kpj)) for person in CORE.people[: -CORE.members]
    ]
    return tuple(outcome for outcome in outcomes if isinstance(outcome, Found))


@cache
def journeys_at(now: datetime, language: str) -> tuple[PresentedJourney, ...]:
    """Return what is presented: nothing of it can be changed."""
    words = WORDS[language]
    return tuple(one for found in found_at(now) for one in present(found, words, now).journeys)
