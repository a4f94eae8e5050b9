"""The cached client: the same `claims_of`, and a core that hardly feels the page.

An answer is fresh; then, for a while, given at once while a new one is fetched (RFC 5861,
stale-while-revalidate); then good enough while the core fails (stale-if-error). Whoever finds
nothing joins the one flight to the core for that number; when it fails, everyone who waited
is told together, and nobody asks again for a second.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from random import random as draw
from threading import BoundedSemaphore, Lock
from time import monotonic, sleep, time

from ..claims_api.client import ASKS_AS, BEHIND
from ..claims_api.errors import CoreError, Trouble
from ..claims_api.source import Answer, AnswerSource, Caller, Seats
from ..domain.claims import Snapshot
from ..domain.identifiers import Identifier
from ..records import QUEUE, Observe, do_nothing, note
from .config import CacheConfig, LifetimeConfig
from .stores import Entry, Failure, Key, Keyring, Lead, Store

Flight = Future[Snapshot]


def lifetime_of(
    answer: Answer, now: float, config: LifetimeConfig, chance: float
) -> tuple[float, float]:
    """Return until when an answer is fresh by what it says, and until when it is better than none.

    `chance` is in [0, 1): so much of the jitter is taken from it.
    """
    fresh = _fresh_seconds(answer, config) * (1 - config.jitter * chance)
    keep = config.keep_seconds if answer.snapshot.claims else config.keep_empty_seconds
    return now + fresh, now + max(fresh, keep)


def _fresh_seconds(answer: Answer, config: LifetimeConfig) -> float:
    if answer.max_age is not None:
        return min(max(answer.max_age, config.shortest_seconds), config.longest_seconds)
    claims = answer.snapshot.claims
    if not claims:
        return config.empty_seconds
    if all(claim.is_final for claim in claims):
        return config.final_seconds
    return config.fresh_seconds


class Flights:
    """One flight for a number among the threads of a process: one asks, the others wait."""

    def __init__(self) -> None:
        self._under_way: dict[Key, Flight] = {}
        self._lock = Lock()

    def join(self, key: Key) -> tuple[Flight, bool]:
        """Return the flight of a number, and whether the caller is the one who must fly it."""
        with self._lock:
            flight = self._under_way.get(key)
            if flight is not None:
                return flight, False
            flight = self._under_way[key] = Future()
            return flight, True

    def land(self, key: Key, flight: Flight) -> None:
        """Let the next one who asks begin a new flight."""
        with self._lock:
            if self._under_way.get(key) is flight:
                del self._under_way[key]

    def is_under_way(self, key: Key) -> bool:
        return key in self._under_way

    def forget(self, key: Key) -> None:
        """Let no caller join the flight that is under way, which began before now."""
        with self._lock:
            self._under_way.pop(key, None)

    def forget_all(self) -> None:
        with self._lock:
            self._under_way.clear()


class CachedClaims:
    """A source of claims over another one and a store.

    `seats` are threads that may wait, shared with those who are held for the core.
    `clock` gives epoch seconds; `random` numbers in [0, 1). Threads start with the first
    refresh, never at construction.
    """

    def __init__(
        self,
        source: AnswerSource,
        store: Store,
        keyring: Keyring,
        config: CacheConfig | None = None,
        lifetimes: LifetimeConfig | None = None,
        *,
        clock: Callable[[], float] = time,
        random: Callable[[], float] = draw,
        observe: Observe = do_nothing,
        seats: BoundedSemaphore | None = None,
    ) -> None:
        self._source = source
        self._store = store
        self._keyring = keyring
        self._config = config or CacheConfig()
        self._lifetimes = lifetimes or LifetimeConfig()
        self._clock = clock
        self._random = random
        self._observe = observe
        self._flights = Flights()
        self._seats = Seats(self._config.joined, seats)
        self._refreshers = ThreadPoolExecutor(
            self._config.refresh_workers, thread_name_prefix="refresh"
        )
        self._waiting_rooms = BoundedSemaphore(
            self._config.refresh_workers + self._config.refresh_waiting
        )

    def claims_of(self, identifier: Identifier) -> Snapshot:
        key = self._keyring.key_of(identifier)
        entry = self._store.get(key)
        now = self._clock()
        if entry is not None:
            if entry.is_fresh(now):
                self._met("hit", what=_kind_of(entry))
                return entry.snapshot
            if now < entry.keep_until:
                return self._stale(identifier, key, entry, now - entry.fresh_until)
        return self._fetched(identifier, key)

    def at_hand(self, identifier: Identifier) -> Snapshot | None:
        """Return what is kept, without waiting; past its time it is fetched anew behind."""
        key = self._keyring.key_of(identifier)
        entry, now = self._store.get(key), self._clock()
        if entry is None or now >= entry.keep_until:
            return None
        if not entry.is_fresh(now) and not self._store.has_failed(key):
            self._refresh(identifier, key, monotonic())
        return entry.snapshot

    def is_at_hand(self, identifier: Identifier) -> bool:
        """Return whether something is kept, fresh or not: then no caller waits for the core."""
        entry = self._store.get(self._keyring.key_of(identifier))
        return entry is not None and self._clock() < entry.keep_until

    def is_crowded(self, identifier: Identifier) -> bool:
        """Return whether the core is asked for it, and so many wait that no more can."""
        key = self._keyring.key_of(identifier)
        return self._flights.is_under_way(key) and self._seats.are_taken

    def learn(self, identifier: Identifier, answer: Answer) -> None:
        """Keep an answer that came by another way, unless one is there or under way."""
        key = self._keyring.key_of(identifier)
        begun = self._store.begin(key)
        if isinstance(begun, Lead):
            self._keep(key, begun, answer)

    def forget(self, identifier: Identifier) -> bool:
        """Drop a number; False when other nodes may still show it, and one should ask again."""
        key = self._keyring.key_of(identifier)
        is_reached = self._store.forget(key)
        # After the store, so that nobody joins a flight that began before it forgot.
        self._flights.forget(key)
        return self._reported("one", is_reached)

    def forget_all(self) -> bool:
        """Drop every number; False when other nodes may still show theirs."""
        is_reached = self._store.forget_all()
        self._flights.forget_all()
        return self._reported("all", is_reached)

    def close(self) -> None:
        self._refreshers.shutdown(wait=False, cancel_futures=True)

    def _fetched(self, identifier: Identifier, key: Key) -> Snapshot:
        due = monotonic() + self._config.wait_seconds
        flight, is_ours = self._flights.join(key)
        if is_ours:
            self._met("miss")
            self._fly(identifier, key, flight, due, due)
        else:
            self._met("joined")
        try:
            return _landed(flight, due) if is_ours else self._joined(flight, due)
        except CoreError as error:
            self._observe("failed", kind=error.kind.value)
            raise

    def _joined(self, flight: Flight, due: float) -> Snapshot:
        """Wait for what somebody else asked, while few do: a crowd would take all threads."""
        if flight.done():
            return _landed(flight, due)
        with self._seats.one():
            return _landed(flight, due)

    def _stale(self, identifier: Identifier, key: Key, entry: Entry, past: float) -> Snapshot:
        is_recent = past < self._config.revalidate_seconds
        due = monotonic() + (0 if is_recent else self._config.patience_seconds)
        flight = None
        if not self._store.has_failed(key):
            flight = self._refresh(identifier, key, due)
        if flight is not None and not is_recent:
            try:
                return self._joined(flight, due)
            except CoreError:
                pass
        self._met("stale", what=_kind_of(entry))
        return replace(entry.snapshot, is_stale=True)

    def _refresh(self, identifier: Identifier, key: Key, poll_until: float) -> Flight:
        flight, is_ours = self._flights.join(key)
        if not is_ours:
            return flight
        if not self._waiting_rooms.acquire(blocking=False):
            self._observe("refresh_shed")
            return self._called_off(key, flight, Trouble.NO_ROOM)

        # What an executor refuses may have been queued: a thread may still come by and run it.
        to_run = Lock()

        def refresh() -> None:
            if not to_run.acquire(blocking=False):
                return
            try:
                due = monotonic() + self._config.wait_seconds
                self._observe("refresh")
                ASKS_AS.set(BEHIND)
                self._fly(identifier, key, flight, due, poll_until)
            finally:
                self._waiting_rooms.release()

        try:
            self._refreshers.submit(refresh)
        except RuntimeError:
            if to_run.acquire(blocking=False):
                self._waiting_rooms.release()
                return self._called_off(key, flight, Trouble.CLOSING)
        return flight

    def _called_off(self, key: Key, flight: Flight, why: Trouble) -> Flight:
        self._flights.land(key, flight)
        flight.set_exception(CoreError(why))
        return flight

    def _fly(
        self, identifier: Identifier, key: Key, flight: Flight, due: float, poll_until: float
    ) -> None:
        """Bring a flight to its end, good or bad; never raises."""
        try:
            snapshot = self._flown(identifier, key, due, poll_until)
        except BaseException as error:  # noqa: BLE001  each caller that waits must get it
            flight.set_exception(error)
        else:
            flight.set_result(snapshot)
        finally:
            self._flights.land(key, flight)

    def _flown(self, identifier: Identifier, key: Key, due: float, poll_until: float) -> Snapshot:
        begun = self._begun(key, poll_until)
        if isinstance(begun, Entry):
            return begun.snapshot
        try:
            renew = partial(self._store.renew, key, begun)
            caller = Caller(due, renew, partial(self._keep_late, key, begun))
            answer = self._source.answer_for(identifier, caller)
        except CoreError as error:
            self._fail(key, begun, error)
            raise
        except BaseException:
            self._store.leave(key, begun)
            raise
        self._keep(key, begun, answer)
        return answer.snapshot

    def _begun(self, key: Key, poll_until: float) -> Lead | Entry:
        while True:
            begun = self._store.begin(key)
            if isinstance(begun, Failure):
                self._met("failed_recently")
                left = None if begun.retry_at is None else max(begun.retry_at - self._clock(), 0.0)
                raise CoreError(Trouble.FAILED_RECENTLY, left)
            if begun is not None:
                return begun
            pause = self._config.poll_seconds * (0.5 + self._random())
            if monotonic() + pause > poll_until:
                raise CoreError(Trouble.TIMEOUT)
            with QUEUE.aside():
                sleep(pause)

    def _keep(self, key: Key, lead: Lead, answer: Answer) -> None:
        now, chance = self._clock(), self._random()
        fresh_until, keep_until = lifetime_of(answer, now, self._lifetimes, chance)
        entry = Entry(answer.snapshot, fresh_until, keep_until, len(answer.body), lead.mark)
        self._store.keep(key, lead, entry, answer.body)

    def _keep_late(self, key: Key, lead: Lead, answer: Answer) -> None:
        kept = self._store.get(key)
        if kept is None or kept.snapshot.as_of <= answer.snapshot.as_of:
            self._keep(key, lead, answer)

    def _fail(self, key: Key, lead: Lead, error: CoreError) -> None:
        if error.kind in (Trouble.NO_ROOM, Trouble.CLOSING):
            # Another process may well have room for this number.
            self._store.leave(key, lead)
            return
        now = self._clock()
        retry_at = None if error.retry_after is None else now + error.retry_after
        self._store.fail(key, lead, Failure(now + self._config.failed_seconds, retry_at))

    def _met(self, event: str, **labels: str) -> None:
        """Say how the request being served met the cache; what is said last counts for its log."""
        note(cache=event)
        self._observe(event, **labels)

    def _reported(self, scope: str, is_reached: bool) -> bool:
        self._observe("forgotten", scope=scope, reached="yes" if is_reached else "no")
        return is_reached


def _kind_of(entry: Entry) -> str:
    return "claims" if entry.snapshot.claims else "empty"


def _landed(flight: Flight, due: float) -> Snapshot:
    """Wait for a flight; each who waits gets an error of his own to raise."""
    try:
        with QUEUE.aside():
            return flight.result(max(due - monotonic(), 0))
    except CoreError as error:
        raise CoreError(error.kind, error.retry_after) from error
    except TimeoutError as error:
        raise CoreError(Trouble.TIMEOUT) from error
