"""What an operator sees at a glance: how this node does now and did in the last hour.

All of it comes from what is counted anyway. Nothing names a person, an address or a network.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from prometheus_client.parser import text_string_to_metric_families

from ..claims_api.errors import Trouble, advice_on
from ..guard.guard import Guard
from ..guard.rules import SENTENCES
from .metrics import Metrics, Minute
from .readiness import Readiness

_KEPT_BACK = ("challenge", "refuse")
_BREAKER = {0.0: "closed", 1.0: "half open", 2.0: "open"}
_GAUGES_ELSEWHERE = frozenset(
    {"tracking_core_breaker", "tracking_ready", "tracking_calendar_ends_timestamp_seconds"}
)
"""Gauges that are said in words of their own."""

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the guard that kept lookups back since the start, as `guard explain` names it."""

    kind: str
    name: str
    level: int
    count: int
    means: str


@dataclass(frozen=True, slots=True)
class Overview:
    """`problems` are what `check` would say. `failures` count what the core came to since the
    start, with what to do; `gauges` are figures of this moment with their meaning."""

    at: datetime
    problems: tuple[str, ...]
    minutes: tuple[Minute, ...]
    breaker: str
    alarm: int | None
    rules: tuple[Rule, ...]
    failures: tuple[tuple[str, int, str], ...]
    gauges: tuple[tuple[str, float], ...]
    partners: Mapping[str, Mapping[str, int]]
    calendar_ends: datetime

    def total(self, column: str) -> int:
        """Return what was counted in the last hour."""
        return sum(minute.counts[column] for minute in self.minutes)

    @property
    def core_ms(self) -> int | None:
        """Milliseconds that an answer of the core took, on average over the last hour."""
        answered = self.total("core")
        return round(self.total("core_ms") / answered) if answered else None


def overview_of(
    metrics: Metrics, readiness: Readiness, guard: Guard | None, at: datetime
) -> Overview:
    """Look at everything; costs some tens of milliseconds."""
    problems = tuple(each for each in readiness.lately().values() if each)
    families = {
        family.name: family
        for family in text_string_to_metric_families(metrics.exposition().decode())
    }

    def samples(name: str, suffix: str = "_total") -> list[Sample]:
        family = families.get(name)
        found = family.samples if family else []
        return [(each.labels, each.value) for each in found if each.name == name + suffix]

    ends = min((value for _, value in samples("tracking_calendar_ends_timestamp_seconds", "")))
    worst = max((value for _, value in samples("tracking_core_breaker", "")), default=0.0)
    return Overview(
        at=at,
        problems=problems,
        minutes=tuple(metrics.minutes.last_hour()),
        breaker=_BREAKER[worst],
        alarm=guard.alarm() if guard else None,
        rules=_rules(samples("tracking_guard_decisions")),
        failures=_failures(samples("tracking_core_seconds", "_count")),
        gauges=tuple(
            (family.documentation, family.samples[0].value)
            for name, family in sorted(families.items())
            if family.type == "gauge" and name not in _GAUGES_ELSEWHERE and len(family.samples) == 1
        ),
        partners=_partners(samples("tracking_partner_events")),
        calendar_ends=datetime.fromtimestamp(ends, UTC),
    )


def _rules(decisions: Iterable[Sample]) -> tuple[Rule, ...]:
    found = [
        Rule(
            labels["kind"],
            labels["rule"],
            int(labels["level"]),
            int(count),
            SENTENCES.get(labels["rule"], ""),
        )
        for labels, count in decisions
        if labels["kind"] in _KEPT_BACK and count
    ]
    return tuple(sorted(found, key=lambda rule: (-rule.count, rule.name, rule.level)))


def _failures(results: Iterable[Sample]) -> tuple[tuple[str, int, str], ...]:
    counts = Counter({labels["result"]: int(count) for labels, count in results if count})
    del counts["answered"]
    return tuple((kind, count, advice_on(Trouble(kind))) for kind, count in counts.most_common())


def _partners(events: Iterable[Sample]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for labels, count in events:
        found.setdefault(labels["partner"], {})[labels["event"]] = int(count)
    return dict(sorted(found.items()))
