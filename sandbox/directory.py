"""Who takes part, and what is said of them: samples first, then the population."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, Protocol

from sandbox.claims import Json, build
from sandbox.spec import Spec


@dataclass(frozen=True)
class Participant:
    """A made-up person with both numbers.

    `key` tells participants apart without their numbers; `max_age` in seconds goes into
    Cache-Control.
    """

    situation: str
    key: str
    nik: str
    kpj: str
    specs: tuple[Spec, ...] = ()
    max_age: int | None = None

    def claims(self, now: datetime, holidays: frozenset[date] = frozenset()) -> list[Json]:
        """The claims as the core tells them at `now`."""
        return [
            build(spec, f"{self.key}/{place}", self.kpj, now, holidays)
            for place, spec in enumerate(self.specs)
        ]


class People(Protocol):
    """A set of participants that can be asked and counted off."""

    def find(self, kind: str, value: str) -> Participant | None:
        """The participant with this `nik` or `kpj`, or None."""

    def __iter__(self) -> Iterator[Participant]: ...

    def __len__(self) -> int: ...


class Samples:
    """The hand-made participants, by either number."""

    def __init__(self, participants: tuple[Participant, ...]) -> None:
        self._participants = participants
        self._by_number = {("nik", one.nik): one for one in participants}
        self._by_number |= {("kpj", one.kpj): one for one in participants}

    def find(self, kind: str, value: str) -> Participant | None:
        return self._by_number.get((kind, value))

    def __iter__(self) -> Iterator[Participant]:
        return iter(self._participants)

    def __len__(self) -> int:
        return len(self._participants)


class Directory:
    """Every participant of one sandbox."""

    def __init__(
        self,
        samples: Samples,
        population: People,
        clock: Callable[[], datetime],
        holidays: frozenset[date] = frozenset(),
    ) -> None:
        self.samples = samples
        self.population = population
        self.clock = clock
        self.holidays = holidays

    def find(self, kind: str, value: str) -> Participant | None:
        """The participant with this number; a sample hides a member of the same number."""
        return self.samples.find(kind, value) or self.population.find(kind, value)

    def claims_of(self, participant: Participant) -> list[Json]:
        return participant.claims(self.clock(), self.holidays)

    def listing(self, members: int | None = None) -> Iterator[dict[str, Any]]:
        """One row a participant, as the command's `--list` prints them.

        All samples come first, then the population, or its first `members`.
        """
        for participant in self.samples:
            yield self._row(participant)
        for participant in islice(self.population, members):
            if not self._is_hidden(participant):
                yield self._row(participant)

    def _is_hidden(self, member: Participant) -> bool:
        return bool(self.samples.find("nik", member.nik) or self.samples.find("kpj", member.kpj))

    def _row(self, participant: Participant) -> dict[str, Any]:
        newest = participant.specs[0] if participant.specs else None
        return {
            "nik": participant.nik,
            "kpj": participant.kpj,
            "situation": participant.situation,
            "state": newest.state if newest else None,
            "stage": newest.journey[-1].stage if newest and newest.journey else None,
        }
