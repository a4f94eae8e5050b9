"""The claims of one card of a person, over a cache that knows numbers alone.

The end of a card that is not the person's is answered as a number that the core does not know:
the core is asked where it would be asked for such a number, what it says is kept as long, and
while it is down nobody hears that the number itself is known.
"""

from collections.abc import Callable
from datetime import datetime

from ..claims_api.decoding import encode_nothing
from ..claims_api.source import Answer, AnswerSource, do_nothing
from ..domain.claims import Snapshot
from ..domain.identifiers import Identifier, OneCard
from .answers import CachedClaims


class CardClaims:
    """A source of claims for numbers and for single cards.

    `numbers` keeps what the core says of numbers, `wrong_ends` what is said of ends that are
    no one's; that one is a cache over AnswersNothing.
    """

    def __init__(self, numbers: CachedClaims, wrong_ends: CachedClaims) -> None:
        self._numbers = numbers
        self._wrong_ends = wrong_ends

    def claims_of(self, identifier: Identifier) -> Snapshot:
        if not isinstance(identifier, OneCard):
            return self._numbers.claims_of(identifier)
        kept = self._numbers.at_hand(identifier.nik)
        if kept is not None and _is_wrong(identifier, kept):
            return self._wrong_ends.claims_of(identifier)
        snapshot = self._numbers.claims_of(identifier.nik)
        if _is_wrong(identifier, snapshot):
            # What the core has just said it is not asked again.
            self._wrong_ends.learn(identifier, _nothing(snapshot.as_of))
        return snapshot

    def is_at_hand(self, identifier: Identifier) -> bool:
        """Return whether something is kept of the number, or of the end of a card."""
        if not isinstance(identifier, OneCard):
            return self._numbers.is_at_hand(identifier)
        return self._numbers.is_at_hand(identifier.nik) or self._wrong_ends.is_at_hand(identifier)

    def close(self) -> None:
        """Let go of what keeps wrong ends; `numbers` belongs to whoever made it."""
        self._wrong_ends.close()


class AnswersNothing:
    """Asks the core for the number of a card, and answers as if it did not know it."""

    def __init__(self, core: AnswerSource) -> None:
        self._core = core

    def answer_for(
        self,
        identifier: Identifier,
        *,
        until: float | None = None,
        while_waiting: Callable[[], None] = do_nothing,
        when_late: Callable[[Answer], None] = do_nothing,
    ) -> Answer:
        answer = self._core.answer_for(
            identifier,
            until=until,
            while_waiting=while_waiting,
            when_late=lambda late: when_late(_nothing(late.snapshot.as_of)),
        )
        return _nothing(answer.snapshot.as_of)


def _is_wrong(card: OneCard, snapshot: Snapshot) -> bool:
    return bool(snapshot.claims) and not snapshot.of_card(card.end).claims


def _nothing(as_of: datetime) -> Answer:
    body = encode_nothing(as_of)
    return Answer(body, Snapshot((), as_of))
