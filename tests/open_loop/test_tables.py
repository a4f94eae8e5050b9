"""From what was noted to rows: medians, ratios, what is reached, and older rows kept."""

from collections import Counter
from pathlib import Path

import pytest

from bench.open_loop.crowd import Notes, Wait
from bench.open_loop.figures import Served
from bench.open_loop.results import Result, figures_of, lookups_of
from bench.open_loop.running import Round, Sample
from bench.open_loop.scenarios import SCENARIOS, Aim, Scenario, limited, slow
from bench.open_loop.tables import PLAIN, TABLES, judged, merge, shown, write_tables
from harness.written import rows_between_marks

NO_LOOKUPS = {"max_in_flight": 0, "lookups": 0, "answered": 0, "answered_seconds": 0.0}


def sample(at: float, processor: float = 0.0, held: int = 0, **core: float) -> Sample:
    return Sample(at, NO_LOOKUPS | core, processor, held << 20)


def a_round(notes: Notes, *samples: Sample) -> Round:
    return Round(notes, list(samples) or [sample(0), sample(10)])


def noted(seconds: dict[str, list[float]] | None = None, **outcomes: dict[str, int]) -> Notes:
    counted = {kind: Counter(found) for kind, found in outcomes.items()}
    return Notes(seconds=seconds or {}, outcomes=counted)


def wait(outcome: str, given: float = 40, told_at: float = 1, over_at: float = 41, **more) -> Wait:
    told = {"came": 0.0, "told_at": told_at, "given": given, "over_at": over_at}
    return Wait(**told, outcome=outcome, **{"has_script": True, "is_absent": False, **more})


def test_those_from_the_line_are_counted_by_what_became_of_them() -> None:
    notes = noted(cold={"found": 3, "waiting": 2}, warm={"found": 1})
    notes.waits = [wait("found"), wait("left")]
    assert lookups_of(notes) == {"found": 5, "left": 1}


def test_goodput_and_latency_are_those_of_the_loaded_time() -> None:
    scenario = Scenario("", seconds=10, core=limited(20))
    found = a_round(
        noted(form={"found": 10}),
        sample(0, answered=0),
        sample(2, answered=100, answered_seconds=70.0, max_in_flight=20),
        sample(10, answered=404, answered_seconds=283.0, max_in_flight=31),
        sample(60, answered=900, answered_seconds=400.0, max_in_flight=31),
    )
    figures = figures_of(scenario, found)
    assert figures["core/s"] == 38
    assert figures["goodput ÷ best"] == pytest.approx(0.95)
    assert figures["core's latency ÷ quiet"] == pytest.approx(213 / 304 / 0.5)
    assert figures["most at the core"] == 31


def test_the_processor_time_is_divided_among_visits_and_polls_of_the_line_come_after_it() -> None:
    scenario = Scenario("", seconds=10, core=limited())
    notes = noted(form={"found": 100}, cold={"found": 94, "waiting": 1}, warm={"503": 5})
    notes.waits = [wait("found")]
    found = a_round(
        notes,
        sample(0, processor=1.0, held=50),
        sample(12, processor=1.4, held=70),
        sample(22, processor=1.5, held=60),
    )
    figures = figures_of(scenario, found)
    assert figures["CPU a visit, ms"] == pytest.approx(5)
    assert figures["cores for polls"] == pytest.approx(0.01)
    # Who is answered meanwhile asks no question of who waits.
    found.answer_seconds = 0.005
    found.samples[2] = sample(22, processor=1.5, held=60, answered=10)
    assert figures_of(scenario, found)["cores for polls"] == pytest.approx(0.005)
    assert figures["MiB in all"] == 70
    assert figures["MiB more"] == 20
    notes.waits[0].outcome = "no answer"
    assert "CPU a visit, ms" not in figures_of(scenario, found)


def test_the_line_is_judged_by_those_who_asked_as_they_were_told() -> None:
    notes = noted(cold={"waiting": 5})
    notes.waits = [
        wait("found", given=40, over_at=41),
        wait("found", given=10, over_at=41),
        wait("found", given=1, over_at=300, is_absent=True),
        wait("still waiting", over_at=0.0, polls=6),
        wait("found", given=25, has_script=False),
    ]
    notes.served = [Served(0, 41, True), Served(1, 30, True)]
    figures = figures_of(Scenario("", core=limited()), a_round(notes))
    assert figures["time right, %"] == 50
    assert figures["overtaken, %"] == 50
    assert figures["Kendall's tau"] == -1
    assert figures["told to wait"] == 5
    assert figures["least given without script, s"] == 25
    assert figures["polls/s"] == pytest.approx(6 / 299)


