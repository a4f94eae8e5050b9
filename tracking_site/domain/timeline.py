"""The order of stages of every service, the time that the law gives, and the journey of a claim.

Milestones are facts and stay where they are, steps back included; only what lies
ahead, or was passed over, is computed from the order of stages, which is known here alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import zip_longest
from types import MappingProxyType

from .claims import (
    STATES,
    Channel,
    Claim,
    ClaimState,
    Milestone,
    Service,
    Stage,
    StageDuration,
    digest_of,
)

_INTERVIEWED = frozenset({Channel.LAPAK_ASIK_ONLINE, Channel.LAPAK_ASIK_ONSITE, Channel.BRANCH})


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How many working days the law gives.

    `late_per_cent` of the benefit is due to the participant for each day that it is late.
    """

    working_days: int
    late_per_cent: int = 0


@dataclass(frozen=True, slots=True)
class Process:
    """Stages in order; `only_by` limits a stage to some channels, `not_by` leaves it out.

    In `checking` documents or data are looked at; once it is past they wait no longer.
    `time_limit` is None where no rule was found.
    """

    stages: tuple[Stage, ...]
    only_by: Mapping[Stage, frozenset[Channel]] = field(default_factory=dict)
    not_by: Mapping[Stage, frozenset[Channel]] = field(default_factory=dict)
    checking: Stage | None = None
    time_limit: TimeLimit | None = None

    def stages_for(self, channel: str) -> tuple[Stage, ...]:
        return tuple(
            stage
            for stage in self.stages
            if channel not in self.not_by.get(stage, ())
            and (stage not in self.only_by or channel in self.only_by[stage])
        )

    @property
    def pays(self) -> bool:
        return Stage.PAYMENT in self.stages

    def is_past(self, stage: str, mark: Stage | None) -> bool:
        """Return whether a stage comes after another one; False where the order is not known.

        A claim may pass over the mark (JMO has no document check), so order alone counts.
        """
        order = self.stages
        return mark is not None and stage in order and order.index(Stage(stage)) > order.index(mark)


_S = Stage

PROCESSES: Mapping[str, Process] = MappingProxyType(
    {
        Service.JHT: Process(
            (
                _S.REGISTERED,
                _S.DOCUMENT_CHECK,
                _S.INTERVIEW,
                _S.ASSESSMENT,
                _S.APPROVAL,
                _S.PAYMENT,
                _S.COMPLETED,
            ),
            only_by={_S.INTERVIEW: _INTERVIEWED},
            not_by={_S.DOCUMENT_CHECK: frozenset({Channel.JMO})},
            checking=_S.DOCUMENT_CHECK,
            # Permenaker 4/2022: 5 working days from complete and correct documents.
            time_limit=TimeLimit(5),
        ),
        Service.JKK: Process(
            (_S.REGISTERED, _S.TREATMENT, _S.FINAL_REPORT, _S.ASSESSMENT, _S.PAYMENT, _S.COMPLETED),
            checking=_S.FINAL_REPORT,
            # PP 44/2015 art. 37(2)-(3): from complete technical and administrative conditions.
            time_limit=TimeLimit(7, late_per_cent=1),
        ),
        Service.JKM: Process(
            (_S.REGISTERED, _S.DOCUMENT_CHECK, _S.ASSESSMENT, _S.PAYMENT, _S.COMPLETED),
            checking=_S.DOCUMENT_CHECK,
            # Permenaker 1/2025 art. 79(2), of heirs of construction workers; commonly said of all.
            time_limit=TimeLimit(3, late_per_cent=1),
        ),
        Service.JP: Process(
            (
                _S.REGISTERED,
                _S.DOCUMENT_CHECK,
                _S.ASSESSMENT,
                _S.APPROVAL,
                _S.PAYMENT,
                _S.COMPLETED,
            ),
            checking=_S.DOCUMENT_CHECK,
        ),
        Service.JKP: Process(
            (_S.REGISTERED, _S.VALIDATION, _S.PAYMENT, _S.COMPLETED), checking=_S.VALIDATION
        ),
        Service.PROFILE_UPDATE: Process(
            (_S.REGISTERED, _S.DATA_CHECK, _S.COMPLETED), checking=_S.DATA_CHECK
        ),
        Service.BALANCE_MERGE: Process(
            (_S.REGISTERED, _S.DATA_CHECK, _S.MERGING, _S.COMPLETED), checking=_S.DATA_CHECK
        ),
        Service.QUEUE_BOOKING: Process((_S.REGISTERED, _S.SCHEDULED, _S.COMPLETED)),
        Service.COMPLAINT: Process((_S.REGISTERED, _S.INVESTIGATION, _S.ANSWERED, _S.COMPLETED)),
    }
)


