"""The order of stages of every service and the time that the law gives; known here alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .claims import Channel, Service, Stage

_INTERVIEWED = frozenset({Channel.LAPAK_ASIK_ONLINE, Channel.LAPAK_ASIK_ONSITE, Channel.BRANCH})


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """How many working days the law gives, and from which stage on they are counted.

    `late_per_cent` of the benefit is due to the participant for each day that it is late.
    """

    working_days: int
    counted_from: Stage = Stage.ASSESSMENT
    late_per_cent: int = 0


@dataclass(frozen=True, slots=True)
class Process:
    """Stages in order; `only_by` limits a stage to some channels, `not_by` leaves it out.

    In `checking` documents or data are looked at; once it is past they wait no longer.
    """

    stages: tuple[Stage, ...]
    only_by: Mapping[Stage, frozenset[Channel]] = field(default_factory=dict)
    not_by: Mapping[Stage, frozenset[Channel]] = field(default_factory=dict)
    checking: Stage | None = None
    time_limit: TimeLimit | None = None

    def stages_for(self, channel: str) -> tuple[Stage, ...]:
        """Return the stages that a claim of this channel goes through, in order."""
        return tuple(
            stage
            for stage in self.stages
            if channel not in self.not_by.get(stage, ())
            and (stage not in self.only_by or channel in self.only_by[stage])
        )


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
            (
                _S.REGISTERED,
                _S.TREATMENT,
                _S.FINAL_REPORT,
                _S.ASSESSMENT,
                _S.PAYMENT,
                _S.COMPLETED,
            ),
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


def stages_of(service: str, channel: str) -> tuple[Stage, ...]:
    """Return the stages of a service by a channel; nothing for a service that we do not know."""
    process = PROCESSES.get(service)
    return process.stages_for(channel) if process else ()


def pays(service: str) -> bool:
    """Return whether a service ends with money."""
    process = PROCESSES.get(service)
    return process is not None and Stage.PAYMENT in process.stages


def time_limit_of(service: str) -> TimeLimit | None:
    """Return the time that the law gives, or None where no rule was found."""
    process = PROCESSES.get(service)
    return process.time_limit if process else None


def legal_working_days_of(service: str) -> int | None:
    """Return how many working days the law gives, or None where no rule was found."""
    limit = time_limit_of(service)
    return limit.working_days if limit else None


def is_past(service: str, stage: str, mark: Stage | None) -> bool:
    """Return whether a stage comes after another one; False where the order is not known.

    A claim may pass over the mark (JMO has no document check), so order alone counts.
    """
    process = PROCESSES.get(service)
    if process is None or mark is None or stage not in process.stages:
        return False
    return process.stages.index(Stage(stage)) > process.stages.index(mark)
