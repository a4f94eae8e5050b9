"""The journey of a claim in words: what was done, what happens now, and what comes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ..domain.claims import ClaimState, Stage, StageDuration
from ..domain.money import MoneyState
from ..domain.outcomes import Journey
from ..domain.situation import Situation, situation_of
from ..domain.standing import Standing
from ..domain.timeline import Step, StepState
from .statements import Says, Statement
from .words import Words

_WAITING = (ClaimState.ACTION_NEEDED, ClaimState.ON_HOLD)


@dataclass(frozen=True, slots=True)
class PresentedStep:
    """One step: `look` for the eye, `state` in words, `texts` what is said of it.

    `place` counts the milestones, None for what was never entered. `usual` and `days_here` are
    given where it helps to compare: the step where a moving claim stands.
    """

    step: Step
    look: str
    title: str
    state: str
    is_here: bool
    place: int | None
    texts: tuple[Statement, ...]
    note: str
    usual: StageDuration | None = None
    days_here: int | None = None


def steps_of(journey: Journey, words: Words) -> tuple[PresentedStep, ...]:
    """Return the steps in their order."""
    return tuple(_steps(journey, words))


def state_of(standing: Standing, words: Words) -> str:
    """Return in a word or two how a claim stands."""
    is_sent = situation_of(standing) is Situation.SENT and not standing.is_final
    return words.code("state", "money_sent" if is_sent else standing.claim.state)


def _steps(journey: Journey, words: Words) -> Iterator[PresentedStep]:
    claim, standing = journey.claim, journey.standing
    entered = 0
    for step in journey.timeline.steps:
        is_here = step == journey.timeline.current and claim.state != ClaimState.COMPLETED
        compares = is_here and standing.is_moving and standing.money.state is MoneyState.NONE
        place = entered if step.entered_at else None
        entered += place is not None
        is_waiting = is_here and claim.state in _WAITING
        yield PresentedStep(
            step=step,
            look="waiting" if is_waiting else step.state,
            title=words.code("stage", claim.service, step.stage),
            state=_state(step, standing, words, is_here=is_here),
            is_here=is_here,
            place=place,
            texts=tuple(_texts(step, standing, words, is_here=is_here)),
            note=words.code("note", step.note),
            usual=journey.usual.get(step.stage) if compares else None,
            days_here=standing.days_here if compares else None,
        )


def _state(step: Step, standing: Standing, words: Words, *, is_here: bool) -> str:
    if is_here and standing.claim.state != ClaimState.IN_PROGRESS:
        return words.code("state", standing.claim.state)
    if is_here and situation_of(standing) is Situation.SENT:
        return words.code("state", "money_sent")
    return words.code("step_state", step.state)


def _texts(step: Step, standing: Standing, words: Words, *, is_here: bool) -> Iterator[Statement]:
    claim = standing.claim
    day = _day(step.entered_at, standing)
    if is_here:
        now = _now(step, standing, words)
        yield now
        if day and step.entered_at:
            yield _entered(
                step, day, step.entered_at, standing, words, goes_on=now.says is Says.STEP_NOW
            )
        official = _official(step, claim.service, words)
        if official:
            yield official
    elif step.entered_at:
        yield _done(step, day, standing, words)
    elif step.state is StepState.UPCOMING and step.stage != Stage.COMPLETED:
        text = words.code("stage_coming", claim.service, step.stage)
        yield Statement(text, Says.STEP_AHEAD, code=step.stage)


def _entered(
    step: Step, day: date, moment: datetime, standing: Standing, words: Words, *, goes_on: bool
) -> Statement:
    """Say since when a stage lasts, or when the one began in which nothing moves any more."""
    if not goes_on:
        on = words.on(day, standing.today)
        text = words.code("stage_since", "began", day=on, time="", name="")
        return Statement(text, Says.BEGAN, day, code=step.stage)
    near, time = words.near(day, standing.today), words.time(moment, standing.zone)
    text = words.code("stage_since", "here", day=near, time=time, name="")
    return Statement(text, Says.SINCE, day)


def _done(step: Step, day: date | None, standing: Standing, words: Words) -> Statement:
    """Say that a stage was left for a later one, or for an earlier one, and when it began."""
    service = standing.claim.service
    on = words.on(day, standing.today)
    is_end = step.stage == Stage.COMPLETED and step.state is StepState.DONE
    if (step.went_on or is_end) and words.has("stage_done", service, step.stage):
        text = words.code("stage_done", service, step.stage, on=on)
        return Statement(text, Says.STEP_DONE, day, code=step.stage)
    key = "left" if step.went_on is False else "began"
    text = words.code("stage_since", key, day=on, time="", name="")
    return Statement(text, Says.STEP_LEFT if key == "left" else Says.BEGAN, day, code=step.stage)


def _now(step: Step, standing: Standing, words: Words) -> Statement:
    claim = standing.claim
    situation = situation_of(standing)
    stops = claim.state != ClaimState.IN_PROGRESS or standing.is_stopped or not standing.knows_state
    if stops:
        state = claim.state if standing.knows_state else "unknown"
        if claim.state == ClaimState.IN_PROGRESS:
            state = ClaimState.ACTION_NEEDED
        return Statement(words.code("stage_stopped", state), Says.STEP_STOPPED, code=step.stage)
    if situation is Situation.SENT:
        text = words.code("stage_stopped", "money_sent")
        return Statement(text, Says.STEP_STOPPED, code=step.stage)
    text = words.code("stage_what", claim.service, step.stage)
    return Statement(text, Says.STEP_NOW, code=step.stage)


def _official(step: Step, service: str, words: Words) -> Statement | None:
    """Name what JMO calls a stage, where it is another name than ours."""
    if not words.has("stage_official", service, step.stage):
        return None
    name = words.code("stage_official", service, step.stage)
    if name.lower() == words.code("stage", service, step.stage).lower():
        return None
    text = words.code("stage_since", "official", name=name, day="", time="")
    return Statement(text, Says.EXPLAINED)


def _day(moment: datetime | None, standing: Standing) -> date | None:
    """Return the branch's date of what has happened; a core's clock may run ahead of ours."""
    return min(moment.astimezone(standing.zone).date(), standing.today) if moment else None
