"""Few threads run at once, in the order in which work came; who waits steps aside."""

import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import Future, wait
from contextlib import ExitStack

import pytest
from gunicorn.workers.gthread import ThreadWorker

from tracking_site.records import QUEUE
from tracking_site.web.few_at_once import AT_ONCE, FewAtOnce
from tracking_site.web.whole_requests import WholeRequests

PATIENCE_SECONDS = 20.0
THREADS = AT_ONCE + 4


@pytest.fixture
def pool() -> Iterator[FewAtOnce]:
    made = FewAtOnce(THREADS)
    yield made
    made.shutdown()


class Busy:
    """Work that lasts until it is told to go on, and says when it runs."""

    def __init__(self, *, is_aside: bool = False) -> None:
        self.runs, self.goes_on = threading.Event(), threading.Event()
        self.is_aside = is_aside

    def __call__(self) -> str:
        if not self.is_aside:
            return self._last()
        with QUEUE.aside():
            return self._last()

    def _last(self) -> str:
        self.runs.set()
        assert self.goes_on.wait(PATIENCE_SECONDS)
        return threading.current_thread().name

    def has_begun(self) -> bool:
        return self.runs.wait(PATIENCE_SECONDS)


def end(*works: Busy) -> None:
    for work in works:
        work.goes_on.set()


def test_few_run_at_once_and_the_others_wait_though_threads_are_free(pool: FewAtOnce) -> None:
    works = [Busy() for _ in range(AT_ONCE + 2)]
    done = [pool.submit(work) for work in works]
    assert all(work.has_begun() for work in works[:AT_ONCE])
    assert pool.unbegun == 2
    assert [work.runs.is_set() for work in works[AT_ONCE:]] == [False, False]
    end(works[0])
    assert works[AT_ONCE].has_begun()
    assert pool.unbegun == 1
    end(*works)
    assert all(each.result(PATIENCE_SECONDS) for each in done)


def test_work_is_begun_in_the_order_in_which_it_came(pool: FewAtOnce) -> None:
    before = [Busy() for _ in range(AT_ONCE)]
    begun: list[int] = []
    done = [pool.submit(work) for work in before]
    assert all(work.has_begun() for work in before)
    done += [pool.submit(begun.append, number) for number in range(100)]
    # One thread alone goes on: what it takes up comes one after the other.
    end(before[0])
    wait(done[AT_ONCE:], PATIENCE_SECONDS)
    assert begun == list(range(100))
    end(*before)


def test_of_those_who_ask_again_and_those_who_come_one_each_is_begun_by_turns() -> None:
    pool = FewAtOnce(THREADS, asks_again=lambda *args: args[:1] == ("again",))
    before = [Busy() for _ in range(AT_ONCE)]
    begun: list[tuple[str, int]] = []
    done = [pool.submit(work) for work in before]
    assert all(work.has_begun() for work in before)
    for row, many in (("first", 9), ("again", 3)):
        for number in range(many):
            done.append(pool.submit(lambda *each: begun.append(each), row, number))
    assert pool.unbegun == 12
    # One thread alone goes on: what it takes up comes one after the other.
    end(before[0])
    wait(done[AT_ONCE:], PATIENCE_SECONDS)
    end(*before)
    pool.shutdown()
    assert [number for row, number in begun if row == "first"] == list(range(9))
    assert [number for row, number in begun if row == "again"] == list(range(3))
    assert {row for row, _ in begun[:2]} == {row for row, _ in begun[4:6]} == {"first", "again"}
    assert {row for row, _ in begun[6:]} == {"first"}


def test_who_waits_lets_another_run(pool: FewAtOnce) -> None:
    waiting = [Busy(is_aside=True) for _ in range(AT_ONCE)]
    done = [pool.submit(work) for work in waiting]
    assert all(work.has_begun() for work in waiting)
    assert pool.submit(lambda: "served").result(PATIENCE_SECONDS) == "served"
    end(*waiting)
    assert all(each.result(PATIENCE_SECONDS) for each in done)


def test_a_wait_within_a_wait_lets_no_further_one_run(pool: FewAtOnce) -> None:
    """Who is held for the core asks Redis now and then, which may be far."""
    within = Busy(is_aside=True)

    def waiting() -> None:
        with QUEUE.aside():
            within()

    others = [Busy() for _ in range(AT_ONCE + 1)]
    done = [pool.submit(waiting)]
    assert within.has_begun()
    done += map(pool.submit, others)
    assert all(work.has_begun() for work in others[:-1])
    assert pool.unbegun == 1
    assert not others[-1].runs.wait(0.2)
    end(within, *others)
    wait(done, PATIENCE_SECONDS)


def test_who_steps_aside_while_others_wait_has_one_of_them_begin(pool: FewAtOnce) -> None:
    steps = threading.Event()
    aside = Busy(is_aside=True)

    def busy_then_waiting() -> None:
        assert steps.wait(PATIENCE_SECONDS)
        aside()

    others = [Busy() for _ in range(AT_ONCE)]
    done = [pool.submit(busy_then_waiting), *map(pool.submit, others)]
    assert all(work.has_begun() for work in others[:-1])
    assert not others[-1].runs.is_set()
    steps.set()
    assert others[-1].has_begun()
    end(aside, *others)
    wait(done, PATIENCE_SECONDS)