_UNKNOWN = Process(())


def process_of(service: str) -> Process:
    """Return the process of a service; one without stages for a service that we do not know."""
    return PROCESSES.get(service, _UNKNOWN)


class StepState(StrEnum):
    DONE = "done"
    CURRENT = "current"
    UPCOMING = "upcoming"
    SKIPPED = "skipped"
    FAILED = "failed"


_STATE_OF_LAST_STEP: Mapping[str, StepState] = {
    ClaimState.COMPLETED: StepState.DONE,
    ClaimState.REJECTED: StepState.FAILED,
    ClaimState.CANCELLED: StepState.FAILED,
    ClaimState.PAYMENT_RETURNED: StepState.FAILED,
}


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
        return next((step for step in reversed(self.steps) if step.entered_at), None)


@dataclass(frozen=True, slots=True)
class UsualWaits:
    """Observed durations by service and stage, and a digest that stands for them."""

    by_stage: Mapping[tuple[str, str], StageDuration]
    digest: bytes

    @classmethod
    def of(cls, by_stage: Mapping[tuple[str, str], StageDuration]) -> "UsualWaits":
        return cls(by_stage, digest_of(repr(sorted(by_stage.items())).encode()))

    def of_claim(self, claim: Claim, timeline: Timeline) -> Mapping[str, StageDuration]:
        """Return those of the stages that a claim has entered or has before it."""
        return {
            step.stage: self.by_stage[claim.service, step.stage]
            for step in timeline.steps
            if (claim.service, step.stage) in self.by_stage
        }


def _past(claim: Claim) -> Iterator[Step]:
    stages, milestones = process_of(claim.service).stages_for(claim.channel), claim.milestones
    order: dict[str, int] = {stage: place for place, stage in enumerate(stages)}
    last = _STATE_OF_LAST_STEP.get(claim.state, StepState.CURRENT)
    previous: Milestone | None = None
    for milestone, follower in zip_longest(milestones, milestones[1:]):
        yield from _passed_over(claim, order, previous, milestone)
        came, goes = _moved(order, previous, milestone), _moved(order, milestone, follower)
        yield Step(
            stage=milestone.stage,
            state=StepState.DONE if follower else last,
            entered_at=milestone.entered_at,
            note=milestone.note,
            is_step_back=came is not None and came < 0,
            went_on=None if goes is None else goes > 0,
        )
        previous = milestone


def _moved(order: dict[str, int], before: Milestone | None, after: Milestone | None) -> int | None:
    """Return by how many stages a claim went on; None where the order is not known."""
    if before is None or after is None or not {before.stage, after.stage} <= order.keys():
        return None
    return order[after.stage] - order[before.stage]


def _passed_over(
    claim: Claim, order: dict[str, int], previous: Milestone | None, milestone: Milestone
) -> Iterator[Step]:
    """Stages between two milestones that the claim never entered: left out, and said so."""
    if milestone.stage not in order or (previous and previous.stage not in order):
        return
    entered = {each.stage for each in claim.milestones}
    begin = order[previous.stage] + 1 if previous else 0
    for stage in list(order)[begin : order[milestone.stage]]:
        if stage not in entered:
            yield Step(stage, StepState.SKIPPED)


def _to_come(claim: Claim) -> Iterator[Step]:
    if claim.is_final or claim.state not in STATES:
        return
    stages = process_of(claim.service).stages_for(claim.channel)
    known = [each.stage for each in claim.milestones if each.stage in stages]
    begin = stages.index(Stage(known[-1])) + 1 if known else 0
    yield from (Step(stage, StepState.UPCOMING) for stage in stages[begin:])
