"""The core, asked: behind a breaker, one time budget, a bounded number of requests at once.

A request runs in a small executor, because nothing else can bound the time that looking up a
name, connecting and reading take together; the caller stops waiting when the budget is spent.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import replace
from functools import partial
from os import getpid, urandom
from threading import BoundedSemaphore, Event, Lock
from time import monotonic, perf_counter, sleep, time
from typing import TypeVar

from ..breaker import Breaker, Pass, Resting
from ..domain.claims import Snapshot, StageDuration
from ..domain.identifiers import Identifier
from ..records import QUEUE, Observe, do_nothing, timed
from .config import ClientConfig
from .contract import ContractCore
from .errors import CoreError, Trouble
from .events import CoreWatch
from .exchange import Exchange
from .gate import Gate, MemoryGate, Place
from .source import ANYONE, Answer, AnswerSource, Caller, Core

T = TypeVar("T")

_NOT_ASKED = (Trouble.CONNECTION, Trouble.CLOSING)
_TOO_MUCH = (Trouble.TOO_MANY, Trouble.SERVER_ERROR, Trouble.TIMEOUT)

log = logging.getLogger(__name__)

CALL_SECONDS = 0.1
"""How often a process asks which of those that it holds may go."""

MAX_CALL_SECONDS = 0.5
"""Where many are held they ask by turns: each so seldom at most, and it says then that it lives
(a lead in Redis lapses after 1.5 s)."""

START_SECONDS = 0.005
"""Of many called at once each begins so much later than the one before, about what a lookup costs
here: those that begin together come back together, and whoever is quick waits behind them all."""

COME_BACK_SECONDS = 2.0
"""What a person is told who found no room and keeps no place, or asks what many ask already."""

Leave = Callable[[bool | None], None]
"""Gives a room back; says whether the core failed (None: it was not really asked)."""

BEHIND = Place(b"behind")
"""Asks for what gives way to all for whom somebody waits."""

UNBOUNDED = Place(b"unbounded")
"""Passes: what it asks decides whether anybody is to ask."""

ASKS_AS: ContextVar[Place | None] = ContextVar("place", default=None)
"""As which place in the line counts what this thread asks."""


class Rooms:
    """The requests of one process at the core: at most `most`, and at most `most_held` held, less
    those who wait on the same `seats` for what others asked.

    One keeps its room until the exchange has really ended, which can be later than the moment at
    which the person who asked was answered.
    """

    def __init__(self, gate: Gate, most: int, most_held: int) -> None:
        self._gate = gate
        self._most = most
        self.seats = BoundedSemaphore(most_held)
        self._begun_as = urandom(8)
        self._inside: set[bytes] = set()
        self._held: dict[bytes, Event] = {}
        self._calling, self._starting = Lock(), Lock()
        self._called_at = self._starts_at = 0.0

    @property
    def _node(self) -> bytes:
        # Of each process another, though all are forks of the one that made this.
        return self._begun_as + getpid().to_bytes(4)

    def enter(self, hold_seconds: float, while_held: Callable[[], None] = do_nothing) -> Leave:
        """Return how to leave, once; raises CoreError when there was no room in time."""
        place = ASKS_AS.get() or Place(urandom(16))
        if place is UNBOUNDED:
            return do_nothing
        if len(self._inside) >= self._most or place.name in self._held:
            raise CoreError(Trouble.NO_ROOM, COME_BACK_SECONDS)
        if place is BEHIND:
            place = Place(urandom(16))
            is_let = self._gate.enter(self._node, place, None) == "go"
        else:
            is_let = self._entered(place, hold_seconds, while_held)
        if not is_let:
            raise CoreError(Trouble.NO_ROOM, COME_BACK_SECONDS)
        self._inside.add(place.name)

        def leave(has_failed: bool | None) -> None:
            self._inside.discard(place.name)
            self._let_go(self._gate.leave(self._node, place.name, has_failed))

        return leave

    def _entered(self, place: Place, hold_seconds: float, while_held: Callable[[], None]) -> bool:
        if not self.seats.acquire(blocking=False):
            return self._gate.enter(self._node, place, 0.0) == "go"
        # Before it is asked, so that no call is missed; who is called is taken out.
        called = self._held[place.name] = Event()
        verdict = None
        try:
            verdict = self._gate.enter(self._node, place, hold_seconds)
            if verdict == "hold":
                self._wait(called, hold_seconds, while_held)
        finally:
            is_called = self._held.pop(place.name, None) is None
            self.seats.release()
        if is_called:
            with QUEUE.aside():
                sleep(self._until_start())
        return verdict == "go" or is_called

    def _until_start(self) -> float:
        with self._starting:
            now = monotonic()
            # Never so long that it would have to say meanwhile that it lives.
            pause = min(max(self._starts_at + START_SECONDS - now, 0.0), MAX_CALL_SECONDS)
            self._starts_at = now + pause
            return pause

    def _wait(self, called: Event, seconds: float, while_held: Callable[[], None]) -> None:
        until = monotonic() + seconds
        with QUEUE.aside():
            while not called.wait(max(min(until - monotonic(), self._turn_seconds), 0.0)):
                if monotonic() >= until:
                    return
                while_held()
                self._call()

    @property
    def _turn_seconds(self) -> float:
        return min(CALL_SECONDS * max(len(self._held), 1), MAX_CALL_SECONDS)

    def _call(self) -> None:
        if not self._calling.acquire(blocking=False):
            return
        try:
            if monotonic() - self._called_at > CALL_SECONDS / 2:
                self._called_at = monotonic()
                self._let_go(self._gate.call(self._node))
        finally:
            self._calling.release()

    def _let_go(self, names: Iterable[bytes]) -> None:
        for name in names:
            called = self._held.pop(name, None)
            if called is not None:
                called.set()
            else:
                # Its time was over in this very moment.
                self._let_go(self._gate.leave(self._node, name, None))


class ClaimsClient:
    """A source of claims. Opens no socket and starts no thread before its first use.

    `core` is what is asked; without one, the contract over HTTP. `request_id` gives
    the id of the page request that is being served.
    """

    def __init__(
        self,
        config: ClientConfig,
        *,
        rooms: Rooms | None = None,
        observe: Observe = do_nothing,
        watch: CoreWatch | None = None,
        request_id: Callable[[], str | None] = lambda: None,
        core: Core | None = None,
    ) -> None:
        self._config = config
        gate = MemoryGate(config.in_flight, time)
        self._rooms = rooms or Rooms(gate, config.in_flight, config.held)
        self._observe = observe
        self._watch = watch or CoreWatch()
        self._request_id = request_id
        self._core = core or ContractCore(Exchange(config, observe=observe), config.health)
        self._executor = ThreadPoolExecutor(config.in_flight, thread_name_prefix="core")

    def claims_of(self, identifier: Identifier) -> Snapshot:
        return self.answer_for(identifier).snapshot

    def answer_for(self, identifier: Identifier, caller: Caller = ANYONE) -> Answer:
        leave = self._let_in(caller.while_waiting)
        begun, result = perf_counter(), "answered"
        self._watch.core_asked()
        look_up = partial(self._core.look_up, identifier, request_id=self._request_id())
        try:
            with timed("core"):
                return self._ask(look_up, caller, leave)
        except CoreError as error:
            result = error.kind.value
            raise
        finally:
            self._watch.core_answered(result, perf_counter() - begun)

    def stage_durations(self) -> tuple[StageDuration, ...]:
        """Return the observed durations; raises CoreError."""
        return self._ask(partial(self._core.stage_durations, request_id=self._request_id()))

    def health(self, seconds: float = 2.0) -> float | None:
        """Return the core's clock (epoch seconds, when it says); raises CoreError if it is down."""
        # Outside of the bound: a full core is well, and must not look as if it were down.
        look = partial(self._core.health, request_id=self._request_id())
        return self._ask(look, Caller(monotonic() + seconds))

    def close(self) -> None:
        """Take no more requests; those under way end on their own."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _ask(self, send: Callable[..., T], caller: Caller = ANYONE, leave: Leave = do_nothing) -> T:
        try:
            budget_ends = monotonic() + self._config.total_seconds
            late = budget_ends + self._config.late_seconds
            future = self._submit(partial(send, due=late), leave)
            try:
                return self._wait(future, min(caller.until, budget_ends), caller.while_waiting)
            finally:
                if not future.done():
                    future.add_done_callback(partial(self._tell_late, caller.when_late))
        except CoreError as error:
            self._observe("core_failed", kind=error.kind.value)
            log.warning("no answer from the core: %s", error.kind.value)
            raise

    def _let_in(self, while_held: Callable[[], None]) -> Leave:
        begun = perf_counter()
        try:
            return self._rooms.enter(self._config.hold_seconds, while_held)
        except CoreError as error:
            self._observe("core_failed", kind=error.kind.value)
            raise
        finally:
            self._watch.core_waited(perf_counter() - begun)

    def _submit(self, work: Callable[[], T], leave: Leave) -> Future[T]:
        wanted = [work]
        try:
            future = self._executor.submit(lambda: wanted.pop()())
        except RuntimeError as error:
            # It may stand in the queue all the same, for a thread that comes by.
            wanted.clear()
            leave(None)
            raise CoreError(Trouble.CLOSING) from error
        # After the result is known, so that nobody waits while the room is given back.
        future.add_done_callback(lambda done: leave(_has_failed(done)))
        return future

    def _wait(self, future: Future[T], due: float, while_waiting: Callable[[], None]) -> T:
        while (left := due - monotonic()) > 0:
            try:
                with QUEUE.aside():
                    return future.result(min(left, self._config.tick_seconds))
            except TimeoutError:
                while_waiting()
        raise CoreError(Trouble.TIMEOUT)

    def _tell_late(self, when_late: Callable[[T], None], future: Future[T]) -> None:
        if not future.cancelled() and future.exception() is None:
            self._observe("core_late")
            when_late(future.result())


def _has_failed(future: Future[T]) -> bool | None:
    """Return whether the core had too much to do; None where it was not really asked."""
    error = None if future.cancelled() else future.exception()
    if future.cancelled() or (isinstance(error, CoreError) and error.kind in _NOT_ASKED):
        return None
    return isinstance(error, CoreError) and error.kind in _TOO_MUCH


# The last two: one number whose answer is broken must not shut out everyone else.
_SAYS_NOTHING = (Trouble.NO_ROOM, Trouble.CLOSING, Trouble.REQUEST_REFUSED, Trouble.SHAPE)


class Shielded:
    """A source behind a breaker; the probe's person waits for `probe_seconds`."""

    def __init__(self, source: AnswerSource, breaker: Breaker, probe_seconds: float) -> None:
        self._source = source
        self._breaker = breaker
        self._probe_seconds = probe_seconds

    def answer_for(self, identifier: Identifier, caller: Caller = ANYONE) -> Answer:
        try:
            allowed = self._breaker.enter()
        except Resting as resting:
            raise CoreError(Trouble.BREAKER_OPEN, resting.seconds) from resting
        ask = partial(self._source.answer_for, identifier)
        if self._breaker.is_probe(allowed):
            # It is asked for in a thread of its own, where nobody may say that the caller lives.
            prober = replace(caller, while_waiting=do_nothing)
            probe = partial(self._reported, allowed, identifier, partial(ask, prober))
            return self._probed(allowed, probe, caller.when_late)
        return self._reported(allowed, identifier, partial(ask, caller))

    def _reported(self, allowed: Pass, identifier: Identifier, ask: Callable[[], Answer]) -> Answer:
        try:
            answer = ask()
        except CoreError as error:
            if error.kind in _SAYS_NOTHING:
                self._breaker.abandoned(allowed)
            else:
                number, is_much = hash(identifier.number), error.kind in _TOO_MUCH
                self._breaker.failed(allowed, error.retry_after, number, is_much)
            raise
        except BaseException:
            self._breaker.abandoned(allowed)
            raise
        self._breaker.succeeded(allowed)
        return answer

    def _probed(
        self, allowed: Pass, ask: Callable[[], Answer], when_late: Callable[[Answer], None]
    ) -> Answer:
        # Behind a line nobody else would ever find out that the core is back.
        prober = ThreadPoolExecutor(1, "probe", initializer=ASKS_AS.set, initargs=(UNBOUNDED,))
        try:
            probe = prober.submit(ask)
        except RuntimeError as error:
            # No more threads are to be had: the next one tries whether the core is back.
            self._breaker.abandoned(allowed)
            raise CoreError(Trouble.NO_ROOM, COME_BACK_SECONDS) from error
        finally:
            prober.shutdown(wait=False)
        try:
            with QUEUE.aside():
                return probe.result(self._probe_seconds)
        except TimeoutError as error:
            probe.add_done_callback(partial(_tell, when_late))
            raise CoreError(Trouble.TIMEOUT, self._probe_seconds) from error


def _tell(when_late: Callable[[Answer], None], probe: Future[Answer]) -> None:
    if probe.exception() is None:
        when_late(probe.result())
