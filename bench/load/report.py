"""What was measured, as ratios, tables, a plot, and whether it is what must be reached."""

from collections.abc import Iterator
from statistics import median

from bench.load.contenders import AGAIN, ALL, COLD, FORM, NEW, STATUS, Contender
from bench.load.curve import Point
from bench.load.plot import bars
from bench.load.stampede import Stampede
from harness.written import table

VISITORS = 500
FLAT = 0.10
MAX_RESIDENT = 80 << 20
MEMORY, REDIS, BOTH = COLUMNS = ("memory 1", "redis 1", "redis 2")
PEERS = (
    ("bare WSGI callable", "bare", FORM),
    ("plain site: form page", "plain", FORM),
    ("plain site: warm lookup", "plain", AGAIN),
    ("plain site: cold lookup", "plain", COLD),
    ("plain site with the site's own page: warm lookup", "same", AGAIN),
    ("plain site behind Flask-Limiter: warm lookup", "limited", AGAIN),
    ("nginx, one process: a file", "nginx", FORM),
)
PLOTTED = (
    ("form page", MEMORY, FORM, 0),
    ("warm lookup, memory", MEMORY, AGAIN, 0),
    ("warm lookup, memory, new visitor", MEMORY, NEW, 0),
    ("warm lookup, Redis", REDIS, AGAIN, 1),
    ("warm lookup, Redis, 2 processes", BOTH, AGAIN, 1),
    ("warm lookup, Redis, new visitor", REDIS, NEW, 1),
    ("status page", MEMORY, STATUS, 0),
    ("bare WSGI callable", "bare 1", FORM, 2),
    ("plain site: warm lookup", "plain 1", AGAIN, 2),
    ("plain site, Flask-Limiter", "limited 1", AGAIN, 2),
    ("plain site, the same page", "same 1", AGAIN, 2),
)


class Results:
    """Requests a second by contender and what was asked, one of each for each round."""

    def __init__(self, found: dict[str, Contender]) -> None:
        self._found = found

    def rates(self, who: str, what: str) -> list[float]:
        contender = self._found.get(who)
        return contender.loads.get(what, []) if contender else []

    def ratio(self, who: str, what: str, to: str, to_what: str) -> float | None:
        """Return the median of the ratios within each round; None where one was not measured."""
        pairs = list(zip(self.rates(who, what), self.rates(to, to_what), strict=False))
        return median(one / other for one, other in pairs) if pairs else None

    def to_hello(self, who: str, what: str) -> float | None:
        return self.ratio(who, what, f"hello {who.split()[-1]}", FORM)

    def cell(self, who: str, what: str) -> str:
        ratio = self.to_hello(who, what)
        return "–" if ratio is None else f"**{ratio:.2f}** ({median(self.rates(who, what)):,.0f}/s)"


def tables(results: Results, rushes: list[Stampede], residents: dict[str, int]) -> str:
    head = ["÷ hello (requests a second)", "1 process, memory", "1 process, Redis"]
    rows = [[what, *(results.cell(who, what) for who in COLUMNS)] for what in ALL]
    weights = (f"{residents[who] >> 20} MiB" for who in COLUMNS)
    peers = [
        [name, *(results.cell(f"{who} {processes}", what) for processes in (1, 2))]
        for name, who, what in PEERS
    ]
    rush = [[each.asked, each.answered, f"{each.slowest:.2f}"] for each in rushes]
    return "\n\n".join(
        [
            table([*head, "2 processes, Redis"], [*rows, ["largest worker afterwards", *weights]]),
            table(["The peers, ÷ hello", "1 process", "2 processes"], peers),
            f"{VISITORS} visitors of one cold number at once, 2 processes, the core taking 200 ms:",
            table(["requests to the core", "visitors answered", "the slowest, s"], rush),
        ]
    )


def curve_table(points: list[Point]) -> str:
    heads = ["distinct numbers", "asked again", "new visitor", "guard's rows", "answers kept"]
    return table(
        [*heads, "the process, MiB"],
        [
            [
                f"{point.count:,}",
                *(f"{point.against(points[0], what):.2f}" for what in ("again", "new")),
                f"{point.rows:,}",
                f"{point.entries:,}",
                f"{point.resident >> 20}",
            ]
            for point in points
        ],
    )


def plot(results: Results) -> str:
    rows = [(name, results.to_hello(who, what), colour) for name, who, what, colour in PLOTTED]
    measured = [(name, ratio, colour) for name, ratio, colour in rows if ratio is not None]
    return bars("Requests a second beside bare Flask", measured, "bare Flask = 1")


def judged(
    results: Results, rushes: list[Stampede], residents: dict[str, int]
) -> Iterator[tuple[bool, str]]:
    """Yield whether each aim is reached, with the sentence that says it."""
    aims = (
        ("warm lookup with memory ÷ hello", results.to_hello(MEMORY, AGAIN), 0.60),
        ("warm lookup with Redis ÷ hello, 1 process", results.to_hello(REDIS, AGAIN), 0.45),
        ("warm lookup with Redis ÷ hello, 2 processes", results.to_hello(BOTH, AGAIN), 0.45),
        (
            "warm lookup with memory ÷ a plain site's that shows the same page",
            results.ratio(MEMORY, AGAIN, "same 1", AGAIN),
            2.0,
        ),
        (
            "warm lookup with memory ÷ a plain site's that shows a page of a few words",
            results.ratio(MEMORY, AGAIN, "plain 1", AGAIN),
            2.0,
        ),
        ("form page ÷ hello", results.to_hello(MEMORY, FORM), 0.9),
    )
    for name, ratio, least in aims:
        yield (ratio or 0) >= least, f"{name}: {ratio or 0:.2f}, at least {least}"
    yield (
        all(each.asked == 1 and each.answered == VISITORS for each in rushes),
        f"{VISITORS} visitors of one cold number over two processes: one request to the core",
    )
    largest = max(residents.values())
    yield (
        largest <= MAX_RESIDENT,
        f"largest worker after all this: {largest >> 20} MiB, at most {MAX_RESIDENT >> 20}",
    )


def curve_judged(points: list[Point]) -> Iterator[tuple[bool, str]]:
    costs = [point.against(points[0], what) for point in points for what in ("again", "new")]
    yield (
        all(abs(cost - 1) <= FLAT for cost in costs),
        f"cost of a lookup from {points[0].count:,} to {points[-1].count:,} distinct numbers: "
        f"{min(costs):.2f} to {max(costs):.2f} of the first, at most ±{FLAT:.0%}",
    )
    largest = max(point.resident for point in points)
    yield (
        largest <= MAX_RESIDENT,
        f"a process that keeps everything itself: {largest >> 20} MiB, "
        f"at most {MAX_RESIDENT >> 20}",
    )
