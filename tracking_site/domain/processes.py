"""The order of stages of every service, as data; the only place that knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .claims import Channel, Service, Stage

_INTERVIEWED = frozenset({Channel.LAPAK_ASIK_ONLINE, Channel.LAPAK_ASIK_ONSITE, Channel.BRANCH})


@dataclass(frozen=True, slots=True)
class Process:
    """Stages in order; `only_by` limits a stage to some channels, `not_by` leaves it out."""

    stages: tuple[Stage, ...]
    only_by: Mapping[Stage, frozenset[Channel]] = field(default_factory=dict)
    not_by: Mapping[Stage, frozenset[Channel]] = field(default_factory=dict)
    legal_working_days: int | None = None

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
            # Permenaker 4/2022: 5 working days from complete and correct documents.
            legal_working_days=5,
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
            # PP 44/2015 art. 37(2): 7 working days from complete conditions.
            legal_working_days=7,
        ),
        Service.JKM: Process(
            (_S.REGISTERED, _S.DOCUMENT_CHECK, _S.ASSESSMENT, _S.PAYMENT, _S.COMPLETED),
            # Commonly published; the article that was found (Permenaker 1/2025 art. 79(2)) is
            # about heirs of construction workers.
            legal_working_days=3,
        ),
        Service.JP: Process(
            (
                _S.REGISTERED,
                _S.DOCUMENT_CHECK,
                _S.ASSESSMENT,
                _S.APPROVAL,
                _S.PAYMENT,
                _S.COMPLETED,
            )
        ),
        Service.JKP: Process((_S.REGISTERED, _S.VALIDATION, _S.PAYMENT, _S.COMPLETED)),
        Service.PROFILE_UPDATE: Process((_S.REGISTERED, _S.DATA_CHECK, _S.COMPLETED)),
        Service.BALANCE_MERGE: Process((_S.REGISTERED, _S.DATA_CHECK, _S.MERGING, _S.COMPLETED)),
        Service.QUEUE_BOOKING: Process((_S.REGISTERED, _S.SCHEDULED, _S.COMPLETED)),
        Service.COMPLAINT: Process((_S.REGISTERED, _S.INVESTIGATION, _S.ANSWERED, _S.COMPLETED)),
    }
)


def stages_of(service: str, channel: str) -> tuple[Stage, ...]:
    """Return the stages of a service by a channel; nothing for a service that we do not know."""
    process = PROCESSES.get(service)
    return process.stages_for(channel) if process else ()


def legal_working_days_of(service: str) -> int | None:
    """Return how many working days the law gives, or None where no rule was found."""
    process = PROCESSES.get(service)
    return process.legal_working_days if process else None
