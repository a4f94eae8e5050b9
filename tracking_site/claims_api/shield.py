"""The breaker around the core: while it rests, nobody waits for the core and it hears nothing.

The probe runs to its end behind the person whose request it is: a core that is still slow costs
that person a second, and one that is back is believed however long its first answer took.
"""

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from threading import Thread

from ..breaker import Breaker, Pass, Resting
from ..domain.identifiers import Identifier
from .errors import CoreError, CoreNotAsked, CoreUnavailable, Trouble
from .rooms import asking_unbounded
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
    """A source behind a breaker; the probe's person waits for `probe_seconds`."""

    def __init__(self, source: AnswerSource, breaker: Breaker, probe_seconds: float) -> None:
        self._source = source
        self._breaker = breaker
        self._probe_seconds = probe_seconds

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
        ask = partial(self._source.answer_for, identifier, until=until, when_late=when_late)
        if self._breaker.is_probe(allowed):
            return self._probed(partial(self._reported, allowed, ask), when_late)
        return self._reported(allowed, partial(ask, while_waiting=while_waiting))

    def _reported(self, allowed: Pass, ask: Callable[[], Answer]) -> Answer:
        try:
            answer = ask()
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

    def _probed(self, ask: Callable[[], Answer], when_late: Callable[[Answer], None]) -> Answer:
        probe: Future[Answer] = Future()
        Thread(target=_settle, args=(probe, ask), name="probe", daemon=True).start()
        try:
            return probe.result(self._probe_seconds)
        except TimeoutError as error:
            probe.add_done_callback(partial(_tell, when_late))
            raise CoreUnavailable(Trouble.TIMEOUT, self._probe_seconds) from error


def _settle(probe: Future[Answer], ask: Callable[[], Answer]) -> None:
    try:
        # Behind a line nobody else would ever find out that the core is back.
        with asking_unbounded():
            probe.set_result(ask())
    except BaseException as error:  # noqa: BLE001  whoever waits must hear of it
        probe.set_exception(error)


def _tell(when_late: Callable[[Answer], None], probe: Future[Answer]) -> None:
    if probe.exception() is None:
        when_late(probe.result())
