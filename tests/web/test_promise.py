"""A day that the institution itself named counts, whatever the clock of the law says."""

from datetime import date, timedelta

import pytest

from tests.domain.claims import at, claim
from tests.test_lookup import CALENDAR, NIK, NOW, GivenClaims
from tracking_site.domain.claims import Snapshot
from tracking_site.domain.identifiers import Nik
from tracking_site.domain.outcomes import Found, Journey
from tracking_site.domain.working_days import ClockState
from tracking_site.guard.desk import LookupService
from tracking_site.telling.story import todo_of
from tracking_site.telling.words import Words

TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)


def journey(due_on: date | None, state: str = "in_progress") -> Journey:
    given = claim("registered", documents_complete_at=at(2), state=state, due_on=due_on)
    lookup = LookupService(GivenClaims(Snapshot((given,), NOW)), CALENDAR, lambda: NOW)
    outcome = lookup.look_up_identifier(Nik(NIK))
    assert isinstance(outcome, Found)
    return outcome.journeys[0]


@pytest.mark.parametrize(
    ("due_on", "state", "told"),
    [
        (None, "in_progress", ""),
        (TODAY, "in_progress", "ahead"),
        (YESTERDAY, "in_progress", "passed"),
        (YESTERDAY, "action_needed", "passed"),
        (TODAY, "action_needed", "held"),
        (YESTERDAY, "completed", ""),
    ],
)
def test_a_promise_lies_ahead_has_passed_or_is_held_until_the_claim_ends(
    due_on: date | None, state: str, told: str
) -> None:
    assert journey(due_on, state).standing.promise == told


def test_a_broken_promise_is_asked_about_while_the_law_still_gives_time() -> None:
    broken = journey(YESTERDAY)
    clock = broken.standing.clock
    assert clock is not None
    assert clock.state is ClockState.RUNNING
    assert todo_of(broken, Words.load("id")).is_late
    assert not todo_of(journey(TODAY), Words.load("id")).is_needed


def test_a_claim_that_waits_for_the_person_is_not_called_late() -> None:
    assert not todo_of(journey(YESTERDAY, "action_needed"), Words.load("id")).is_late
