"""The operator's handbook: an answer to every alert, and nothing named that does not exist."""

import re
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tracking_site.claims_api.config import ClientConfig
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


@pytest.mark.parametrize("document", ["operations.md", "core.md", "capacity.md"])
def test_commands_can_be_pasted_with_the_indentation_that_they_have(document: str) -> None:
    text = (ROOT / "docs" / document).read_text(encoding="utf-8")
    blocks = re.findall(r"(?m)(?:^    .*\n)+", text)
    # Lines of settings, of a file that a comment names, and of Prometheus are no commands.
    commands = [each for each in blocks if not re.match(r"    (?:[A-Z_]+=\S+\n|#|scrape)", each)]
    assert commands
    for each in commands:
        read = subprocess.run(["bash", "-n"], input=each, capture_output=True, text=True)
        assert (read.returncode, read.stderr) == (0, ""), each


def test_its_commands_ask_nodes_where_these_listen() -> None:
    assert set(re.findall(r"http://([\w.]+):(?:8000|<port>)", TEXT)) == {"127.0.0.1"}
    unit = (ROOT / "deploy" / "systemd" / "lacak-klaim@.service").read_text(encoding="utf-8")
    bound = re.findall(r"\bBIND=([^\s`]+)", TEXT + unit)
    assert len(bound) == 2
    assert set(bound) <= {"127.0.0.1", "0.0.0.0", "::"}


def test_it_says_from_which_time_of_the_core_on_others_would_give_up_first() -> None:
    [seconds] = re.findall(r"`CORE_TOTAL_SECONDS`[^.]*above (\d+) takes", TEXT)
    nginx = (ROOT / "deploy" / "nginx" / "lacak-klaim.conf").read_text(encoding="utf-8")
    [read] = re.findall(r"proxy_read_timeout (\d+)s;", nginx)
    assert ClientConfig.hold_seconds + int(seconds) < int(read)
    unit = (ROOT / "deploy" / "systemd" / "lacak-klaim@.service").read_text(encoding="utf-8")
    [stop] = re.findall(r"TimeoutStopSec=(\d+)", unit)
    assert int(seconds) + 10 < int(stop)


def test_the_logs_of_nginx_are_rotated_as_debian_rotates_them() -> None:
    nginx = (ROOT / "deploy" / "nginx" / "lacak-klaim.conf").read_text(encoding="utf-8")
    logs = set(re.findall(r"(?m)^ +(?:access|error)_log (/\S+)", nginx))
    [rotated] = re.findall(r"as all of `(/\S+)`", TEXT)
    assert len(logs) == 2
    assert [each for each in logs if not Path(each).match(rotated)] == []


def test_the_unit_has_room_for_the_tasks_of_as_many_processes_as_its_memory() -> None:
    given = {"CLAIMS_API_URL": "http://core", "SECRET_KEYS": "k" * 32, "WEB_THREADS": "256"}
    settings = Settings.from_env(given | {"CORE_CONNECTIONS": "256"})
    [tasks] = re.findall(r"A process has (\d+) tasks at most", TEXT)
    # Beside who serves and who asks the core: the log, refreshes, probes and the server's own.
    assert settings.web_threads + ClientConfig.of(settings).in_flight + 10 <= int(tasks)
    [processes] = re.findall(r"`MemoryHigh=\w+` fits `WEB_CONCURRENCY=(\d+)`", TEXT)
    unit = (ROOT / "deploy" / "systemd" / "lacak-klaim@.service").read_text(encoding="utf-8")
    [most] = re.findall(r"TasksMax=(\d+)", unit)
    assert (int(processes) + 1) * int(tasks) < int(most)
