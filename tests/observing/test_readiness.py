"""Readiness is looked up now and then, by one caller at a time, and told to few."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Flask

from tests.observing.conftest import Fault
from tracking_site.observing.readiness import ILL_KEPT_SECONDS, KEPT_SECONDS, Readiness
from tracking_site.operate import problems_of
from tracking_site.settings import Settings


class Needed:
    """A thing that the site needs, which counts how often somebody looks."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self.looks = 0
        self.may_answer = threading.Event()
        self.may_answer.set()

    def __call__(self) -> str | None:
        self.looks += 1
        self.may_answer.wait(10)
        return self.problem


def test_pollers_get_the_last_answer_until_it_is_old() -> None:
    now, needed = [100.0], Needed()
    readiness = Readiness({"core": needed}, lambda: now[0])
    assert readiness.lately() == {"core": None}
    needed.problem = "The core does not answer."
    assert readiness.lately() == {"core": None}
    now[0] += KEPT_SECONDS
    assert readiness.lately() == {"core": "The core does not answer."}
    assert needed.looks == 2


def test_what_was_not_in_order_is_looked_at_again_sooner() -> None:
    now, needed = [100.0], Needed()
    needed.problem = "The core does not answer."
    readiness = Readiness({"core": needed}, lambda: now[0])
    readiness.lately()
    needed.problem = None
    assert readiness.lately() == {"core": "The core does not answer."}
    now[0] += ILL_KEPT_SECONDS
    assert readiness.lately() == {"core": None}
    assert needed.looks == 2


def test_while_one_looks_the_others_do_not_wait() -> None:
    now, needed = [100.0], Needed()
    readiness = Readiness({"core": needed}, lambda: now[0])
    readiness.lately()
    now[0] += KEPT_SECONDS
    needed.may_answer.clear()
    looker = threading.Thread(target=readiness.lately)
    looker.start()
    while needed.looks < 2:
        pass
    assert readiness.lately() == {"core": None}
    needed.may_answer.set()
    looker.join()
    assert needed.looks == 2


def test_while_the_first_look_lasts_nothing_is_ready_and_nobody_waits_for_it() -> None:
    needed = Needed()
    needed.may_answer.clear()
    readiness = Readiness({"core": needed}, lambda: 0.0)
    looker = threading.Thread(target=readiness.lately)
    looker.start()
    while needed.looks < 1:
        pass
    assert not readiness.is_ready()
    needed.may_answer.set()
    looker.join()
    assert readiness.is_ready()
    assert needed.looks == 1


def test_the_metrics_hear_what_was_in_order() -> None:
    heard: list[Mapping[str, bool]] = []
    needed = Needed()
    needed.problem = "Something."
    Readiness({"a": Needed(), "b": needed}, lambda: 0.0, heard.append).now()
    assert heard == [{"a": True, "b": False}]


def test_the_public_hears_whether_and_operators_hear_what(
    make_site: Callable[..., Flask], fault: Fault
) -> None:
    outside = {"REMOTE_ADDR": "203.0.113.5"}
    well = make_site().test_client()
    assert well.get("/-/readyz").get_json() == {
        "status": "ok",
        "core": "ok",
        "keys": "ok",
        "assets": "ok",
    }
    assert well.get("/-/readyz", environ_base=outside).get_json() == {"status": "ok"}
    fault("error")
    ill = make_site().test_client()
    response = ill.get("/-/readyz", environ_base=outside)
    assert (response.status_code, response.get_json()) == (503, {"status": "unavailable"})
    assert "CLAIMS_API_URL" in ill.get("/-/readyz").get_json()["core"]
    assert ill.get("/-/healthz").status_code == 200


def test_the_check_and_readyz_find_the_same(
    make_site: Callable[..., Flask], environ: dict[str, str], fault: Fault
) -> None:
    changes = {"SECRET_KEYS": "k" * 40, "REDIS_URL": "redis://127.0.0.1:1"}
    fault("error", status=401)
    told = make_site(**changes).test_client().get("/-/readyz").get_json()
    problems = problems_of(Settings.from_env(environ | changes))
    assert sorted(problems) == sorted(told[name] for name in ("core", "keys", "redis"))
    assert told["assets"] == "ok"


def test_the_check_names_every_file_that_is_wrong(environ: dict[str, str], tmp_path: Path) -> None:
    files = {name: tmp_path / name.lower() for name in ("SITE_FILE", "PARTNERS_FILE", "GUARD_FILE")}
    for path in files.values():
        path.write_text("= not TOML")
    carriers = tmp_path / "carriers"
    carriers.write_text("not a prefix")
    changes = {name: str(path) for name, path in files.items()} | {"CARRIERS_FILE": str(carriers)}
    problems = problems_of(Settings.from_env(environ | changes))
    assert [problem.replace(":", " ").split()[0] for problem in problems] == [
        "SITE_FILE",
        "PARTNERS_FILE",
        "CARRIERS_FILE",
        "GUARD_FILE",
    ]


def test_figures_tell_it_to_who_asks_for_nothing_else(make_site: Callable[..., Flask]) -> None:
    figures = make_site().test_client().get("/-/metrics").text
    assert 'tracking_ready{what="core"} 1.0' in figures
