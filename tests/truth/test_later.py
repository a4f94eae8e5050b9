"""A core that says nothing new: what is told of its claims stays so as the days go by.

Whoever comes back, or is shown the last good copy, reads the same facts at another clock; and a
limit that has passed does not become one that nobody knows.
"""

import json
from datetime import datetime, timedelta

import pytest

from tests.truth.checker import untruths
from tests.truth.core import CALENDAR, CoreAt
from tests.truth.facts import Facts, Holidays
from tests.truth.moments import WIB
from tests.truth.reading import page_of
from tests.truth.told import WORDS
from tracking_site.claims_api.contract import decode_snapshot
from tracking_site.domain.identifiers import Kpj
from tracking_site.domain.outcomes import Found
from tracking_site.domain.situation import Situation
from tracking_site.guard.desk import LookupService
from tracking_site.telling.outcomes import present

HOLIDAYS = Holidays(frozenset(CALENDAR.days_off), CALENDAR.until, CALENDAR.estimates)
BEGINS = (
    datetime(2026, 11, 25, 10, 0, tzinfo=WIB),
    datetime(2027, 3, 5, 10, 0, tzinfo=WIB),
    datetime(2027, 12, 20, 10, 0, tzinfo=WIB),
)
DAYS = (0.6, 1, 2.6, 3, 4, 5, 7, 8.6, 11, 14, 21, 30, 61, 100, 112, 200, 400)


@pytest.mark.proofs
@pytest.mark.parametrize("begins", BEGINS, ids=lambda begins: f"{begins:%Y-%m-%d}")
def test_nothing_is_told_later_that_is_not_so(begins: datetime) -> None:
    core = CoreAt(begins)
    durations = core.durations()
    untrue: list[object] = []
    read = 0
    for number, person in enumerate(core.people[: -core.members]):
        raw = {each["reference"]: each for each in core.raw_claims_of(person)}
        answer = {"as_of": begins.isoformat(), "claims": list(raw.values())}
        snapshot = decode_snapshot(json.dumps(answer).encode())

        class Source:
            def claims_of(self, identifier: object, told: object = snapshot) -> object:
                return told

        overdue: set[str] = set()
        for later in DAYS:
            now = begins + timedelta(days=later)
            words = WORDS["en" if (number + int(later)) % 2 else "id"]
            lookup = LookupService(Source(), CALENDAR, lambda now=now: now, lambda: durations)  # type: ignore[arg-type, misc]
            outcome = lookup.look_up_identifier(Kpj(person.kpj))
            if not isinstance(outcome, Found):
                continue
            for journey in present(outcome, words, now).journeys:
                reference = journey.claim.reference
                facts = Facts(raw[reference], now, HOLIDAYS)
                found = untruths(facts, page_of(journey), words.language)
                untrue += [(person.key, later, each) for each in found]
                is_late = journey.situation is Situation.OVERDUE
                if reference in overdue and not is_late:
                    untrue.append((person.key, later, journey.headline.text))
                overdue |= {reference} if is_late else set()
                read += 1
    assert read > 2000
    assert untrue == []
