"""The journey of a claim: what happened as it happened, then what the process still holds.

Milestones are facts and stay where they are, steps back included; only what lies
ahead, or was passed over, is computed from the order of stages.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import zip_longest

from .claims import STATES, Claim, ClaimState, Milestone, Stage
from .processes import stages_of


class StepState(StrEnum):
    DONE = "done"
    CURRENT = "current"
    UPCOMING = "upcoming"
    SKIPPED = "skipped"
    FAILED = "failed"


_STATE_OF_LAST_STEP = {
    ClaimState.COMPLETED: StepState.DONE,
    ClaimState.REJECTED: StepState.FAILED,
    ClaimState.CANCELLED: StepState.FAILED,
    ClaimState.PAYMENT_RETURNED: StepState.FAILED,
}
_NOTHING_FOLLOWS = frozenset({ClaimState.COMPLETED, ClaimState.REJECTED, ClaimState.CANCELLED})


@dataclass(frozen=True, slots=True)
class Step:
    """One point of the journey.

    `went_on` is True where the claim left this stage for a later one, False where it came back
    to it or to an earlier one, None where it stands here or the order is not known.
    """

    stage: str
    state: StepState
    entered_at: datetime | None = None
    note: str | None = None
    is_step_back: bool = False
    went_on: bool | None = None


@dataclass(frozen=True)
class Timeline:
    steps: tuple[Step, ...]
    waiting_for: timedelta

    @classmethod
    def of(cls, claim: Claim, now: datetime) -> "Timeline":
        """Compute the steps of a claim: past ones in their order, then those to come.

        `waiting_for` is how long the claim has stood at its last milestone (never negative,
        so a core whose clock runs ahead of ours does not confuse the page).
        """
        steps = (*_past(claim), *_to_come(claim))
        last = claim.milestones[-1].entered_at if claim.milestones else claim.submitted_at
        return cls(steps, max(now - last, timedelta(0)))

    @cached_property
    def current(self) -> Step | None:
        """The step where the claim stands: current, or the one it failed or ended at."""
        entered = [step for step in self.steps if step.entered_at is not None]
        return entered[-1] if entered else None


def _past(claim: Claim) -> Iterator[Step]:
    order = _order(claim)
    milestones = claim.milestones
    previous: Milestone | None = None
    for milestone, follower in zip_longest(milestones, milestones[1:]):
        yield from _passed_over(claim, previous, milestone)
        yield Step(
            stage=milestone.stage,
            state=StepState.DONE if follower else _state_of_last_step(claim),
            entered_at=milestone.entered_at,
            note=milestone.note,
            is_step_back=_is_back(order, previous, milestone),
            went_on=_went_on(order, milestone, follower),
        )
        previous = milestone


def _order(claim: Claim) -> dict[str, int]:
    return {stage: place for place, stage in enumerate(stages_of(claim.service, claim.channel))}


def _state_of_last_step(claim: Claim) -> StepState:
    try:
        return _STATE_OF_LAST_STEP.get(ClaimState(claim.state), StepState.CURRENT)
    except ValueError:
        return StepState.CURRENT


def _is_back(order: dict[str, int], previous: Milestone | None, milestone: Milestone) -> bool:
    if previous is None or previous.stage not in order or milestone.stage not in order:
        return False
    return order[milestone.stage] < order[previous.stage]


def _went_on(
    order: dict[str, int], milestone: Milestone, follower: Milestone | None
) -> bool | None:
    if follower is None or follower.stage not in order or milestone.stage not in order:
        return None
    return order[follower.stage] > order[milestone.stage]


def _passed_over(claim: Claim, previous: Milestone | None, milestone: Milestone) -> Iterator[Step]:
    """Stages between two milestones that the claim never entered: left out, and said so."""
    order = _order(claim)
    if milestone.stage not in order or (previous and previous.stage not in order):
        return
    entered = {each.stage for each in claim.milestones}
    begin = order[previous.stage] + 1 if previous else 0
    for stage in list(order)[begin : order[milestone.stage]]:
        if stage not in entered:
            yield Step(stage, StepState.SKIPPED)


def _to_come(claim: Claim) -> Iterator[Step]:
    stages = stages_of(claim.service, claim.channel)
    if claim.state in _NOTHING_FOLLOWS or claim.state not in STATES:
        return
    known = [each.stage for each in claim.milestones if each.stage in stages]
    begin = stages.index(Stage(known[-1])) + 1 if known else 0
    yield from (Step(stage, StepState.UPCOMING) for stage in stages[begin:])
