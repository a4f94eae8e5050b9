"""Alert rules and dashboard name only what the site really says of itself."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import yaml
from flask import Flask

from sandbox import Participant
from tests.conftest import ROOT
from tracking_site.claims_api import events
from tracking_site.claims_api.errors import Trouble
from tracking_site.guard.rules import SENTENCES

ALERTS = ROOT / "deploy" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana.json"
OF_PROMETHEUS = {"up", "instance", "job", "le"}
VALUES = {
    "result": {"answered", *Trouble},
    "event": set(re.findall(r"(?m)^\| `(\w+)`", events.__doc__ or "")),
    "rule": set(SENTENCES),
    "kind": {"ok", "repeat", "challenge", "refuse"},
    "outcome": {"found", "not_found", "unavailable", "error"},
}
"""What the labels of matchers may hold, as the code writes it."""

Metric = dict[str, set[str]]


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    every: list[dict[str, Any]] = json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]
    return every


ASKED = [rule["expr"] for rule in rules()] + [
    target["expr"] for panel in panels() for target in panel.get("targets", ())
]


@pytest.fixture
def told(make_site: Callable[..., Flask], samples: dict[str, Participant]) -> dict[str, set[str]]:
    """What the site says after a day with everything in it: labels by the name of the metric."""
    site = make_site(GUARD_OFF="0", TRUSTED_PROXIES="1")
    client = site.test_client()
    for sample in list(samples.values())[:8]:
        client.post("/lacak", data={"nomor": sample.nik})
    client.get("/", headers={"X-Request-Start": "t=1700000000.000"})
    client.get("/-/readyz")
    metrics = site.extensions["metrics"]
    metrics.unknown_code("stage")
    metrics.guard_store_failed("TimeoutError")
    text = client.get("/-/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).text
    names: dict[str, set[str]] = {}
    for name, labels in re.findall(r"(?m)^(tracking_\w+)(?:\{(.*)\})? ", text):
        names.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return names


def test_every_metric_and_label_that_is_asked_for_is_there(told: Metric) -> None:
    for expression in ASKED:
        for name in re.findall(r"\btracking_\w+", expression):
            assert name in told, (name, expression)
        for name, matchers in re.findall(r"(tracking_\w+)\{([^}]*)\}", expression):
            asked = set(re.findall(r"(\w+)\s*[=!]", matchers))
            assert asked <= told[name] | OF_PROMETHEUS, expression


def test_every_value_that_a_matcher_names_can_occur() -> None:
    seen = 0
    for expression in ASKED:
        for label, values in re.findall(r'(\w+)[=!]~?"([^"]*)"', expression):
            if label in VALUES:
                seen += 1
                assert set(values.split("|")) <= VALUES[label], (label, values)
    assert seen > 20


def test_every_alert_says_how_grave_it_is_and_what_happened() -> None:
    names = [rule["alert"] for rule in rules()]
    assert len(set(names)) == len(names) > 15
    for rule in rules():
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"].endswith(".")
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert expression_is_closed(rule["expr"])


def expression_is_closed(expression: str) -> bool:
    bare = re.sub(r'"[^"]*"', "", expression)
    return all(bare.count(a) == bare.count(b) for a, b in ("()", "{}", "[]"))


def test_the_dashboard_can_be_imported() -> None:
    board = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    assert {"title", "uid", "schemaVersion", "time", "templating"} <= set(board)
    ids = [panel["id"] for panel in panels()]
    assert len(set(ids)) == len(ids)
    variables = {variable["name"] for variable in board["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(panels())))
    assert used - {"__rate_interval"} <= variables
    for panel in panels():
        assert panel["type"] in ("row", "timeseries")
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        references = [target["refId"] for target in panel.get("targets", ())]
        assert len(set(references)) == len(references)
    places = sorted((panel["gridPos"]["y"], panel["gridPos"]["x"]) for panel in panels())
    assert all(before != after for before, after in pairwise(places))


def test_what_is_counted_of_failures_is_seen_by_some_rule() -> None:
    every = " ".join(ASKED)
    for name in ("tracking_log_lines_lost_total", "tracking_guard_store_failures_total"):
        assert name in every
    for event in ("store", "store_refused", "sealed_refused", "forgotten", "stale", "miss"):
        assert re.search(rf'event=~?"[^"]*\b{event}\b', every), event
