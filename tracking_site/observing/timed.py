"""What a lookup passes, with the time it takes written down; each has the methods of its like."""

from collections.abc import Callable
from time import perf_counter

from ..claims_api.errors import CoreError
from ..claims_api.source import Answer, AnswerSource, ClaimsSource, do_nothing
from ..domain.claims import Snapshot
from ..domain.identifiers import Identifier
from ..guard.guarded_lookup import GuardedLookup, GuardedOutcome, Visit
from ..guard.limits import Refused, RequestLimit
from ..guard.networks import Network
from ..lookup import Found, LookupService, NotFound, Outcome, Unavailable
from .metrics import Metrics
from .records import current, lap, note

CACHE_STATES = frozenset({"hit", "miss", "joined", "stale", "failed_recently"})
"""Events of the cached client that say how a lookup met the cache; the last one counts."""


class TimedLimit(RequestLimit):
    def take(self, network: Network) -> Refused | None:
        with lap("limited"):
            refused = super().take(network)
        if refused:
            note(outcome=refused.name)
        return refused


class TimedGuardedLookup(GuardedLookup):
    def look_up(self, text: str, visit: Visit) -> GuardedOutcome:
        with lap("guarded"):
            outcome = super().look_up(text, visit)
        note(outcome=outcome.name)
        return outcome

    def look_up_paid(self, number: str) -> Outcome:
        outcome = super().look_up_paid(number)
        note(outcome=outcome.name)
        return outcome


class TimedLookup(LookupService):
    def look_up_identifier(self, identifier: Identifier) -> Found | NotFound | Unavailable:
        with lap("looked_up"):
            return super().look_up_identifier(identifier)


class TimedClaims:
    """What the page asks: cache and core together."""

    def __init__(self, source: ClaimsSource) -> None:
        self._source = source

    def claims_of(self, identifier: Identifier) -> Snapshot:
        with lap("source"):
            return self._source.claims_of(identifier)


class TimedCore:
    """What the cache asks: the core alone."""

    def __init__(self, source: AnswerSource, metrics: Metrics) -> None:
        self._source = source
        self._metrics = metrics

    def answer_for(
        self,
        identifier: Identifier,
        *,
        until: float | None = None,
        while_waiting: Callable[[], None] = do_nothing,
        when_late: Callable[[Answer], None] = do_nothing,
    ) -> Answer:
        begun, result = perf_counter(), "answered"
        self._metrics.core_asked()
        try:
            with lap("core"):
                return self._source.answer_for(
                    identifier, until=until, while_waiting=while_waiting, when_late=when_late
                )
        except CoreError as error:
            result = error.kind.value
            raise
        finally:
            self._metrics.core_answered(result, perf_counter() - begun)


def observer(metrics: Metrics) -> Callable[..., None]:
    """Return what the cached client tells its events: counted, and noted for the log line."""

    def observe(event: str, /, **labels: str) -> None:
        metrics.claims_event(event, **labels)
        if event in CACHE_STATES:
            record = current()
            if record is not None:
                record.cache = event

    return observe


def decided(metrics: Metrics) -> Callable[[str, str, int], None]:
    """Return what the guard tells its decisions: counted, and noted where one keeps a lookup back.

    So one search in the log says why, in the words of `guard explain`.
    """

    def on_decision(kind: str, rule: str, level: int) -> None:
        metrics.guard_decided(kind, rule, level)
        record = current()
        if record is not None and kind in ("challenge", "refuse"):
            record.rule, record.level = rule, level

    return on_decision
