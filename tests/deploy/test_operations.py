"""The operator's handbook: an answer to every alert, and nothing named that does not exist."""

import re
from dataclasses import fields

import yaml

from tests.conftest import ROOT
from tracking_site.observing.metrics import Metrics
from tracking_site.settings import Settings

TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
UNDER_ALERTS = TEXT.partition("\n## Alerts\n")[2]


def test_every_alert_has_an_answer_and_every_answer_an_alert() -> None:
    groups = yaml.safe_load((ROOT / "deploy" / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    alerts = [rule["alert"] for group in groups for rule in group["rules"]]
    assert re.findall(r"(?m)^### (\w+)$", UNDER_ALERTS) == alerts
    for answer in re.split(r"(?m)^### \w+$", UNDER_ALERTS)[1:]:
        assert len(answer.split()) > 15


def test_settings_files_and_figures_that_it_names_exist() -> None:
    known = {each.name.upper() for each in fields(Settings)}
    for name in re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", TEXT):
        assert name.removesuffix("_FILE") in known or name in known, name
    for path in re.findall(r"`((?:deploy|docs)/[^`\s]+)", TEXT):
        assert (ROOT / path).exists(), path
    alerts = (ROOT / "deploy" / "alerts.yml").read_text(encoding="utf-8")
    counted = Metrics().exposition().decode()
    for name in re.findall(r"`(tracking_\w+)`", TEXT):
        assert name in alerts or f"# HELP {name} " in counted, name
