"""Every sentence of every claim at every moment, held against the others and against the core."""

from collections import Counter
from datetime import datetime

import pytest

from tests.truth.checker import Untrue, untruths
from tests.truth.core import CALENDAR, MEMBERS, CoreAt
from tests.truth.facts import Facts, Holidays
from tests.truth.moments import MOMENTS
from tests.truth.reading import page_of
from tracking_site.domain.identifiers import Kpj
from tracking_site.domain.outcomes import Found
from tracking_site.guard.desk import LookupService
from tracking_site.telling.languages import LANGUAGES
from tracking_site.telling.outcomes import present
from tracking_site.telling.words import Words

HOLIDAYS = Holidays(frozenset(CALENDAR.days_off), CALENDAR.until, CALENDAR.estimates)
WORDS = [Words.load(language) for language in LANGUAGES]


@pytest.fixture(scope="module")
def core() -> CoreAt:
    """The people are made once; only the core's clock moves on."""
    return CoreAt(MOMENTS[0])


def test_there_are_enough_people_and_moments(core: CoreAt) -> None:
    assert len(MOMENTS) == len(set(MOMENTS)) == 48
    assert len(core.people) >= MEMBERS + 162


@pytest.mark.proofs
@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{now:%Y-%m-%d-%H%M%z}")
def test_nothing_is_told_that_is_not_so(core: CoreAt, now: datetime) -> None:
    core.now = now
    durations = core.durations()
    lookup = LookupService(core, CALENDAR, lambda: now, lambda: durations)
    untrue: list[tuple[str, Untrue]] = []
    read = 0
    for number, person in enumerate(core.people):
        words = WORDS[(number + now.hour + now.minute) % len(WORDS)]
        outcome = lookup.look_up_identifier(Kpj(person.kpj))
        if not isinstance(outcome, Found):
            continue
        told = present(outcome, words, now)
        raw = {each["reference"]: each for each in core.raw_claims_of(person)}
        for journey in told.journeys:
            facts = Facts(raw[journey.claim.reference], now, HOLIDAYS)
            found = untruths(facts, page_of(journey), words.language)
            untrue += [(person.key, each) for each in found]
            read += 1
    assert read > 700
    assert untrue == [], _summary(untrue)


def _summary(untrue: list[tuple[str, Untrue]]) -> str:
    kinds = Counter(each.kind for _, each in untrue)
    return f"{dict(kinds)}: " + "\n".join(f"{who}: {each}" for who, each in untrue[:12])
