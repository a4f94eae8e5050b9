"""The commands say what they are for, and say nothing else than they were asked."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.servers import ROOT, free_port
from sandbox import Sandbox
from tests.live import SECRET
from tracking_site.__main__ import main

COMMANDS = ("demo", "sandbox", "check", "guard", "pattern")


def test_help_names_every_command_with_what_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    for name in COMMANDS:
        assert f"\n  {name} " in told


@pytest.mark.parametrize("arguments", [[], ["nonsense"]])
def test_without_a_known_command_the_usage_is_an_error(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_without_any_setting(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CLAIMS_API_URL", raising=False)
    with pytest.raises(SystemExit) as end:
        main([name, "--help"])
    assert end.value.code == 0
    assert name in capsys.readouterr().out


def test_make_lets_python_keep_its_byte_code() -> None:
    """Otherwise each worker of pytest and each Python that a test starts compiles all again."""
    path = os.environ["PATH"]
    told = subprocess.run(
        ["make", "--eval", "told: ; @env", "told"],
        cwd=ROOT,
        env={"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    assert f"PATH={path}" in told.stdout.splitlines()
    assert "PYTHONDONTWRITEBYTECODE" not in told.stdout


def test_check_says_one_line_for_each_problem() -> None:
    settings = {
        "CLAIMS_API_URL": f"http://127.0.0.1:{free_port()}",
        "SECRET_KEYS": SECRET,
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
    }
    check = [sys.executable, "-m", "tracking_site", "check"]
    ended = subprocess.run(check, cwd=ROOT, env=settings, capture_output=True, text=True)
    assert ended.returncode == 1
    told = [line.partition(".")[0] for line in ended.stderr.splitlines()]
    assert told == [
        "Nobody answers where CLAIMS_API_URL leads, or the connection broke",
        "Nobody answers where REDIS_URL leads",
    ]


@pytest.mark.parametrize(
    ("changes", "warns"),
    [({}, True), ({"SITE_NOTICE": "Data contoh"}, False), ({"SITE_FILE": "site.toml"}, False)],
)
def test_check_warns_where_nobody_is_named_to_whom_people_give_a_number(
    sandbox: Sandbox,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, str],
    warns: bool,
) -> None:
    (tmp_path / "site.toml").write_text('operator = "Lembaga"\n')
    settings = {"CLAIMS_API_URL": sandbox.url, "SECRET_KEYS": SECRET, "LOG_LEVEL": "error"}
    if "SITE_FILE" in changes:
        changes = {"SITE_FILE": str(tmp_path / "site.toml")}
    for name in os.environ.keys() - {"PYTEST_CURRENT_TEST"}:
        monkeypatch.delenv(name)
    for name, value in (settings | changes).items():
        monkeypatch.setenv(name, value)
    try:
        status = main(["check"])
    finally:
        # The command silences all logs, and would those of later tests.
        logging.disable(logging.NOTSET)
    told = capsys.readouterr()
    assert (status, told.out) == (0, "Everything is in order.\n")
    assert ("SITE_FILE names no operator" in told.err) == warns


def test_check_asks_whether_a_name_that_is_no_setting_is_a_slip(sandbox: Sandbox) -> None:
    settings = {
        "CLAIMS_API_URL": sandbox.url,
        "SECRET_KEYS": SECRET,
        "LOG_LEVEL": "error",
        "SITE_NOTICE": "Data contoh",
        "CORE_CA_FLE": "/etc/authority.pem",
        "REDIS_ULR": "redis://127.0.0.1",
        "METRICS_TOKENFILE": "/etc/token",
        "PYTHONPATH": str(ROOT),
        "HOSTNAME": "node1",
        "KUBERNETES_PORT": "tcp://10.0.0.1:443",
        "REDIS_PORT": "tcp://10.0.0.2:6379",
    }
    check = [sys.executable, "-m", "tracking_site", "check"]
    ended = subprocess.run(check, cwd=ROOT, env=settings, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "Everything is in order.\n")
    assert sorted(ended.stderr.splitlines()) == [
        "Warning: CORE_CA_FLE is no setting. Is CORE_CA_FILE meant?",
        "Warning: METRICS_TOKENFILE is no setting. Is METRICS_TOKEN_FILE meant?",
        "Warning: REDIS_ULR is no setting. Is REDIS_URL meant?",
    ]


def test_who_reads_no_more_of_what_is_said_gets_no_trace() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    said = subprocess.run(
        [sys.executable, "-m", "tracking_site", "--help"],
        cwd=ROOT,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    assert (said.returncode, said.stderr) == (1, "")


def test_ctrl_c_ends_a_command_without_a_trace(tmp_path: Path) -> None:
    (tmp_path / "stopped.py").write_text("raise KeyboardInterrupt")
    settings = {"SECRET_KEYS": SECRET, "CLAIMS_SOURCE": "stopped:core", "PYTHONPATH": str(tmp_path)}
    check = [sys.executable, "-m", "tracking_site", "check"]
    ended = subprocess.run(check, cwd=ROOT, env=settings, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_a_port_that_is_none_is_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["sandbox", "--port", "99999999"])
    assert end.value.code == 2
    assert "a port from 0 to 65535" in capsys.readouterr().err
