"""What is asked of a core, whatever it speaks; and the contract over HTTP, which most speak."""

import threading
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Protocol

from ..domain.claims import StageDuration
from ..domain.identifiers import Identifier, Kpj
from .config import HEALTH_BY_LOOKUPS
from .decoding import decode_durations, decode_snapshot, encode_lookup
from .errors import CoreError
from .exchange import Exchange
from .source import Answer

ANSWERED_SECONDS = 30.0
"""How long a lookup that was answered is proof enough that the core is up."""

PROBE = Kpj("0" * 11)
"""The card number that is asked for where only a lookup can say that the core is up."""


class Core(Protocol):
    """A core with one method for each thing that the site asks; each raises CoreError.

    `due` is the monotonic moment at which a caller gives up; `request_id` names the page request.
    """

    def look_up(self, identifier: Identifier, *, request_id: str | None, due: float) -> Answer: ...

    def stage_durations(
        self, *, request_id: str | None, due: float
    ) -> tuple[StageDuration, ...]: ...

    def health(self, *, request_id: str | None, due: float) -> float | None:
        """Return the core's clock in epoch seconds, where it says."""
        ...

    def close(self) -> None: ...


class ContractCore:
    """The contract (docs/core-claims-api.yaml) over HTTP.

    `health` is the path that is asked for readiness; with `lookups` it follows what lookups came
    to, and one is made where none was answered lately.
    """

    def __init__(self, exchange: Exchange, health: str) -> None:
        self._exchange = exchange
        self._health = health
        self._answered_at = float("-inf")

    def look_up(self, identifier: Identifier, *, request_id: str | None, due: float) -> Answer:
        reply = self._exchange.post(
            "/v1/claim-lookups", encode_lookup(identifier), request_id=request_id, due=due
        )
        answer = Answer(reply.body, decode_snapshot(reply.body), reply.max_age)
        self._answered_at = monotonic()
        return answer

    def stage_durations(self, *, request_id: str | None, due: float) -> tuple[StageDuration, ...]:
        reply = self._exchange.get("/v1/stage-durations", request_id=request_id, due=due)
        return decode_durations(reply.body)

    def health(self, *, request_id: str | None, due: float) -> float | None:
        if self._health != HEALTH_BY_LOOKUPS:
            return self._exchange.get(self._health, request_id=request_id, due=due).sent_at
        if monotonic() - self._answered_at > ANSWERED_SECONDS:
            self.look_up(PROBE, request_id=request_id, due=due)
        return None

    def close(self) -> None:
        self._exchange.close()


FEWEST_CLAIMS = 30
"""Below this many claims a range says more about chance than about the stage."""

FIRST_WAIT_SECONDS = 0.5
"""How long the first lookups of a process may wait for them, all together."""

REFRESH_SECONDS = 3600.0
"""They describe 90 days; an hour more or less does not change them."""

RETRY_SECONDS = 60.0
"""How soon the core is asked again after it had no answer."""

Durations = Mapping[tuple[str, str], StageDuration]


class ObservedDurations:
    """Calling it returns the durations by service and stage.

    The first call asks the core, in a thread of its own, and waits for the answer; so do those
    that come meanwhile, until FIRST_WAIT_SECONDS after the first. From then on it returns at once
    what is known, and refreshes behind. No thread is started before the first call.

    `fetch` asks the core and raises CoreError; `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        fetch: Callable[[], tuple[StageDuration, ...]],
        clock: Callable[[], float],
        first_wait: float = FIRST_WAIT_SECONDS,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._first_wait = first_wait
        self._lock = threading.Lock()
        self._known: Durations = {}
        self._ask_again_at = float("-inf")
        self._is_settled = threading.Event()
        self._wait_until = float("inf")

    def __call__(self) -> Durations:
        if self._clock() >= self._ask_again_at and self._lock.acquire(blocking=False):
            # The lock is given back by the thread: one refresh at a time.
            now = self._clock()
            self._ask_again_at = now + RETRY_SECONDS
            self._wait_until = min(self._wait_until, now + self._first_wait)
            threading.Thread(target=self._refresh, name="durations", daemon=True).start()
        if not self._is_settled.is_set():
            left = min(max(self._wait_until - self._clock(), 0.0), self._first_wait)
            if not self._is_settled.wait(left):
                # The core is slow: nobody who comes later waits for it either.
                self._is_settled.set()
        return self._known

    def _refresh(self) -> None:
        try:
            self._known = {
                (each.service, each.stage): each
                for each in self._fetch()
                if each.claims >= FEWEST_CLAIMS
            }
            self._ask_again_at = self._clock() + REFRESH_SECONDS
        except CoreError:
            return
        finally:
            self._is_settled.set()
            self._lock.release()
