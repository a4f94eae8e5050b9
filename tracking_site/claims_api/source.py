"""What every source of claims can do; client, cache and the tests' fakes are all one of these."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from ..domain.claims import Snapshot
from ..domain.identifiers import Identifier


class ClaimsSource(Protocol):
    def claims_of(self, identifier: Identifier) -> Snapshot:
        """Return what the core says of this number; an unknown one has no claims.

        Raises CoreError (claims_api/errors.py) when there is no answer.
        """


@dataclass(frozen=True, slots=True)
class Answer:
    """What the core sent: its bytes, what they say, and for how many seconds it vouches."""

    body: bytes
    snapshot: Snapshot
    max_age: float | None = None


def do_nothing(*_: object) -> None:
    """Stand where a caller has nothing to be told."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Waits for an answer until then (monotonic seconds).

    `while_waiting` is called now and then in the calling thread. `when_late` is called in another
    thread with an answer that came after the caller was told of a timeout.
    """

    until: float = float("inf")
    while_waiting: Callable[[], None] = do_nothing
    when_late: Callable[[Any], None] = do_nothing


ANYONE = Caller()


class AnswerSource(Protocol):
    """A source below the cache, which needs more of an answer than its claims."""

    def answer_for(self, identifier: Identifier, caller: Caller = ANYONE) -> Answer:
        """Return the core's answer, or raise CoreError."""