def test_honest_visitors_in_a_flood_count_once_however_they_are_turned_away() -> None:
    notes = noted(
        {"form": [0.1], "cold": [0.2]},
        form={"found": 8, "503": 2},
        cold={"found": 4, "refused": 1, "challenged": 1},
    )
    found = a_round(notes)
    found.flooded = {"statuses": {"429": 90, "-1": 10}, "unsent": 5, "worst_lag": 0.01}
    scenario = Scenario("", seconds=9.5, core=slow(100))
    figures = figures_of(scenario, found)
    assert figures["honest refused, %"] == 40
    assert figures["honest p99, s"] == 0.2
    assert figures["flood answered/s"] == 9
    assert figures["flood 429, %"] == 90


def result(*rounds: float) -> Result:
    made = Result()
    made.figures = [{"CPU a visit, ms": value, "form p99, s": value} for value in rounds]
    return made


def test_a_ratio_is_the_median_of_the_ratios_within_each_round() -> None:
    # A slow moment of the machine slows both, and is no difference between them.
    site, plain = result(4, 40, 6), result(2, 20, 2)
    assert site.ratio("CPU a visit, ms", plain) == 2
    assert site.middle("CPU a visit, ms") == 6


def test_what_must_not_happen_must_not_happen_in_any_round() -> None:
    found = Result()
    found.figures = [{"refused or failed": count, "form p99, s": count} for count in (0, 3, 0)]
    aims = (Aim("refused or failed", at_most=0), Aim("form p99, s", at_most=1))
    rows = judged("cost", Scenario("", aims=aims), {"site": found})
    assert [row[-2:] for row in rows] == [["3", "**not reached**"], ["0", "reached"]]


def test_an_aim_without_its_figure_is_left_out() -> None:
    aims = (
        Aim("form p99, s", at_most=5),
        Aim("overtaken, %", at_most=1),
        Aim("÷ plain", at_most=1),
    )
    rows = judged("cost", Scenario("", aims=aims), {"site": result(4), PLAIN: result(5)})
    assert [(row[2], row[-1]) for row in rows] == [
        ("form p99, s", "reached"),
        ("÷ plain", "reached"),
    ]
    rows = judged("cost", Scenario("", aims=aims), {"site": result(6), PLAIN: result(5)})
    assert [row[-1] for row in rows] == ["**not reached**", "**not reached**"]


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "performance.md"
    marks = [*(each.mark for each in TABLES), "open-loop-aims"]
    path.write_text("\n".join(f"<!-- {mark} -->\n<!-- /{mark} -->" for mark in marks))
    return path


def test_a_row_takes_the_place_of_the_older_one_and_leaves_the_others(document: Path) -> None:
    head = ("scenario", "who", "x")
    mark = TABLES[0].mark
    merge(mark, head, [["slow-core", "site, before", "30"], ["slow-core", "site", "9"]], document)
    merge(mark, head, [["core-100", "site", "1"]], document)
    merge(mark, head, [["slow-core", "site", "2"]], document)
    assert rows_between_marks(mark, document) == [
        ["core-100", "site", "1"],
        ["slow-core", "site", "2"],
        ["slow-core", "site, before", "30"],
    ]


def test_what_is_written_can_be_read_again(document: Path) -> None:
    scenario = SCENARIOS["slow-core"]
    results = {"site": result(0.05), PLAIN: result(0.04)}
    write_tables("slow-core", scenario, results, document)
    times = TABLES[0]
    assert rows_between_marks(times.mark, document) == [
        *shown(times, "slow-core", {PLAIN: results[PLAIN]}),
        *shown(times, "slow-core", {"site": results["site"]}),
    ]
    assert [row[2] for row in rows_between_marks("open-loop-aims", document)] == ["form p99, s"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_aim_names_a_figure_that_there_is(name: str) -> None:
    scenario = SCENARIOS[name]
    kinds = ("form", "warm", "poll", "cold")
    notes = noted({kind: [1.0] for kind in kinds}, **{kind: {"found": 1} for kind in kinds})
    notes.waits, notes.served = [wait("found"), wait("found", has_script=False)], []
    notes.served = [Served(0, 1, counts=True)]
    end = scenario.seconds + 5
    found = a_round(
        notes,
        sample(0),
        sample(3),
        sample(scenario.seconds, answered=5),
        sample(end),
        sample(end + 1),
    )
    if scenario.flood:
        found.flooded = {"statuses": {}, "unsent": 0, "worst_lag": 0}
    figures = figures_of(scenario, found)
    for aim in scenario.aims:
        assert aim.figure in figures or aim.figure == "÷ plain"
