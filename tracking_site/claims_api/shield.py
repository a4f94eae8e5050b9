"""The breaker around the core: while it rests, nobody waits for the core and it hears nothing."""

from collections.abc import Callable

from ..domain.identifiers import Identifier
from .breaker import Breaker, Resting
from .errors import CoreError, CoreNotAsked, Trouble
from .source import Answer, AnswerSource, do_nothing

_SAYS_NOTHING = frozenset(
    {
        Trouble.NO_ROOM,
        Trouble.CLOSING,
        # One number whose answer is broken must not shut out everyone else.
        Trouble.REQUEST_REFUSED,
        Trouble.SHAPE,
    }
)


class Shielded:
    """A source behind a breaker."""

    def __init__(self, source: AnswerSource, breaker: Breaker) -> None:
        self._source = source
        self._breaker = breaker

    def answer_for(
        self,
        identifier: Identifier,
        *,
        until: float | None = None,
        while_waiting: Callable[[], None] = do_nothing,
        when_late: Callable[[Answer], None] = do_nothing,
    ) -> Answer:
        try:
            allowed = self._breaker.enter()
        except Resting as resting:
            raise CoreNotAsked(Trouble.BREAKER_OPEN, resting.seconds) from resting
        try:
            answer = self._source.answer_for(
                identifier, until=until, while_waiting=while_waiting, when_late=when_late
            )
        except CoreError as error:
            if error.kind in _SAYS_NOTHING:
                self._breaker.abandoned(allowed)
            else:
                self._breaker.failed(allowed, error.retry_after)
            raise
        except BaseException:
            self._breaker.abandoned(allowed)
            raise
        self._breaker.succeeded(allowed)
        return answer
