"""Any number of participants, computed from their numbers: no memory, the same every time."""

from collections.abc import Iterator

from sandbox.directory import Participant
from sandbox.lives import claims_of_member
from sandbox.numbers import (
    KPJ_SIZE,
    NIK_SIZE,
    index_of_kpj,
    index_of_nik,
    kpj_at,
    nik_at,
)
from sandbox.permutation import Permutation


class Population:
    """`size` members. Member `i` has the NIK and the KPJ to which two keyed shuffles send `i`.

    A number belongs to a member when the shuffle, undone, leads below `size`; so a random
    plausible number is a member's with a chance of about size / 10¹¹.
    """

    def __init__(self, size: int = 0, seed: int = 7) -> None:
        if not 0 <= size <= KPJ_SIZE:
            raise ValueError(f"participants: 0 to {KPJ_SIZE}")
        self.size = size
        self.seed = seed
        self._niks = Permutation(NIK_SIZE, f"nik/{seed}")
        self._kpjs = Permutation(KPJ_SIZE, f"kpj/{seed}")

    def find(self, kind: str, value: str) -> Participant | None:
        """The member with this number, or None."""
        if not self.size:
            return None
        if kind == "nik":
            index, numbers = index_of_nik(value), self._niks
        else:
            index, numbers = index_of_kpj(value), self._kpjs
        if index is None:
            return None
        place = numbers.inverse(index)
        return self.member(place) if place < self.size else None

    def member(self, place: int) -> Participant:
        """Member number `place`."""
        key = f"member/{self.seed}/{place}"
        return Participant(
            situation="population",
            key=key,
            nik=nik_at(self._niks.forward(place)),
            kpj=kpj_at(self._kpjs.forward(place)),
            specs=claims_of_member(key),
        )

    def __iter__(self) -> Iterator[Participant]:
        return map(self.member, range(self.size))

    def __len__(self) -> int:
        return self.size
