"""What every source of claims can do; client, cache and the tests' fakes are all one of these.

What is asked of a core, whatever it speaks, and how many may wait for an answer.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from time import monotonic
from typing import Any, Protocol

from ..domain.claims import Snapshot, StageDuration
from ..domain.identifiers import Identifier, Kpj
from ..records import do_nothing
from .errors import CoreError, Trouble


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


ANSWERED_SECONDS = 30.0
"""How long a lookup that was answered is proof enough that the core is up."""

PROBE = Kpj("0" * 11)
"""The card number that is asked for where only a lookup can say that the core is up."""


class Core(Protocol):
    """A core with one method for each thing that the site asks; each raises CoreError.

    `due` is the monotonic moment at which a caller gives up; `request_id` names the page request.
    What is not said here otherwise: there are no durations, and health follows what lookups came
    to; one is made where none was answered lately.
    """

    _answered_at: float = float("-inf")

    def look_up(self, identifier: Identifier, *, request_id: str | None, due: float) -> Answer: ...

    def stage_durations(self, *, request_id: str | None, due: float) -> tuple[StageDuration, ...]:
        return ()

    def health(self, *, request_id: str | None, due: float) -> float | None:
        """Return the core's clock in epoch seconds, where it says."""
        if monotonic() - self._answered_at > ANSWERED_SECONDS:
            self.look_up(PROBE, request_id=request_id, due=due)
        return None


class Seats:
    """For who waits for an answer that others asked for: each has a thread, and a crowd takes all.

    At most `most` in one process, and no more than are free of those that it shares `of_all`.
    """

    def __init__(self, most: int, of_all: BoundedSemaphore | None = None) -> None:
        self._own = BoundedSemaphore(most)
        self._of_all = of_all or BoundedSemaphore(most)

    @property
    def are_taken(self) -> bool:
        try:
            with self.one():
                return False
        except CoreError:
            return True

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take a seat meanwhile; raises CoreError where none is free."""
        with ExitStack() as taken:
            for seats in (self._own, self._of_all):
                if not seats.acquire(blocking=False):
                    raise CoreError(Trouble.CROWDED)
                taken.callback(seats.release)
            yield