def test_who_comes_back_goes_on_at_once_and_the_next_one_waits_for_both(pool: FewAtOnce) -> None:
    back = threading.Event()
    waited, after = Busy(is_aside=True), Busy()

    def waits_then_works() -> None:
        waited()
        back.set()
        after()

    others = [Busy() for _ in range(AT_ONCE)]
    done = [pool.submit(waits_then_works)]
    assert waited.has_begun()
    done += map(pool.submit, others)
    assert all(work.has_begun() for work in others)
    end(waited)
    assert back.wait(PATIENCE_SECONDS)
    # AT_ONCE and one more run now. One of them ends, and nobody is let in for it.
    late = Busy()
    done.append(pool.submit(late))
    end(others[0])
    done[1].result(PATIENCE_SECONDS)
    assert pool.unbegun == 1
    end(others[1])
    assert late.has_begun()
    end(after, late, *others)
    wait(done, PATIENCE_SECONDS)


def test_no_more_threads_begin_than_there_may_be(pool: FewAtOnce) -> None:
    waiting = [Busy(is_aside=True) for _ in range(THREADS + 3)]
    done = [pool.submit(work) for work in waiting]
    assert all(work.has_begun() for work in waiting[:THREADS])
    assert pool.unbegun == 3
    end(*waiting)
    assert len({each.result(PATIENCE_SECONDS) for each in done}) == 1
    assert pool.unbegun == 0


def test_threads_begin_only_when_they_are_needed(pool: FewAtOnce) -> None:
    def who() -> int:
        return threading.get_ident()

    assert len({pool.submit(who).result(PATIENCE_SECONDS) for _ in range(50)}) == 1


@pytest.mark.parametrize("kind", [ValueError, SystemExit])
def test_what_goes_wrong_is_told_to_who_asked_and_ends_no_thread(
    pool: FewAtOnce, kind: type[BaseException]
) -> None:
    def fails() -> None:
        raise kind("of its own")

    failed = [pool.submit(fails) for _ in range(3 * THREADS)]
    assert {type(each.exception(PATIENCE_SECONDS)) for each in failed} == {kind}
    assert pool.submit(lambda: "served").result(PATIENCE_SECONDS) == "served"


def test_an_error_while_aside_gives_nobody_a_second_turn(pool: FewAtOnce) -> None:
    def fails_aside() -> None:
        with QUEUE.aside():
            raise TimeoutError

    for each in [pool.submit(fails_aside) for _ in range(20)]:
        assert isinstance(each.exception(PATIENCE_SECONDS), TimeoutError)
    works = [Busy() for _ in range(AT_ONCE + 1)]
    done = [pool.submit(work) for work in works]
    assert all(work.has_begun() for work in works[:AT_ONCE])
    assert pool.unbegun == 1
    end(*works)
    wait(done, PATIENCE_SECONDS)


def test_what_was_submitted_before_the_end_is_done_and_no_more_is_taken(pool: FewAtOnce) -> None:
    works = [Busy(is_aside=number == 0) for number in range(AT_ONCE + 3)]
    done: list[Future[str]] = [pool.submit(work) for work in works]
    assert works[0].has_begun()
    pool.shutdown()
    with pytest.raises(RuntimeError):
        pool.submit(str)
    end(*works)
    assert all(each.result(PATIENCE_SECONDS) for each in done)


def test_idle_threads_end_with_the_pool() -> None:
    pool, served = FewAtOnce(THREADS), []
    with ExitStack() as ending:
        works = [Busy() for _ in range(AT_ONCE)]
        ending.callback(end, *works)
        done = [pool.submit(work) for work in works]
        assert all(work.has_begun() for work in works)
        served = [each for each in threading.enumerate() if each.name == "serving"]
    wait(done, PATIENCE_SECONDS)
    pool.shutdown()
    for thread in served:
        thread.join(PATIENCE_SECONDS)
    assert not [thread for thread in served if thread.is_alive()]


def test_where_no_thread_is_to_be_had_one_that_runs_comes_by(
    pool: FewAtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Busy()
    done = pool.submit(first)
    assert first.has_begun()

    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    second = pool.submit(lambda: "served")
    assert pool.unbegun == 1
    end(first)
    assert done.result(PATIENCE_SECONDS)
    assert second.result(PATIENCE_SECONDS) == "served"


def test_what_no_thread_was_to_be_had_for_waits_for_no_other_request(
    pool: FewAtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that began while the machine had no threads to give has none that comes by."""
    worker = object.__new__(WholeRequests)
    worker.tpool = pool
    monkeypatch.setattr(ThreadWorker, "wait_for_and_dispatch_events", lambda *_: None)

    def none_left(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", none_left)
        only = pool.submit(lambda: "served")
        worker.wait_for_and_dispatch_events(1.0)
        assert pool.unbegun == 1
    worker.wait_for_and_dispatch_events(1.0)
    assert only.result(PATIENCE_SECONDS) == "served"


def test_an_idle_thread_holds_nothing_of_whom_it_served(pool: FewAtOnce) -> None:
    class Request:
        def __call__(self) -> None:
            return None

    request = Request()
    gone = weakref.ref(request)
    pool.submit(request).result(PATIENCE_SECONDS)
    del request
    until = time.monotonic() + PATIENCE_SECONDS
    while gone() is not None and time.monotonic() < until:
        time.sleep(0.01)
    assert gone() is None
