"""The threads that serve requests, of which few run at once.

Python runs one thread at a time. When a hundred are let go together they take that right from
each other thousands of times a second, the one that takes connections waits behind all of them,
and who came first is not served first.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from functools import partial
from threading import Lock, Thread
from typing import Any

from ..records import QUEUE

_Work = tuple[Future[Any], Callable[[], Any]]

AT_ONCE = 2
"""Threads that run. One alone would stand still while Redis answers; behind four the thread that
takes connections reads so late that nobody sees what waits, and no flood is shed."""


class FewAtOnce(Executor):
    """Serves what is submitted in the order in which it came, in `threads` threads at most.

    AT_ONCE of them run. Who waits, for the core, in the line or for a far Redis, steps aside
    meanwhile (`with QUEUE.aside():`), so that another runs, and goes on at once when the wait is
    over.

    `asks_again` is given the arguments of what is submitted. Those of whom it is true stand in a
    row of their own, and one of either row is begun by turns.
    """

    def __init__(self, threads: int, asks_again: Callable[..., bool] = lambda *args: False) -> None:
        self._most = threads
        self._asks_again = asks_again
        self._lock = Lock()
        self._again: deque[_Work] = deque()
        self._first: deque[_Work] = deque()
        self._rows = [self._again, self._first]
        self._idle: list[Lock] = []
        self._threads = self._running = 0
        self._is_closed = False

    @property
    def unbegun(self) -> int:
        """How much was submitted that no thread has begun."""
        return sum(map(len, self._rows))

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """Have it done; raises RuntimeError after `shutdown`."""
        done: Future[Any] = Future()
        with self._lock:
            if self._is_closed:
                raise RuntimeError("no more work is taken")
            row = self._again if self._asks_again(*args) else self._first
            row.append((done, partial(call, *args, **named)))
            self._let_run()
        return done

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work. What was submitted is done, and nobody waits here until it is."""
        with self._lock:
            self._is_closed = True
            self._running += len(self._idle)
            while self._idle:
                self._idle.pop().release()

    def try_again(self) -> None:
        """Begin what no thread was to be had for, where none runs that would come by."""
        if self.unbegun:
            with self._lock:
                self._let_run()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let another run while a thread of these waits, and no further one for a wait within."""
        if QUEUE.is_aside:
            yield
            return
        QUEUE.is_aside = True
        with self._lock:
            self._running -= 1
            self._let_run()
        try:
            yield
        finally:
            QUEUE.is_aside = False
            with self._lock:
                self._running += 1

    def _let_run(self) -> None:
        if not any(self._rows) or self._running >= AT_ONCE:
            return
        if self._idle:
            # Who was done last: what he needs is still at hand for the processor.
            self._running += 1
            self._idle.pop().release()
        elif self._threads < self._most:
            # Where no thread is to be had, one that runs will come by, or it is tried again.
            with suppress(RuntimeError):
                # A daemon: a process that has to end waits for no request.
                Thread(target=self._serve, name="serving", daemon=True).start()
                self._running += 1
                self._threads += 1

    def _serve(self) -> None:
        QUEUE.aside = self.aside
        woken = Lock()
        woken.acquire()
        while (work := self._next(woken)) is not None:
            done, call = work
            try:
                done.set_result(call())
            except BaseException as error:  # noqa: BLE001 - who asked for it is told
                done.set_exception(error)
            # An idle thread holds nothing of whom it served.
            del done, call, work

    def _next(self, woken: Lock) -> _Work | None:
        """Return what to do, when there is something; None when there will be no more."""
        while True:
            with self._lock:
                if any(self._rows) and self._running <= AT_ONCE:
                    self._rows.reverse()
                    return (self._rows[0] or self._rows[1]).popleft()
                self._running -= 1
                if self._is_closed:
                    self._threads -= 1
                    return None
                self._idle.append(woken)
            woken.acquire()
