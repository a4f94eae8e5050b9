"""The outlook is held to simulated claims: as many come out within it as it says, about half."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from math import floor
from statistics import mean, quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.claims import at, claim
from tracking_site.domain.claims import (
    Appointment,
    Claim,
    Document,
    Payment,
    StageDuration,
)
from tracking_site.domain.outlook import POINTS, WIDE, Quartiles, remaining
from tracking_site.domain.situation import MIN_CLAIMS, Outlook
from tracking_site.domain.standing import Standing
from tracking_site.domain.timeline import PROCESSES, Timeline
from tracking_site.domain.working_days import LegalClock, WorkingCalendar

CALENDAR = WorkingCalendar({}, date(2027, 12, 31))
OBSERVED, OUTCOMES, ROUNDS = 2000, 2000, 2
Draw = Callable[[random.Random], float]

SHAPES: dict[str, Callable[[float], Draw]] = {
    "alike": lambda days: lambda dice: dice.gammavariate(4, days / 4),
    "usual": lambda days: lambda dice: dice.gammavariate(2, days / 2),
    "any day": lambda days: lambda dice: dice.expovariate(1 / days),
    "some long": lambda days: lambda dice: days * dice.lognormvariate(0, 0.5),
    "even": lambda days: lambda dice: dice.weibullvariate(days, 1.6),
    "one in twenty stuck": lambda days: (
        lambda dice: dice.gammavariate(3, days / 3) * (3 if dice.random() < 0.05 else 1)
    ),
}
TYPICAL = {
    "registered": 0.6, "document_check": 2, "interview": 3.5, "assessment": 3, "approval": 1.2,
    "payment": 1.5, "treatment": 30, "final_report": 5, "validation": 2, "data_check": 2.5,
    "merging": 4, "scheduled": 3, "investigation": 5, "answered": 1,
}  # fmt: skip


def journeys() -> Iterator[tuple[str, ...]]:
    """Yield what can lie before a claim: each service and channel from each of its stages on."""
    for service in PROCESSES:
        for channel in ("lapak_asik_online", "branch", "jmo"):
            stages = PROCESSES[service].stages_for(channel)[:-1]
            yield from (stages[place:] for place in range(len(stages)))


def share_within(
    stages: tuple[str, ...], dice: random.Random, elapsed: int, branches: float
) -> tuple[tuple[int, int], float] | None:
    """Return the range for a claim, and the share of like claims that come out within it.

    Durations of one claim are all longer or shorter by the pace of its branch.
    """
    draws = [SHAPES[dice.choice(list(SHAPES))](TYPICAL[stage]) for stage in stages]

    def lived() -> list[float]:
        pace = dice.lognormvariate(0, branches) if branches else 1
        return [draw(dice) * pace for draw in draws]

    seen = zip(*(lived() for _ in range(OBSERVED)), strict=True)
    quartiles: list[Quartiles] = [tuple(quantiles(days, n=4)) for days in seen]  # type: ignore[misc]
    span = remaining(tuple(quartiles), elapsed)
    if span is None:
        return None
    like = (each for each in iter(lived, None) if each[0] >= elapsed)
    outcomes = [floor(sum(each) - elapsed + dice.random()) for each in islice(like, OUTCOMES)]
    return span, mean(span[0] <= days <= span[1] for days in outcomes)


@pytest.mark.proofs
@pytest.mark.parametrize("branches", [0.0, 0.15])
def test_about_half_of_the_outcomes_lie_in_a_range(branches: float) -> None:
    dice = random.Random(f"claims/{branches}")
    wide, narrow, silent = [], [], 0
    for stages in ROUNDS * sorted(set(journeys())):
        for elapsed in (0, dice.randrange(1, 2 + round(TYPICAL[stages[0]]))):
            told = share_within(stages, dice, elapsed, branches)
            if told is None:
                silent += 1
            elif told[0][1] - told[0][0] >= WIDE:
                wide.append((told[1], stages, elapsed))
            else:
                narrow.append((told[1], stages, elapsed))
    assert len(wide) > 30
    assert len(narrow) > 10
    assert silent < len(wide)
    assert min(wide)[0] >= 0.45, min(wide)
    assert max(wide)[0] <= 0.60, max(wide)
    assert min(narrow)[0] >= 0.50, min(narrow)


def test_summed_quartiles_would_hold_far_more_than_half() -> None:
    dice = random.Random(7)
    draws = [SHAPES["usual"](TYPICAL[stage]) for stage in ("document_check", "interview")] * 3
    lived = [[draw(dice) for draw in draws] for _ in range(OBSERVED)]
    quartiles = [quantiles(days, n=4) for days in zip(*lived, strict=True)]
    low, high = (sum(each[place] for each in quartiles) for place in (0, 2))
    assert mean(low <= sum(each) <= high for each in lived) > 0.75


QUARTILES = st.tuples(*[st.floats(0, 60)] * 3).map(lambda each: tuple(sorted(each)))


@given(st.lists(QUARTILES, min_size=1, max_size=6), st.integers(0, 80))
def test_any_quartiles_give_a_range_or_none(stages: list[Quartiles], elapsed: int) -> None:
    span = remaining(tuple(stages), elapsed)
    assert span is None or 0 <= span[0] <= span[1]
    assert POINTS % 4 == 0


def test_a_claim_that_outlasted_most_is_foretold_nothing() -> None:
    assert remaining(((1, 2, 3), (1, 2, 3)), 2) is not None
    assert remaining(((1, 2, 3), (1, 2, 3)), 9) is None


def durations(*stages: str, claims: int = 1284) -> dict[tuple[str, str], StageDuration]:
    return {("jht", stage): StageDuration("jht", stage, 2, 3, 5, claims=claims) for stage in stages}


ALL = durations(*(stage for stage in TYPICAL))


def outlook(
    subject: Claim,
    usual: dict[tuple[str, str], StageDuration] = ALL,
    calendar: WorkingCalendar = CALENDAR,
) -> Outlook | None:
    now = at(4)
    clock = LegalClock.of(subject, now, calendar)
    standing = Standing.of(subject, Timeline.of(subject, now), clock, calendar, now)
    return Outlook.of(standing, usual)


CHECKED = claim("registered", "document_check", channel="lapak_asik_online")


def test_an_outlook_says_of_how_many_claims_and_until_what() -> None:
    few = durations("interview", claims=77)
    told = outlook(CHECKED, ALL | few)
    assert told is not None
    assert (told.claims, told.is_money, told.is_after_appointment) == (77, True, False)
    assert 0 < told.first < told.last
    complaint = claim("registered", "investigation", service="complaint")
    usual = {("complaint", stage): each for (_, stage), each in ALL.items()}
    without_money = outlook(complaint, usual)
    assert without_money is not None
    assert not without_money.is_money


def test_too_few_claims_or_an_unseen_stage_give_none() -> None:
    assert outlook(CHECKED, ALL | durations("payment", claims=MIN_CLAIMS)) is not None
    assert outlook(CHECKED, ALL | durations("payment", claims=MIN_CLAIMS - 1)) is None
    unseen = {key: each for key, each in ALL.items() if key[1] != "approval"}
    assert outlook(CHECKED, unseen) is None
    assert outlook(CHECKED, {}) is None


def test_from_an_appointment_on_only_later_stages_count() -> None:
    talk = Appointment("video_interview", at(20), at(20, 3))
    waiting = claim("registered", "document_check", "interview", channel="lapak_asik_online")
    before, after = outlook(waiting), outlook(replace(waiting, appointment=talk))
    assert before is not None
    assert after is not None
    assert after.is_after_appointment
    assert after.last < before.last


def test_nobody_is_told_what_is_left_where_nobody_knows_how_long_it_has_been() -> None:
    """Past the last known holiday a claim that had stood for months was told as if it began."""
    ended = WorkingCalendar({}, at(3).date())
    assert outlook(CHECKED, calendar=ended) is None
    talk = Appointment("video_interview", at(20), at(20, 3))
    waiting = replace(CHECKED, appointment=talk)
    assert outlook(waiting, calendar=ended) == outlook(waiting) is not None


@pytest.mark.parametrize(
    "change",
    [
        {"state": "action_needed"},
        {"state": "on_hold"},
        {"state": "completed"},
        {"state": "under_audit"},
        {"service": "travel_cover"},
        {"documents": (Document("photo", "missing"),)},
        {"documents_complete_at": at(2)},
        {"due_on": date(2026, 11, 30)},
        {"payment": Payment(date(2026, 11, 30))},
    ],
    ids=lambda change: "-".join(change),
)
def test_nothing_usual_is_told_where_a_day_is_known_or_nothing_moves(
    change: dict[str, object],
) -> None:
    changed = replace(CHECKED, **change)  # type: ignore[arg-type]
    assert outlook(changed) is None
