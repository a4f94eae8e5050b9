"""The figures of rounds, and their medians."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.open_loop.crowd import ANSWERED, HEAD_START_SECONDS, Notes
from bench.open_loop.figures import is_right, kendall_tau, overtaken, percentile
from bench.open_loop.running import Round, Sample
from bench.open_loop.scenarios import Scenario

KINDS = ("form", "warm", "poll", "cold", "told to wait")
LOOKUPS = ("cold", "warm")
SHARES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}
FAILED = ("503", "other 5xx", "cut off", "no answer", "refused", "challenged")
UNSETTLED_SECONDS = 2.0
"""Left out of the goodput at the start: before the first answer there can be none."""

MOSTLY = 0.95
SHED_AS = {"none": "full"}
"""Whom nobody's width explains came to a site whose requests waited for longer than a second."""

Figures = dict[str, float]


@dataclass
class Result:
    """All rounds of one contender: figures of each, and outcomes of all added up."""

    figures: list[Figures] = field(default_factory=list)
    lookups: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)

    def add(self, scenario: Scenario, found: Round) -> None:
        self.figures.append(figures_of(scenario, found))
        self.lookups += lookups_of(found.notes)
        self.forms += found.notes.outcomes.get("form", Counter())

    def middle(
        self, figure: str, middle: Callable[[Sequence[float]], float] = median
    ) -> float | None:
        values = [each[figure] for each in self.figures if figure in each]
        return middle(values) if values else None

    def ratio(self, figure: str, to: "Result") -> float | None:
        """Return the median of the ratios to another contender in the same round."""
        ratios = [
            one[figure] / other[figure]
            for one, other in zip(self.figures, to.figures, strict=False)
            if one.get(figure) and other.get(figure)
        ]
        return median(ratios) if ratios else None


def lookups_of(notes: Notes) -> Counter[str]:
    """Return what became of all lookups in the end, those from the line too."""
    found: Counter[str] = Counter()
    for kind in LOOKUPS:
        found += notes.outcomes.get(kind, Counter())
    del found["waiting"]
    return found + Counter(wait.outcome for wait in notes.waits)


def figures_of(scenario: Scenario, found: Round) -> Figures:
    """Return every figure that this round has, by the names that tables and aims use."""
    notes = found.notes
    outcomes = lookups_of(notes)
    everything = Counter[str]()
    for counts in notes.outcomes.values():
        everything += counts
    took = [second for kind in KINDS[:4] for second in notes.seconds.get(kind, [])]
    given = dict(_percentiles(notes))
    given |= {
        "lookups": float(outcomes.total()),
        "answered": float(sum(outcomes[what] for what in ANSWERED)),
        "refused or failed": float(sum(everything[what] for what in FAILED)),
        "most open": float(notes.most_open),
        "most waiting": float(notes.most_waiting),
        "others, %": 100 * found.others,
        "generator, % of a core": 100 * notes.busy_share,
        "generator late p99, s": percentile(notes.lags, 0.99) if notes.lags else 0.0,
        "generator late at most, s": max(notes.lags, default=0.0),
        **{f"shed: {SHED_AS.get(width, width)}": count for width, count in found.shed.items()},
    }
    if took:
        given["slowest, s"] = max(took)
    given |= dict(_of_the_core(scenario, notes, found.samples))
    given |= dict(_of_the_workers(scenario, notes, found))
    if notes.waits:
        given |= dict(_of_the_line(notes))
    if found.flooded and took:
        visits = notes.outcomes.get("form", outcomes).total()
        turned_away = everything["refused"] + everything["challenged"] + everything["503"]
        given["honest refused, %"] = 100 * turned_away / visits
        given["honest p99, s"] = percentile(took, 0.99)
        answered = Counter({int(status): n for status, n in found.flooded["statuses"].items()})
        heard = answered.total() - answered[0] - answered[-1]
        given["flood answered/s"] = heard / (scenario.seconds + HEAD_START_SECONDS)
        given["flood 429, %"] = 100 * answered[429] / max(1, answered.total())
        given["flood unsent"] = float(found.flooded["unsent"])
        given["flood late at most, s"] = float(found.flooded["worst_lag"])
    return given


def _percentiles(notes: Notes) -> Iterator[tuple[str, float]]:
    for kind in (*KINDS, "place"):
        if seconds := notes.seconds.get(kind):
            for name, share in SHARES.items():
                yield f"{kind} {name}, s", percentile(seconds, share)


def _of_the_core(
    scenario: Scenario, notes: Notes, samples: Sequence[Sample]
) -> Iterator[tuple[str, float]]:
    yield "most at the core", max(each.core["max_in_flight"] for each in samples)
    yield "asked the core", samples[-1].core["lookups"]
    loaded = [
        each
        for each in samples
        if UNSETTLED_SECONDS <= each.at - notes.begun <= max(scenario.seconds, 3.0)
    ]
    if len(loaded) < 2:
        return
    first, last = loaded[0], loaded[-1]
    answered = last.core["answered"] - first.core["answered"]
    yield "core/s", answered / (last.at - first.at)
    if scenario.core.get("mode") == "capacity":
        quiet = float(str(scenario.core["latency_ms"])) / 1000
        best = float(str(scenario.core["slots"])) / quiet
        yield "goodput ÷ best", answered / (last.at - first.at) / best
        if answered:
            seconds = last.core["answered_seconds"] - first.core["answered_seconds"]
            yield "core's latency ÷ quiet", seconds / answered / quiet


def _of_the_workers(scenario: Scenario, notes: Notes, found: Round) -> Iterator[tuple[str, float]]:
    samples = found.samples
    visits = notes.outcomes.get("form", Counter()).total() or lookups_of(notes).total()
    answered = sum(lookups_of(notes)[what] for what in ANSWERED)
    used = samples[-1].processor - samples[0].processor
    # Whom nobody answers costs next to nothing, and a flood is no visit.
    if scenario.flood is None and visits and answered >= MOSTLY * visits:
        yield "CPU a visit, ms", 1000 * used / visits
    held = [each.held for each in samples]
    yield "MiB in all", max(held) / (1 << 20)
    yield "MiB more", (max(held) - held[0]) / (1 << 20)
    after = [each for each in samples if each.at - notes.begun > scenario.seconds + 1]
    if notes.waits and len(after) > 1:
        # Those whose turn it is are answered meanwhile, which is no question of who waits.
        answers = after[-1].core["answered"] - after[0].core["answered"]
        polling = after[-1].processor - after[0].processor - answers * found.answer_seconds
        yield "cores for polls", polling / (after[-1].at - after[0].at)


def _of_the_line(notes: Notes) -> Iterator[tuple[str, float]]:
    waits = notes.waits
    yield "told to wait", len(waits)
    yield "warm told to wait", notes.outcomes.get("warm", Counter())["waiting"]
    served = [wait for wait in waits if wait.outcome in ANSWERED]
    judged = [wait for wait in served if wait.has_script and not wait.is_absent]
    if judged:
        right = sum(is_right(wait.given, wait.over_at - wait.told_at) for wait in judged)
        yield "time right, %", 100 * right / len(judged)
        yield "longest wait, s", max(wait.over_at - wait.came for wait in judged)
    if without_script := [wait.given for wait in waits if not wait.has_script]:
        yield "least given without script, s", min(without_script)
    if notes.served:
        yield "overtaken, %", 100 * overtaken(notes.served)
        yield "Kendall's tau", kendall_tau(notes.served)
    polls = sum(wait.polls for wait in waits)
    span = max(wait.over_at or wait.told_at for wait in waits) - min(w.told_at for w in waits)
    yield "polls/s", polls / span if span else 0.0
